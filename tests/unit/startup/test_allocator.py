"""Free memory is returned to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.sidecar_process import ROOT

glibc = pytest.mark.skipif(sys.platform != "linux", reason="the settings are glibc's")

# Pictures of growing size are freed one after the other; between two of them a small block stays in the heap.
PICTURES = """
import gc, psutil
from sidecar.startup.allocator import bound_free_memory
bound_free_memory()
kept = []
for size in range(1, 25):
    picture = bytearray(size << 20)
    kept.append(bytearray(1000))
    del picture
pictures = [bytearray(4 << 20) for _ in range(16)]
kept.append(bytearray(100_000))
before = psutil.Process().memory_info().rss
del pictures
print(before - psutil.Process().memory_info().rss)
"""


# Pictures are freed between blocks that stay, so that no end of the heap becomes free.
BETWEEN = """
import psutil
from sidecar.startup.allocator import give_memory_back, bound_free_memory
bound_free_memory()
pictures, kept = [], []
for _ in range(64):
    pictures.append(bytearray(1 << 20))
    kept.append(bytearray(1000))
before = psutil.Process().memory_info().rss
del pictures
give_memory_back()
print(before - psutil.Process().memory_info().rss)
"""


@glibc
def test_free_memory_between_blocks_in_use_is_returned_on_request() -> None:
    done = subprocess.run([sys.executable, "-c", BETWEEN], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 60 << 20


@glibc
def test_the_memory_of_pictures_is_given_back_when_they_are_gone() -> None:
    done = subprocess.run([sys.executable, "-c", PICTURES], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 60 << 20
