"""What is recorded of a verdict, and what of it may be read.

The log is read by more people than the payload was meant for, and most of what a verdict names was chosen by
the caller: tools, paths, call ids, models. So a word stands in clear only if the policy knows it; the rest is
a keyed digest, which correlates but cannot be guessed, or `*`. Messages of findings are left out: they are
written for the agent and may repeat what it sent, while `reason`, `rule` and `path` say the same and are stable.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Protocol

from sidecar.audit.provenance import context_record, hop_record, scope_hash, scope_record
from sidecar.audit.pseudonyms import HMAC, Pseudonyms
from sidecar.model.chain import Principal
from sidecar.model.crossing import Crossing
from sidecar.model.revocation import Kind, Revocation, Selector
from sidecar.model.scope import MAX_TOOLS, Scope
from sidecar.model.session import Session
from sidecar.model.steps import Steps, finished
from sidecar.model.strict_json import MAX_DEPTH, Json, pointer
from sidecar.model.verdict import Decision, Finding, Verdict, worst

MAX_FINDINGS: Final = 100  # recorded of one verdict, the worst first; details say how many were left out
MAX_PATH_SEGMENTS: Final = MAX_DEPTH  # nothing that was parsed nests deeper
MAX_PRESENTED: Final = 16  # tokens of one chain that are recorded by digest
MAX_SELECTORS: Final = 32  # recorded of one revocation; details say how many there were
MAX_ENDED: Final = 256  # sessions recorded of one revocation; details say how many there were
CLOSING: Final = "close_session"  # the one event of a session that makes no scope
ANY_SEGMENT: Final = "*"  # stands for a path segment that the policy does not know
MICRO_USD: Final = "micro_usd"  # what a call may cost at most; of its report, how much more or less it was
_CACHED: Final = 1024  # principals repeat from verdict to verdict
_CACHED_SETS: Final = 64  # of findings: most verdicts have one of a few
_CACHED_FINDINGS: Final = 24  # of one verdict; longer lists seldom repeat and would make the cache large

# Six digits index all that a payload can hold; nine are somebody's social security number.
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,5}|-", re.ASCII)
_PROVEN: Final = (Finding(check="identity", decision=Decision.ALLOW),)
_TRACE_ID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}", re.ASCII)  # W3C Trace Context, section 3.2.2.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is handed to the audit log: already free of payload, secrets and personal data.

    `at` is in seconds since the epoch, `boundary` names a boundary or another event, `session_id` is the public id,
    `payload_digest` `hmac-sha256:<hex>`, `details` what only some entries have.
    """

    at: float
    boundary: str
    decision: Decision
    findings: tuple[Finding, ...]
    policy_version: str
    session_id: str = ""
    principal: Principal | None = None
    tool: str = ""
    payload_digest: str = ""
    trace_id: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What was cut off: by whom or what (`source`), by which selectors, and the sessions that ended by it.

    `sessions` are public ids, `principals` whom they stood for. `session` is the one that an operator named, `words`
    what the operator said.
    """

    source: str
    revocations: tuple[Revocation, ...] = ()
    sessions: tuple[str, ...] = ()
    principals: frozenset[Principal] = frozenset()
    session: Session | None = None
    words: str = field(default="", repr=False)
    trace_id: str = ""

    def ending(self, revocations: Collection[Revocation], ended: Sequence[Session]) -> "Cut":
        """Return this with what was revoked and what ended by it."""
        return replace(
            self,
            revocations=tuple(revocations),
            sessions=tuple(session.id for session in ended),
            principals=frozenset(session.principal for session in ended),
        )


class AuditLog(Protocol):
    """Where entries are kept, in order, each chained to the one before."""

    async def append(self, entry: Entry) -> str:
        """Keep `entry` and return its record's id; it is durable when this returns, or when it is cancelled.

        Raises `UnavailableError` when it cannot be kept: no record, no verdict.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """Says what is recorded, under one policy.

    `vocabulary` are the words that the policy knows: tools, models, schemas and the properties of schemas.
    """

    vocabulary: frozenset[str]
    pseudonyms: Pseudonyms
    policy_version: str

    def digesting(self, verdict: Verdict) -> Steps[str]:
        """Come to the digest of the payload, for `crossing`."""
        return self.pseudonyms.digesting("payload", _payload(verdict))

    def crossing(self, verdict: Verdict, trace_id: str = "", digest: str = "") -> Entry:
        """Return what is recorded of `verdict`; the payload's `digest` is of what may cross, or what was refused."""
        crossing = verdict.crossing
        session = crossing.session
        details = self._details(crossing) | ({"approval": verdict.ticket} if verdict.ticket else {})
        if crossing.micro_usd and (verdict.released or crossing.closed):
            details[MICRO_USD] = crossing.micro_usd
        if verdict.skipped:
            details["skipped_checks"] = verdict.skipped
        if len(verdict.findings) > MAX_FINDINGS:
            details["findings_omitted"] = len(verdict.findings) - MAX_FINDINGS
        return Entry(
            at=crossing.at,
            boundary=crossing.boundary.value,
            session_id=session.id if session else self._unproven(crossing.session_id),
            principal=self.principal(session.principal) if session else None,
            tool=self.known(crossing.tool),
            decision=verdict.decision,
            findings=_findings(verdict.findings, self.vocabulary),
            payload_digest=HMAC + (digest or finished(self.digesting(verdict))),
            policy_version=verdict.policy_version,
            trace_id=_trace(trace_id),
            details=details,
        )

    def session(
        self,
        event: str,
        session: Session,
        at: float,
        trace_id: str = "",
        *,
        findings: tuple[Finding, ...] = _PROVEN,
    ) -> Entry:
        """Return what is recorded when a session was opened, narrowed, delegated or closed: how it came to be."""
        return Entry(
            at=at,
            boundary=event,
            session_id=session.id,
            principal=self.principal(session.principal),
            decision=worst(findings),
            findings=_findings(findings, self.vocabulary),
            policy_version=self.policy_version,
            trace_id=_trace(trace_id),
            details={**self._provenance(session), **self._scope(event, session.scope)},
        )

    def refusal(
        self,
        event: str,
        findings: tuple[Finding, ...],
        policy_version: str,
        at: float,
        trace_id: str = "",
        *,
        presented: Sequence[str] = (),
    ) -> Entry:
        """Return what is recorded when a session was not opened or narrowed.

        Of the tokens `presented` only sizes and digests: before its signature holds, a token is a stranger's text.
        """
        tokens: list[Json] = [
            {"characters": len(token), "digest": self.pseudonyms.digest("token", token)}
            for token in presented[:MAX_PRESENTED]
        ]
        return Entry(
            at=at,
            boundary=event,
            decision=worst(findings),
            findings=_findings(findings, self.vocabulary),
            policy_version=policy_version,
            trace_id=_trace(trace_id),
            details={"presented": tokens} if tokens else {},
        )

    def revocation(self, cut: Cut, at: float) -> Entry:
        """Return what is recorded when something was cut off.

        An operator's words are kept as a digest: they may name persons and cases. So is what a selector names, unless
        it is a digest by itself, or an agent that a session which ended by it has proven to be one.
        """
        named = [self._selector(one, cut.principals) for one in cut.revocations[:MAX_SELECTORS]]
        details: dict[str, Json] = {"source": cut.source, "selectors": named, "sessions": cut.sessions[:MAX_ENDED]}
        details["counts"] = {"selectors": len(cut.revocations), "sessions": len(cut.sessions)}
        if cut.words:
            details["words"] = self.pseudonyms.masked("words", cut.words)
        return Entry(
            at=at,
            boundary="revoke",
            session_id=cut.session.id if cut.session else "",
            principal=self.principal(cut.session.principal) if cut.session else self._whom(cut),
            decision=Decision.ALLOW,
            findings=_PROVEN,
            policy_version=self.policy_version,
            trace_id=_trace(cut.trace_id),
            details=details,
        )

    def principal(self, principal: Principal) -> Principal:
        """Return how `principal` stands in the log."""
        return _principal(principal, self.pseudonyms)

    def _whom(self, cut: Cut) -> Principal | None:
        """Return the one subject that was cut off, so that a search for the subject finds the revocation."""
        named = {one.selector.value for one in cut.revocations if one.selector.kind is Kind.SUBJECT}
        if len(cut.revocations) != 1 or not named:
            return None
        return Principal(subject=self.pseudonyms.subject(named.pop()), issuer="", actors=())

    def _selector(self, one: Revocation, principals: Collection[Principal]) -> Mapping[str, Json]:
        found: dict[str, Json] = {"kind": one.selector.kind.value, "value": self._selected(one.selector, principals)}
        if one.selector.issuer:
            found["issuer"] = self.pseudonyms.unknown(one.selector.issuer)
        if math.isfinite(one.until):
            found["until"] = int(one.until)
        return found

    def _selected(self, selector: Selector, principals: Collection[Principal]) -> str:
        match selector.kind:
            case Kind.DIGEST | Kind.KEY | Kind.CHAIN:
                return selector.value
            case Kind.AGENT if any(
                selector.value in who.actors and selector.value != who.subject for who in principals
            ):
                return selector.value
            case Kind.SUBJECT | Kind.AGENT:
                return self.pseudonyms.subject(selector.value)
            case _:
                return self.pseudonyms.masked(selector.kind.value, selector.value)

    def _details(self, crossing: Crossing) -> dict[str, Json]:
        words = (
            ("model", crossing.model),
            ("peer", crossing.peer),
            ("provider", crossing.provider),
            ("schema", crossing.schema),
        )
        details: dict[str, Json] = {name: self.known(word) for name, word in words if word}
        if crossing.call_id:
            details["call"] = self.pseudonyms.call(crossing.call_id)
        if crossing.direction:
            details["direction"] = crossing.direction.value
        if crossing.input_tokens or crossing.output_tokens:
            details["tokens"] = [crossing.input_tokens, crossing.output_tokens]
        return details

    def _provenance(self, session: Session) -> Mapping[str, Json]:
        """Return the delegation as it was proven and what it comes to; token ids are left to the digests.

        Source: identity-spec 2.18.
        """
        chain = session.chain
        hops: list[Json] = [
            hop_record(hop, _actor(hop.actor, chain.principal, self.pseudonyms), self.pseudonyms.masked)
            for hop in chain.hops
        ]
        details: dict[str, Json] = {
            "chain": chain.digest,
            "expires_at": int(session.expires_at),
            "gens": {"revocation": session.revocation_epoch, "trust": chain.trust_generation},
            "hops": hops,
            "profile": chain.profile,
            "scope_hash": scope_hash(session.scope),
            **context_record(chain, self.pseudonyms.masked),
            "tools": [self.known(tool) for tool in sorted(session.scope.tools)[:MAX_TOOLS]],
        }
        for name, word in (("residency", session.residency), ("task_type", session.task_type)):
            if word:
                details[name] = self.known(word)
        if session.peer:
            details["process"] = {"pid": session.peer.pid, "uid": session.peer.uid, "gid": session.peer.gid}
        if chain.workload:
            told = {"iss": chain.workload.authority, "jkt": chain.workload.thumbprint, "name": chain.workload.name}
            details["workload"] = {name: word for name, word in told.items() if word}
        if chain.proof:
            details["pop"] = {
                "iat": chain.proof.issued_at,
                "jti": self.pseudonyms.masked("proof", chain.proof.token_id),
                "key": chain.proof.thumbprint,
            }
        if session.task:
            details["task"] = self.pseudonyms.masked("task", session.task)
        return details

    def _scope(self, event: str, scope: Scope) -> Mapping[str, Json]:
        """Return the scope itself where it came to be; elsewhere its hash says which it is."""
        found = None if event == CLOSING else scope_record(scope, self.known)
        return {} if found is None else {"scope": found}

    def known(self, word: str) -> str:
        """Return how a word that a caller chose stands in the log."""
        return word if not word or word in self.vocabulary else self.pseudonyms.unknown(word)

    def _unproven(self, handle: str) -> str:
        """Return how a handle stands in the log that opened nothing: even its public part may be any text."""
        return self.pseudonyms.unknown(handle.partition(".")[0]) if handle else ""


