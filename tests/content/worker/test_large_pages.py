import platform
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.content.worker.large_pages import SIZE, regions

ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
PROGRAM = """
import re
from pathlib import Path
from sidecar.content.worker import large_pages

def large():
    return int(re.search(r"AnonHugePages: +([0-9]+)", Path("/proc/self/smaps_rollup").read_text())[1])

held = [bytes([number % 251]) * 1000 for number in range(40_000)]
before = large()
large_pages.collapse()
assert all(one == bytes([number % 251]) * 1000 for number, one in enumerate(held))
print(large() - before)
"""


def mapped(start: int, end: int, how: str = "rw-p", name: str = "") -> str:
    return f"{start:x}-{end:x} {how} 00000000 00:00 0 {name:>30}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(mapped(SIZE, 3 * SIZE), [(SIZE, 3 * SIZE)], id="whole pages"),
        pytest.param(mapped(SIZE - 4096, 3 * SIZE + 4096), [(SIZE, 3 * SIZE)], id="what is around them is left"),
        pytest.param(mapped(SIZE + 4096, 2 * SIZE + 4096), [], id="no whole page"),
        pytest.param(mapped(SIZE, 2 * SIZE, name="[heap]"), [(SIZE, 2 * SIZE)], id="the heap"),
        pytest.param(mapped(SIZE, 2 * SIZE, name="[stack]"), [], id="the stack"),
        pytest.param(mapped(SIZE, 2 * SIZE, name="/a model"), [], id="a file"),
        pytest.param(mapped(SIZE, 2 * SIZE, how="r--p"), [], id="what is only read"),
        pytest.param(mapped(SIZE, 2 * SIZE, how="rw-s"), [], id="what is shared"),
    ],
)
def test_regions_are_whole_pages_of_own_memory(line: str, expected: list[tuple[int, int]]) -> None:
    assert list(regions([line])) == expected


def _may() -> bool:
    """Whether this is Linux 6.1 or later, where nobody has forbidden large pages."""
    if sys.platform != "linux" or not ENABLED.exists() or "[never]" in ENABLED.read_text():
        return False
    return tuple(map(int, platform.release().split(".")[:2])) >= (6, 1)


@pytest.mark.skipif(not _may(), reason="a kernel that moves nothing to large pages")
def test_what_a_process_holds_goes_to_large_pages_unchanged() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True)

    assert int(done.stdout) >= SIZE // 1024
