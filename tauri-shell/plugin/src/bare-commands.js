/**
 * Lets a page call the methods of the contract as commands without the name of the plugin: `invoke("get_stats")`. A
 * command of the app itself comes first; when the app has none of this name, the plugin's command is called, with the
 * plugin's permission. Tauri's `invoke` is read-only, but it sends each command by `fetch`, to an address that ends with
 * the name of the command.
 *
 * @param {[string, string][]} methods the names of methods and of the plugin's commands
 */
(methods) => {
  /**
   * The name without the plugin's, the address of the plugin's command, and whether the app may have a command of the name.
   *
   * @typedef {{name: string, address: string, isTheApps: boolean}} Command
   */
  /** @typedef {(address: string) => Promise<Response>} Send sends a request to an address */

  const { convertFileSrc } = /** @type {any} */ (window).__TAURI_INTERNALS__;
  /** @type {(command: string) => string} */
  const addressOf = (command) => convertFileSrc(command, "ipc");
  /** @type {Map<unknown, Command>} */
  const commands = new Map(
    methods.map(([name, command]) => [
      addressOf(name),
      { name, address: addressOf(`plugin:camera-sidecar|${command}`), isTheApps: true },
    ]),
  );

  window.fetch = new Proxy(window.fetch, {
    apply(fetch, self, given) {
      const [address, ...options] = given;
      const command = commands.get(address);
      /** @type {Send} */
      const send = (to) => Reflect.apply(fetch, self, [to, ...options]);
      return command ? call(command, address, send) : Reflect.apply(fetch, self, given);
    },
  });

  /** @type {(command: Command, address: string, send: Send) => Promise<Response>} */
  async function call(command, address, send) {
    if (command.isTheApps) {
      const response = await send(address);
      command.isTheApps = !(await isMissing(command.name, response));
      if (command.isTheApps) return response;
    }
    return send(command.address);
  }

  /**
   * Whether Tauri refused the command because the app has none of this name, or does not say whether it has.
   *
   * @type {(name: string, response: Response) => Promise<boolean>}
   */
  async function isMissing(name, response) {
    if (response.headers.get("Tauri-Response") === "ok") return false;
    const refusals = [
      `Command ${name} not found`,
      `Command ${name} not allowed by ACL`,
      `${name} not allowed. Command not found`,
    ];
    return refusals.map((text) => JSON.stringify(text)).includes(await response.clone().text());
  }
}
