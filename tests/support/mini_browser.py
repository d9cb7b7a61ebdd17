"""WebKitGTK's MiniBrowser with the demo's page, whose carrier reaches a sidecar of this tree."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webdriver import Driver, Window, program_tree

from tests.support.sidecar_process import ROOT

MINI_BROWSER = Path("/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser")
"""In Debian's package libwebkit2gtk-4.1-0, beside the library."""

ADDRESS = re.compile(r"http://\S+/")


@contextmanager
def demo(*arguments: str) -> Iterator[str]:
    """The demo's server; the value is the address of its page."""
    command = [sys.executable, str(ROOT / "scripts" / "demo_server.py"), "--no-open", *arguments]
    with program_tree(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with process.stdout as output:
            found = ADDRESS.search(output.readline().decode())
            assert found, f"the demo ended with {process.wait(1)}"
            yield found[0]


@contextmanager
def page(driver: Driver, address: str) -> Iterator[Window]:
    """A window with the demo's page, loaded."""
    with driver.open(MINI_BROWSER, arguments=["--automation"]) as window:
        window.load(address)
        window.wait("document.readyState === 'complete'")
        yield window
