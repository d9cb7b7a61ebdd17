"""docs/media-devices.md names the libraries that tests/libraries runs, at their locked versions."""

from __future__ import annotations

import json
import re

from tests.support.documented import text_of
from tests.support.sidecar_process import ROOT

ROW = re.compile(r"^\| ([@/\w-]+)(?:[,:][^|]*)? \| ([\d.]+) \| yes \| (?:yes|needs WebRTC) \| [^|]+ \|$", re.MULTILINE)


def test_the_page_names_the_libraries_at_the_versions_that_are_tested() -> None:
    documented = dict(ROW.findall(text_of("docs/media-devices.md")))
    installed = json.loads((ROOT / "tests" / "node" / "package.json").read_text("utf-8"))["devDependencies"]
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "libraries" / "pages").iterdir())
    assert documented == {library: installed[library] for library in documented}
    assert all(library in pages for library in documented)
    assert len(documented) == 8
