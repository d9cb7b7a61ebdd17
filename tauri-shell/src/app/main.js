/** The page: connects to the sidecar, lists the cameras, and shows them in tiles. */

import { invoke, listen, openSocketCarrier, RpcError, useCarrier } from "../camera-sidecar/index.js";
import { CameraList } from "./camera-list.js";
import { button, element } from "./dom.js";
import { choicesOf, usualChoice } from "./formats.js";
import { Tile } from "./tile.js";

/** @typedef {import("../camera-sidecar/index.js").Camera} Camera */
/** @typedef {import("./formats.js").Choice} Choice */

const MAX_TILES = 16;

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

const stage = byId("stage");
const invitation = byId("invitation");
const status = byId("status");
const announcer = byId("announcer");

/** @type {Set<Tile>} */
const tiles = new Set();
const cameraList = new CameraList(addTile);

/** @param {string} text */
function announce(text) {
  announcer.textContent = text;
}

/**
 * @param {Camera} camera
 * @param {Choice | undefined} choice
 */
function addTile(camera, choice) {
  if (tiles.size >= MAX_TILES) {
    announce(`No more than ${MAX_TILES} cameras can be shown at once. Remove one first.`);
    return;
  }
  const tile = new Tile(camera, choice, { announce, onRemove: removeTile });
  tiles.add(tile);
  stage.append(tile.element);
  arrange();
  void tile.start();
}

/** @param {Tile} tile */
function removeTile(tile) {
  tiles.delete(tile);
  arrange();
  /** @type {HTMLElement | null} */ (document.querySelector("[data-device]"))?.focus();
}

function arrange() {
  stage.dataset.tiles = String(tiles.size);
  invitation.hidden = tiles.size > 0;
}

/** @param {Camera[]} cameras */
function showCameras(cameras) {
  cameraList.show(cameras);
  const real = cameras.find(({ kind }) => kind !== "test");
  const first = real ?? cameras[0];
  const start = first && (() => addTile(first, usualChoice(choicesOf(first.formats))));
  if (real) {
    invite("No camera is on", "Choose a camera to see its picture and figures here.", `Show ${real.name}`, start);
  } else {
    const text = "Plug one in, and it appears in the list. Until then, you can watch the test picture.";
    invite("No camera was found", text, "Show the test picture", start);
  }
}

/**
 * @param {string} title
 * @param {string} text
 * @param {string} action
 * @param {(() => void) | undefined} onAction
 */
function invite(title, text, action, onAction) {
  const contents = [element("h2", {}, title), element("p", {}, text)];
  invitation.replaceChildren(...contents, ...(onAction ? [button(action, onAction, { className: "primary" })] : []));
}

/**
 * @param {string} text
 * @param {"ready" | "waiting" | "gone"} kind
 */
function setStatus(text, kind) {
  status.textContent = text;
  status.dataset.kind = kind;
}

/** @param {RpcError} error */
function onGone(error) {
  setStatus("Not connected", "gone");
  for (const tile of tiles) void tile.remove();
  cameraList.element.replaceChildren();
  invite(error.message, error.data.hint, "Reload", () => location.reload());
  announce(`${error.message} ${error.data.hint}`);
}

/** In a browser, reach the sidecar through the server of this page. In the Tauri app, the app is the carrier. */
async function connect() {
  if ("__TAURI_INTERNALS__" in globalThis) return;
  useCarrier(await openSocketCarrier(new URL("rpc", location.href.replace(/^http/, "ws")), { onGone }));
}

async function main() {
  byId("cameras").append(cameraList.element);
  await connect();
  listen("cameras_changed", ({ cameras }) => showCameras(cameras));
  const { name, version, platform } = await invoke("initialize", { clientName: "camera-sidecar demo" });
  setStatus(`${name} ${version} on ${platform}`, "ready");
  showCameras((await invoke("get_available_cameras")).cameras);
}

main().catch((error) => {
  onGone(error instanceof RpcError ? error : new RpcError(0, String(error)));
  console.error(error);
});
