from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.rewriting import Path, is_identifier, pieces, place, renaming, rewriting
from sidecar.model.steps import finished
from sidecar.model.strict_json import Json, compact, parse

JSON: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("Ada", [((), "Ada")], id="a text"),
        pytest.param("", [], id="no text"),
        pytest.param("--- !", [], id="nothing that says something"),
        pytest.param(None, [], id="null"),
        pytest.param(True, [], id="true"),
        pytest.param(4111111111111111, [((), "4111111111111111")], id="a number"),
        pytest.param(-4111111111111111, [((), "4111111111111111")], id="a negative number"),
        pytest.param(4111111111111111.0, [((), "4111111111111111")], id="a whole number that is written as a float"),
        pytest.param(123456, [], id="a short number"),
        pytest.param({"pin": 4711}, [(("pin",), "4711")], id="a code by its member's name"),
        pytest.param(
            {"cardCvv": 123, "zip_code": 94103},
            [(("cardCvv",), "123"), (("zip_code",), "94103")],
            id="at the end of names",
        ),
        pytest.param({"pin": 13, "pins": 4711, "spin": 4711, "zipped": 94103}, [], id="what is no code"),
        pytest.param(1712345678.25, [], id="a number with a fraction"),
        pytest.param(1e300, [], id="a number without digits to recognise"),
        pytest.param(["Ada", ["x", 7]], [((0,), "Ada"), ((1, 0), "x")], id="arrays"),
        pytest.param({"to": {"name": "Ada"}}, [(("to", "name"), "Ada")], id="names of a program are no texts"),
        pytest.param({"a b": 1}, [(("a b",), "a b")], id="a name that is none of a program's"),
        pytest.param({"--": "x"}, [(("--",), "x")], id="a name without a letter"),
    ],
)
def test_the_texts_of_a_body(body: Json, expected: Sequence[tuple[Path, str]]) -> None:
    assert [(piece.path, piece.text) for piece in pieces(body)] == expected


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        pytest.param({"ssn": "123456789"}, ["ssn: 123456789"], id="a short value behind its name"),
        pytest.param({"ssn": [123456789]}, ["ssn: 123456789"], id="in an array, too"),
        pytest.param({"text": "a" * 65}, ["a" * 65], id="prose as it is"),
        pytest.param(["Ada"], ["Ada"], id="no name, no lead"),
        pytest.param({"Ada L": 1}, ["Ada L"], id="a name has no lead"),
        pytest.param({"k" * 100: "v"}, ["k" * 100, "k" * 64 + ": v"], id="a long name in part"),
    ],
)
def test_a_value_is_shown_behind_the_name_that_says_what_it_is(body: Json, asked: Sequence[str]) -> None:
    assert [piece.asked for piece in pieces(body)] == asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("user_id", True, id="snake"),
        pytest.param("X-Request-Id", True, id="a header"),
        pytest.param("a.b", True, id="dotted"),
        pytest.param("E-123456", False, id="digits"),
        pytest.param("Ada Lovelace", False, id="two words"),
        pytest.param("ada@example.org", False, id="an address"),
        pytest.param("k" * 65, False, id="long"),
    ],
)
def test_what_is_an_identifier(text: str, *, expected: bool) -> None:
    assert is_identifier(text) is expected


@given(JSON)
def test_rewriting_nothing_changes_nothing(body: Json) -> None:
    assert compact(finished(rewriting(body, {}, {}))) == compact(body)


@given(JSON)
def test_the_shape_stays_and_every_text_is_replaced(body: Json) -> None:
    found = list(pieces(body))
    texts = {piece.path: "<X>" for piece in found if not piece.is_name}
    names = finished(renaming(body, {piece.path: "<Y>" for piece in found if piece.is_name}))

    after = finished(rewriting(body, texts, names))

    assert shape(after) == shape(body, numbers=frozenset(p.path for p in found if p.is_number))
    assert parse(compact(after)) == after or "\\u" in ascii(body)
    assert {piece.text for piece in pieces(after)} <= {"<X>"} | set(names.values())


def shape(body: Json, path: Path = (), numbers: frozenset[Path] = frozenset()) -> object:
    match body:
        case Mapping():
            return {"members": [shape(value, (*path, name), numbers) for name, value in body.items()]}
        case str():
            return "text"
        case Sequence():
            return [shape(value, (*path, i), numbers) for i, value in enumerate(body)]
        case _:
            return "text" if path in numbers else "other"


@pytest.mark.parametrize(
    ("body", "names", "expected"),
    [
        pytest.param({"a@b": 1, "c@d": 2}, ["a@b", "c@d"], {"<M>": 1, "<M>_2": 2}, id="two that become one"),
        pytest.param({"a@b": 1, "<M>": 2}, ["a@b"], {"<M>_2": 1, "<M>": 2}, id="one that is there already"),
        pytest.param({"a@b": 1, "c@d": 2, "<M>_2": 3}, ["a@b", "c@d"], {"<M>": 1, "<M>_3": 2, "<M>_2": 3}, id="a gap"),
    ],
)
def test_no_member_is_lost_where_names_meet(body: Json, names: Sequence[str], expected: Mapping[str, Json]) -> None:
    new = finished(renaming(body, {(name,): "<M>" for name in names}))

    assert compact(finished(rewriting(body, {}, new))) == compact(expected)


def test_names_are_told_apart_within_their_own_object() -> None:
    body: Json = [{"a@b": {"c@d": 1}}, {"a@b": 2}]

    new = finished(renaming(body, {(0, "a@b"): "<M>", (0, "a@b", "c@d"): "<M>", (1, "a@b"): "<M>"}))

    assert finished(rewriting(body, {}, new)) == [{"<M>": {"<M>": 1}}, {"<M>": 2}]


def test_ten_thousand_names_that_become_one_take_linear_time() -> None:
    body: dict[str, Json] = {f"{i}@b": i for i in range(10_000)}

    new = finished(renaming(body, {(name,): "<M>" for name in body}))

    assert len(set(new.values())) == 10_000


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param((), "", id="the whole"),
        pytest.param(("a/b", 0), "/a~1b/0", id="as it was"),
        pytest.param(("ada@b.org", "x"), "/<M>/x", id="without the datum in a name"),
    ],
)
def test_a_place_holds_no_datum(path: Path, expected: str) -> None:
    assert place(path, {("ada@b.org",): "<M>"}) == expected
    assert place(("plain",), {}) == "/plain"
