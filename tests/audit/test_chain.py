import hashlib
import json
from dataclasses import replace
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from sidecar.audit.chain import (
    GENESIS,
    HEAD_BYTES,
    RECORD_ID_DIGITS,
    Break,
    Head,
    Record,
    _seal,
    canonical,
    first_break,
    follow,
    read_head,
    told,
)
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision, Finding, Severity
from tests.audit.samples import KEY, RECORDER, chained, entry, verdict

RECORDS = chained([entry(i) for i in range(8)])
HEAD = Head(8, RECORDS[-1].hash)
FOREIGN = chained([entry(i) for i in range(8)], bytes(32))
WORDS = st.text(alphabet='ab/"\\\n\x00\x7fé\u20ac\ue000\U00010000', max_size=8)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


def what(found: Break | None) -> tuple[int, str] | None:
    return (found.sequence, found.what) if found else None


def changed(record: Record, column: str, value: str | int) -> Record:
    """Return `record` with any value in any column, as a file may have it."""
    return replace(record, **{column: value})  # type: ignore[arg-type] # the wrong type is the point


def rehashed(record: Record, text: str) -> Record:
    """Return what an attacker without the key makes: a text of his own with its true hash."""
    return replace(record, canonical=text, hash=hashlib.sha256(text.encode()).hexdigest())


def test_a_log_that_nobody_touched_is_whole() -> None:
    assert first_break(RECORDS, HEAD, KEY) is None


def test_records_beyond_the_head_are_well_as_long_as_they_chain() -> None:
    assert first_break(RECORDS, Head(3, RECORDS[2].hash), KEY) is None


def test_a_part_of_the_log_can_be_verified() -> None:
    assert first_break(RECORDS[5:], HEAD, KEY, after=Head(5, RECORDS[4].hash)) is None


def test_an_empty_log_is_whole() -> None:
    assert first_break([], Head(0, GENESIS), KEY) is None


@pytest.mark.parametrize(
    ("records", "found"),
    [
        pytest.param(RECORDS[1:], (1, "removed"), id="the first is removed"),
        pytest.param(RECORDS[:3] + RECORDS[4:], (4, "removed"), id="one is removed"),
        pytest.param(RECORDS[:-1], (8, "cut"), id="the last is cut"),
        pytest.param([], (1, "cut"), id="all are cut"),
        pytest.param([*RECORDS[:4], RECORDS[3], *RECORDS[4:]], (4, "moved"), id="one stands twice"),
        pytest.param([*RECORDS[:2], RECORDS[3], RECORDS[2], *RECORDS[4:]], (3, "removed"), id="two are swapped"),
        pytest.param(
            [*RECORDS[:2], replace(RECORDS[3], sequence=3), replace(RECORDS[2], sequence=4), *RECORDS[4:]],
            (3, "moved"),
            id="two are swapped and renumbered",
        ),
        pytest.param(
            [*RECORDS[:3], *(replace(r, sequence=r.sequence - 1) for r in RECORDS[4:])],
            (4, "moved"),
            id="one is removed and the rest renumbered",
        ),
        pytest.param([*RECORDS[:2], FOREIGN[2], *RECORDS[3:]], (3, "forged"), id="one of another key"),
        pytest.param([*RECORDS, chained([entry(i) for i in range(9)], bytes(32))[8]], (9, "forged"), id="one is added"),
        pytest.param(
            [*RECORDS[:2], follow("f" * 64, 3, entry(2), KEY), *RECORDS[3:]],
            (3, "inserted"),
            id="a genuine one of another log",
        ),
        pytest.param(
            [*RECORDS[:7], follow(RECORDS[6].hash, 8, entry(99), KEY)],
            (8, "edited"),
            id="the last is written anew with the key",
        ),
        pytest.param(
            [*RECORDS[:4], rehashed(RECORDS[4], RECORDS[4].canonical.replace("search", "shell")), *RECORDS[5:]],
            (5, "forged"),
            id="a text with its own hash",
        ),
        pytest.param([*RECORDS[:4], replace(RECORDS[4], seal="é"), *RECORDS[5:]], (5, "forged"), id="a broken seal"),
    ],
)
def test_what_was_done_to_the_log_is_found(records: list[Record], found: tuple[int, str]) -> None:
    assert what(first_break(records, HEAD, KEY)) == found


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("at_us", 0, id="at"),
        pytest.param("boundary", "llm_output", id="boundary"),
        pytest.param("session_id", "ses_other", id="session"),
        pytest.param("subject", "", id="subject"),
        pytest.param("agent", "somebody", id="agent"),
        pytest.param("tool", "shell", id="tool"),
        pytest.param("decision", 4, id="decision"),
        pytest.param("canonical", "{}", id="text"),
        pytest.param("hash", "0" * 64, id="hash"),
    ],
)
def test_an_edited_column_is_found(column: str, value: str | int) -> None:
    edited = [*RECORDS[:3], changed(RECORDS[3], column, value), *RECORDS[4:]]

    assert what(first_break(edited, HEAD, KEY)) == (4, "edited")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{}", id="no members"),
        pytest.param("[]", id="no object"),
        pytest.param("not json", id="no JSON"),
        pytest.param('{"sequence":1,"previous_hash":"' + GENESIS + '","principal":7}', id="no principal"),
    ],
)
def test_a_sealed_text_of_another_form_is_found(text: str) -> None:
    forged = rehashed(RECORDS[0], text)
    sealed = replace(forged, seal=_seal(forged.hash, KEY))

    assert what(first_break([sealed], None, KEY)) == (1, "forged")
    with pytest.raises(ValueError, match="verify"):
        told(sealed)


