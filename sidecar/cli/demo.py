"""`sidecar demo`: a customer-service agent's day, judged by a real sidecar over a real socket."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter, time
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sidecar.audit.query import Verification
from sidecar.cli.demo_chains import TOOLS, chains
from sidecar.cli.demo_script import SESSION, STEPS, TASK, Stage, Step
from sidecar.cli.temporary import own_sidecar
from sidecar.client import AsyncSidecar, Decision, Denied, Json
from sidecar.telemetry import logs

PACKS: Final = ("baseline", "demo")
DEADLINE: Final = 30.0  # seconds for one call: a machine under load is not what the demo is about
MAX_SHOWN: Final = 100  # characters of what crossed, in the table
_STYLES: Final = {
    Decision.ALLOW: "green",
    Decision.REDACT: "yellow",
    Decision.REQUIRE_APPROVAL: "magenta",
    Decision.DENY: "red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What happened at one step. `crossed` is None where nothing did."""

    step: Step
    decision: Decision
    reasons: tuple[str, ...]
    crossed: str | None
    seconds: float

    @property
    def expected(self) -> bool:
        """Whether the verdict is the one that the script wants, for the reason that it wants."""
        return self.decision is self.step.want and (not self.step.reason or self.step.reason in self.reasons)

    def as_json(self) -> dict[str, Json]:
        """Return this step as it stands in the JSON output."""
        return {
            "boundary": self.step.boundary,
            "what": self.step.words,
            "decision": self.decision.name.lower(),
            "reasons": self.reasons,
            "crossed": self.crossed,
            "ms": round(self.seconds * 1000, 3),
            "expected": self.expected,
        }


def demo(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False) -> None:
    """Watch a customer-service agent being judged, benign work and attacks mixed.

    Starts a sidecar on a temporary socket, plays the agent through it over gRPC, shows each crossing with its
    verdict, and verifies the audit log. Exits with 1 when a verdict is not the expected one.
    """
    logs.configure("error", "auto")
    with Console(stderr=True).status("starting a sidecar, and what recognises personal data"):
        played, audit = asyncio.run(play(STEPS))
    if as_json:
        sys.stdout.write(json.dumps(document(played, audit), indent=2) + "\n")
    else:
        show(Console(highlight=False), played, audit)
    raise typer.Exit(0 if as_expected(played, audit) else 1)


def as_expected(played: Sequence[Played], audit: Verification) -> bool:
    """Return whether every verdict is the expected one, and the audit log holds."""
    return audit.found is None and all(each.expected for each in played)


async def play(steps: Sequence[Step]) -> tuple[list[Played], Verification]:
    """Play `steps` on a sidecar of our own; return what happened, and what became of its audit log."""
    async with own_sidecar(PACKS) as own:
        presented = chains(own.issuer, time())
        proof = presented.proof(presented.agent, TASK, TOOLS)
        async with (
            AsyncSidecar(own.address, deadline=DEADLINE) as sidecar,
            sidecar.session(presented.agent, task=TASK, tools=TOOLS, proof=proof) as session,
        ):
            stage = Stage(sidecar, session, presented)
            played = [await _step(stage, step) for step in steps]
        return played, await asyncio.to_thread(own.verified)


async def _step(stage: Stage, step: Step) -> Played:
    began = perf_counter()
    try:
        crossed: str | None = _as_text(await step.act(stage))
    except Denied as refusal:
        crossed, decision, reasons = None, refusal.decision, refusal.reasons
    else:
        decision, reasons = _granted(stage, step)
    seconds = perf_counter() - began
    return Played(step=step, decision=decision, reasons=reasons, crossed=crossed, seconds=seconds)


def _granted(stage: Stage, step: Step) -> tuple[Decision, tuple[str, ...]]:
    """Return the decision and the reasons of what crossed; opening a session has no verdict of its own."""
    last = stage.session.last
    if step.boundary == SESSION or last is None:
        return Decision.ALLOW, ()
    return last.decision, tuple(dict.fromkeys(finding.reason for finding in last.findings if finding.reason))


def show(console: Console, played: Sequence[Played], audit: Verification) -> None:
    """Print the table, what became of the audit log, and how it went."""
    console.print(_table(played))
    if audit.found is None:
        console.print(f"audit log: {audit.records} records, the chain of hashes verified")
    else:
        console.print(f"audit log: broken at record {audit.found.sequence}: {audit.found.message}", style="red")
    attacks = sum(each.step.attack for each in played)
    counts = {decision: sum(each.decision is decision for each in played) for decision in Decision}
    console.print(
        f"{len(played)} crossings, {attacks} of them attacks: {counts[Decision.ALLOW]} allowed, "
        f"{counts[Decision.REDACT]} redacted, {counts[Decision.REQUIRE_APPROVAL]} held for a person, "
        f"{counts[Decision.DENY]} denied"
    )
    if wrong := sum(not each.expected for each in played):
        console.print(f"verdicts that are not the expected one: {wrong}; see `expected:` above", style="red")
    else:
        console.print("every verdict is the expected one", style="green")


def _table(played: Sequence[Played]) -> Table:
    """Return one row for each crossing: above, what happens and the verdict; below, what crossed and why."""
    table = Table(box=None, padding=(0, 1, 1, 0), pad_edge=False, expand=False)
    table.add_column("#", justify="right")
    table.add_column("boundary", no_wrap=True)
    table.add_column("what happens\n> what crosses", ratio=1, overflow="fold")
    table.add_column("verdict\nreasons", overflow="fold", min_width=22)
    table.add_column("ms", justify="right", no_wrap=True)
    for number, each in enumerate(played, start=1):
        table.add_row(str(number), each.step.boundary, _told(each), _judged(each), f"{each.seconds * 1000:.1f}")
    return table


def _told(each: Played) -> Text:
    text = Text(f"{'ATTACK: ' if each.step.attack else ''}{each.step.words}\n")
    crossed = "nothing" if each.crossed is None else _shortened(each.crossed)
    return text.append(f"> {crossed}", style="dim")


def _judged(each: Played) -> Text:
    text = Text(each.decision.name, style=_STYLES[each.decision])
    text.append("\n" + "\n".join(each.reasons), style="default")
    if not each.expected:
        wanted = f"expected: {each.step.want.name} {each.step.reason}".rstrip()
        text.append(f"\n{wanted}", style="bold red")
    return text


def _shortened(text: str) -> str:
    """Return `text` on one line, cut where it grows long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 3]}..."


def _as_text(crossed: object) -> str:
    return crossed if isinstance(crossed, str) else json.dumps(crossed, ensure_ascii=False)


def document(played: Sequence[Played], audit: Verification) -> dict[str, Json]:
    """Return what `--json` prints."""
    found = {
        "records": audit.records,
        "verified": audit.found is None,
        "problem": None if audit.found is None else audit.found.message,
    }
    crossings = [each.as_json() for each in played]
    return {"expected": as_expected(played, audit), "audit": found, "crossings": crossings}
