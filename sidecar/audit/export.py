"""Hands the log on: JSON Lines, which can still be verified, and CSV for spreadsheets.

A line of JSON holds the record as it was hashed, byte by byte: canonicalised again (RFC 8785) and hashed, it gives
the hash that stands beside it. CSV is for reading only.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TextIO

from sidecar.audit.chain import Head, Record, canonical, read_record, told
from sidecar.audit.record import Entry
from sidecar.errors import JsonError
from sidecar.model.strict_json import Json, parse

COLUMNS: Final = (
    "sequence",
    "record_id",
    "at",
    "boundary",
    "session_id",
    "subject",
    "actors",
    "agent",
    "tool",
    "decision",
    "reasons",
    "paths",
    "payload_digest",
    "policy_version",
    "trace_id",
    "details",
    "previous_hash",
    "hash",
)
MAX_LINE: Final = 1 << 20  # characters; a record has some thousand
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the beginning of a formula


def to_json_lines(records: Iterable[Record], out: TextIO) -> int:
    """Write one JSON object a line and return how many. Raises `ValueError` as `json_line` does."""
    count = 0
    for record in records:
        out.write(json_line(record) + "\n")
        count += 1
    return count


def json_line(record: Record) -> str:
    """Return the record as one JSON object. Raises `ValueError` where its text is not one that the sidecar wrote."""
    told(record)
    if "\n" in record.canonical:
        raise ValueError("the record is not readable: run `sidecar audit verify`")
    beside = canonical({"hash": record.hash, "record_id": record.record_id, "seal": record.seal})
    return f'{beside[:-1]},"record":{record.canonical}}}'


def from_json_lines(lines: Iterable[str]) -> Iterator[tuple[Record, Head]]:
    """Yield the records of an export, each with the one that it says to follow; none of it is verified yet.

    Raises `ValueError` with the number of the line that is no record.
    """
    for number, line in enumerate(lines, start=1):
        try:
            written = _members(parse(line[:MAX_LINE]))
            found = read_record(canonical(written["record"]), str(written["hash"]), str(written["seal"]))
        except (ValueError, KeyError, TypeError, JsonError):
            raise ValueError(f"line {number} is no record: give an export in jsonl") from None
        yield found


def _members(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def to_csv(records: Iterable[Record], out: TextIO) -> int:
    """Write a table with a head line (RFC 4180) and return how many records.

    Raises `ValueError` where a record is not readable.
    """
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    count = 0
    for record in records:
        rows.writerow([_harmless(cell) for cell in _cells(record)])
        count += 1
    return count


def clock(at: float) -> str:
    """Return the moment `at`, seconds since the epoch, as RFC 3339 in UTC to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reasons(entry: Entry) -> list[str]:
    """Return what was objected to, each reason once, in the order of the checks."""
    return list(dict.fromkeys(finding.reason for finding in entry.findings if finding.reason))


def _cells(record: Record) -> tuple[str, ...]:
    entry, previous = told(record)
    principal = entry.principal
    return (
        str(record.sequence),
        record.record_id,
        clock(entry.at),
        entry.boundary,
        entry.session_id,
        principal.subject if principal else "",
        " ".join(principal.actors) if principal else "",
        principal.agent if principal else "",
        entry.tool,
        entry.decision.name.lower(),
        " ".join(reasons(entry)),
        " ".join(dict.fromkeys(finding.path for finding in entry.findings if finding.path)),
        entry.payload_digest,
        entry.policy_version,
        entry.trace_id,
        canonical(entry.details),
        previous,
        record.hash,
    )


def _harmless(cell: str) -> str:
    """Return the cell so that a spreadsheet shows it: a tool may be named `=HYPERLINK(…)`."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