@given(
    st.integers(0, len(RECORDS) - 1),
    st.sampled_from([name for name in Record.__slots__ if isinstance(getattr(RECORDS[0], name), str)]),
    st.text(alphabet='0a"{}\x00é', max_size=70),
)
def test_any_other_text_in_any_column_is_found(place: int, column: str, text: str) -> None:
    edited = [*RECORDS[:place], changed(RECORDS[place], column, text), *RECORDS[place + 1 :]]

    assert (first_break(edited, HEAD, KEY) is None) == (edited == RECORDS)


@given(st.integers(0, len(RECORDS) - 1), st.integers(0, 900), st.sampled_from('0a"}'))
def test_any_character_of_any_text_counts(place: int, where: int, character: str) -> None:
    text = RECORDS[place].canonical
    text = text[:where] + character + text[where + 1 :]
    edited = [*RECORDS[:place], changed(RECORDS[place], "canonical", text), *RECORDS[place + 1 :]]

    assert what(first_break(edited, HEAD, KEY)) == (None if edited == RECORDS else (place + 1, "edited"))


@given(st.lists(st.sampled_from(RECORDS), max_size=12))
@example(RECORDS[:-1])
def test_no_other_sequence_of_genuine_records_is_whole(records: list[Record]) -> None:
    assert (first_break(records, HEAD, KEY) is None) == (records == RECORDS)


@given(st.integers(0, 7), st.integers(0, 7))
def test_a_break_names_the_first_record_that_is_wrong(cut_from: int, cut: int) -> None:
    left = RECORDS[:cut_from] + RECORDS[cut_from + cut :]
    found = first_break(left, HEAD, KEY)

    assert (found.sequence if found else None) == (cut_from + 1 if cut else None)


@given(st.dictionaries(WORDS, VALUES, max_size=4))
def test_the_text_is_canonical_whatever_the_details(details: dict[str, Json]) -> None:
    record = follow(GENESIS, 1, entry(details=details), KEY)

    assert record.canonical.encode() == rfc8785.dumps(json.loads(record.canonical))
    assert hashlib.sha256(record.canonical.encode()).hexdigest() == record.hash
    assert record.record_id == record.hash[:RECORD_ID_DIGITS]


