/** The cameras that this page has open. */

import { CameraSource } from "./camera-source.js";

/** By device_id. @type {Map<string, {source: CameraSource, started: Promise<void>}>} */
const open = new Map();

/**
 * The camera of a candidate, open, in the candidate's format unless it was open already. It stays open until its
 * `unhold`, and as long as it has tracks.
 *
 * @param {import("./settings.js").Candidate} candidate
 */
export async function holdSource(candidate) {
  const { source, started } = open.get(candidate.camera.device_id) ?? openSource(candidate);
  source.hold();
  try {
    await started;
  } catch (error) {
    source.unhold();
    throw error;
  }
  return source;
}

/** @param {import("./settings.js").Candidate} candidate */
function openSource(candidate) {
  const id = candidate.camera.device_id;
  const source = new CameraSource(candidate, () => forget(id));
  if (!open.size) addEventListener("pagehide", closeAll);
  const entry = { source, started: source.start() };
  open.set(id, entry);
  return entry;
}

/** @param {string} id */
function forget(id) {
  open.delete(id);
  if (!open.size) removeEventListener("pagehide", closeAll);
}

function closeAll() {
  for (const { source } of [...open.values()]) source.close();
}
