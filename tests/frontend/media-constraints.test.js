/** Constraints, fitness distance and the choice of a camera (W3C Media Capture and Streams, section 11). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseCamera } from "../../tauri-shell/player/src/media-devices/choice.js";
import { copyConstraints, readConstraints } from "../../tauri-shell/player/src/media-devices/constraints.js";
import { mediaError } from "../../tauri-shell/player/src/media-devices/errors.js";
import { fitnessDistance, selectSettings, unmetConstraint } from "../../tauri-shell/player/src/media-devices/fitness.js";
import { candidatesOf, capabilitiesOf } from "../../tauri-shell/player/src/media-devices/settings.js";
import { RpcError } from "../../tauri-shell/player/src/rpc-error.js";

const format = (width, height, fps) => ({ width, height, fps, pixel_format: "mjpeg" });
const camera = (device_id, formats, more = {}) => ({
  device_id,
  name: device_id,
  description: "",
  kind: "camera",
  is_available: true,
  formats,
  platform: "linux",
  ...more,
});
const WEBCAM = camera("webcam", [format(640, 480, 30), format(1280, 720, 30), format(1920, 1080, 15)]);
const SECOND = camera("second", [format(320, 240, 30)]);
const PATTERN = camera("test:pattern", [format(640, 480, 30), format(1920, 1080, 60)], { kind: "test" });
const FILE = camera("file:/clip.mp4", [format(320, 180, 25)], { kind: "file" });

const distance = (constraints, settings) => fitnessDistance(readConstraints(constraints).basic, settings);
const choose = (constraints, cameras = [WEBCAM, SECOND, PATTERN]) => chooseCamera(cameras, readConstraints(constraints));
const failing = (constraints, cameras) => {
  try {
    choose(constraints, cameras);
  } catch (error) {
    return [error.name, error.constraint];
  }
  throw new Error("the constraints were fulfilled");
};

test("a bare value is ideal, and exact in an advanced set", () => {
  const { basic, advanced } = readConstraints({ width: 640, facingMode: "user", advanced: [{ width: 320, deviceId: ["a", "b"] }] });
  assert.deepEqual(basic, { width: { ideal: 640 }, facingMode: { ideal: ["user"] } });
  assert.deepEqual(advanced, [{ width: { exact: 320 }, deviceId: { exact: ["a", "b"] } }]);
});

test("true and nothing are no constraints", () => {
  for (const given of [true, undefined, {}]) assert.deepEqual(readConstraints(given), { basic: {}, advanced: [] });
});

test("numbers are converted as WebIDL converts them", () => {
  assert.deepEqual(readConstraints({ width: "640", height: { min: -5, max: 1e12 } }).basic, {
    width: { ideal: 640 },
    height: { min: 0, max: 2 ** 32 - 1 },
  });
});

for (const [what, given] of Object.entries({
  "a width that is no number": { width: "wide" },
  "an infinite frame rate": { frameRate: { max: Infinity } },
  "an object as a device id": { deviceId: [{}] },
  "advanced without an array": { advanced: { width: 640 } },
  "more advanced sets than anybody needs": { advanced: Array(65).fill({}) },
  "a text": "user",
})) {
  test(`${what} is a TypeError`, () => assert.throws(() => readConstraints(given), TypeError));
}

test("the copy holds the supported members only, and is another object", () => {
  const given = { width: { ideal: 640 }, doesNotExist: 1, advanced: [{ height: 480 }] };
  const copy = copyConstraints(given);
  assert.deepEqual(copy, { width: { ideal: 640 }, advanced: [{ height: 480 }] });
  assert.notEqual(copy.width, given.width);
});

test("the distance of a number is its difference to the ideal one, relative to the larger of both", () => {
  assert.equal(distance({ width: 640 }, { width: 640 }), 0);
  assert.equal(distance({ width: 640 }, { width: 1280 }), 0.5);
  assert.equal(distance({ width: 1280, height: 480 }, { width: 640, height: 480 }), 0.5);
  assert.equal(distance({ width: 640 }, {}), 1);
});

test("the distance of a text is 0 for an ideal one, else 1", () => {
  assert.equal(distance({ deviceId: ["a", "b"] }, { deviceId: "b" }), 0);
  assert.equal(distance({ deviceId: "a" }, { deviceId: "b" }), 1);
  assert.equal(distance({ facingMode: "user" }, {}), 1);
});

test("a required constraint that is not fulfilled makes the distance infinite", () => {
  for (const constraint of [{ exact: 641 }, { min: 641 }, { max: 639 }]) {
    assert.equal(distance({ width: constraint }, { width: 640 }), Infinity);
  }
  assert.equal(distance({ width: { min: 1 } }, {}), Infinity);
  assert.equal(distance({ facingMode: { exact: "user" } }, {}), Infinity);
  assert.equal(distance({ width: { min: 640, max: 640, ideal: 640 } }, { width: 640 }), 0);
});

test("fractions that are written with three digits are equal", () => {
  const settings = { width: 1280, height: 720, aspectRatio: 1280 / 720, frameRate: 30000 / 1001 };
  assert.equal(unmetConstraint(readConstraints({ aspectRatio: { exact: 1.778 }, frameRate: { exact: 30 } }).basic, settings), undefined);
  assert.equal(unmetConstraint(readConstraints({ frameRate: { exact: 25 } }).basic, settings), "frameRate");
});

test("advanced sets narrow the choice in their order, and one that nothing fulfils is skipped", () => {
  const candidates = candidatesOf(WEBCAM, readConstraints({}));
  const pick = (advanced) => selectSettings(candidates, readConstraints({ advanced }), {}).format;
  assert.equal(pick([{ width: 9999 }, { width: 1920 }]).width, 1920);
  assert.equal(pick([{ width: 1280 }, { width: 1920 }]).width, 1280);
});

test("a page that asks for nothing gets 640x480 at 30 frames per second of the first camera", () => {
  const { camera: chosen, format: found } = choose(true);
  assert.deepEqual([chosen.device_id, found], ["webcam", { width: 640, height: 480, fps: 30 }]);
});

test("among equally good settings those near the browsers' usual ones win", () => {
  const many = camera("many", [format(1280, 960, 30), format(1280, 720, 30), format(1280, 720, 60)]);
  assert.deepEqual(choose({ width: 1280 }, [many]).format, { width: 1280, height: 720, fps: 30 });
});

test("the camera is chosen that fits best, not the first", () => {
  assert.equal(choose({ width: 320, height: 240 }).camera.device_id, "second");
  assert.equal(choose({ deviceId: { exact: "second" } }).camera.device_id, "second");
  assert.equal(choose({ deviceId: "second" }).camera.device_id, "second");
});

test("the test pattern is chosen when it is named, or when there is no camera", () => {
  assert.equal(choose({ width: 1920, frameRate: 60 }).camera.device_id, "webcam");
  assert.equal(choose({ deviceId: "test:pattern" }).camera.device_id, "test:pattern");
  assert.equal(choose({ width: { min: 1024 } }, [PATTERN]).camera.device_id, "test:pattern");
});

test("the test pattern does not replace a camera that cannot fulfil the constraints", () => {
  assert.deepEqual(failing({ width: { min: 1024 } }, [SECOND, PATTERN]), ["OverconstrainedError", "width"]);
});

test("a free camera comes before one that another program holds", () => {
  const held = { ...WEBCAM, is_available: false };
  assert.equal(choose({}, [held, SECOND, PATTERN]).camera.device_id, "second");
  assert.equal(choose({ width: { exact: 1280 } }, [held, SECOND, PATTERN]).camera.device_id, "webcam");
});

test("the constraint that no camera fulfils is named", () => {
  assert.deepEqual(failing({ width: { exact: 77 } }), ["OverconstrainedError", "width"]);
  assert.deepEqual(failing({ width: { min: 2, max: 1 } }), ["OverconstrainedError", "width"]);
  assert.deepEqual(failing({ deviceId: { exact: "gone" } }), ["OverconstrainedError", "deviceId"]);
  assert.deepEqual(failing({ facingMode: { exact: "environment" } }), ["OverconstrainedError", "facingMode"]);
  assert.deepEqual(failing({ resizeMode: { exact: "crop-and-scale" } }), ["OverconstrainedError", "resizeMode"]);
  assert.deepEqual(failing({ width: { exact: 640 }, frameRate: { min: 100 } }), ["OverconstrainedError", "frameRate"]);
});

test("without any camera the error is a NotFoundError", () => {
  assert.deepEqual(failing({}, []), ["NotFoundError", undefined]);
});

test("the test pattern has any even size and any lower rate", () => {
  const exactly = { width: { exact: 802 }, height: { exact: 600 }, frameRate: { exact: 12.5 } };
  const oblong = { width: { exact: 960 }, aspectRatio: { exact: 1.5 } };
  assert.deepEqual(choose(exactly, [PATTERN]).format, { width: 802, height: 600, fps: 12.5 });
  assert.deepEqual(failing({ width: { exact: 801 }, height: { exact: 600 } }, [PATTERN]), ["OverconstrainedError", "width"]);
  assert.deepEqual(choose(oblong, [PATTERN]).format, { width: 960, height: 640, fps: 30 });
});

test("a camera is limited to a lower rate, a file is not", () => {
  assert.equal(choose({ frameRate: { exact: 5 } }, [WEBCAM]).format.fps, 5);
  assert.deepEqual(failing({ frameRate: { exact: 5 } }, [FILE]), ["OverconstrainedError", "frameRate"]);
});

test("a source is opened by its URL without being listed, when it is required", () => {
  const found = choose({ deviceId: { exact: "rtsp://camera/1" }, width: 800, height: 600 }, [PATTERN]);
  assert.deepEqual([found.camera.kind, found.format], ["rtsp", { width: 800, height: 600, fps: 30 }]);
});

test("capabilities are the extremes of the formats", () => {
  assert.deepEqual(capabilitiesOf(WEBCAM), {
    deviceId: "webcam",
    groupId: "webcam",
    facingMode: [],
    resizeMode: ["none"],
    width: { min: 640, max: 1920 },
    height: { min: 480, max: 1080 },
    aspectRatio: { min: 640 / 480, max: 1280 / 720 },
    frameRate: { min: 1, max: 30 },
  });
  assert.equal(capabilitiesOf(camera("silent", [])).width, undefined);
});

test("the sidecar's errors get their W3C names, and keep the hint", () => {
  const named = (kind) => mediaError(new RpcError(1000, "No.", { kind, hint: "Do this." }));
  assert.equal(named("camera_not_found").name, "NotFoundError");
  assert.equal(named("camera_busy").name, "NotReadableError");
  assert.equal(named("camera_permission_denied").name, "NotAllowedError");
  assert.equal(named("not_permitted").name, "NotAllowedError");
  assert.equal(named("sidecar_unreachable").name, "AbortError");
  assert.equal(named("camera_busy").message, "No. Do this.");
  const other = new TypeError("no");
  assert.equal(mediaError(other), other);
});
