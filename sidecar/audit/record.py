"""What is recorded of a verdict, and what of it may be read.

The log is read by more people than the payload was meant for, and most of what a verdict names was chosen by
the caller: tools, paths, call ids, models. So a word stands in clear only if the policy knows it; the rest is
a keyed digest, which correlates but cannot be guessed, or `*`. Messages of findings are left out: they are
written for the agent and may repeat what it sent, while `reason`, `rule` and `path` say the same and are stable.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Protocol

from sidecar.model.chain import Hop, Principal
from sidecar.model.crossing import Crossing
from sidecar.model.session import Session
from sidecar.model.strict_json import MAX_DEPTH, Json, pointer
from sidecar.model.verdict import Decision, Finding, Verdict, worst

MAX_FINDINGS = 100  # recorded of one verdict, the worst first; details say how many were left out
MAX_PATH_SEGMENTS = MAX_DEPTH  # nothing that was parsed nests deeper
MAX_PRESENTED = 16  # tokens of one chain that are recorded by digest
UNKNOWN: Final = "unknown:"  # stands before the digest of a word that the policy does not know
ANY_SEGMENT: Final = "*"  # stands for a path segment that the policy does not know
SUBJECT: Final = "sub_"  # stands before a subject's pseudonym
_UNKNOWN_DIGITS = 12  # hexadecimal; enough to tell words apart within one log
_SUBJECT_DIGITS = 32  # 128 bits: two people never share a pseudonym
_CACHED = 1024  # findings and principals repeat from verdict to verdict

# Six digits index all that a payload can hold; nine are somebody's social security number.
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}|-", re.ASCII)
_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}", re.ASCII)  # W3C Trace Context, section 3.2.2.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is handed to the audit log: already free of payload, secrets and personal data.

    `at` is in seconds since the epoch, `session_id` the public id, `payload_digest` is `hmac-sha256:<hex>`,
    `details` what only some entries have. `boundary` names a boundary or a session event.
    """

    at: float
    boundary: str
    session_id: str
    principal: Principal | None
    tool: str
    decision: Decision
    findings: tuple[Finding, ...]
    payload_digest: str
    policy_version: str
    trace_id: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)


