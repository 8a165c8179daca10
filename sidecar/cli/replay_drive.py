"""Recorded runs → crossings, many runs at once over gRPC. Within a run, events go in their recorded order.

A recording cannot react: where a crossing is denied, the replay goes on with what was recorded, so that one
strict answer does not hide the ones that would have followed it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

from sidecar.cli.replay_needs import Told
from sidecar.cli.replay_report import CLOSE, OPEN, Crossed
from sidecar.cli.replay_runs import Event, Run
from sidecar.client import AsyncSession, AsyncSidecar, Denied, NoVerdict, Outcome, Result, Verdict
from sidecar.errors import JsonError
from sidecar.model.crossing import Boundary
from sidecar.model.strict_json import Json, compact, parse
from sidecar.model.verdict import Decision

DEADLINE: Final = 60.0  # seconds for one call: many runs wait for one recogniser, and a replay has time
MAX_TASK_CHARACTERS: Final = 200  # of a run's id, which becomes the session's task

Tell = Callable[[Crossed], None]
Mint = Callable[[Run], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How runs are driven. `mint` gives the chain that a run's session is opened with."""

    address: str
    mint: Mint
    concurrency: int
    tell: Tell

    async def drive(self, runs: Sequence[Run]) -> None:
        """Replay `runs`, at most `concurrency` at once, and tell of each crossing as it happens."""
        waiting = iter(runs)
        async with AsyncSidecar(self.address, deadline=DEADLINE) as sidecar, asyncio.TaskGroup() as group:
            for _ in range(min(self.concurrency, len(runs))):
                group.create_task(self._work(sidecar, waiting))

    async def _work(self, sidecar: AsyncSidecar, waiting: Iterator[Run]) -> None:
        for run in waiting:  # shared by all workers: each takes the next
            await self._run(sidecar, run)

    async def _run(self, sidecar: AsyncSidecar, run: Run) -> None:
        opening = sidecar.open_session(self.mint(run), task=run.id[:MAX_TASK_CHARACTERS], task_type=run.suite)
        try:
            session = await opening
        except Denied as refused:
            self.tell(_crossed(run, OPEN, refused.verdict, error=refused.reason))
            return
        told = Told()
        for index, event in enumerate(run.events):
            began = perf_counter()
            sent = _sent(event, told)
            verdict, error, released = await _answered(session, _crossing(session, run, sent))
            seconds = perf_counter() - began
            crossed = _crossed(run, event.boundary, verdict, error=error, seconds=seconds, at=(index, event.tool))
            self.tell(_needing(crossed, event, released, told))
        try:
            await session.close()
        except Denied as refused:
            self.tell(_crossed(run, CLOSE, refused.verdict, error=refused.reason))


async def _answered(session: AsyncSession, crossing: Awaitable[object]) -> tuple[Verdict, str, object]:
    """Return the verdict on one crossing, why there was none, and what crossed; None where nothing did."""
    try:
        released = await crossing
    except NoVerdict as error:
        return error.verdict, error.reason, None
    except Denied as refusal:
        return refusal.verdict, "", None
    return (Verdict() if session.last is None else session.last), "", released


def _sent(event: Event, told: Told) -> Event:
    """Return `event` as an agent would bring it about that was told what crossed before."""
    if event.boundary is not Boundary.TOOL_CALL or not told.tokens:
        return event
    try:
        return replace(event, text=compact(told.written(parse(event.text))))
    except JsonError:
        return event


def _needing(crossed: Crossed, event: Event, released: object, told: Told) -> Crossed:
    """Return `crossed` with what became of its arguments; other texts are taken in."""
    if event.boundary is not Boundary.TOOL_CALL:
        if isinstance(released, str) and event.boundary is not Boundary.LLM_OUTPUT:
            told.add(event.text, released)
        return crossed
    try:
        arguments = parse(event.text)
    except JsonError:
        return crossed
    changed = released is not None and released != arguments
    got: Json = released if isinstance(released, dict) else None
    return replace(crossed, changed=changed, lacking=told.lacking(arguments, got))


def _crossing(session: AsyncSession, run: Run, event: Event) -> Awaitable[object]:
    """Return the call that asks for one recorded crossing."""
    match event.boundary:
        case Boundary.USER_INPUT:
            return session.user_input(event.text)
        case Boundary.LLM_OUTPUT:
            return session.llm_output(event.text, model=run.model)
        case Boundary.TOOL_CALL:
            return session.tool_call(event.tool, event.text, call_id=event.call_id)
        case _:
            outcome = Outcome(result=Result.ERROR if event.failed else Result.OK)
            return session.tool_response(event.tool, event.text, call_id=event.call_id, outcome=outcome)


def _crossed(
    run: Run, boundary: str, verdict: Verdict, *, error: str, seconds: float = 0.0, at: tuple[int, str] = (-1, "")
) -> Crossed:
    """Return what is counted of a verdict; a session that was refused is no crossing that got no verdict."""
    found = tuple(f"{finding.reason} {finding.rule}".rstrip() for finding in verdict.findings if finding.reason)
    return Crossed(
        run_id=run.id,
        suite=run.suite,
        boundary=boundary,
        decision=Decision(verdict.decision),
        seconds=seconds,
        index=at[0],
        tool=at[1],
        reasons=found or ((error,) if error else ()),
        error=error,
    )
