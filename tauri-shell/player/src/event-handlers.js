/** The handlers of events, by the event's name. */
export class EventHandlers {
  /** @type {Map<string, Set<(params: any) => void>>} */
  #handlers = new Map();

  /**
   * Call the handler for each event of this name. Returns the function that unsubscribes.
   *
   * @param {string} event
   * @param {(params: any) => void} handler
   */
  add(event, handler) {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler));
    return () => void handlers.delete(handler);
  }

  /**
   * Call the event's handlers. An exception in one of them goes to the console, and the others are still called.
   *
   * @param {string} event
   * @param {unknown} params
   */
  emit(event, params) {
    for (const handler of [...(this.#handlers.get(event) ?? [])]) {
      try {
        handler(params);
      } catch (error) {
        console.error(error);
      }
    }
  }

  clear() {
    this.#handlers.clear();
  }
}