@given(VALUES)
@example({"\ue000": 1, "\U00010000": 2})
@example([1e21, 1e-7, 0.1, -0.0])
def test_canonical_is_rfc_8785(value: Json) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)


def test_frozen_details_are_written_as_any_others() -> None:
    frozen: Json = MappingProxyType({"b": MappingProxyType({}), "a": ("x",), "c": range(2)})

    assert canonical(frozen) == '{"a":["x"],"b":{},"c":[0,1]}'


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(float("nan"), id="NaN"),
        pytest.param(2**53, id="an integer that a double does not hold"),
        pytest.param({"a": "\ud800"}, id="a lone surrogate"),
    ],
)
def test_what_json_cannot_hold_is_a_value_error(value: Json) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several libraries, each with words of its own
        follow(GENESIS, 1, entry(details={"x": value}), KEY)


@given(
    st.builds(
        Finding,
        check=WORDS,
        decision=st.sampled_from(Decision),
        reason=WORDS,
        rule=WORDS,
        path=WORDS,
        severity=st.sampled_from(Severity),
        controls=st.lists(WORDS, max_size=2).map(tuple),
    )
)
def test_what_was_recorded_is_told_again(finding: Finding) -> None:
    given_entry = replace(entry(3), findings=(finding,), details={"n": [1, {"a": None}]})

    assert told(follow("a" * 64, 4, given_entry, KEY)) == (given_entry, "a" * 64)


def test_an_entry_without_a_principal_is_told_again() -> None:
    refusal = RECORDER.refusal("open_session", (), "v", 1.5)

    assert told(follow(GENESIS, 1, refusal, KEY)) == (refusal, GENESIS)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("at_us", "1", id="a moment is an integer"),
        pytest.param("tool", 1, id="a tool is text"),
        pytest.param("details", [], id="details are an object"),
        pytest.param("findings", "x", id="findings are a list"),
        pytest.param("decision", "maybe", id="a decision is one of four"),
    ],
)
def test_a_text_of_another_form_is_not_told(column: str, value: Json) -> None:
    document = json.loads(RECORDS[0].canonical) | {column: value}

    with pytest.raises(ValueError, match="verify"):
        told(replace(RECORDS[0], canonical=json.dumps(document)))


def test_a_moment_survives_to_the_microsecond() -> None:
    record = follow(GENESIS, 1, replace(entry(), at=1_799_999_999.999999), KEY)

    assert (record.at_us, told(record)[0].at) == (1_799_999_999_999_999, 1_799_999_999.999999)


def test_a_head_is_read_as_it_was_sealed() -> None:
    data = HEAD.sealed(KEY)

    assert len(data) == HEAD_BYTES
    assert read_head(data, KEY) == HEAD


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(HEAD.sealed(bytes(32)), id="another key"),
        pytest.param(HEAD.sealed(KEY)[:-1], id="short"),
        pytest.param(HEAD.sealed(KEY) + b"\0", id="long"),
        pytest.param(b"another1" + HEAD.sealed(KEY)[8:], id="another format"),
    ],
)
def test_no_other_bytes_are_a_head(data: bytes) -> None:
    assert read_head(data, KEY) is None


@given(st.integers(0, HEAD_BYTES - 1), st.integers(1, 255))
def test_no_byte_of_a_head_can_be_changed(place: int, change: int) -> None:
    data = bytearray(HEAD.sealed(KEY))
    data[place] ^= change

    assert read_head(bytes(data), KEY) is None


def test_no_text_of_a_finding_is_lost_between_two_records() -> None:
    denied = (*verdict().findings, Finding(check="scope", decision=Decision.DENY, reason="tool_not_granted"))
    texts = {follow(GENESIS, 1, replace(entry(), findings=f), KEY).canonical for f in (denied, denied[:-1], ())}

    assert len(texts) == 3
