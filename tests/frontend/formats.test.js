import assert from "node:assert/strict";
import { test } from "node:test";

import { choicesOf, describe, usualChoice } from "../../tauri-shell/src/app/formats.js";

const format = (width, height, fps, pixel_format = "yuyv422") => ({ width, height, fps, pixel_format });

test("each size is offered once, at its rate nearest to 30, largest first", () => {
  const formats = [format(640, 480, 15), format(1280, 720, 10), format(640, 480, 30, "mjpeg"), format(640, 480, 25)];
  assert.deepEqual(choicesOf(formats), [{ width: 1280, height: 720, fps: 10 }, { width: 640, height: 480, fps: 30 }]);
});

test("a size that can be much faster is offered at up to 60 as well", () => {
  const choices = choicesOf([format(1280, 720, 120), format(1280, 720, 30), format(640, 480, 60)]);
  assert.deepEqual(choices.map(describe), ["1280 × 720, 30 fps", "1280 × 720, 60 fps", "640 × 480, 60 fps"]);
  assert.equal(describe(usualChoice(choices)), "1280 × 720, 30 fps");
});

test("the usual choice is the nearest to 1280 x 720 that moves smoothly", () => {
  const choices = choicesOf([format(1920, 1080, 30), format(1280, 720, 10), format(640, 480, 30), format(160, 120, 30)]);
  assert.equal(describe(usualChoice(choices)), "1920 × 1080, 30 fps");
});

test("a camera that is slow at every size is shown at the nearest size all the same", () => {
  const choices = choicesOf([format(1280, 960, 7.5), format(320, 240, 15)]);
  assert.equal(describe(usualChoice(choices)), "1280 × 960, 7.5 fps");
});

test("a camera that does not tell its formats leaves the choice to the sidecar", () => {
  assert.equal(usualChoice(choicesOf([])), undefined);
});
