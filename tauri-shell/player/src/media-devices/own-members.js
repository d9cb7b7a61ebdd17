/** Members of an object of the webview that shadow those of its class. */

/**
 * Define members on the object itself, writable and configurable: adapters such as webrtc-adapter assign to them.
 * Returns the function that restores the object exactly as it was.
 *
 * @param {object} object
 * @param {PropertyDescriptorMap} members
 * @returns {() => void}
 */
export function defineOwn(object, members) {
  const before = Object.keys(members).map((name) => ({ name, descriptor: Object.getOwnPropertyDescriptor(object, name) }));
  for (const [name, member] of Object.entries(members)) {
    const isAccessor = "get" in member || "set" in member;
    Object.defineProperty(object, name, { configurable: true, enumerable: true, ...(!isAccessor && { writable: true }), ...member });
  }
  return () => {
    for (const { name, descriptor } of before) {
      if (descriptor) Object.defineProperty(object, name, descriptor);
      else Reflect.deleteProperty(object, name);
    }
  };
}
