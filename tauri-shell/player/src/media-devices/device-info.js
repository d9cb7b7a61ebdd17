/** Cameras as enumerateDevices lists them. */

import { defineOwn } from "./own-members.js";
import { capabilitiesOf } from "./settings.js";

/**
 * An InputDeviceInfo of a camera. The class has no constructor for pages, and its own members fail on other objects, so
 * all members are the object's own.
 *
 * @param {import("../contract.js").Camera} camera
 * @returns {InputDeviceInfo}
 */
export function deviceInfo(camera) {
  const facts = { deviceId: camera.device_id, kind: "videoinput", label: camera.name, groupId: camera.device_id };
  const Class = globalThis.InputDeviceInfo ?? globalThis.MediaDeviceInfo;
  const info = Object.create(Class?.prototype ?? Object.prototype);
  defineOwn(info, {
    ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, { value, writable: false }])),
    toJSON: { value: () => ({ ...facts }), enumerable: false },
    getCapabilities: { value: () => capabilitiesOf(camera), enumerable: false },
  });
  return info;
}
