import json
import math
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sidecar.errors import JsonError
from sidecar.model.strict_json import MAX_DEPTH, MAX_INTEGER, WIDE, Json, compact, members, nesting, parse, pointer

DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
SAFE = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | SAFE | DOUBLES | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
# Text that is nearly JSON: what breaks parsers is found close to what they read.
NEARLY = st.lists(
    st.sampled_from([*'{}[],:"01-.é \n\x00\ufeff\ud800', '\\"', "\\\\", "\\ud83d", "\\ude00", "9" * 17, "e", "E+"])
    | st.sampled_from(["true", "null", "NaN", '"a"', '"a":1']),
    max_size=30,
).map("".join)


def refusal(text: str, max_depth: int = MAX_DEPTH) -> str:
    with pytest.raises(JsonError) as refused:
        parse(text, max_depth=max_depth)
    return refused.value.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("{}", {}, id="empty object"),
        pytest.param(' \t\r\n{"a": [1, "b", null, true]} \n', {"a": [1, "b", None, True]}, id="white space around"),
        pytest.param('"\\u00e9\\ud83d\\ude00"', "é😀", id="a pair of surrogate escapes is one character"),
        pytest.param('"\\\\ud83d"', "\\ud83d", id="an escaped backslash before what looks like a surrogate"),
        pytest.param('"\\u0000"', "\x00", id="an escaped NUL"),
        pytest.param("9007199254740991", 2**53 - 1, id="the greatest integer that a double holds"),
        pytest.param("-9007199254740991", -(2**53) + 1, id="the least integer that a double holds"),
        pytest.param("-0", 0, id="minus zero"),
        pytest.param("0.1", 0.1, id="a tenth"),
        pytest.param("1E5", 1e5, id="an exponent"),
        pytest.param("1e22", 1e22, id="a large double that is exact"),
        pytest.param("0.30000000000000004", 0.30000000000000004, id="seventeen digits as a double prints them"),
        pytest.param("1.00", 1.0, id="zeros at the end"),
        pytest.param("5e-324", 5e-324, id="the least double"),
        pytest.param('{"a":{"a":1},"b":{"a":1}}', {"a": {"a": 1}, "b": {"a": 1}}, id="one name in several objects"),
        pytest.param("[" * MAX_DEPTH + "]" * MAX_DEPTH, None, id="as deep as may be"),
        pytest.param('["' + "[" * 500 + '"]', ["[" * 500], id="brackets in a string are no depth"),
        pytest.param('["' + '\\\\\\"[' * 200 + '"]', ['\\"[' * 200], id="brackets between escaped quotes"),
    ],
)
def test_what_every_parser_reads_alike_is_read(text: str, value: Json) -> None:
    read = parse(text)

    assert value is None or (read == value and type(read) is type(value))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "json_malformed", id="nothing"),
        pytest.param("{} {}", "json_malformed", id="trailing text"),
        pytest.param("{}\x00", "json_malformed", id="a trailing NUL"),
        pytest.param("\ufeff{}", "json_malformed", id="a byte order mark"),
        pytest.param("\u00a0{}", "json_malformed", id="white space of another kind"),
        pytest.param("{'a':1}", "json_malformed", id="single quotes"),
        pytest.param('{"a":1,}', "json_malformed", id="a trailing comma"),
        pytest.param('"a\nb"', "json_malformed", id="a line break in a string"),
        pytest.param("[1 /* one */]", "json_malformed", id="a comment"),
        pytest.param("01", "json_malformed", id="a leading zero"),
        pytest.param("+1", "json_malformed", id="a plus"),
        pytest.param("1.", "json_malformed", id="no digits behind the point"),
        pytest.param("\u0661", "json_malformed", id="a digit of another script"),
        pytest.param('{"a":1,"a":1}', "json_duplicate_member", id="a member twice"),
        pytest.param('[{"b":{"a":1,"\\u0061":2}}]', "json_duplicate_member", id="a member twice by an escape, below"),
        pytest.param("NaN", "json_number", id="not a number"),
        pytest.param("[-Infinity]", "json_number", id="infinity"),
        pytest.param("1e400", "json_number", id="beyond a double"),
        pytest.param("1e-400", "json_number", id="below a double"),
        pytest.param("9007199254740993", "json_number", id="an integer between two doubles"),
        pytest.param("9007199254740992", "json_number", id="the first integer that two literals name"),
        pytest.param("-9007199254740992", "json_number", id="the same below zero"),
        pytest.param("1" + "0" * 5000, "json_number", id="an integer of 5,000 digits"),
        pytest.param("0." + "1" * 5000, "json_number", id="a fraction of 5,000 digits"),
        pytest.param("1.00000000000000001", "json_number", id="digits that a double drops"),
        pytest.param("9007199254740993.0", "json_number", id="an integer between two doubles, as a fraction"),
        pytest.param("1e-99999999999999999999", "json_number", id="an exponent beyond what decimals have"),
        pytest.param("0e99999999999999999999", "json_number", id="zero with such an exponent"),
        pytest.param('"\\ud83d"', "json_surrogate", id="half a pair, escaped"),
        pytest.param('{"\\udc00":1}', "json_surrogate", id="half a pair in a name"),
        pytest.param('"\\ude00\\ud83d"', "json_surrogate", id="a pair the wrong way round"),
        pytest.param('"\ud800"', "json_surrogate", id="half a pair as it is"),
        pytest.param("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "json_depth", id="too deep"),
        pytest.param('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "json_depth", id="too deep by objects"),
        pytest.param("[" * 100_000, "json_depth", id="too deep and never closed"),
        pytest.param("[[]," * 100_000, "json_depth", id="too deep behind closed ones"),
        pytest.param('["\\\\",' * 100, "json_depth", id="too deep beside strings that end in backslashes"),
    ],
)
def test_anything_else_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert refusal(text) == reason


