"""Texts leave nothing behind: what the worker holds after many distinct ones is what it held after some."""

import subprocess
import sys

import pytest

MOST_KIB = 3_072  # more; 1,600 measured; what words are learnt is told apart, since a process gives little back
MOST_WORDS = 12_000  # strings: those of the language, those that may be learnt, and those of one batch
SCRIPT = """
from pathlib import Path
from sidecar.content.detection import Wanted
from sidecar.content.presidio.model_files import BUNDLED, located
from sidecar.content.presidio.recognition import Recognition

recognition = Recognition(Wanted(thresholds={"PERSON": 0.4, "CREDIT_CARD": 0.4}), {"en": located(BUNDLED)})
number = 0
for documents in (500, 1_000):
    for _ in range(documents // 10):
        texts = []
        for _ in range(10):
            number += 1
            new = " ".join(f"w{number * 7919 % 1_000_003}{'abcdefghij'[n]}x" for n in range(10))
            texts.append(f"Anna Keller wrote {new} to Boston, and card 4111 1111 1111 1111 was charged.")
        assert len(recognition.find(texts)[0]) > 1
        recognition.rest()  # as the worker does behind each answer
    status = Path("/proc/self/status").read_text()
    held = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    print(f"{held} {len(recognition._tongues[0].nlp.vocab.strings)}", flush=True)
"""


@pytest.mark.slow
@pytest.mark.timeout(240)  # on a machine that has more to do
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the memory of a process elsewhere otherwise")
def test_what_the_worker_holds_after_many_texts_is_what_it_held_after_some() -> None:
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    (before, learnt), (after, learnt_then) = (map(int, line.split()) for line in told.stdout.splitlines())
    assert max(learnt, learnt_then) < MOST_WORDS
    assert after - before < MOST_KIB
