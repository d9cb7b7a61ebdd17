// Tries commands from a window without a capability, and stores the results.
const { invoke, Channel } = window.__TAURI__.core;

const answers = {};
for (const [command, parameters] of [
  ["plugin:camera-sidecar|get_available_cameras", {}],
  ["plugin:camera-sidecar|listen", { channel: new Channel() }],
  ["plugin:camera-sidecar|log", { channel: new Channel() }],
  ["plugin:camera-sidecar|state", {}],
  ["get_available_cameras", {}],
  ["start_camera_webrtc_session", { deviceId: "test:pattern", iceServers: [] }],
]) {
  answers[command] = await invoke(command, parameters).then(
    () => "allowed",
    (error) => String(error?.message ?? error),
  );
}
localStorage.setItem("stranger", JSON.stringify({ at: Date.now(), value: answers }));
