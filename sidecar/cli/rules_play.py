"""Do a pack's cases hold? Plays them through a real enforcer and tells wanted from got.

The player asks for two verbs only, so that it can be tried without a sidecar.
"""

import difflib
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol
from xml.etree import ElementTree as ET

from sidecar.model.crossing import Crossing
from sidecar.model.scope import Scope, open_tools
from sidecar.model.strict_json import Json
from sidecar.model.ticket import obliged
from sidecar.model.verdict import Consent, Decision, Verdict
from sidecar.policy.cases import Case, Step, Want, crossing
from sidecar.policy.files import seconds
from sidecar.policy.packs import LoadedPack


class Trial(Protocol):
    """A sidecar in memory, under the policy that is tried."""

    def open(self, *, scope: Scope, task_type: str, residency: str) -> Awaitable[str]:
        """Open a session with exactly this scope and return its handle."""

    def decide(self, crossing: Crossing, /) -> Awaitable[tuple[Verdict, object]]:
        """Return the verdict on `crossing`, and its record."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One case of one file of one pack."""

    pack: str
    file: str
    case: Case

    @property
    def words(self) -> str:
        """What a search by word looks at."""
        return f"{self.pack}/{self.file}: {self.case.note}"


@dataclass(frozen=True, slots=True)
class Played:
    """How a case went. `differences` says, in lines, how it was not as wanted; empty where it held."""

    chosen: Chosen
    differences: tuple[str, ...]
    seconds: float

    @property
    def held(self) -> bool:
        """Whether everything was as wanted."""
        return not self.differences


def choose(packs: Iterable[LoadedPack], word: str = "") -> tuple[Chosen, ...]:
    """Return the cases of `packs` in whose pack, file or note `word` occurs, case apart."""
    found = [Chosen(p.head.name, file, case) for p in packs for file, cases in p.cases.items() for case in cases.cases]
    return tuple(chosen for chosen in found if word.lower() in chosen.words.lower())


async def play(chosen: Chosen, trial: Trial, clock: Callable[[], float]) -> Played:
    """Play one case in a session of its own. `clock` gives seconds since the epoch."""
    began = perf_counter()
    session = chosen.case.session
    scope = Scope(tools=open_tools(chosen.case.tools), autonomy=session.autonomy)
    handle = await trial.open(scope=scope, task_type=session.task_type, residency=session.residency)
    found: list[str] = []
    for number, step in enumerate(chosen.case.steps, start=1):
        verdict, _ = await trial.decide(crossing(step, handle, clock()))
        lines = differences(step, verdict)
        if lines:
            found += [f"step {number}, {step.boundary}{f' {step.tool}' if step.tool else ''}:", *lines]
    return Played(chosen, tuple(found), perf_counter() - began)


def differences(step: Step, verdict: Verdict) -> list[str]:
    """Return, line by line, how `verdict` is not what `step` wants."""
    want = step.wanted
    rules = {finding.rule for finding in verdict.findings if finding.rule}
    reasons = {finding.reason for finding in verdict.findings if finding.reason}
    if want is None:
        lines = [] if verdict.released else ["  - released", f"  + {_word(verdict.decision)}"]
    else:
        lines = [] if verdict.decision is want.worst else [f"  - {want.decision}", f"  + {_word(verdict.decision)}"]
        lines += _set("rules", want.rules, rules) + _set("reasons", want.reasons, reasons)
        lines += _people(want, obliged(verdict.findings))
        if want.tells_payload and not lines:
            lines = _payload(want.payload, verdict)
    if lines and reasons:
        lines.append(f"    because of {', '.join(sorted(reasons | rules))}")
    return lines


def as_json(played: Sequence[Played]) -> list[dict[str, Json]]:
    """Return the report as JSON: one object for each case."""
    return [
        {
            "pack": one.chosen.pack,
            "file": one.chosen.file,
            "note": one.chosen.case.note,
            "held": one.held,
            "differences": list(one.differences),
            "seconds": round(one.seconds, 6),
        }
        for one in played
    ]


def as_junit(played: Sequence[Played]) -> bytes:
    """Return the report as JUnit's XML: one suite for each file."""
    root = ET.Element("testsuites", _counts(played))
    suites: dict[str, list[Played]] = {}
    for one in played:
        suites.setdefault(f"{one.chosen.pack}/{one.chosen.file}", []).append(one)
    for name, cases in suites.items():
        suite = ET.SubElement(root, "testsuite", {"name": name, **_counts(cases)})
        for one in cases:
            attributes = {"classname": name, "name": one.chosen.case.note, "time": f"{one.seconds:.6f}"}
            case = ET.SubElement(suite, "testcase", attributes)
            if not one.held:
                ET.SubElement(case, "failure", {"message": "not as wanted"}).text = "\n".join(one.differences)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _counts(played: Sequence[Played]) -> dict[str, str]:
    failures = sum(not one.held for one in played)
    seconds = sum(one.seconds for one in played)
    return {"tests": str(len(played)), "failures": str(failures), "errors": "0", "time": f"{seconds:.6f}"}


def _set(name: str, wanted: Sequence[str] | None, got: set[str]) -> list[str]:
    """Each wanted one must be there; an empty list wants none."""
    if wanted is None:
        return []
    if not wanted:
        return [f"  - no {name}", f"  + {name}: {', '.join(sorted(got))}"] if got else []
    return [f"  - {name}: {each}" for each in wanted if each not in got]


def _people(want: Want, got: Consent) -> list[str]:
    lines: list[str] = []
    if want.approvals is not None and want.approvals != got.needed:
        lines += [f"  - approvals: {want.approvals}", f"  + approvals: {got.needed}"]
    if want.expires is not None and seconds(want.expires) != got.lifetime_s:
        lines += [f"  - expires: {want.expires}", f"  + expires: {got.lifetime_s or 0:g}s"]
    return lines


def _payload(wanted: Json, verdict: Verdict) -> list[str]:
    crossed = verdict.crossing.body if verdict.crossing.revealed is None else verdict.crossing.revealed
    got = crossed if verdict.released else None
    if wanted == got:
        return []
    diff = difflib.unified_diff(_lines(wanted), _lines(got), "wanted", "got", lineterm="", n=1)
    return [f"  {line}" for line in list(diff)[2:]]


def _lines(value: Json) -> list[str]:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return text.splitlines()


def _word(decision: Decision) -> str:
    return decision.name.lower()
