// vscode-jsonrpc with a reader and a writer of lines.

import { failure, packages, report, start } from "./sidecar.mjs";

const rpc = packages("vscode-jsonrpc/node");

class LineReader extends rpc.AbstractMessageReader {
  listen(callback) {
    this.take = (line) => callback(JSON.parse(line));
    waiting.splice(0).forEach(this.take);
    return { dispose: () => {} };
  }
}

class LineWriter extends rpc.AbstractMessageWriter {
  write(message) {
    return sidecar.write(JSON.stringify(message));
  }
  end() {}
}

const waiting = [];
const reader = new LineReader();
const sidecar = start((line) => (reader.take ? reader.take(line) : waiting.push(line)));
const connection = rpc.createMessageConnection(reader, new LineWriter());
const seen = [];
const isSeen = new Promise((done) =>
  connection.onNotification((method) => {
    seen.push(method);
    if (method === "stats") done();
  }),
);
connection.listen();

const server = await connection.sendRequest("initialize", { client_name: "vscode-jsonrpc" });
const error = await failure(connection.sendRequest("start_streaming", { device_id: "nothing:there" }));
await connection.sendNotification("ping");
const byPosition = await connection.sendRequest("create_peer_connection", rpc.ParameterStructures.byPosition, []);
const atOnce = await Promise.all(
  Array.from({ length: 50 }, () => connection.sendRequest("get_connection_state", byPosition)),
);
// The library asks to cancel a request by a notification that no other program has to know.
const cancelled = new rpc.CancellationTokenSource();
const late = connection.sendRequest("ping", cancelled.token);
cancelled.cancel();
const notCancelled = await late;
await connection.sendRequest("subscribe_stats", { interval_ms: 100 });
await isSeen;
const exitCode = await sidecar.end();
connection.dispose();
report({ server, error, atOnce, notCancelled, seen, exitCode });
