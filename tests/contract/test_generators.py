"""Generators of others make programs of schemas/openrpc.json that compile, and that drive the sidecar.

Not compiled, because that needs packages from a network: the Rust of @open-rpc/generator and
@open-rpc/typings (jsonrpc-client-core, serde, derive_builder), and the documentation site (Gatsby). The server in
TypeScript compiles for no contract with objects as results: its template writes each as "[object Object]".
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openrpc import Method, OpenRPC

from tests.contract.test_clients import CLIENTS, needs_node, talk
from tests.support.contract_schemas import SCHEMAS
from tests.support.node import FRONTEND, NODE_MODULES, package
from tests.support.sidecar_process import ROOT

DOCUMENT = SCHEMAS / "openrpc.json"
STRICT = ("--strict", "--target", "es2022", "--skipLibCheck")
LANGUAGES = {"typescript": "client", "rust": "client", "gatsby": "docs"}

needs_typescript = pytest.mark.skipif(not FRONTEND.exists(), reason="the packages of tauri-shell are not installed")


def run(program: Path, *arguments: str, folder: Path) -> None:
    """Run a program in JavaScript that must succeed."""
    command = ["node", str(program), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=NODE_MODULES, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error" not in (done.stdout + done.stderr).lower()


def compile_typescript(folder: Path, *options: str) -> None:
    run((ROOT / FRONTEND).resolve() / "typescript/bin/tsc", *STRICT, *options, folder=folder)


def generate(folder: Path, languages: Sequence[str]) -> Path:
    """Run @open-rpc/generator on the document; returns the folder of its output."""
    components = [{"type": LANGUAGES[one], "name": "camera-sidecar", "language": one} for one in languages]
    configuration = {"openrpcDocument": str(DOCUMENT), "outDir": str(folder / "made"), "components": components}
    (folder / "configuration.json").write_text(json.dumps(configuration))
    run(package("@open-rpc/generator/build/cli.js"), "generate", "-c", "configuration.json", folder=folder)
    return folder / "made"


@needs_node
@needs_typescript
def test_a_generated_client_compiles_and_drives_the_sidecar(sidecar_program: str | None, tmp_path: Path) -> None:
    client = generate(tmp_path, ["typescript"]) / "client/typescript"
    link_packages(client)
    sources = [str(client / "src/index.ts"), str(CLIENTS / "client-js.d.ts")]
    compile_typescript(client, "--module", "commonjs", "--esModuleInterop", "--outDir", "build", *sources)
    talked = talk("generated.mjs", sidecar_program, client)
    assert talked["server"]["name"] == "camera-sidecar"
    assert talked["state"]["connection_state"] == "new"
    assert talked["closed"]["already_closed"] is False
    assert (talked["error"]["code"], talked["error"]["data"]["kind"]) == (1101, "connection_not_found")
    assert "unexpected" not in talked["refused"]
    assert talked["exitCode"] == 0


def link_packages(client: Path) -> None:
    """Give the generated client the packages that it imports, with only the used part of its transports."""
    modules = client / "node_modules"
    (modules / "@open-rpc/client-js").mkdir(parents=True)
    for name in ("lodash", "@open-rpc/schema-utils-js", "@open-rpc/spec-types"):
        (modules / name).symlink_to(package(name))
    names = ("PostMessageWindowTransport", "PostMessageIframeTransport", "WebSocketTransport", "HTTPTransport")
    classes = [f"exports.{name} = class {{}};" for name in (*names, "RequestManager", "Client")]
    (modules / "@open-rpc/client-js/index.js").write_text("\n".join(classes))


@pytest.mark.once
@needs_node
@pytest.mark.parametrize(("language", "file"), [("rust", "client/rust/src/index.rs"), ("gatsby", "docs/gatsby/src")])
def test_the_generator_makes_all_that_it_can_make(language: str, file: str, tmp_path: Path) -> None:
    assert (generate(tmp_path, [language]) / file).exists()


@pytest.mark.once
@needs_node
@needs_typescript
def test_generated_typings_compile(tmp_path: Path) -> None:
    outputs = [argument for language in ("ts", "go", "rs") for argument in (f"--output-{language}", "made")]
    run(package("@open-rpc/typings/build/cli.js"), "-d", str(DOCUMENT), *outputs, folder=tmp_path)
    assert all((tmp_path / f"made/index.{language}").stat().st_size > 10_000 for language in ("ts", "go", "rs"))
    (tmp_path / "use.ts").write_text(
        'import { GetStats, Ping, StartStreaming, Statistics } from "./made/index";\n'
        "declare const ping: Ping, start: StartStreaming, stats: GetStats;\n"
        'export const opened = start("test:pattern", { width: 320 }, null).then((session) => session.format.fps);\n'
        "export const clock: Promise<number> = ping().then((clocks) => clocks.wall_ms);\n"
        "export const viewers = (all: Statistics): number[] => all.cameras.map((camera) => camera.viewers);\n"
        "export const now: Promise<number[]> = stats(null).then(viewers);\n"
    )
    compile_typescript(tmp_path, "--noEmit", "use.ts")


@pytest.mark.once
def test_the_document_is_read_by_the_models_of_python_s_openrpc() -> None:
    document: Any = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    read = OpenRPC.model_validate(document)
    assert [method.name for method in read.methods] == [method["name"] for method in document["methods"]]
    assert read.components is not None
    assert read.components.schemas is not None
    assert read.components.schemas.keys() == document["components"]["schemas"].keys()
    for method in document["methods"]:
        written = Method.model_validate(method).model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert [param["schema"] for param in written["params"]] == [param["schema"] for param in method["params"]]
        assert written["result"] == method["result"]
