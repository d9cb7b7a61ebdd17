// json-rpc-2.0: a client, and a server for the notifications.

import { failure, packages, report, start } from "./sidecar.mjs";

const { JSONRPCClient, JSONRPCServer, JSONRPCServerAndClient, createJSONRPCRequest } = packages("json-rpc-2.0");

const seen = [];
const peer = new JSONRPCServerAndClient(
  new JSONRPCServer(),
  new JSONRPCClient((request) => sidecar.write(JSON.stringify(request))),
);
const isSeen = new Promise((done) => peer.addMethod("stats", done));
peer.addMethod("ready", (params) => seen.push(params.name));
const sidecar = start((line) => peer.receiveAndSend(JSON.parse(line)));

const server = await peer.request("initialize", { clientName: "json-rpc-2.0" });
const error = await failure(peer.request("get_stats", { connection_id: "none" }));
peer.notify("ping", {});
const batch = await peer.client.requestAdvanced([
  createJSONRPCRequest("one", "ping"),
  createJSONRPCRequest(2, "create_peer_connection", { ice_servers: null }),
  createJSONRPCRequest("three", "no_such_method"),
]);
const connection_id = batch[1].result.connection_id;
const atOnce = await Promise.all(
  Array.from({ length: 50 }, () => peer.request("get_connection_state", { connection_id })),
);
await peer.request("subscribe_stats", [100]);
const stats = await isSeen;
report({ server, error, batch, atOnce, seen, stats, exitCode: await sidecar.end() });
