/** The webview's own navigator.mediaDevices, which has the microphones and the loudspeakers. */

/** WebKitGTK, whose own enumerateDevices can end the web process. */
export function isWebKitGtk() {
  const { userAgent } = navigator;
  return /Linux/.test(userAgent) && /AppleWebKit/.test(userAgent) && !/Chrom(e|ium)/.test(userAgent);
}

/** The methods of the webview, past those that are installed on the instance. */
function nativeMethods() {
  return /** @type {any} */ (globalThis.MediaDevices?.prototype ?? {});
}

/** Whether the webview itself has getUserMedia in this page. */
export function hasNativeGetUserMedia() {
  const { MediaDevices } = globalThis;
  return Boolean(MediaDevices) && navigator.mediaDevices instanceof MediaDevices && "getUserMedia" in nativeMethods();
}

/**
 * The audio tracks of the webview's own getUserMedia. Rejects as that does, and with a NotFoundError where there is none.
 *
 * @param {MediaTrackConstraints | true} audio
 * @returns {Promise<MediaStreamTrack[]>}
 */
export async function nativeAudio(audio) {
  if (!hasNativeGetUserMedia()) throw new DOMException("This webview has no microphones.", "NotFoundError");
  /** @type {MediaStream} */
  const stream = await nativeMethods().getUserMedia.call(navigator.mediaDevices, { audio });
  return stream.getAudioTracks();
}

/**
 * The webview's audio devices.
 *
 * @returns {Promise<MediaDeviceInfo[]>}
 */
export async function nativeAudioDevices() {
  const { enumerateDevices } = nativeMethods();
  if (isWebKitGtk() || !hasNativeGetUserMedia()) return [];
  /** @type {MediaDeviceInfo[]} */
  const devices = await enumerateDevices.call(navigator.mediaDevices);
  return devices.filter(({ kind }) => kind !== "videoinput");
}
