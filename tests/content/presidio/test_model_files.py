import hashlib
import sys
from pathlib import Path

import pytest

from sidecar.content.presidio.model_files import BUNDLED, located, reviewed, verify
from sidecar.errors import ConfigError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "ner").mkdir()
    (tmp_path / "config.cfg").write_bytes(b"[nlp]")
    (tmp_path / "ner" / "model").write_bytes(b"weights")
    return tmp_path


def digests(model: Path) -> dict[str, str]:
    files = [path for path in model.rglob("*") if path.is_file()]
    return {path.relative_to(model).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_bundled_model_is_the_one_that_was_reviewed_and_its_code_is_not_run() -> None:
    verify(located(), reviewed())

    assert BUNDLED not in sys.modules


def test_a_model_is_found_by_its_path(model: Path) -> None:
    assert located(str(model)) == model


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("no_such_package_anywhere", id="a package that is not installed"),
        pytest.param("json", id="a package that is no model"),
        pytest.param("./no/such/directory", id="a path to nowhere"),
    ],
)
def test_what_is_no_model_is_told(name: str) -> None:
    with pytest.raises(ConfigError, match=r"privacy\.model, privacy\.languages: no spaCy model"):
        located(name)


def test_files_that_were_reviewed_pass(model: Path) -> None:
    verify(model, digests(model))


def test_every_difference_is_told(model: Path) -> None:
    known = digests(model)
    (model / "ner" / "model").write_bytes(b"other weights")
    (model / "code.py").write_text("print()")
    (model / "config.cfg").unlink()

    with pytest.raises(ConfigError) as refused:
        verify(model, known)

    assert [problem.split(": ")[1] for problem in refused.value.problems] == [
        "`code.py` is not one of the model's files",
        "`config.cfg` is missing",
        "`ner/model` is not what was reviewed",
    ]
