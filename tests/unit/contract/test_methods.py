"""The table of methods is made of the rows in the files of the subjects."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sidecar.contract import methods
from sidecar.contract.methods import METHODS, SUBJECTS


def test_every_method_has_one_row() -> None:
    assert [name for name, count in Counter(method.name for method in METHODS).items() if count > 1] == []
    assert METHODS


def test_a_row_is_called_like_its_method() -> None:
    for method in METHODS:
        assert getattr(methods, method.name.rpartition(".")[2].upper()) is method


def test_every_file_of_the_folder_is_one_of_the_subjects() -> None:
    files = {path.stem for path in Path(str(methods.__file__)).parent.glob("*.py")} - {"__init__"}
    assert {subject.__name__.rpartition(".")[2] for subject in SUBJECTS} == files
