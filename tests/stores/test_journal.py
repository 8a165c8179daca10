"""What stands whole in a journal is read; what does not ends it."""

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.stores.journal import Journal


def opened(path: Path) -> tuple[Journal, list[tuple[int, bytes]]]:
    journal = Journal(path)
    return journal, journal.open()


def written(path: Path, *entries: bytes) -> bytes:
    journal, _ = opened(path)
    for number, entry in enumerate(entries):
        journal.append(number, entry)
    journal.close()
    return path.read_bytes()


def test_entries_come_back_in_their_order_and_are_forgotten_when_they_are_cleared(tmp_path: Path) -> None:
    written(tmp_path / "j", b"one", b"", b"three" * 1000)

    journal, found = opened(tmp_path / "j")
    journal.append(7, b"more")
    again = opened(tmp_path / "j")[1]
    journal.clear()
    journal.append(8, b"new")
    journal.close()
    journal.close()

    assert found == [(0, b"one"), (1, b""), (2, b"three" * 1000)]
    assert again == [*found, (7, b"more")]
    assert opened(tmp_path / "j")[1] == [(8, b"new")]


def test_wherever_it_is_cut_what_stands_whole_before_is_read_and_written_on(tmp_path: Path) -> None:
    whole = written(tmp_path / "j", b"one", b"two")
    first = len(written(tmp_path / "k", b"one"))
    for end in range(len(whole)):
        (tmp_path / "cut").write_bytes(whole[:end])
        journal, found = opened(tmp_path / "cut")
        journal.append(5, b"later")
        journal.close()
        assert found == [(0, b"one")] * (end >= first)
        assert opened(tmp_path / "cut")[1] == [*found, (5, b"later")]


@pytest.mark.parametrize("at", [0, 8, 12, 16, 18])
def test_an_entry_that_was_changed_ends_it(tmp_path: Path, at: int) -> None:
    octets = bytearray(written(tmp_path / "j", b"one", b"two"))
    octets[at] ^= 1
    (tmp_path / "j").write_bytes(octets)

    assert opened(tmp_path / "j")[1] == []


FULL = """
import resource, signal, sys
from pathlib import Path
from sidecar.stores.journal import Journal

journal = Journal(Path(sys.argv[1]))
journal.open()
journal.append(1, b"one")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (journal.size + 20, most))
for _ in range(2):
    try:
        journal.append(2, b"two" * 99)
    except OSError:
        continue
    sys.exit("it fitted")
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
journal.append(3, b"three")
"""


def test_what_did_not_fit_does_not_stand_there_and_what_comes_later_does(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "j")], check=True)

    assert opened(tmp_path / "j")[1] == [(1, b"one"), (3, b"three")]