def known_path(path: str, vocabulary: frozenset[str]) -> str:
    """Return the JSON Pointer `path` with `*` for each segment that is neither an index nor in `vocabulary`."""
    if not path:
        return ""
    lead, *names = path.split("/", MAX_PATH_SEGMENTS + 1)
    if lead:
        return ANY_SEGMENT  # what does not begin with `/` is no pointer
    return pointer([_segment(name.replace("~1", "/").replace("~0", "~"), vocabulary) for name in names])


def _segment(name: str, vocabulary: frozenset[str]) -> str:
    return name if _INDEX.fullmatch(name) or name in vocabulary else ANY_SEGMENT


def _payload(verdict: Verdict) -> str:
    """Return the text to digest: a caller's JSON as it came, where it was refused before it was parsed."""
    crossing = verdict.crossing
    if crossing.body is None and crossing.raw is not None:
        return crossing.raw
    return crossing.payload  # never `verdict.payload`, which may hold the values behind tokens


def _trace(trace_id: str) -> str:
    return trace_id if _TRACE_ID.fullmatch(trace_id) else ""


@lru_cache(_CACHED)
def _principal(principal: Principal, pseudonyms: Pseudonyms) -> Principal:
    """Agents are workloads, verified by their tokens: they stay. Whoever is the subject does not."""
    actors = tuple(_actor(actor, principal, pseudonyms) for actor in principal.actors)
    return replace(principal, subject=pseudonyms.subject(principal.subject), actors=actors)


def _actor(actor: str, principal: Principal, pseudonyms: Pseudonyms) -> str:
    return pseudonyms.subject(actor) if actor == principal.subject else actor


def _findings(findings: tuple[Finding, ...], vocabulary: frozenset[str]) -> tuple[Finding, ...]:
    if len(findings) <= _CACHED_FINDINGS:
        return _usual_findings(findings, vocabulary)
    worst_first = sorted(range(len(findings)), key=lambda i: (-findings[i].decision, i))
    return tuple(_recorded(findings[i], vocabulary) for i in sorted(worst_first[:MAX_FINDINGS]))


@lru_cache(_CACHED_SETS)
def _usual_findings(findings: tuple[Finding, ...], vocabulary: frozenset[str]) -> tuple[Finding, ...]:
    return tuple(_recorded(finding, vocabulary) for finding in findings)


def _recorded(finding: Finding, vocabulary: frozenset[str]) -> Finding:
    return replace(finding, message="", path=known_path(finding.path, vocabulary))
