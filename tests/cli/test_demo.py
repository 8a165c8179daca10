import io
import json
from dataclasses import replace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from sidecar.audit.chain import Break
from sidecar.audit.query import Verification
from sidecar.cli.demo import Played, as_expected, document, play, show
from sidecar.cli.demo_script import STEPS, Step
from sidecar.cli.root import app
from sidecar.client import Decision
from sidecar.model.crossing import Boundary

GOOD = Verification(records=30, newest=None, found=None)
BROKEN = Verification(records=3, newest=None, found=Break(2, "edited", "the record was edited"))


def as_wanted(step: Step) -> Played:
    crossed = "x " * 200 if step.want <= Decision.REDACT else None
    reasons = (step.reason,) if step.reason else ()
    return Played(step=step, decision=step.want, reasons=reasons, crossed=crossed, seconds=0.0123)


PLAYED = [as_wanted(step) for step in STEPS]
STRAY = replace(PLAYED[1], decision=Decision.ALLOW)


def shown(played: list[Played], audit: Verification, width: int, *, terminal: bool = False) -> str:
    out = io.StringIO()
    environment = {"TERM": "xterm-256color" if terminal else "dumb"}
    console = Console(file=out, width=width, force_terminal=terminal, highlight=False, _environ=environment)
    show(console, played, audit)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_and_is_plain_where_there_is_no_terminal(width: int) -> None:
    text = shown(PLAYED, GOOD, width)

    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    assert text.isascii()
    assert "\x1b" not in text
    assert all(step.reason in text for step in STEPS)
    assert "30 records, the chain of hashes verified" in text
    assert "every verdict is the expected one" in text


def test_a_terminal_gets_colours() -> None:
    assert "\x1b[32mALLOW" in shown(PLAYED, GOOD, 120, terminal=True)


def test_a_verdict_that_is_not_expected_is_shown_with_what_was() -> None:
    text = shown([STRAY], GOOD, 120)

    assert f"expected: DENY {STRAY.step.reason}" in text
    assert "verdicts that are not the expected one: 1" in text


def test_a_broken_log_is_shown() -> None:
    assert "broken at record 2: the record was edited" in shown(PLAYED, BROKEN, 120)


@pytest.mark.parametrize(
    ("played", "audit", "expected"),
    [
        pytest.param(PLAYED, GOOD, True, id="all as expected"),
        pytest.param([*PLAYED, STRAY], GOOD, False, id="another decision"),
        pytest.param([replace(PLAYED[1], reasons=("other",))], GOOD, False, id="another reason"),
        pytest.param(PLAYED, BROKEN, False, id="a broken log"),
    ],
)
def test_the_demo_succeeds_exactly_when_all_is_as_expected(
    played: list[Played], audit: Verification, *, expected: bool
) -> None:
    assert as_expected(played, audit) is expected
    assert json.loads(json.dumps(document(played, audit)))["expected"] is expected


def test_the_script_has_benign_crossings_and_refusals_at_every_boundary_that_it_attacks() -> None:
    allowed = {step.boundary for step in STEPS if step.want is Decision.ALLOW}

    assert allowed == {*map(str, Boundary), "session"}
    assert {step.want for step in STEPS} == set(Decision)
    assert all(step.want >= Decision.REQUIRE_APPROVAL for step in STEPS if step.attack)


@pytest.mark.slow
async def test_every_step_gets_the_verdict_that_it_must_get() -> None:
    played, audit = await play(STEPS)

    assert [(each.step.words, each.decision.name, each.reasons) for each in played if not each.expected] == []
    assert audit.found is None
    assert audit.records >= len(STEPS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [pytest.param([], "every verdict is the expected one", id="table"), pytest.param(["--json"], '"ms"', id="JSON")],
)
def test_the_command_succeeds(arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["demo", *arguments])

    assert (done.exit_code, told in done.stdout) == (0, True)
