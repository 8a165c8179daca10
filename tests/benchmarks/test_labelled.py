"""What is wrong with a file of labelled texts is told with its line, and never with a traceback."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

CONTENT = Path(__file__).parents[2] / "benchmarks" / "content.py"
GOOD = b'{"text": "I am Ada", "spans": [{"start": 5, "end": 8, "label": "PERSON"}]}\n'
TOLD = b'{"source": "s", "surface": "user", "label": "attack", "text": "a"}\n'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        pytest.param("a.jsonl", b"no json\n", "line 1: expected one JSON object a line", id="no JSON"),
        pytest.param("a.jsonl", GOOD + b"[1]\n", "line 2: expected one JSON object a line", id="no object"),
        pytest.param("a.jsonl", b'{"text": "a"}\n', "lacks `spans`", id="no spans"),
        pytest.param("a.jsonl", GOOD.replace(b"8", b"80"), "from 5 to 80 is not in its text of 8", id="a span outside"),
        pytest.param("a.jsonl", GOOD.replace(b"5", b"null"), "expected a span to have `start`", id="a span of nothing"),
        pytest.param("a.jsonl", b'{"surface": "user", "text": "a"}\n', "lacks `source`, `label`", id="of injections"),
        pytest.param("a.jsonl", TOLD.replace(b"attack", b"bad"), "line 1: expected `label` to be attack", id="a label"),
        pytest.param("a.jsonl", TOLD + TOLD.replace(b'"a"', b"1"), "line 2: expected `label`", id="no text"),
        pytest.param("a.jsonl.gz", GOOD, "gzip where it ends in .gz", id="no gzip"),
        pytest.param("a.jsonl.gz", gzip.compress(GOOD)[:-9], "gzip where it ends in .gz", id="cut off"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    done = subprocess.run([sys.executable, CONTENT, "--only", path], capture_output=True, text=True, check=False)

    assert told in done.stderr
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
