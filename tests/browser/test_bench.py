"""scripts/bench.py runs: the sidecar and plain aiortc, each shown by Chromium."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = [
    pytest.mark.skipif(not Path("/usr/bin/chromium").exists(), reason="needs Debian's chromium"),
    pytest.mark.timeout(240),
]


def samples(tmp_path: Path, benchmark: str) -> list[dict[str, Any]]:
    """Run one short round of a benchmark; check that a table was printed and return the samples."""
    report = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmark", "--only", benchmark, "--rounds", "1", "--seconds", "1"]
    # With an empty cache, so without the app that an earlier tree may have built: tests/shell has that one's figures.
    path = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
    environment = os.environ | {"PYTHONPATH": path, "CAMERA_SIDECAR_CACHE": str(tmp_path)}
    done = subprocess.run([*command, "--json", str(report)], env=environment, stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0
    assert "| target |" in " ".join(done.stdout.split())
    taken: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))["samples"]
    assert all(sample["value"] > 0 for sample in taken)
    return taken


@pytest.mark.parametrize(
    ("benchmark", "figures"),
    [
        ("picture", {"latency_p50", "latency_p95", "fps", "bitrate", "cpu", "cpu_ratio"}),
        ("start", {"first_frame_warm", "first_frame_cold"}),
    ],
)
def test_the_bench_measures_both_senders_and_prints_a_table(benchmark: str, figures: set[str], tmp_path: Path) -> None:
    taken = samples(tmp_path, benchmark)
    assert {sample["figure"] for sample in taken} == figures
    assert {sample["subject"] for sample in taken} >= {"sidecar", "plain aiortc"}


def test_the_bench_measures_a_local_session_beside_webrtc(tmp_path: Path) -> None:
    figures = {sample["figure"] for sample in samples(tmp_path, "local")}
    assert figures == {"chromium_p50", "chromium_p95", "chromium_fps", "chromium_ratio"}
