// The client that @open-rpc/generator makes from the document, over the sidecar's standard input and output.

import { createRequire } from "node:module";
import { failure, report, start } from "./sidecar.mjs";

const { CameraSidecar } = createRequire(`${process.cwd()}/`)("./build/index.js");

const waiting = new Map();
const sidecar = start((line) => {
  const message = JSON.parse(line);
  waiting.get(message.id)?.(message);
});
const client = new CameraSidecar({ transport: { type: "http", host: "unused", port: 0 } });
let lastId = 0;
client.rpc = {
  request: ({ method, params }) =>
    new Promise((done, fail) => {
      const id = ++lastId;
      waiting.set(id, ({ result, error }) => (error ? fail(error) : done(result)));
      sidecar.write(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    }),
};

const server = await client.initialize("generated");
const { connection_id } = await client.create_peer_connection([{ urls: ["stun:127.0.0.1:9"] }]);
const state = await client.get_connection_state(connection_id);
const closed = await client.close_connection(connection_id);
const error = await failure(client.get_stats("none"));
const refused = await failure(client.subscribe_stats("often"));
report({ server, state, closed, error, refused, exitCode: await sidecar.end() });
