// Listens to all events, and tries to use the connection with the id from the main window.
const { core, event } = window.__TAURI__;
const { invoke, Channel } = core;

for (const name of ["victim", "viewer answers", "viewer heard", "viewer ready"]) localStorage.removeItem(name);
const tell = (name, value) => localStorage.setItem(`viewer ${name}`, JSON.stringify({ at: Date.now(), value }));
const heard = new Set();
const hear = (how, payload) => {
  heard.add(`${how}: ${"connection_id" in payload || "session_id" in payload ? "another's" : "cameras"}`);
  tell("heard", [...heard]);
};
for (const name of ["connection_state", "camera_state", "ice_candidate", "renegotiation_offer", "stats"]) {
  await event.listen(`sidecar:${name}`, ({ payload }) => hear("any", payload));
  await event.listen(`sidecar:${name}`, ({ payload }) => hear("main", payload), { target: "main" });
}
const channel = new Channel();
channel.onmessage = ({ payload }) => hear("listen", payload);
await invoke("plugin:camera-sidecar|listen", { channel });
hear("listen", {});
tell("ready", true);

while (!localStorage.getItem("victim")) await new Promise((resolve) => setTimeout(resolve, 20));
const connectionId = localStorage.getItem("victim");
const answers = {};
for (const method of ["close_connection", "get_stats"]) {
  answers[method] = await invoke(method, { connectionId }).then(
    () => "allowed",
    (error) => error.data.kind,
  );
}
answers.connections = (await invoke("get_stats", {})).connections.length;
tell("answers", answers);
