"""Long JSON in steps is what it is at once."""

import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import JsonError
from sidecar.model.long_json import SHORT, reading, writing
from sidecar.model.steps import finished
from sidecar.model.strict_json import Json, compact, parse

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=9), inner, max_size=9)
)
TEXTS = ("", "a", 'say "no"', "\\", "back\\\\", "[{,]}", "ä\U0001f600", "x" * 30, "line\nline")


def told(read: Callable[[str], Json], text: str) -> tuple[str, Json]:
    """Return what is read, or the reason why not."""
    try:
        return "", read(text)
    except JsonError as error:
        return error.reason, None


def reading_at_once(text: str) -> Json:
    return finished(reading(text))


def drawn(draw: random.Random, weight: int) -> Json:
    """Return a value of about so many characters, of any shape."""
    if weight < 40:
        return draw.choice([None, True, 1.5, draw.randrange(10**9), draw.choice(TEXTS)])
    size = draw.choice([1, 2, 5, 40, 300])
    parts = [drawn(draw, weight // size - 20) for _ in range(size)]
    if draw.random() < 0.5:
        return parts
    return {f"{draw.choice(TEXTS)[:20]}{n}": part for n, part in enumerate(parts)}


def long(seed: int) -> Json:
    """Return a value that is too long to be read at once."""
    draw = random.Random(seed)  # noqa: S311 - filling
    return [*(drawn(draw, 2 * SHORT) for _ in range(3)), "x" * SHORT]


@pytest.mark.parametrize("seed", range(8))
def test_a_long_value_is_read_and_written_as_at_once(seed: int) -> None:
    value = long(seed)
    for text in (compact(value), json.dumps(value), json.dumps(value, indent=seed % 3), f"\n {compact(value)}\t"):
        assert len(text) > SHORT
        assert finished(reading(text)) == parse(text) == value
    assert finished(writing(value)) == compact(value)


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_a_value_beside_long_ones_is_read_as_at_once(value: Json, indent: int | None, plain: bool) -> None:  # noqa: FBT001 - drawn
    for around in ([value, "x" * SHORT, value], {"": value, "n": "x" * SHORT, "a": {"b": [value]}, "c": value}):
        text = json.dumps(around, indent=indent, ensure_ascii=plain)
        assert told(reading_at_once, text) == told(parse, text)
        assert finished(writing(around)) == compact(around)


RECORDS: list[Json] = [{"id": n, "tags": ["a", {"b": n}], "note": 'He said "no" \\ yes'} for n in range(400)]
TEXT = compact({"records": RECORDS, "more": [[RECORDS[:200]], 1, "x"]})


@given(
    st.integers(0, len(TEXT) - 1), st.sampled_from([*'[]{},:"\\ 0tx', "", "\u0000", "1e999", '"a":', ",,", "\ud800"])
)
def test_a_text_with_a_fault_is_refused_as_at_once(at: int, instead: str) -> None:
    text = TEXT[:at] + instead + TEXT[at + 1 :]
    alone, whole = told(reading_at_once, text), told(parse, text)
    assert alone[1] == whole[1]
    assert bool(alone[0]) == bool(whole[0])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"[{'1,' * SHORT}]", id="a comma behind the last"),
        pytest.param(f"[{'1,' * SHORT},1]", id="two commas"),
        pytest.param(f"[{'1,' * SHORT}1", id="no end"),
        pytest.param(f"[{'1,' * SHORT}1}}", id="another end"),
        pytest.param(f"[{'1,' * SHORT}1]]", id="two ends"),
        pytest.param(f"[{'1,' * SHORT}1] x", id="something behind"),
        pytest.param(f"x[{'1,' * SHORT}1]", id="something before"),
        pytest.param(f"[[{'1,' * SHORT}1] 2]", id="no comma behind a long one"),
        pytest.param(f"[[{'1,' * SHORT}1] [2]]", id="no comma between two"),
        pytest.param(f"[[{'1,' * SHORT}1] {{}},3]", id="no comma before a short one"),
        pytest.param(f"[[{'1,' * SHORT}1],]", id="a comma behind a long one"),
        pytest.param(f"[2 [{'1,' * SHORT}1]]", id="no comma before a long one"),
        pytest.param(f'[{{"a":[{"1," * SHORT}1],"b"}}]', id="a member without a value"),
        pytest.param(f'[{{"a" [{"1," * SHORT}1]}}]', id="a member without a colon"),
        pytest.param(f"[{{[{'1,' * SHORT}1]}}]", id="a member without a name"),
        pytest.param(f'[{{"a":1,"b":2:[{"1," * SHORT}1]}}]', id="two values"),
        pytest.param(f'[{{"a":[{"1," * SHORT}1],"a":2}}]', id="a name twice"),
        pytest.param(f'[{{"a":1,"a":[{"1," * SHORT}1]}}]', id="a name twice, the second long"),
        pytest.param(
            f'{{"a":1,{",".join(f"{chr(34)}b{n}{chr(34)}:{n}" for n in range(SHORT))},"a":2}}', id="far apart"
        ),
        pytest.param(f'[{"1," * SHORT}"\\ud800"]', id="a lone surrogate"),
        pytest.param(f"[{'1,' * SHORT}1e999]", id="a number beyond"),
        pytest.param(f'[{"1," * SHORT}"abc]', id="a string without an end"),
        pytest.param(f'[{"1," * SHORT}"{"abc" * SHORT}]', id="a long string without an end"),
        pytest.param("[" * 65 + "1," * SHORT + "1" + "]" * 65, id="too deep"),
        pytest.param("[" * SHORT * 2, id="only beginnings"),
        pytest.param("]" * SHORT * 2, id="only ends"),
        pytest.param("," * SHORT * 2, id="only commas"),
    ],
)
def test_a_long_text_with_one_fault_is_refused_for_the_same_reason(text: str) -> None:
    reason, _ = told(reading_at_once, text)
    assert reason
    assert reason == told(parse, text)[0]


def test_the_deepest_value_that_is_let_in_is_read() -> None:
    text = "[" * 64 + "1," * SHORT + "1" + "]" * 64
    assert finished(reading(text)) == parse(text)


def test_a_long_value_takes_many_steps() -> None:
    value: Json = {"records": RECORDS * 50, "text": "x" * 100, "deep": [[[RECORDS * 15]]]}
    size = len(compact(value))
    assert len(list(reading(compact(value)))) > size // (2 * SHORT)
    assert len(list(writing(value))) > size // (4 * SHORT)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("number", [2**53 - 1, 2**53, 2**64 - 1, 2**64])
def test_integers_of_64_bits_are_read_where_they_are_wanted(number: int, wide: bool) -> None:  # noqa: FBT001 - a row
    for text in (f"[{'1,' * SHORT}{number}]", f'{{"a":[{"1," * SHORT}1],"n":{number}}}'):
        assert told(lambda text: finished(reading(text, wide=wide)), text) == told(
            lambda text: parse(text, wide=wide), text
        )
        assert bool(told(lambda text: finished(reading(text, wide=wide)), text)[0]) is (
            number > (2**64 - 1 if wide else 2**53 - 1)
        )
