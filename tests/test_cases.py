"""The corpus: every case of tests/cases and of the packs that come along, through the real rows."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sidecar.cli.rules_play import Chosen, Trial, choose, play
from sidecar.cli.rules_trial import rules_trial
from sidecar.config import Settings
from sidecar.errors import ConfigError
from sidecar.policy.bundled import bundled, resolve
from sidecar.policy.cases import CaseFile
from sidecar.policy.document import parse
from sidecar.policy.load import combined, read_packs

CORPUS = Path(__file__).parent / "cases"


def corpus() -> list[Chosen]:
    problems: list[str] = []
    packs = read_packs([resolve(name) for name in bundled()], problems)
    files = {
        path.name: parse(path.read_bytes(), str(path), CaseFile, problems) for path in sorted(CORPUS.glob("*.yaml"))
    }
    if problems:
        raise ConfigError(problems)
    own = [Chosen("cases", name, case) for name, file in files.items() if file for case in file.cases]
    return [*choose(packs), *own]


CASES = corpus()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def judge() -> AsyncIterator[Trial]:
    problems: list[str] = []
    policy = combined(read_packs([resolve(name) for name in bundled()], problems), problems)
    async with rules_trial(policy, Settings()) as sidecar:
        yield sidecar


@pytest.mark.xdist_group("corpus")
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("chosen", CASES, ids=[chosen.words for chosen in CASES])
async def test_a_case_holds(judge: Trial, chosen: Chosen) -> None:
    played = await play(chosen, judge, time.time)

    assert played.differences == ()


def test_every_boundary_has_a_file_of_cases() -> None:
    boundaries = {step.boundary for chosen in CASES if chosen.pack == "cases" for step in chosen.case.steps}

    assert {f"{boundary}.yaml" for boundary in boundaries} == {path.name for path in CORPUS.glob("*.yaml")}
    assert len(boundaries) == 6
