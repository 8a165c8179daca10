"""The required tests of the JSON-Schema-Test-Suite, with its remote documents served from its own files.

Nothing of the suite is part of this repository: its archive is looked for where JSON_SCHEMA_TEST_SUITE says, or in a
folder of shared data beside the repository.
"""

import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from sidecar.model.strict_json import Json
from sidecar.policy.schemas import compile_schema

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "json-schema" / "suite.tar.gz"
ARCHIVE = Path(os.environ.get("JSON_SCHEMA_TEST_SUITE") or BESIDE)
REMOTES = "http://localhost:1234/"
DRAFTS = {
    "draft4": ("http://json-schema.org/draft-04/schema#", 600),
    "draft6": ("http://json-schema.org/draft-06/schema#", 800),
    "draft7": ("http://json-schema.org/draft-07/schema#", 927),
    "draft2019-09": ("https://json-schema.org/draft/2019-09/schema", 1200),
    "draft2020-12": ("https://json-schema.org/draft/2020-12/schema", 1299),
}

pytestmark = pytest.mark.skipif(not ARCHIVE.is_file(), reason="the JSON-Schema-Test-Suite is not here")


@cache
def files() -> Mapping[str, Json]:
    found: dict[str, Json] = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file and member.name.endswith(".json"):
                found[member.name.removeprefix("./")] = json.load(file)
    return found


def remotes() -> Mapping[str, Json]:
    return {
        REMOTES + name.removeprefix("remotes/"): document
        for name, document in files().items()
        if name.startswith("remotes/")
    }


def groups(folder: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for name, content in files().items():
        if Path(name).parent == Path("tests", folder) and isinstance(content, list):
            for group in content:
                if isinstance(group, dict):
                    yield f"{Path(name).stem}: {group['description']}", group


def wrong_verdicts(folder: str, draft: str) -> tuple[int, list[str]]:
    count, wrong = 0, []
    for title, group in groups(folder):
        schema = compile_schema(group["schema"], name=title, documents=remotes(), draft=draft)
        tests = group["tests"]
        for test in tests if isinstance(tests, list) else []:
            if isinstance(test, dict):
                count += 1
                wrong += (
                    [f"{title}: {test['description']}"] if (not schema.problems(test["data"])) != test["valid"] else []
                )
    return count, wrong


@pytest.mark.slow
@pytest.mark.parametrize("folder", [pytest.param(folder, id=folder) for folder in DRAFTS])
def test_every_required_test_gets_the_right_verdict(folder: str) -> None:
    draft, at_least = DRAFTS[folder]

    count, wrong = wrong_verdicts(folder, draft)

    assert wrong == []
    assert count >= at_least
