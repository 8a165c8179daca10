"""Asks the checks of a row in turn: the first that refuses ends it, and so does the time.

REQUIRE_APPROVAL does not end it: whoever approves must see what the later checks found, and a payload that they have
redacted.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from sidecar.checks.base import Check
from sidecar.content.turns import Turns, in_time
from sidecar.errors import SidecarError
from sidecar.model.crossing import Crossing
from sidecar.model.verdict import Answer, Decision, Finding, Severity, deny

LEAVING: Final = (
    asyncio.CancelledError,
    GeneratorExit,
    KeyboardInterrupt,
    SystemExit,
)  # not faults: the caller is gone


class Fault(Protocol):
    """Tells the operators that something broke, without telling what it held."""

    def __call__(self, what: str, error: BaseException, **where: str) -> None:
        """Log the type and place of `error`, never its text."""


@dataclass(slots=True)
class Asked:
    """What the checks have answered so far."""

    crossing: Crossing
    findings: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    retry_after: float = 0.0
    alternative: str = ""
    complete: bool = False


async def asked(checks: Sequence[Check], crossing: Crossing, seconds: float, turns: Turns, fault: Fault) -> Asked:
    """Return what `checks` say of `crossing`; what they did not say within so many seconds is a refusal.

    Without any check nothing is found, and a verdict without a finding is a refusal (`model.verdict`).
    """
    until = asyncio.get_running_loop().time() + seconds
    told = Asked(crossing)
    with suppress(TimeoutError):
        await in_time(_each(checks, told, until, turns, fault), until)
    if checks and not told.complete:
        told.findings += deny("enforcer", "deadline", "no verdict in time: send less, or retry").findings
    return told


async def _each(checks: Sequence[Check], told: Asked, until: float, turns: Turns, fault: Fault) -> None:
    for check in checks:
        answer = await _answer(check, told.crossing, fault)
        # While this check does not count: here, too, time may be over, for one that never waits is not interrupted.
        if await turns.given() >= until:
            return
        told.findings += answer.findings
        if answer.skipped:
            told.skipped.append(check.name)
        if answer.onward is not None:
            told.crossing = answer.onward
        if answer.decision is Decision.DENY:
            told.retry_after, told.alternative = answer.retry_after, answer.alternative
            break
    told.complete = True


async def _answer(check: Check, crossing: Crossing, fault: Fault) -> Answer:
    """Return the check's answer; whatever it raises, and silence, is a DENY."""
    try:
        answer = await check(crossing)
        return answer if answer.findings else deny(check.name, "check_silent", "a check answered without a finding")
    except SidecarError as error:
        return deny(check.name, error.reason, str(error))
    except LEAVING:
        raise
    except BaseException as error:  # noqa: BLE001 - law 2: an exception in a check is DENY; a panic in Rust is one
        fault("check failed", error, check=check.name)
        return deny(check.name, "check_failed", "the sidecar could not judge this", severity=Severity.CRITICAL)
