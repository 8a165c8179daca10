from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from sidecar.model.strict_json import Json
from sidecar.policy.document import MAX_BYTES, MAX_DEPTH, MAX_PROBLEMS, Document, parse, tree


class Part(Document):
    kind: Literal["a", "b"]
    on: tuple[str, ...] = ()
    count: int = 0
    ready: bool = False


class Whole(Document):
    name: str
    parts: tuple[Part, ...] = ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", {}, id="nothing is an empty map"),
        pytest.param("# only words\n", {}, id="a comment is an empty map"),
        pytest.param("on: yes", {"on": "yes"}, id="YAML 1.1's booleans are strings"),
        pytest.param("a: [true, False, null, ~, ]", {"a": [True, False, None, None]}, id="YAML 1.2's are not"),
        pytest.param("a: ", {"a": None}, id="nothing is null"),
        pytest.param("a: [1, -2, 0x1F, 0o17, 1.5, .5, 1e3]", {"a": [1, -2, 31, 15, 1.5, 0.5, 1000.0]}, id="numbers"),
        pytest.param("a: [12:30, 1_000]", {"a": ["12:30", "1_000"]}, id="no numbers"),
        pytest.param("a: 2024-01-02", {"a": "2024-01-02"}, id="a date is a string"),
        pytest.param("a: ['1', \"true\", '']", {"a": ["1", "true", ""]}, id="what is quoted is a string"),
        pytest.param("0: a\ntrue: b\nnull: c", {"0": "a", "true": "b", "null": "c"}, id="keys are strings as written"),
        pytest.param("a: |\n  x\n  y\n", {"a": "x\ny\n"}, id="a block"),
        pytest.param("a: <<", {"a": "<<"}, id="no merge"),
        pytest.param("--- {a: 1}\n...\n", {"a": 1}, id="one marked document"),
    ],
)  # fmt: skip
def test_a_value_is_what_yaml_1_2_says(text: str, value: Json) -> None:
    problems: list[str] = []

    node = tree(text.encode(), "f", problems)

    assert problems == []
    assert node is not None
    assert node.value == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a: 1\nb: 2\na: 3", "f:3: the key `a` stands here twice", id="a key twice"),
        pytest.param("a: &x 1\nb: *x", "f:1: expected the value itself", id="an anchor"),
        pytest.param("a: 1\nb: *x", "f:2: expected the value itself", id="an alias"),
        pytest.param("&x a: 1", "f:1: expected a plain string as key", id="an anchor on a key"),
        pytest.param("? [a]\n: 1", "f:1: expected a plain string as key", id="a list as key"),
        pytest.param("a: !!python/object:os.system x", "f:1: expected a value without a tag", id="a tag on a scalar"),
        pytest.param("a: !x [1]", "f:1: expected a value without a tag", id="a tag on a list"),
        pytest.param("a: !x {b: 1}", "f:1: expected a value without a tag", id="a tag on a map"),
        pytest.param("!x a: 1", "f:1: expected a value without a tag", id="a tag on a key"),
        pytest.param("a: 1\n---\nb: 1", "f:2: expected one document", id="a second document"),
        pytest.param("a: .nan", "f:1: expected a finite number", id="not a number"),
        pytest.param("a: 1e999", "f:1: expected a finite number", id="an infinite number"),
        pytest.param("a: 9007199254740993", "f:1: expected an integer within", id="an integer that no double holds"),
        pytest.param("a: " + "9" * 5000, "f:1: expected an integer within", id="an endless integer"),
        pytest.param('a: "\\ud800"', "f:1: expected text without lone surrogates", id="half a character"),
        pytest.param("a: [1\nb: 2", "f:2: expected YAML", id="unclosed"),
        pytest.param("a: \x01", "f:1: expected YAML", id="a control character"),
        pytest.param("a: " + "[" * (MAX_DEPTH + 1), "f:1: expected at most 64 levels", id="too deep"),
        pytest.param("a: 1\nb: \udcff", "f:2: expected UTF-8", id="bytes that are no text"),
        pytest.param(" " * (MAX_BYTES + 1), f"f: expected at most {MAX_BYTES} bytes", id="too long"),
    ],
)
def test_what_may_be_read_in_two_ways_is_refused(text: str, problem: str) -> None:
    problems: list[str] = []

    node = tree(text.encode("utf-8", "surrogateescape"), "f", problems)

    assert node is None
    assert len(problems) == 1
    assert problems[0].startswith(problem)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("parts: []", ["f:1: name: is required"], id="missing"),
        pytest.param("name: x\nnmae: y", ["f:2: nmae: is not a key that this file knows"], id="an unknown key"),
        pytest.param(
            "name: x\nparts:\n  - kind: a\n  - kind: c\n",
            ["f:4: parts[1].kind: input should be 'a' or 'b'"],
            id="the line is that of the value",
        ),
        pytest.param(
            "name: 1\nparts:\n  - kind: a\n    count: '1'\n    ready: 1\n",
            [
                "f:1: name: input should be a valid string",
                "f:4: parts[0].count: input should be a valid integer",
                "f:5: parts[0].ready: input should be a valid boolean",
            ],
            id="nothing is converted, and all is told",
        ),
        pytest.param("name: x\nparts:\n- on: [a]", ["f:3: parts[0].kind: is required"], id="missing in a part"),
        pytest.param("[]", ["f:1: input should be an object"], id="no map at all"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(text: str, expected: list[str]) -> None:
    problems: list[str] = []

    assert parse(text.encode(), "f", Whole, problems) is None
    assert problems == expected


class Choices(Document):
    """Values of several kinds, of which some must be."""

    some: Annotated[tuple[Literal["a", "b"] | int, ...], Field(min_length=1)]
    named: Mapping[Annotated[str, Field(pattern="^[a-z]+$")], int | Part] = {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "some: [c]",
            ["f:1: some[0]: input should be 'a' or 'b'; or input should be a valid integer"],
            id="neither of two kinds, and so none",
        ),
        pytest.param("some: []", ["f:1: some: expected at least 1 item"], id="none"),
        pytest.param(
            "some: []\nnamed: {X: 1}", ["f:1: some: expected at least 1 item", "f:2: named.X.[key]: "], id="a name"
        ),
        pytest.param(
            "some: [1]\nnamed:\n  x: {kind: c}",
            ["f:3: named.x: input should be a valid integer", "f:3: named.x.kind: input should be 'a' or 'b'"],
            id="in a part that may be a number",
        ),
        pytest.param(
            "some: [1]\nnamed:\n  x: {}",
            ["f:3: named.x: input should be a valid integer", "f:3: named.x.kind: is required"],
            id="missing in one",
        ),
    ],
)
def test_of_several_kinds_the_place_is_the_files_own(text: str, expected: list[str]) -> None:
    problems: list[str] = []

    assert parse(text.encode(), "f", Choices, problems) is None
    assert [problem[: len(start)] for problem, start in zip(problems, expected, strict=True)] == expected


def test_what_fits_is_a_frozen_value() -> None:
    problems: list[str] = []

    whole = parse(b"name: x\nparts: [{kind: a, on: [no, on]}]", "f", Whole, problems)

    assert whole == Whole(name="x", parts=(Part(kind="a", on=("no", "on")),))


def test_problems_are_not_endless() -> None:
    problems: list[str] = []

    assert parse(b"name: x\nparts:\n" + b"- {}\n" * 1000, "f", Whole, problems) is None
    assert len(problems) == MAX_PROBLEMS


@given(st.binary(max_size=300) | st.text("[]{}:-&*!|>'\"\n\t ?,#a0.e", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    problems: list[str] = []

    node = tree(raw, "f", problems)

    assert (node is None) == bool(problems)
