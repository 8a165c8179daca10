"""The house is as it is drawn: sizes, rooms, and what the README says of it."""

import re
import subprocess
from pathlib import Path

import pytest

from sidecar.boundaries import BOUNDARIES
from sidecar.model.crossing import Boundary
from sidecar.v1 import sidecar_pb2 as pb

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAX_LINES = 400
FILES = sorted(
    path
    for folder in ("sidecar", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "v1" not in path.parts
)


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_file_is_short_enough_to_be_read_at_once(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_every_boundary_has_a_row_that_begins_with_the_session() -> None:
    names = {boundary: [build.__module__.rpartition(".")[2] for build in row] for boundary, row in BOUNDARIES.items()}

    assert set(names) == set(Boundary)
    assert {row[0] for row in names.values()} == {"session"}
    assert names[Boundary.TOOL_CALL].pop() == "reveal"  # after what a rule, a person or the record is shown
    assert all(row.index("personal_data") < row.index("rules") for row in names.values())  # who is asked sees the rest
    assert not any("reveal" in row for row in names.values())


def test_the_readme_shows_the_rows_as_they_are() -> None:
    shown = {
        name: [check.strip() for check in checks.split(",")]
        for name, checks in re.findall(r"^\| `(\w+)` \| Check\w+ \| ([\w, ]+) \|$", README, re.MULTILINE)
    }

    built = {
        str(boundary): [build.__module__.rpartition(".")[2] for build in row] for boundary, row in BOUNDARIES.items()
    }
    assert shown == built


def test_every_method_of_the_contract_is_called_by_a_test() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "server").glob("*.py"))
    methods = [m.name for service in pb.DESCRIPTOR.services_by_name.values() for m in service.methods]

    assert [name for name in methods if f".{name}(" not in tests and f".{name}," not in tests] == []


def test_the_readme_names_what_is_not_served() -> None:
    source = "\n".join(
        (ROOT / "sidecar" / "server" / name).read_text(encoding="utf-8") for name in ("guard.py", "control.py")
    )
    unserved = re.findall(r'unserved\(context, "(\w+)"\)', source)
    paragraph = README[README.index("UNIMPLEMENTED") :].split("\n\n")[0]

    assert len(unserved) == 6
    assert [name for name in unserved if f"`{name}`" not in paragraph] == []


def test_no_lock_file_names_an_index_or_a_host() -> None:
    locks = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("*.lock"))

    assert "://" not in locks
    assert "--hash=sha256:" in locks


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a clone knows which files belong to it")
def test_no_file_names_a_path_of_the_machine_that_made_it() -> None:
    found = subprocess.run(
        ["git", "grep", "-nIE", r"/(root|home)/[a-z]+/", "--", ":!*.lock", ":!tests/test_house.py"],  # noqa: S607 - git is git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.stdout == ""


def test_the_changelog_tells_each_thing_once_and_of_what_kind_it_is() -> None:
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    kinds = re.findall(r"^### (.*)$", log.partition("\n## ")[2].partition("\n## ")[0], re.MULTILINE)
    told = [" ".join(item.split()) for item in re.split(r"\n(?=- |#|\Z)", log) if item.startswith("- ")]

    assert kinds == [
        kind for kind in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security") if kind in kinds
    ]
    assert len(told) == len(set(told))
