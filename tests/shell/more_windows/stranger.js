// Tries all commands from a window without a capability, and tells the main window the results.
const { invoke, Channel } = window.__TAURI__.core;

const answers = {};
for (const [command, parameters] of [
  ["sidecar_call", { method: "get_available_cameras" }],
  ["sidecar_listen", { channel: new Channel() }],
  ["sidecar_log", { channel: new Channel() }],
  ["sidecar_state", {}],
  ["get_available_cameras", {}],
  ["start_camera_webrtc_session", { deviceId: "test:pattern", iceServers: [] }],
]) {
  answers[command] = await invoke(command, parameters).then(
    () => "allowed",
    (error) => String(error?.message ?? error),
  );
}
localStorage.setItem("stranger", JSON.stringify(answers));
