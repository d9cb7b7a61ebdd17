/** Photos of a camera: its next picture as a file, before it is encoded for the viewers. */

import { bytesOf } from "./base64.js";
import { invoke } from "./invoke.js";

/**
 * @typedef {object} PhotoOptions
 * @property {"image/jpeg" | "image/png"} [type] JPEG by default
 * @property {number} [quality] of a JPEG file, from 0 to 1, by default 0.92
 * @property {number} [width] in pixels: a wider photo is scaled down, with its aspect ratio kept
 * @property {number} [height] the same for a higher one
 */

/**
 * Take a photo of the next picture that the session's camera captures. Rejects with an `RpcError`.
 *
 * @param {string} sessionId
 * @param {PhotoOptions} [options]
 * @returns {Promise<Blob>}
 */
export async function takePhoto(sessionId, { type = "image/jpeg", ...options } = {}) {
  const { data, mime_type } = await invoke("take_photo", { sessionId, mimeType: type, ...options });
  return new Blob([bytesOf(data)], { type: mime_type });
}
