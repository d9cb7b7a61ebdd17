/**
 * Installs the sidecar's cameras as `navigator.mediaDevices`. The tests bundle this module, and each page loads it before
 * its own scripts, as a plugin of the app would.
 */

import { installMediaDevices, openSocketCarrier, useCarrier } from "camera-sidecar";

/** The errors that no code of the page has caught, for the tests. */
window.complaints = [];
window.addEventListener("error", ({ message }) => window.complaints.push(message));
window.addEventListener("unhandledrejection", ({ reason }) => window.complaints.push(String(reason)));

if (location.search === "?without-frame-callbacks") delete HTMLVideoElement.prototype.requestVideoFrameCallback;

const opening = openSocketCarrier(new URL(`ws://${location.host}/rpc`), { onGone: () => {} });
useCarrier({
  request: async (method, params) => (await opening).request(method, params),
  listen(event, handler) {
    const listening = opening.then((carrier) => carrier.listen(event, handler));
    return () => void listening.then((unlisten) => unlisten());
  },
});
installMediaDevices();

/** The picture that a `<video>` shows, as a data URL. */
window.pictureOf = (video) => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL();
};
