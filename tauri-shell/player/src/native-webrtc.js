const NATIVE = /^\s*function RTCPeerConnection\(\)\s*\{\s*\[native code\]\s*\}\s*$/;

/**
 * Whether the webview has WebRTC of its own.
 *
 * A script can add an `RTCPeerConnection` to a webview without one, with an engine outside of the page; its pictures cost
 * far more than those of a local stream. Adapters wrap the constructor and keep the native prototype, so the prototype's
 * constructor is the one that counts.
 */
export function hasNativeWebrtc() {
  const constructor = globalThis.RTCPeerConnection?.prototype?.constructor;
  return typeof constructor === "function" && NATIVE.test(Function.prototype.toString.call(constructor));
}
