/**
 * Lets a page call the methods of the contract as commands without the name of the plugin: `invoke("get_stats")`. A
 * command of the app itself comes first; when the app has none of this name, the plugin's command is called, with the
 * plugin's permission. Tauri's `invoke` is read-only, but it sends each command by `fetch`, to an address that ends with
 * the name of the command.
 *
 * `methods` are pairs: the name of the method, and the name of the plugin's command.
 */
(methods) => {
  const addressOf = (command) => window.__TAURI_INTERNALS__.convertFileSrc(command, "ipc");
  const commands = new Map(
    methods.map(([name, command]) => [
      addressOf(name),
      { name, address: addressOf(`plugin:camera-sidecar|${command}`), isTheApps: true },
    ]),
  );

  window.fetch = new Proxy(window.fetch, {
    apply(fetch, self, [address, ...options]) {
      const command = commands.get(address);
      const send = (to) => Reflect.apply(fetch, self, [to, ...options]);
      return command ? call(command, address, send) : send(address);
    },
  });

  async function call(command, address, send) {
    if (command.isTheApps) {
      const response = await send(address);
      command.isTheApps = !(await isMissing(command.name, response));
      if (command.isTheApps) return response;
    }
    return send(command.address);
  }

  /** Whether Tauri refused the command because the app has none of this name, or does not say whether it has. */
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
