// Electron's modules for the example of docs/getting-started/electron.md, in one Node process: both sides of the IPC, and
// a page that calls the preload script's functions.

const { EventEmitter } = require("node:events");

const handlers = new Map();
const toPage = new EventEmitter();

exports.app = Object.assign(new EventEmitter(), { whenReady: async () => {} });
exports.ipcMain = { handle: (channel, handler) => handlers.set(channel, handler) };
exports.contextBridge = { exposeInMainWorld: (name, api) => (globalThis[name] = api) };
exports.ipcRenderer = {
  invoke: (channel, ...values) => handlers.get(channel)({ senderFrame: { origin: exports.pageOrigin } }, ...values),
  on: (channel, handler) => toPage.on(channel, (...values) => handler({}, ...values)),
};
exports.pageOrigin = "file://";

exports.BrowserWindow = class {
  webContents = { send: (channel, ...values) => toPage.emit(channel, ...values) };

  constructor({ webPreferences }) {
    require(webPreferences.preload);
  }

  isDestroyed() {
    return false;
  }

  async loadFile() {
    const { request, listen } = globalThis.sidecar;
    const call = (method, params = {}) => request(JSON.stringify({ method, params }));
    const streaming = new Promise((resolve) => listen((name, params) => params.state === "streaming" && resolve(name)));
    const started = await call("start_streaming", { device_id: "test:pattern" });
    const refused = await call("start_streaming", { device_id: "nothing:there" });
    const notification = await streaming;
    const forbidden = await call("shutdown").catch((error) => error.message);
    exports.pageOrigin = "https://elsewhere.example";
    const stranger = await call("ping").catch((error) => error.message);
    console.log(JSON.stringify({ started, refused, notification, forbidden, stranger }));
    exports.app.emit("will-quit");
  }
};
