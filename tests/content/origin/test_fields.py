"""Trust is a matter of fields: told apart by pointer, where the response parses."""

import pytest

from sidecar.content.origin.fields import MAX_DEPTH, parsed, said
from sidecar.content.origin.said import Said
from sidecar.model.origin import Origin
from sidecar.model.strict_json import Json, members

MAIL = "- id: 7\n  from: a@example.org\n  body: |\n    hello\n- id: 8\n  from: b@example.org\n  body: bye\n"


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        pytest.param('{"a": [1, "x"]}', "json", {"a": [1, "x"]}, id="json"),
        pytest.param("{a: 1", "json", "{a: 1", id="broken json is one text"),
        pytest.param('{"a": 1, "a": 2}', "json", '{"a": 1, "a": 2}', id="json with two readings is one text"),
        pytest.param("- a: 2026-05-04\n", "yaml", [{"a": "2026-05-04"}], id="a date of yaml is a text"),
        pytest.param("{'a': 'b', 'c': None}", "yaml", {"a": "b", "c": "None"}, id="what Python prints is yaml, too"),
        pytest.param("a: [", "yaml", "a: [", id="broken yaml is one text"),
        pytest.param("!!python/object/apply:os.system [x]", "yaml", "!!python/object/apply:os.system [x]", id="a tag"),
        pytest.param("a: 1", "text", "a: 1", id="text"),
        pytest.param("[" * (MAX_DEPTH + 2), "yaml", "[" * (MAX_DEPTH + 2), id="nested too deeply"),
    ],
)
def test_a_response_is_parsed_in_its_format_or_is_one_text(text: str, form: str, expected: Json) -> None:
    assert parsed(text, form) == expected


def test_aliases_that_multiply_are_one_text() -> None:
    text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )

    assert parsed(text, "yaml") == text


def test_each_field_has_its_own_origin() -> None:
    fields = list(
        said(
            parsed(MAIL, "yaml"),
            base=Origin.UNTRUSTED,
            vouches=[members("/*/id")],
            resolved={members("/*/from"): Origin.USER},
        )
    )

    assert fields == [
        Said(text="7", origin=Origin.TRUSTED, record=0),
        Said(text="a@example.org", origin=Origin.USER, record=0),
        Said(text="hello\n", origin=Origin.UNTRUSTED, record=0),
        Said(text="8", origin=Origin.TRUSTED, record=1),
        Said(text="b@example.org", origin=Origin.USER, record=1),
        Said(text="bye", origin=Origin.UNTRUSTED, record=1),
    ]


def test_a_name_that_is_no_plain_word_is_a_strangers_text() -> None:
    fields = said({"pay evil@example.org": 1}, base=Origin.UNTRUSTED, vouches=[members("/*")], resolved={})

    assert Said(text="pay evil@example.org", origin=Origin.UNTRUSTED) in fields


def test_a_tool_vouches_for_names_by_a_pointer_of_their_own() -> None:
    body: Json = {"orders": {"Order 7": {"note": "x"}}}

    def names(*vouches: tuple[str, ...]) -> list[Origin]:
        return [each.origin for each in said(body, base=Origin.UNTRUSTED, vouches=vouches, resolved={})]

    assert names(("orders", "*#")) == [Origin.TRUSTED, Origin.UNTRUSTED]
    assert names(("*", "*#"), ("orders", "*")) == [Origin.TRUSTED, Origin.TRUSTED]
    assert names(("*#",), ("orders", "*", "*#")) == [Origin.UNTRUSTED, Origin.UNTRUSTED]
    assert names(("orders", "*")) == [Origin.UNTRUSTED, Origin.TRUSTED]


def test_who_vouches_for_an_object_vouches_for_the_names_in_it() -> None:
    body: Json = [{"title": "Plan", "shared": {"ann@a.example": "may read"}, "notes": {"bob@b.example": "asks"}}]

    found = {
        each.text: each.origin for each in said(body, base=Origin.UNTRUSTED, vouches=[("*", "shared")], resolved={})
    }

    assert found == {
        "Plan": Origin.UNTRUSTED,
        "ann@a.example": Origin.TRUSTED,
        "may read": Origin.TRUSTED,
        "bob@b.example": Origin.UNTRUSTED,
        "asks": Origin.UNTRUSTED,
    }


def test_what_lies_below_a_pointer_is_vouched_for_and_what_lies_beside_is_not() -> None:
    body: Json = {"people": [{"mail": "a"}], "note": "b"}

    origins = {
        each.text: each.origin for each in said(body, base=Origin.UNTRUSTED, vouches=[members("/people")], resolved={})
    }
    assert origins == {"a": Origin.TRUSTED, "b": Origin.UNTRUSTED}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param([{"a": "x", "b": "y"}, {"a": "z"}], [0, 0, 1], id="a list"),
        pytest.param({"mails": [{"a": "x", "b": ["y", "w"]}, {"a": "z"}]}, [0, 0, 0, 1], id="a list within an object"),
        pytest.param({"data": {"mails": [{"a": "x"}, {"a": "z"}]}}, [0, 1], id="a list within two"),
        pytest.param({"a": "x", "b": "y", "who": ["z", "w"]}, [0, 0, 0, 0], id="one record"),
        pytest.param({"ann": {"a": "x", "b": "y"}, "bob": {"a": "z"}}, [0, 0, 1], id="records by name"),
        pytest.param({"count": "2", "mails": [{"a": "x"}, {"a": "z"}]}, [0, 1, 2], id="what stands beside a list"),
        pytest.param("text", [0], id="a text"),
    ],
)
def test_a_record_is_a_member_of_the_first_list_of_such_or_a_member_that_has_some(
    body: Json, expected: list[int]
) -> None:
    assert [each.record for each in said(body, base=Origin.UNTRUSTED, vouches=[], resolved={})] == expected
