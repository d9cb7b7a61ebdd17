const { invoke } = window.__TAURI__.core;

document.querySelector("#greeting").textContent = await invoke("greet", { name: "you" });
