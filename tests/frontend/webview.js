/**
 * The parts of a webview without WebRTC that a camera's track needs, and a carrier with one camera behind it. Only the
 * webview's own objects are stand-ins; they do what the tests need of them.
 */

import { useCarrier } from "../../tauri-shell/player/src/invoke.js";

const JPEG = 2;
const HEADER_SIZE = 32;
/** The address of a stream that cannot be opened. */
export const REFUSED = "ws://refused/";
/** The address of a stream that does not open. */
export const SILENT = "ws://silent/";

class Track extends EventTarget {
  kind = "video";
  enabled = true;
  readyState = "live";

  stop() {
    this.readyState = "ended";
  }

  clone() {
    return new Track();
  }

  requestFrame() {}
}

/** A canvas; `isBlank` tells whether it has no picture, as after each assignment to a side. */
class Canvas {
  isBlank = true;
  #width = 300;
  #height = 150;

  get width() {
    return this.#width;
  }

  set width(width) {
    this.#width = width;
    this.isBlank = true;
  }

  get height() {
    return this.#height;
  }

  set height(height) {
    this.#height = height;
    this.isBlank = true;
  }

  getContext() {
    return { drawImage: () => (this.isBlank = false) };
  }

  captureStream() {
    return { getVideoTracks: () => [new Track()] };
  }
}

class Stream {
  constructor(tracks) {
    this.getTracks = this.getVideoTracks = () => tracks;
  }
}

/** A WebSocket that opens at once and then brings one picture. */
class Socket extends EventTarget {
  static OPEN = 1;
  readyState = 0;
  #url;

  constructor(url) {
    super();
    this.#url = url;
    queueMicrotask(() => this.#open());
  }

  #open() {
    if (this.readyState !== 0 || this.#url === SILENT) return;
    if (this.#url === REFUSED) return this.close();
    this.readyState = Socket.OPEN;
    this.dispatchEvent(new Event("open"));
    const picture = new DataView(new ArrayBuffer(HEADER_SIZE + 1));
    picture.setUint8(0, JPEG);
    setImmediate(() => this.dispatchEvent(new MessageEvent("message", { data: picture.buffer })));
  }

  send() {}

  close() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => this.dispatchEvent(Object.assign(new Event("close"), { code: 1005, reason: "" })));
  }
}

const STAND_INS = {
  HTMLVideoElement: class {},
  HTMLCanvasElement: Canvas,
  MediaStream: Stream,
  MediaStreamTrack: Track,
  WebSocket: Socket,
  document: { createElement: () => new Canvas() },
  navigator: { userAgent: "" },
  createImageBitmap: async () => ({ width: 640, height: 480, close() {} }),
  requestAnimationFrame: () => 1,
  cancelAnimationFrame() {},
  addEventListener: (...given) => page.addEventListener(...given),
  removeEventListener: (...given) => page.removeEventListener(...given),
};

/** The window's own events. */
const page = new EventTarget();

const CAMERA = {
  device_id: "camera-0",
  name: "A camera",
  description: "",
  kind: "camera",
  is_available: true,
  formats: [[640, 480], [1280, 720], [1920, 1080]].map(([width, height]) => ({ width, height, fps: 30, pixel_format: "nv12" })),
  platform: "linux",
};

/**
 * Put the stand-ins in place until the test's end. Returns the carrier: `calls` are the methods called, `answer` the
 * answers by method, which a test may replace, `emit` sends a notification.
 *
 * @param {import("node:test").TestContext} context
 */
export function openWebview(context) {
  const before = Object.fromEntries(Object.keys(STAND_INS).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const [name, value] of Object.entries(STAND_INS)) Object.defineProperty(globalThis, name, { value, configurable: true });
  context.after(() => {
    page.dispatchEvent(new Event("pagehide")); // ends what a failed test left open
    for (const [name, descriptor] of Object.entries(before)) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  });
  context.mock.method(console, "info", () => {});
  return useCamera();
}

function useCamera() {
  const calls = [];
  const handlers = new Map();
  let format = CAMERA.formats[0];
  let sessions = 0;
  const answer = {
    get_available_cameras: () => ({ cameras: [CAMERA] }),
    start_camera_local_session: (params) => {
      format = { ...format, ...params.format };
      const id = ++sessions;
      const ids = { connection_id: `c-${id}`, session_id: `s-${id}`, device_id: CAMERA.device_id };
      return { ...ids, url: "ws://127.0.0.1:1/camera-sidecar/", width: format.width, height: format.height, format };
    },
    set_format: (params) => {
      format = { ...format, ...params.format };
      return { session_id: params.sessionId, device_id: CAMERA.device_id, format };
    },
    close_connection: () => ({}),
  };
  const request = async (method, params) => {
    calls.push(method);
    return answer[method](params);
  };
  const listen = (event, handler) => {
    const all = handlers.get(event) ?? handlers.set(event, new Set()).get(event);
    all.add(handler);
    return () => void all.delete(handler);
  };
  useCarrier({ request, listen });
  return {
    calls,
    answer,
    emit: (event, params) => [...(handlers.get(event) ?? [])].forEach((handler) => handler(params)),
    listeners: () => [...handlers.values()].reduce((sum, all) => sum + all.size, 0),
    hidePage: () => page.dispatchEvent(new Event("pagehide")),
  };
}
