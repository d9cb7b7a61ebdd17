/** Repeats an attempt until it succeeds, for 30 s at most. */

import { RpcError } from "./rpc-error.js";

const DELAYS_MS = [0, 250, 500, 1000, 2000];
const GIVE_UP_AFTER_MS = 30_000;

/** Makes attempts with growing pauses. `hurry` ends the current pause, `stop` ends the attempts. */
export class Recovery {
  #stopped = false;
  #wake = () => {};

  /** Make the next attempt now: the reason of the failures may be gone. */
  hurry() {
    this.#wake();
  }

  stop() {
    this.#stopped = true;
    this.#wake();
  }

  /**
   * Resolves when an attempt succeeded, or after `stop`. Rejects with an attempt's error when the error is not retryable,
   * or the time is up.
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
