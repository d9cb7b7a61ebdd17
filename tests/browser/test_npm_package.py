"""The npm package of the player: its contents, its types, and its picture in Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import textwrap
from pathlib import Path
from typing import Any

import pytest
from demo_server import PAGE, DemoServer, served_files
from player_package import PLAYER, pack
from playwright.async_api import Browser

from tests.support.node import FRONTEND
from tests.support.sidecar_process import sidecar_command

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(not (FRONTEND / "esbuild").exists(), reason="the packages of tauri-shell are not installed"),
]

NPM = shutil.which("npm") or "npm"
NODE = shutil.which("node") or "node"
LIVE_MS = 30_000

STRICT = ("--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noEmit", "--target", "es2022")
PROGRAM = """
    import { invoke, listen, RpcError, showCamera, useCarrier } from "camera-sidecar";
    import type { Camera, CameraView, ShowCameraOptions } from "camera-sidecar";

    const format = { width: 640, height: 480, fps: 30 };
    const options: ShowCameraOptions = { deviceId: "camera-0", format, mirror: true };
    const view: CameraView = await showCamera(document.body, options);
    const state: "connecting" | "live" | "interrupted" | "ended" = view.state;
    view.addEventListener("state", () => console.log(state, view.reason));
    const cameras: Camera[] = (await invoke("get_available_cameras")).cameras;
    const unlisten: () => void = listen("camera_state", ({ device_id, state }) => console.log(device_id, state));
    // @ts-expect-error there is no such method
    await invoke("no_such_method");
    // @ts-expect-error a camera has no such property
    console.log(cameras[0]?.colour);
    useCarrier({ request: async () => ({}), listen: () => unlisten });
    await view.stop().catch((error: unknown) => error instanceof RpcError && error.data.hint.trim());
"""

# A global beyond those of the language and the one named here would be a ReferenceError.
IN_A_BARE_CONTEXT = """
    import { readFileSync } from "node:fs";
    import vm from "node:vm";
    const context = vm.createContext({ EventTarget });
    vm.runInContext(readFileSync(process.argv[1], "utf-8"), context);
    const entries = Object.keys(vm.runInContext("cameraSidecar", context));
    console.log(JSON.stringify({ globals: Object.keys(context), entries }));
"""
IN_A_WORKER = """
    import { parentPort } from "node:worker_threads";
    const before = new Set(Reflect.ownKeys(globalThis));
    const entries = Object.keys(await import("camera-sidecar"));
    const added = Reflect.ownKeys(globalThis).filter((name) => !before.has(name)).map(String);
    parentPort.postMessage({ added, entries });
"""
START_THE_WORKER = """
    import { Worker } from "node:worker_threads";
    const worker = new Worker("./worker.js", { execArgv: [] });
    worker.once("message", (message) => console.log(JSON.stringify(message)));
"""
ENTRIES = {
    "CameraView", "RpcError", "describeQuality", "installMediaDevices", "invoke", "listen", "mediaDevices",
    "openSocketCarrier", "showCamera", "useCarrier",
}  # fmt: skip

HTML = """
    <!doctype html>
    <meta charset="utf-8">
    <title>An app</title>
    <link rel="icon" href="icon.svg">
    <div id="camera"></div>
"""
SHOW = """
    async function main() {
      const url = new URL("rpc", location.href.replace(/^http/, "ws"));
      useCarrier(await openSocketCarrier(url, { onGone: (error) => console.error(error.message) }));
      await showCamera(document.querySelector("#camera"), { deviceId: "test:pattern" });
    }
    void main();
"""
MODULE = f'import {{ openSocketCarrier, showCamera, useCarrier }} from "camera-sidecar";\n{SHOW}'
SCRIPT = f"const {{ openSocketCarrier, showCamera, useCarrier }} = cameraSidecar;\n{SHOW}"
LIVE = "() => document.querySelector('.camera-view')?.dataset.state === 'live'"
STYLED = "() => getComputedStyle(document.querySelector('.camera-view')).position === 'relative'"
# A number that changes with the picture.
MIDDLE = """() => {
  const video = document.querySelector("video");
  const context = new OffscreenCanvas(64, 1).getContext("2d");
  context.drawImage(video, 0, video.videoHeight / 2, video.videoWidth, 2, 0, 0, 64, 1);
  return String(context.getImageData(0, 0, 64, 1).data);
}"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it would be published."""
    return pack(tmp_path_factory.mktemp("packed"), FRONTEND.resolve())


