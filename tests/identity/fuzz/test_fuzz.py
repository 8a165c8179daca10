"""The corpus, and what mutators make of it, plain or guided by coverage, is read or refused by every target."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.identity.fuzz.harness import TARGETS, seeds

SECONDS = 4  # for each target
GUIDED_SECONDS = 15  # as long as CI allows; `make fuzz` takes longer
MARKS = b'{}[]",:.-_\\u00d8=\n\x00\xff0e9tn'


def mutated(octets: bytes, chance: random.Random) -> bytes:
    """Return `octets` with one to four places changed, cut, doubled or put elsewhere."""
    made = bytearray(octets)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made) + 1)
        until = min(len(made), at + chance.choice((1, 1, 2, 8, 64)))
        match chance.randrange(5):
            case 0:
                made[at:until] = bytes([chance.choice(MARKS)])
            case 1:
                del made[at:until]
            case 2:
                made[at:at] = made[at:until] * chance.choice((1, 2, 40))
            case 3:
                made[at:at] = bytes([chance.choice(MARKS)]) * chance.choice((1, 3, 70))
            case _:
                made[at:until] = bytes(chance.randrange(256) for _ in range(until - at))
    return bytes(made[: 1 << 16])


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_found_once_is_handled_for_good(target: str) -> None:
    for octets in seeds(target):
        TARGETS[target](octets)


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_whatever_is_sent_is_read_or_refused(target: str, tmp_path: Path) -> None:
    seed = time.time_ns()
    chance, pool, until = random.Random(seed), seeds(target), time.monotonic() + SECONDS  # noqa: S311 - no secret
    while time.monotonic() < until:
        octets = mutated(chance.choice(pool), chance)
        try:
            TARGETS[target](octets)
        except Exception:
            (tmp_path / "input").write_bytes(octets)
            raise


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_whatever_coverage_leads_to_is_read_or_refused(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="there is none for this platform")
    options = [f"-max_total_time={GUIDED_SECONDS}", "-max_len=16384", f"-artifact_prefix={tmp_path}/"]
    command = [sys.executable, "-m", "tests.identity.fuzz", target, f"--into={tmp_path / 'corpus'}", *options]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10 * GUIDED_SECONDS)
    assert (ended.returncode, "DONE" in ended.stderr) == (0, True), ended.stderr[-2000:]