def test_a_depth_that_the_parser_cannot_reach_is_a_refusal_not_a_crash() -> None:
    assert refusal("[" * 100_000 + "]" * 100_000, max_depth=10**9) == "json_malformed"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"' + '\\"' * 500_000, id="an unclosed string of escaped quotes"),
        pytest.param("[" * 70 + '"\\' * 300_000, id="unclosed strings behind brackets"),
        pytest.param("[" * 70 + "[]," * 300_000, id="many shallow lists"),
        pytest.param(('{"a":' * 60 + "1" + "}" * 60) * 2_500, id="many deep objects"),
        pytest.param("[" + "1e-400," * 100_000, id="many numbers that fail"),
        pytest.param('["' + "\\ud83d\\ude00" * 80_000 + '"]', id="many pairs of surrogates"),
        pytest.param('{"' + '":1,"'.join(map(str, range(100_000))), id="many members"),
    ],
)
def test_a_megabyte_of_anything_takes_linear_time(text: str) -> None:
    before = process_time()
    with suppress(JsonError):
        parse(text)

    assert process_time() - before < 2  # quadratic time would be minutes


@given(st.text() | NEARLY)
@example("[" * 100_000)
@example('{"a":' * 100_000)
@example("NaN")
@example("\ud800")
def test_any_text_is_read_or_refused_and_what_is_read_is_the_same_when_written_and_read_again(text: str) -> None:
    with suppress(JsonError):
        value = parse(text)
        written = compact(value)
        written.encode()
        assert parse(written) == value == json.loads(text)


@given(VALUES)
def test_every_value_that_survives_is_read_as_it_was_written(value: Json) -> None:
    assert parse(compact(value)) == value
    assert parse(json.dumps(value, indent=1)) == value


@given(DOUBLES)
def test_every_double_survives_as_python_writes_it(number: float) -> None:
    read = parse(repr(number))

    assert isinstance(read, float)
    assert read == number
    assert math.copysign(1, read) == math.copysign(1, number)


@given(VALUES, st.integers(0, 6))
def test_nesting_is_the_depth_of_the_value_or_beyond_the_stop(value: Json, stop: int) -> None:
    depth = deepest(value)

    found = nesting(json.dumps(value), stop=stop)

    assert (found > stop) == (depth > stop)


def deepest(value: Json) -> int:
    if isinstance(value, list):
        return 1 + max(map(deepest, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(deepest, value.values()), default=0)
    return 0


def test_no_refusal_quotes_what_it_refuses() -> None:
    with pytest.raises(JsonError) as refused:
        parse('{"hunter2": hunter2}')

    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_pointer_escapes_what_would_be_read_as_structure() -> None:
    assert pointer(["a/b", 0, "m~n", ""]) == "/a~1b/0/m~0n/"
    assert pointer([]) == ""


@pytest.mark.parametrize(
    ("written", "expected"), [("", ()), ("/*/id", ("*", "id")), ("/a~1b/c~0d", ("a/b", "c~d")), ("/", ("",))]
)
def test_a_pointer_is_read_as_rfc_6901_says(written: str, expected: tuple[str, ...]) -> None:
    assert members(written) == expected
    assert pointer(expected) == written


def test_what_is_no_pointer_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON Pointer"):
        members("id")


@given(st.recursive(st.integers(WIDE.start, WIDE.stop - 1), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
@example(WIDE.start)
@example(WIDE.stop - 1)
@example(MAX_INTEGER + 2)
def test_where_integers_may_be_wide_none_is_rounded(value: Json) -> None:
    written = compact(value)

    assert parse(written, wide=True) == value
    assert compact(parse(written, wide=True)) == written


@pytest.mark.parametrize("number", [WIDE.start - 1, WIDE.stop, 10**30, -(10**63)])
def test_an_integer_of_more_than_64_bits_is_refused_anywhere(number: int) -> None:
    for wide in (True, False):
        with pytest.raises(JsonError) as caught:
            parse(f'{{"a": [{number}]}}', wide=wide)
        assert caught.value.reason == "json_number"
        assert str(number) not in str(caught.value)


@pytest.mark.parametrize("literal", ["NaN", "1e400", "1.00000000000000001", "1" * 65, "-1e-400"])
def test_what_is_no_exact_number_is_refused_also_where_integers_may_be_wide(literal: str) -> None:
    with pytest.raises(JsonError, match=r"number|NaN|double|64 bits"):
        parse(f"[{literal}]", wide=True)
