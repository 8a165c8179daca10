"""How records are chained, and where a chain breaks.

Each record is one canonical JSON text (RFC 8785) that names its place and the hash of the record before it. Its
hash is the SHA-256 of that text, and a seal under the audit key says that this sidecar wrote it: a chain alone
can be continued by anyone who can write to the file. The text is kept as it was hashed, so that a verifier hashes
exactly that, and the columns of the table, which only serve to find records, are compared with it.

What a chain does not show is a cut end. The head, kept elsewhere and sealed as well, does. Nothing in these files
shows that all of them were replaced by an older copy; a record id does, for it is the beginning of the record's
hash and the callers have it.
"""

import hashlib
import hmac
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Final

import rfc8785

from sidecar.audit.record import Entry
from sidecar.model.chain import Principal
from sidecar.model.strict_json import MAX_INTEGER, Json
from sidecar.model.verdict import Decision, Finding, Severity

GENESIS: Final = "0" * 64  # what the first record follows
FORMAT: Final = 1  # of the canonical text
RECORD_ID_DIGITS: Final = 32  # 128 bits of the hash: who holds the id can tell that the record was not changed
_CACHED: Final = 1024  # principals repeat from record to record
_CACHED_SETS: Final = 64  # of findings: most records have one of a few
_HEAD: Final = struct.Struct(">8sQ32s32s")  # magic, sequence, hash, seal
_HEAD_MAGIC: Final = b"sidecar1"
HEAD_BYTES: Final = _HEAD.size
# What reading a text may raise that is not of the form that `follow` writes.
_UNREADABLE: Final = (ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of the log: the canonical text, its hash and seal, and columns to find it by.

    `at_us` is in microseconds since the epoch, `decision` the contract's number, `hash` and `seal` 64
    hexadecimal digits. As read from a file that anyone may have changed, any column may hold anything.
    """

    sequence: int
    at_us: int
    boundary: str
    session_id: str
    subject: str
    agent: str
    tool: str
    decision: int
    canonical: str
    hash: str
    seal: str

    @property
    def record_id(self) -> str:
        """The name that callers get."""
        return self.hash[:RECORD_ID_DIGITS]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record that was told to anyone; sequence 0 and `GENESIS` before there was one."""

    sequence: int
    hash: str

    def sealed(self, key: bytes) -> bytes:
        """Return `HEAD_BYTES` bytes to keep."""
        digest = bytes.fromhex(self.hash)
        return _HEAD.pack(_HEAD_MAGIC, self.sequence, digest, _head_seal(self.sequence, digest, key))


@dataclass(frozen=True, slots=True)
class Break:
    """The first record that is not what was written. `what` is removed, inserted, moved, edited, forged or cut."""

    sequence: int
    what: str
    message: str


def follow(previous: str, sequence: int, entry: Entry, key: bytes) -> Record:
    """Return the record of `entry` that follows the hash `previous`.

    Raises `ValueError` (of which `UnicodeError` is one) where `details` hold what JSON cannot.
    """
    at_us = round(entry.at * 1_000_000)
    details = canonical(entry.details) if entry.details else "{}"
    # The members in the order of their names, as RFC 8785 section 3.2.3 has it.
    text = (
        f'{{"at_us":{at_us},"boundary":{_quoted(entry.boundary)},"decision":"{entry.decision.name.lower()}",'
        f'"details":{details},"findings":{_findings(entry.findings)},"format":{FORMAT},'
        f'"payload_digest":{_quoted(entry.payload_digest)},"policy_version":{_quoted(entry.policy_version)},'
        f'"previous_hash":"{previous}","principal":{_principal(entry.principal)},"sequence":{sequence},'
        f'"session_id":{_quoted(entry.session_id)},"tool":{_quoted(entry.tool)},"trace_id":{_quoted(entry.trace_id)}}}'
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return _row(entry, (sequence, at_us), text, digest, _seal(digest, key))


def _row(entry: Entry, place: tuple[int, int], text: str, digest: str, seal: str) -> Record:
    """Return the row of `entry`; `place` is its sequence and its time in microseconds."""
    principal = entry.principal
    return Record(
        sequence=place[0],
        at_us=place[1],
        boundary=entry.boundary,
        session_id=entry.session_id,
        subject=principal.subject if principal else "",
        agent=principal.agent if principal else "",
        tool=entry.tool,
        decision=int(entry.decision),
        canonical=text,
        hash=digest,
        seal=seal,
    )


def told(record: Record) -> tuple[Entry, str]:
    """Return what was recorded, and the hash of the record before.

    Raises `ValueError` where the text is not one that `follow` wrote.
    """
    try:
        document: Mapping[str, Json] = json.loads(record.canonical)
        return _read_entry(document), _text(document["previous_hash"])
    except _UNREADABLE:
        raise ValueError("the record is not readable: run `sidecar audit verify`") from None


def read_record(canonical_text: str, digest: str, seal: str) -> tuple[Record, Head]:
    """Return the record of this text as the log has it, and the one before it; nothing of it is verified yet.

    Raises `ValueError` where the text is not one that `follow` wrote.
    """
    try:
        document: Mapping[str, Json] = json.loads(canonical_text)
        entry, sequence = _read_entry(document), _integer(document["sequence"])
        at_us, previous = _integer(document["at_us"]), _text(document["previous_hash"])
    except _UNREADABLE:
        raise ValueError("not a record of the audit log") from None
    return _row(entry, (sequence, at_us), canonical_text, digest, seal), Head(sequence - 1, previous)


def first_break(records: Iterable[Record], head: Head | None, key: bytes, *, after: Head | None = None) -> Break | None:
    """Return where `records`, in the order of the log, first differ from what was written, or None.

    `head` is the newest record known to be written; what follows it is well as long as it chains, for a crash
    may come between the two. With `after`, only what follows that record is looked at. Takes linear time.
    """
    last = after or Head(0, GENESIS)
    for record in records:
        if found := _break_at(record, last, key):
            return found
        last = Head(record.sequence, record.hash)
        if head and head.sequence == last.sequence and head.hash != last.hash:
            return Break(last.sequence, "edited", "the record is not the one that the head names")
    if head and head.sequence > last.sequence:
        missing = head.sequence - last.sequence
        return Break(last.sequence + 1, "cut", f"the end is missing: {missing} records up to {head.sequence}")
    return None


def read_head(data: bytes, key: bytes) -> Head | None:
    """Return the head that `data` holds, or None where it is not one that was sealed with `key`."""
    if len(data) != HEAD_BYTES:
        return None
    magic, sequence, digest, seal = _HEAD.unpack(data)
    if magic != _HEAD_MAGIC or not hmac.compare_digest(seal, _head_seal(sequence, digest, key)):
        return None
    return Head(sequence, digest.hex())


def canonical(value: Json) -> str:
    """Return `value` as RFC 8785 writes it. Raises `ValueError` where it cannot be written so."""
    # What rfc8785 takes 30 µs for, the standard library's C writes alike in 2, where keys are ASCII (code points
    # sort as UTF-16 does) and there are no fractions (whose digits differ).
    if _plain(value):
        return _PLAIN.encode(value)
    return rfc8785.dumps(value).decode()


def _break_at(record: Record, last: Head, key: bytes) -> Break | None:
    expected = last.sequence + 1
    if record.sequence > expected:
        return Break(expected, "removed", f"the record is missing: {record.sequence} follows {last.sequence}")
    if record.sequence < expected:
        return Break(record.sequence, "moved", f"the record stands after record {last.sequence}")
    if hashlib.sha256(record.canonical.encode("utf-8", "replace")).hexdigest() != record.hash:
        return Break(expected, "edited", "the text is not the one that was hashed")
    if not hmac.compare_digest(record.seal.encode("utf-8", "replace"), _seal(record.hash, key).encode()):
        return Break(expected, "forged", "the record was not sealed with this audit key")
    try:
        return _misplaced(record, json.loads(record.canonical), last)
    except _UNREADABLE:
        return Break(expected, "forged", "the text is not of a form that this version writes")


def _misplaced(record: Record, document: Mapping[str, Json], last: Head) -> Break | None:
    """Tell whether a genuine text stands where it does not belong, or beside columns that are not its own."""
    if document["sequence"] != record.sequence:
        return Break(record.sequence, "moved", f"record {document['sequence']} stands in its place")
    if document["previous_hash"] != last.hash:
        return Break(record.sequence, "inserted", f"the record does not follow record {last.sequence}")
    principal = _read_principal(document["principal"])
    columns = {
        "at_us": document["at_us"],
        "boundary": document["boundary"],
        "session_id": document["session_id"],
        "subject": principal.subject if principal else "",
        "agent": principal.agent if principal else "",
        "tool": document["tool"],
        "decision": _read_decision(document["decision"]),
    }
    for name, value in columns.items():
        if getattr(record, name) != value:
            return Break(record.sequence, "edited", f"the column `{name}` is not what was hashed")
    return None


def _seal(digest: str, key: bytes) -> str:
    return hmac.digest(key, b"record\0" + digest.encode(), "sha256").hex()


def _head_seal(sequence: int, digest: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"head\0" + sequence.to_bytes(8, "big") + digest, "sha256")


@lru_cache(_CACHED)
def _principal(principal: Principal | None) -> str:
    if principal is None:
        return "null"
    return canonical({"actors": principal.actors, "issuer": principal.issuer, "subject": principal.subject})


@lru_cache(_CACHED_SETS)
def _findings(findings: tuple[Finding, ...]) -> str:
    return canonical([_finding(finding) for finding in findings])


def _finding(finding: Finding) -> Mapping[str, Json]:
    """Return the members that say something: most findings are a check's plain consent."""
    members: dict[str, Json] = {
        "check": finding.check,
        "controls": finding.controls,
        "decision": finding.decision.name.lower(),
        "detail": finding.detail,
        "message": finding.message,
        "path": finding.path,
        "reason": finding.reason,
        "rule": finding.rule,
        "severity": finding.severity.name.lower() if finding.severity is not Severity.INFO else "",
    }
    return {name: value for name, value in members.items() if value or name == "check"}


def _read_entry(document: Mapping[str, Json]) -> Entry:
    return Entry(
        at=_integer(document["at_us"]) / 1_000_000,
        boundary=_text(document["boundary"]),
        session_id=_text(document["session_id"]),
        principal=_read_principal(document["principal"]),
        tool=_text(document["tool"]),
        decision=_read_decision(document["decision"]),
        findings=tuple(_read_finding(_members(finding)) for finding in _items(document["findings"])),
        payload_digest=_text(document["payload_digest"]),
        policy_version=_text(document["policy_version"]),
        trace_id=_text(document["trace_id"]),
        details=_members(document["details"]),
    )


def _read_finding(members: Mapping[str, Json]) -> Finding:
    return Finding(
        check=_text(members["check"]),
        decision=_read_decision(members["decision"]),
        reason=_text(members.get("reason", "")),
        message=_text(members.get("message", "")),
        detail=_text(members.get("detail", "")),
        rule=_text(members.get("rule", "")),
        path=_text(members.get("path", "")),
        severity=Severity[_text(members.get("severity", "info")).upper()],
        controls=tuple(_text(control) for control in _items(members.get("controls", ()))),
    )


def _read_principal(value: Json) -> Principal | None:
    if value is None:
        return None
    members = _members(value)
    return Principal(
        subject=_text(members["subject"]),
        issuer=_text(members["issuer"]),
        actors=tuple(_text(actor) for actor in _items(members["actors"])),
    )


def _read_decision(value: Json) -> Decision:
    return Decision[_text(value).upper()]


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _integer(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("not an integer")
    return value


def _members(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise TypeError("not an object")
    return value


def _items(value: Json) -> Sequence[Json]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError("not an array")
    return value


def _plain(value: Json) -> bool:
    match value:
        case None | bool() | str():
            return True
        case int():
            return abs(value) <= MAX_INTEGER
        case Mapping():
            return all(name.isascii() and _plain(member) for name, member in value.items())
        case Sequence():
            return all(_plain(item) for item in value)
        case _:
            return False


def _builtin(value: Json) -> dict[str, Json] | list[Json]:
    """Return what the encoder knows for a mapping or a sequence that it does not, such as a frozen one."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(_items(value))


_PLAIN: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), default=_builtin
)
