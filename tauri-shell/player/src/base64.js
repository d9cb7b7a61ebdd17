/** The bytes of a text in base64 (RFC 4648, section 4). @param {string} base64 */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
