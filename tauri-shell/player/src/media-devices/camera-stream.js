/** A MediaStream of cameras' tracks. */

import { cameraTrackOf } from "./camera-track.js";
import { defineOwn } from "./own-members.js";

/**
 * Make a stream whose `clone` clones the tracks one by one: the webview's own would pass over their `clone`, and the
 * camera would be released under the copies.
 *
 * @param {MediaStreamTrack[]} tracks
 * @returns {MediaStream}
 */
export function makeCameraStream(tracks) {
  const stream = new MediaStream(tracks);
  defineOwn(stream, { clone: { value: () => makeCameraStream(stream.getTracks().map((track) => track.clone())) } });
  // WebKit may forget the own members of an object that only its native side still holds, as a video element's srcObject.
  for (const track of tracks) cameraTrackOf(track)?.streams.add(stream);
  return stream;
}
