"""What is imported is declared, and what is declared is pinned, with hashes."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUNTIME = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
BUILD = [Requirement(text) for text in (*PROJECT["build-system"]["requires"], *EXTRAS["build"])]
CLASSIFIER = [Requirement(text) for text in EXTRAS["classifier"]]
DEV = [Requirement(text) for text in EXTRAS["dev"]]
DISTRIBUTIONS = packages_distributions()
OURS = {"sidecar", "tests", *(path.stem for path in (ROOT / "benchmarks").iterdir())}
PIN = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?==(\S+)(?: ; [^\\\n]+)?((?:\s*\\\n    --hash=sha256:[0-9a-f]{64})*)")


def imported(path: Path) -> Iterator[str]:
    """Yield the first word of each import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def strangers(*folders: str) -> set[str]:
    """Return the packages of others that the folders' files import."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {name for path in files for name in imported(path)} - OURS - sys.stdlib_module_names


def undeclared(names: set[str], requirements: list[Requirement]) -> list[str]:
    declared = {canonicalize_name(requirement.name) for requirement in requirements}
    return sorted(
        name for name in names if declared.isdisjoint(canonicalize_name(known) for known in DISTRIBUTIONS.get(name, []))
    )


def pins(lock: str) -> Mapping[str, Mapping[str, int]]:
    """Return versions by package, each with the number of its hashes."""
    found: dict[str, dict[str, int]] = {}
    for name, version, hashes in PIN.findall((ROOT / lock).read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(name), {})[version] = hashes.count("--hash=")
    return found


def test_what_the_package_imports_is_declared() -> None:
    assert undeclared(strangers("sidecar"), [*RUNTIME, *CLASSIFIER]) == []


def test_what_tests_and_benchmarks_import_is_declared() -> None:
    assert undeclared(strangers("tests", "benchmarks"), RUNTIME + CLASSIFIER + DEV) == []


def test_an_undeclared_import_would_be_seen() -> None:
    assert {"grpc", "yaml", "spacy"} <= strangers("sidecar")
    assert undeclared({"yaml", "pytest"}, RUNTIME) == ["pytest"]


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        pytest.param("requirements.lock", RUNTIME + BUILD, id="runtime"),
        pytest.param("requirements-classifier.lock", RUNTIME + BUILD + CLASSIFIER, id="classifier"),
        pytest.param("requirements-dev.lock", RUNTIME + BUILD + CLASSIFIER + DEV, id="tests"),
    ],
)
def test_every_requirement_is_pinned_within_its_range(lock: str, requirements: list[Requirement]) -> None:
    pinned = pins(lock)

    assert [
        str(requirement)
        for requirement in requirements
        if not (versions := pinned.get(canonicalize_name(requirement.name)))
        or not all(requirement.specifier.contains(version, prereleases=True) for version in versions)
    ] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-classifier.lock", "requirements-dev.lock"])
def test_every_pin_has_a_hash(lock: str) -> None:
    pinned = pins(lock)
    lines = [line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if "==" in line.split(" ; ")[0]]

    assert sum(map(len, pinned.values())) == len(lines) > len(RUNTIME)
    assert [name for name, versions in pinned.items() if not all(versions.values())] == []


def test_the_tests_run_on_what_is_shipped() -> None:
    shipped, tested = pins("requirements.lock"), pins("requirements-dev.lock")

    assert {name: tested.get(name) for name in shipped} == shipped
