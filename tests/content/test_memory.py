"""Texts leave nothing behind: what the worker holds after many distinct ones is what it held after some."""

import subprocess
import sys

import pytest

MOST_KIB = 3_072  # more; 16 measured; what words are learnt is told apart, since a process gives little back
SCRIPT = """
from pathlib import Path
from sidecar.content.detection import Wanted
from sidecar.content.model_files import BUNDLED, located
from sidecar.content.presidio import Recognition

recognition = Recognition(Wanted(thresholds={"PERSON": 0.4, "CREDIT_CARD": 0.4}), {"en": located(BUNDLED)})
number = 0
for documents in (1_000, 1_500):
    for _ in range(documents // 10):
        texts = []
        for _ in range(10):
            number += 1
            new = " ".join(f"w{number * 7919 % 1_000_003}{'abcdefghij'[n]}x" for n in range(10))
            texts.append(f"Anna Keller wrote {new} to Boston, and card 4111 1111 1111 1111 was charged.")
        assert len(recognition.find(texts)[0]) > 1
    status = Path("/proc/self/status").read_text()
    held = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    print(f"{held} {len(recognition._tongues[0].nlp.vocab.strings)}", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the memory of a process elsewhere otherwise")
def test_memory_after_thousands_of_documents_is_where_it_was_after_a_thousand() -> None:
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    (before, learnt), (after, learnt_then) = (map(int, line.split()) for line in told.stdout.splitlines())
    assert learnt_then == learnt
    assert after - before < MOST_KIB
