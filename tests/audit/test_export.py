import csv
import hashlib
import io
import json
from dataclasses import replace

import pytest
import rfc8785

from sidecar.audit.chain import GENESIS, follow
from sidecar.audit.export import COLUMNS, clock, json_line, to_csv, to_json_lines
from sidecar.model.verdict import Decision, Finding
from tests.audit.samples import KEY, NOW, RECORDER, chained, entry, verdict

DENIED = Finding(check="scope", decision=Decision.DENY, reason="tool_not_granted", path="/q")
RECORDS = chained(
    [entry(0), RECORDER.crossing(verdict(), "a" * 32), RECORDER.refusal("open_session", (DENIED, DENIED), "v", NOW)]
)


def test_a_line_of_json_can_be_verified_again() -> None:
    out = io.StringIO()

    assert to_json_lines(RECORDS, out) == 3

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [hashlib.sha256(rfc8785.dumps(line["record"])).hexdigest() for line in lines] == [r.hash for r in RECORDS]
    assert [(line["hash"], line["record_id"], line["seal"]) for line in lines] == [
        (r.hash, r.record_id, r.seal) for r in RECORDS
    ]


def test_a_row_tells_what_a_record_holds() -> None:
    out = io.StringIO()

    assert to_csv(RECORDS, out) == 3

    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert tuple(rows[0]) == COLUMNS
    assert rows[2] == {
        "sequence": "3",
        "record_id": RECORDS[2].record_id,
        "at": "2027-01-15T08:00:00.250Z",
        "boundary": "open_session",
        "session_id": "",
        "subject": "",
        "actors": "",
        "agent": "",
        "tool": "",
        "decision": "deny",
        "reasons": "tool_not_granted",
        "paths": "/q",
        "payload_digest": "",
        "policy_version": "v",
        "trace_id": "",
        "details": "{}",
        "previous_hash": RECORDS[1].hash,
        "hash": RECORDS[2].hash,
    }
    assert (rows[1]["tool"], rows[1]["decision"], rows[1]["reasons"]) == ("search", "allow", "")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(sign: str) -> None:
    tool = f'{sign}HYPERLINK("http://example.org","x")'
    out = io.StringIO(newline="")

    to_csv([follow(GENESIS, 1, replace(entry(), tool=tool), KEY)], out)

    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["tool"] == f"'{tool}"


@pytest.mark.parametrize(
    "text", [pytest.param("not json", id="no JSON"), pytest.param(RECORDS[0].canonical + "\n", id="two lines")]
)
def test_a_record_that_is_not_readable_is_not_exported(text: str) -> None:
    broken = replace(RECORDS[0], canonical=text)

    with pytest.raises(ValueError, match="sidecar audit verify"):
        json_line(broken)


def test_a_clock_shows_milliseconds_in_utc() -> None:
    assert clock(0.9996) == "1970-01-01T00:00:00.999Z"
