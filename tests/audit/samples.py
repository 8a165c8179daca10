"""A session, verdicts and entries to record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sidecar.audit.chain import GENESIS, Record, follow
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.model.chain import Assurance, Hop, Principal, VerifiedChain
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.scope import Scope
from sidecar.model.session import Session
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision, Finding, Verdict

KEY = bytes(range(32))
NOW = 1_800_000_000.25
SUBJECT = "ann@example.org"
AGENT = "spiffe://example.org/planner"
PRINCIPAL = Principal(subject=SUBJECT, issuer="https://sts.example.org", actors=(AGENT,))
CHAIN = VerifiedChain(
    profile="at-jwt-act@1",
    principal=PRINCIPAL,
    hops=(
        Hop(
            actor=AGENT,
            assurance=Assurance.ISSUER,
            issuer="https://sts.example.org",
            token_id="jti-1",
            issued_at=int(NOW) - 60,
            expires_at=int(NOW) + 600,
            digest="sha256:" + "a" * 64,
            key_id="key-1",
            algorithm="ES256",
        ),
    ),
    scope=Scope(),
    not_before=int(NOW) - 60,
    expires_at=int(NOW) + 600,
    audience=frozenset({"sidecar"}),
    digest="sha256:" + "c" * 64,
)
SESSION = Session(id="ses_0123456789abcdef01", chain=CHAIN, scope=Scope(), opened_at=NOW, expires_at=NOW + 600)
VOCABULARY = frozenset({"search", "q", "recipient", "a/b", "c~d"})
RECORDER = Recorder(vocabulary=VOCABULARY, pseudonyms=Pseudonyms(KEY), policy_version="sha256:" + "1" * 64)
PASSED = tuple(Finding(check=name, decision=Decision.ALLOW) for name in ("session", "size", "form", "scope"))
CALL = Crossing(
    boundary=Boundary.TOOL_CALL,
    session_id=f"{SESSION.id}.secret",
    at=NOW,
    body={"q": "weather"},
    is_json=True,
    session=SESSION,
    tool="search",
    call_id="call-1",
)


def verdict(crossing: Crossing = CALL, *findings: Finding) -> Verdict:
    """Return a verdict of four checks that passed, and `findings`."""
    return Verdict(crossing=crossing, findings=PASSED + findings, policy_version="sha256:" + "1" * 64)


def entry(number: int = 0, *, details: Mapping[str, Json] | None = None) -> Entry:
    """Return the entry of an allowed call, a different one for each `number`."""
    crossing = replace(CALL, at=NOW + number, body={"q": f"weather {number}"}, call_id=f"call-{number}")
    told = RECORDER.crossing(verdict(crossing))
    return told if details is None else replace(told, details=details)


def chained(entries: Sequence[Entry], key: bytes = KEY) -> list[Record]:
    """Return the records of `entries`, from the first on."""
    records: list[Record] = []
    for number, told in enumerate(entries, start=1):
        records.append(follow(records[-1].hash if records else GENESIS, number, told, key))
    return records
