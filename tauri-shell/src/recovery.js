/** Trying again until it works, for as long as it makes sense. */

import { RpcError } from "./rpc-error.js";

const DELAYS_MS = [0, 250, 500, 1000, 2000];
const GIVE_UP_AFTER_MS = 30_000;

/** Makes attempts with growing pauses; `hurry` ends a pause, `stop` all of it. */
export class Recovery {
  #stopped = false;
  #wake = () => {};

  /** What is waited for may be there now. */
  hurry() {
    this.#wake();
  }

  stop() {
    this.#stopped = true;
    this.#wake();
  }

  /**
   * Resolves when an attempt worked, or after `stop`. Rejects with the last attempt's error when it makes no sense to
   * try again, or no more.
   *
   * @param {() => Promise<void>} attempt
   */
  async run(attempt) {
    const end = performance.now() + GIVE_UP_AFTER_MS;
    for (let number = 0; !this.#stopped; number++) {
      await this.#pause(DELAYS_MS[Math.min(number, DELAYS_MS.length - 1)] ?? 0);
      if (this.#stopped) return;
      try {
        return await attempt();
      } catch (error) {
        const again = error instanceof RpcError && error.data.retryable && performance.now() < end;
        if (!again && !this.#stopped) throw error;
      }
    }
  }

  /** @param {number} milliseconds */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }
}
