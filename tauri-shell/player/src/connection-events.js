/** The notifications of one connection, from before its id is known until it is closed. */

/** @typedef {import("./contract.js").Events} Events */

const MAX_HELD = 256;
/** The notifications that name a session. */
const OF_SESSION = ["camera_state", "format_changed"];

/**
 * @typedef {object} Handlers
 * @property {(event: Events["ice_candidate"]) => void} ice_candidate
 * @property {(event: Events["connection_state"]) => void} connection_state
 * @property {(event: Events["renegotiation_offer"]) => void} renegotiation_offer
 * @property {(event: Events["camera_state"]) => void} camera_state
 * @property {(event: Events["format_changed"]) => void} format_changed
 */

/** @typedef {{connection_id: string, session_id: string}} Ids */

/**
 * Listens from its construction on. The sidecar's first notifications can overtake the result that has the ids of the
 * connection and session, so notifications are held until `identify`, and then passed on in their order.
 */
export class ConnectionEvents {
  /** @type {(() => void)[]} */
  #unlisten;
  /** @type {{name: keyof Handlers, event: any}[]} */
  #held = [];
  /** @type {Ids | undefined} */
  #ids;
  #handlers;

  /**
   * @param {import("./invoke.js").Carrier["listen"]} listen
   * @param {Handlers} handlers
   */
  constructor(listen, handlers) {
    this.#handlers = handlers;
    const names = /** @type {(keyof Handlers)[]} */ (Object.keys(handlers));
    this.#unlisten = names.map((name) => listen(name, (event) => this.#receive(name, event)));
  }

  /** @param {Ids} ids */
  identify(ids) {
    this.#ids = ids;
    for (const { name, event } of this.#held.splice(0)) this.#pass(name, event);
  }

  close() {
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    this.#held.length = 0;
  }

  /**
   * @param {keyof Handlers} name
   * @param {any} event
   */
  #receive(name, event) {
    if (this.#ids) this.#pass(name, event);
    else if (this.#held.length < MAX_HELD) this.#held.push({ name, event });
  }

  /**
   * @param {keyof Handlers} name
   * @param {any} event
   */
  #pass(name, event) {
    const key = OF_SESSION.includes(name) ? "session_id" : "connection_id";
    if (event[key] === this.#ids?.[key]) this.#handlers[name](event);
  }
}