class AuditLog(Protocol):
    """Where entries are kept, in order, each chained to the one before."""

    async def append(self, entry: Entry) -> str:
        """Keep `entry` and return its record's id; it is durable when this returns, or when it is cancelled.

        Raises `UnavailableError` when it cannot be kept: no record, no verdict.
        """


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: it is a key of caches, never data
class Pseudonyms:
    """Replaces words by digests under the audit key, a different one for each use.

    `key` is 32 bytes. With `clear`, subjects stand in the log as they are (setting audit.principals).
    """

    key: bytes = field(repr=False)
    clear: bool = False

    def digest(self, use: str, text: str) -> str:
        """Return 64 hexadecimal digits: HMAC-SHA256 of `text` for `use`."""
        # A lone surrogate cannot come in by protobuf, but a digest must never be what fails.
        message = f"{use}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, message, "sha256").hex()

    def subject(self, subject: str) -> str:
        """Return how `subject` stands in the log."""
        return subject if self.clear else SUBJECT + self.digest("subject", subject)[:_SUBJECT_DIGITS]

    def unknown(self, word: str) -> str:
        """Return how a word stands in the log that the policy does not know."""
        return UNKNOWN + self.digest("word", word)[:_UNKNOWN_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """A session was opened, narrowed or closed, or was refused one of these.

    `kind` is open_session, narrow_session or close_session. `session` is as it stands afterwards, None where
    none was opened. `handle` is what the caller named. `presented` are the tokens of a refused chain.
    """

    kind: str
    at: float
    findings: tuple[Finding, ...]
    policy_version: str
    session: Session | None = None
    handle: str = field(default="", repr=False)
    task: str = field(default="", repr=False)
    presented: tuple[str, ...] = field(default=(), repr=False)


def entry_of(verdict: Verdict, vocabulary: frozenset[str], pseudonyms: Pseudonyms, trace_id: str = "") -> Entry:
    """Return what is recorded of `verdict`.

    `vocabulary` are the words that the policy knows: tools, models, schemas and the properties of schemas.
    The payload's digest is of its last form: what may cross, or what was refused.
    """
    crossing = verdict.crossing
    session = crossing.session
    details = _details(crossing, vocabulary, pseudonyms)
    if verdict.skipped:
        details["skipped_checks"] = verdict.skipped
    if len(verdict.findings) > MAX_FINDINGS:
        details["findings_omitted"] = len(verdict.findings) - MAX_FINDINGS
    return Entry(
        at=crossing.at,
        boundary=crossing.boundary,
        session_id=session.id if session else _unproven(crossing.session_id, pseudonyms),
        principal=_principal(session.principal, pseudonyms) if session else None,
        tool=_known(crossing.tool, vocabulary, pseudonyms),
        decision=verdict.decision,
        findings=_findings(verdict.findings, vocabulary),
        payload_digest="hmac-sha256:" + pseudonyms.digest("payload", _payload(crossing)),
        policy_version=verdict.policy_version,
        trace_id=_trace(trace_id),
        details=details,
    )


def event_of(event: SessionEvent, vocabulary: frozenset[str], pseudonyms: Pseudonyms, trace_id: str = "") -> Entry:
    """Return what is recorded of `event`: how a session came to be, and of a refused chain only digests."""
    session = event.session
    details: dict[str, Json] = {}
    if session:
        details |= _provenance(session, vocabulary, pseudonyms)
    if event.task:
        details["task"] = "hmac-sha256:" + pseudonyms.digest("task", event.task)
    if event.presented:
        details["presented"] = [_token(token, pseudonyms) for token in event.presented[:MAX_PRESENTED]]
    return Entry(
        at=event.at,
        boundary=event.kind,
        session_id=session.id if session else _unproven(event.handle, pseudonyms),
        principal=_principal(session.principal, pseudonyms) if session else None,
        tool="",
        decision=worst(event.findings),
        findings=_findings(event.findings, vocabulary),
        payload_digest="",
        policy_version=event.policy_version,
        trace_id=_trace(trace_id),
        details=details,
    )


def _details(crossing: Crossing, vocabulary: frozenset[str], pseudonyms: Pseudonyms) -> dict[str, Json]:
    details: dict[str, Json] = {}
    if crossing.call_id:
        details["call"] = pseudonyms.digest("call", crossing.call_id)[:_SUBJECT_DIGITS]
    if crossing.direction:
        details["direction"] = crossing.direction.value
    for name in ("model", "peer", "provider", "schema"):
        if word := getattr(crossing, name):
            details[name] = _known(word, vocabulary, pseudonyms)
    if crossing.input_tokens or crossing.output_tokens:
        details["tokens"] = [crossing.input_tokens, crossing.output_tokens]
    return details


def _payload(crossing: Crossing) -> str:
    """Return the text to digest: a caller's JSON as it came, where it was refused before it was parsed."""
    if crossing.body is None and crossing.raw is not None:
        return crossing.raw
    return crossing.payload


def _known(word: str, vocabulary: frozenset[str], pseudonyms: Pseudonyms) -> str:
    return word if not word or word in vocabulary else pseudonyms.unknown(word)


def _unproven(handle: str, pseudonyms: Pseudonyms) -> str:
    """Return how a handle stands in the log that opened nothing: even its public part may be any text."""
    return pseudonyms.unknown(handle.partition(".")[0]) if handle else ""


def _trace(trace_id: str) -> str:
    return trace_id if _TRACE_ID.fullmatch(trace_id) else ""


@lru_cache(_CACHED)
def _principal(principal: Principal, pseudonyms: Pseudonyms) -> Principal:
    """Agents are workloads, verified by their tokens: they stay. Whoever is the subject does not."""
    actors = tuple(_actor(actor, principal, pseudonyms) for actor in principal.actors)
    return replace(principal, subject=pseudonyms.subject(principal.subject), actors=actors)


def _actor(actor: str, principal: Principal, pseudonyms: Pseudonyms) -> str:
    return pseudonyms.subject(actor) if actor == principal.subject else actor


@lru_cache(_CACHED)
def _findings(findings: tuple[Finding, ...], vocabulary: frozenset[str]) -> tuple[Finding, ...]:
    if len(findings) > MAX_FINDINGS:
        kept = sorted(range(len(findings)), key=lambda i: (-findings[i].decision, i))[:MAX_FINDINGS]
        findings = tuple(findings[i] for i in sorted(kept))
    return tuple(replace(f, message="", path=known_path(f.path, vocabulary)) for f in findings)


def known_path(path: str, vocabulary: frozenset[str]) -> str:
    """Return the JSON Pointer `path` with `*` for each segment that is neither an index nor in `vocabulary`."""
    if not path:
        return ""
    segments = path.split("/", MAX_PATH_SEGMENTS + 1)
    lead, *names = (s.replace("~1", "/").replace("~0", "~") for s in segments)
    known = [name if _INDEX.fullmatch(name) or name in vocabulary else ANY_SEGMENT for name in names]
    return pointer(known) if not lead else ANY_SEGMENT  # what does not begin with `/` is no pointer


def _provenance(session: Session, vocabulary: frozenset[str], pseudonyms: Pseudonyms) -> dict[str, Json]:
    chain = session.chain
    return {
        "chain": chain.digest,
        "expires_at": int(session.expires_at),
        "hops": _hops(chain.hops, chain.principal, pseudonyms),
        "profile": chain.profile,
        "residency": _known(session.residency, vocabulary, pseudonyms),
        "task_type": _known(session.task_type, vocabulary, pseudonyms),
    }


def _hops(hops: Sequence[Hop], principal: Principal, pseudonyms: Pseudonyms) -> Json:
    """Return the delegation as it was proven (identity-spec 2.18); token ids are left to the digest."""
    return [
        {
            "actor": _actor(hop.actor, principal, pseudonyms),
            "alg": hop.algorithm,
            "assurance": hop.assurance.value,
            "digest": hop.digest,
            "exp": hop.expires_at,
            "iss": hop.issuer,
            "kid": hop.key_id,
        }
        for hop in hops
    ]


def _token(token: str, pseudonyms: Pseudonyms) -> Json:
    """Return size and digest: before its signature held, a token is a stranger's text."""
    return {"characters": len(token), "digest": pseudonyms.digest("token", token)}
