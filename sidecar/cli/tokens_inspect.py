"""What `sidecar tokens inspect` shows: each hop with its scope and what it gave away, or why it is refused."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.markup import escape
from rich.table import Table

from sidecar.cli.screen import moment, screen
from sidecar.errors import EvidenceError
from sidecar.identity.failures import FAILURES, INTERNAL, Failure
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import Hop, VerifiedChain
from sidecar.model.scope import Scope
from sidecar.model.scope_form import as_json
from sidecar.model.strict_json import Json

UNSAID: Final = "the issuer does not say"  # a single token holds one scope, of all its actors together


@dataclass(frozen=True, slots=True)
class Step:
    """One hop, what may be done from it on (None: nobody says), and what was given away against the hop before."""

    hop: Hop
    scope: Scope | None
    narrowed: tuple[str, ...]


def steps(verifier: Verifier, tokens: Sequence[str], chain: VerifiedChain, at: float) -> list[Step]:
    """Return the hops of `chain`, which `tokens` proved."""
    scopes: list[Scope | None] = [None] * len(chain.hops)
    if len(tokens) == len(chain.hops):
        scopes = [_scope_of(verifier, tokens[:end], at) for end in range(1, len(tokens))] + [None]
    scopes[-1] = chain.scope
    found: list[Step] = []
    for index, (hop, scope) in enumerate(zip(chain.hops, scopes, strict=True)):
        before = scopes[index - 1] if index else None
        gone = () if before is None or scope is None else tuple(narrowed(before, scope))
        sooner = index and hop.expires_at < chain.hops[index - 1].expires_at
        found.append(Step(hop, scope, (*gone, "expires sooner") if sooner else gone))
    return found


def narrowed(before: Scope, after: Scope) -> Iterator[str]:
    """Yield, in words, each thing that `before` allows and `after` does not."""
    for name in sorted(before.tools.keys() - after.tools.keys()):
        yield f"no {name}"
    for name in sorted(after.tools.keys() & before.tools.keys()):
        if after.tools[name].max_calls != before.tools[name].max_calls:
            yield f"{name}: fewer calls"
        elif after.tools[name] != before.tools[name]:
            yield f"{name}: fewer arguments"
    dimensions = (
        ("fewer data classes to read", before.reads, after.reads),
        ("fewer data classes to write", before.writes, after.writes),
        ("fewer hosts", before.egress, after.egress),
        ("smaller budgets", before.budgets, after.budgets),
        ("less autonomy", before.autonomy, after.autonomy),
        ("more approvals", before.approval, after.approval),
        ("for one mission", before.missions, after.missions),
    )
    yield from (words for words, was, now in dimensions if was != now)


def show(chain: VerifiedChain, found: Sequence[Step]) -> None:
    """Print the hops as a table, and the scope that is left."""
    console = screen()
    columns = ("hop", "who", "how sure", "signed with", "may call", "narrowed", "until")
    table = Table(*columns, title=f"verified: {chain.profile}")
    for index, step in enumerate(found):
        tools = UNSAID if step.scope is None else "\n".join(sorted(step.scope.tools)) or "nothing"
        table.add_row(
            str(index),
            escape(step.hop.actor),
            step.hop.assurance.value,
            step.hop.algorithm,
            escape(tools),
            escape("\n".join(step.narrowed)),
            moment(step.hop.expires_at),
        )
    console.print(table)
    console.print(f"for {escape(chain.principal.subject)}, says {escape(chain.principal.issuer)}", soft_wrap=True)
    console.print_json(json.dumps(as_json(chain.scope)))


def as_object(chain: VerifiedChain, found: Sequence[Step]) -> dict[str, Json]:
    """Return what `show` prints."""
    return {
        "verified": True,
        "profile": chain.profile,
        "subject": chain.principal.subject,
        "issuer": chain.principal.issuer,
        "agent": chain.principal.agent,
        "hops": [_hop(step) for step in found],
        "scope": as_json(chain.scope),
        "expires_at": chain.expires_at,
    }


def refusal(verifier: Verifier, tokens: Sequence[str], error: EvidenceError, at: float) -> Mapping[str, Json]:
    """Return why `tokens` are refused: the reason, where it is decided, what to do, and what a caller would be told."""
    failure = FAILURES.get(error.reason, Failure(INTERNAL, ""))
    told: dict[str, Json] = {
        "verified": False,
        "reason": error.reason,
        "message": str(error),
        "path": error.path,
        "step": failure.step,
        "class": failure.kind.name,
        "remedy": failure.kind.message,
        "callers_see": failure.kind.reason or error.reason,
    }
    if place := _place(verifier, tokens, error.reason, at):
        told["token"] = place
    return told


def show_refusal(told: Mapping[str, Json], count: int) -> None:
    """Print a refusal in words."""
    where = f"; it is token {told['token']} of {count}" if "token" in told and count > 1 else ""
    place = f" (at {told['path']})" if told["path"] else ""
    lines = (
        f"refused: {told['reason']}: {told['message']}{place}",
        f"decided at {told['step']} of the specification, among those of the class {told['class']}{where}",
        f"what to do: {told['remedy']}" if told["remedy"] else "",
        f"callers see: {told['callers_see']}" if told["callers_see"] != told["reason"] else "",
    )
    for line in filter(None, lines):
        print(line)  # noqa: T201 - a command's output


def _place(verifier: Verifier, tokens: Sequence[str], reason: str, at: float) -> int:
    """Return which token is refused, counted from 1: the shortest beginning with the same fault; 0 for none alone."""
    for end in range(1, len(tokens) + 1):
        try:
            verifier.verify(tokens[:end], at)
        except EvidenceError as error:
            if error.reason == reason:
                return end
    return 0


def _scope_of(verifier: Verifier, beginning: Sequence[str], at: float) -> Scope | None:
    """Return what a chain grants up to one link: each beginning of a chain is a chain of its own."""
    try:
        return verifier.verify(beginning, at).scope
    except EvidenceError:  # such as a root whose audience only a later link names
        return None


def _hop(step: Step) -> dict[str, Json]:
    return {
        "actor": step.hop.actor,
        "assurance": step.hop.assurance.value,
        "algorithm": step.hop.algorithm,
        "tools": None if step.scope is None else sorted(step.scope.tools),
        "scope": None if step.scope is None else as_json(step.scope),
        "narrowed": list(step.narrowed),
        "expires_at": step.hop.expires_at,
    }