@pytest.fixture(scope="module")
def project(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty project into which the package was installed."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "package.json").write_text('{ "private": true, "type": "module" }', "utf-8")
    run([NPM, "install", "--offline", "--no-audit", "--no-fund", str(packed)], folder)
    return folder


def run(command: list[str], folder: Path) -> str:
    """Run a command that must succeed and return its output."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_node(source: str, folder: Path, *arguments: str) -> Any:
    """Run a program in Node and return the JSON that it printed."""
    return json.loads(run([NODE, "--input-type=module", "--eval", source, *arguments], folder))


def esbuild(source: str, folder: Path, *options: str) -> str:
    """Bundle a program and return the bundle."""
    (folder / "bundled.js").write_text(textwrap.dedent(source), "utf-8")
    program = shutil.which("esbuild", path=FRONTEND.resolve() / ".bin")
    assert program
    return run([program, "bundled.js", "--bundle", "--format=esm", *options], folder)


def write_page(folder: Path, scripts: str, **files: str) -> Path:
    """Write the page of an app with further files, and return its folder."""
    folder.mkdir()
    (folder / "index.html").write_text(textwrap.dedent(HTML) + scripts, "utf-8")
    for name, text in files.items():
        (folder / f"{name}.js").write_text(textwrap.dedent(text), "utf-8")
    return folder


async def shows_a_picture(folder: Path, browser: Browser) -> None:
    """Open a page behind the demo's server, whose policy allows no inline style or script, and see its picture move."""
    files = {**served_files(folder), "icon.svg": PAGE / "icon.svg"}
    server = DemoServer(sidecar_command(None, "--log-level", "warning"), files)
    async with server.listening(0):
        context = await browser.new_context()
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(server.address)
        await page.wait_for_function(LIVE, timeout=LIVE_MS)
        first = await page.evaluate(MIDDLE)
        await page.wait_for_function(f"first => ({MIDDLE})() !== first", arg=first, timeout=LIVE_MS)
        assert await page.evaluate(STYLED)
        await context.close()
    assert complaints == []


def test_the_package_contains_the_modules_their_types_the_script_and_the_licences(packed: Path) -> None:
    with tarfile.open(packed) as archive:
        found = {name.removeprefix("package/") for name in archive.getnames()}
    modules = {path.relative_to(PLAYER).as_posix() for path in (PLAYER / "src").rglob("*") if path.is_file()}
    types = {f"types{module.removeprefix('src').removesuffix('.js').removesuffix('.d.ts')}.d.ts" for module in modules}
    others = {"package.json", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "dist/camera-sidecar.iife.js"}
    assert found == modules | types | others


@pytest.mark.parametrize(("module", "resolution"), [("esnext", "bundler"), ("node16", "node16")])
def test_a_strict_typescript_program_uses_it(project: Path, module: str, resolution: str) -> None:
    (project / "program.ts").write_text(PROGRAM, "utf-8")
    compiler = FRONTEND.resolve() / "typescript" / "bin" / "tsc"
    run([NODE, str(compiler), *STRICT, "--module", module, "--moduleResolution", resolution, "program.ts"], project)


def test_the_script_needs_no_page_to_load_and_adds_one_global(project: Path) -> None:
    script = project / "node_modules/camera-sidecar/dist/camera-sidecar.iife.js"
    found = run_node(IN_A_BARE_CONTEXT, project, str(script))
    assert set(found["entries"]) == ENTRIES
    assert found["globals"] == ["EventTarget", "cameraSidecar"]


def test_an_import_in_a_worker_adds_no_global(project: Path) -> None:
    (project / "worker.js").write_text(IN_A_WORKER, "utf-8")
    found = run_node(START_THE_WORKER, project)
    assert set(found["entries"]) == ENTRIES
    assert found["added"] == []


def test_a_bundle_contains_only_what_it_uses(project: Path) -> None:
    assert esbuild('import { showCamera } from "camera-sidecar";', project, "--minify").strip() == ""
    calls = esbuild('import { invoke } from "camera-sidecar"; void invoke("ping");', project)
    assert "sidecar" in calls
    for unused in ("VideoDecoder", "RTCPeerConnection", "camera-view"):
        assert unused not in calls


@pytest.mark.asyncio(loop_scope="session")
async def test_a_page_bundled_by_esbuild_shows_a_picture(
    project: Path, tmp_path: Path, plain_chromium: Browser
) -> None:
    page = write_page(tmp_path / "page", '<script type="module" src="app.js"></script>')
    esbuild(MODULE, project, f"--outfile={page / 'app.js'}")
    await shows_a_picture(page, plain_chromium)


@pytest.mark.asyncio(loop_scope="session")
async def test_a_page_built_by_vite_shows_a_picture(project: Path, plain_chromium: Browser) -> None:
    page = write_page(project / "vite", '<script type="module" src="./main.js"></script>', main=MODULE)
    vite = FRONTEND.resolve() / "vite" / "bin" / "vite.js"
    run([NODE, str(vite), "build", "--base", "./", "--logLevel", "warn"], page)
    await shows_a_picture(page / "dist", plain_chromium)


@pytest.mark.asyncio(loop_scope="session")
async def test_a_script_tag_without_a_build_shows_a_picture(
    project: Path, tmp_path: Path, plain_chromium: Browser
) -> None:
    scripts = '<script src="camera-sidecar.iife.js"></script><script src="app.js"></script>'
    page = write_page(tmp_path / "page", scripts, app=SCRIPT)
    shutil.copy(project / "node_modules/camera-sidecar/dist/camera-sidecar.iife.js", page)
    await shows_a_picture(page, plain_chromium)
