"""What an argument takes, by its name and by its schema."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.strict_json import Json
from sidecar.policy.entities import KNOWN
from sidecar.policy.takes import MAX_NODES, Taken, both, called, of_schema

LOGIN = frozenset({"PASSWORD", "API_KEY", "JWT"})
MASKED = LOGIN | {"CONNECTION_STRING", "PRIVATE_KEY"}
NATIONAL = frozenset({"US_SSN", "US_ITIN", "UK_NINO", "IT_FISCAL_CODE", "FI_PERSONAL_IDENTITY_CODE", "NATIONAL_ID"})


def taken(name: str) -> frozenset[str]:
    """Return the kinds that a name speaks of, of those that are tried here."""
    return called(name) & (NATIONAL | MASKED | {"CREDIT_CARD", "IBAN_CODE", "EMAIL_ADDRESS"})


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        pytest.param("password", LOGIN, id="the kind itself"),
        pytest.param("userPassword", LOGIN, id="camel case"),
        pytest.param("new_password_confirmation", LOGIN, id="once more"),
        pytest.param("password2", LOGIN, id="numbered"),
        pytest.param("X-API-Key", LOGIN, id="a header"),
        pytest.param("token", LOGIN, id="a token by itself"),
        pytest.param("page_token", frozenset(), id="where to go on"),
        pytest.param("next_page_token", frozenset(), id="where to go on, longer"),
        pytest.param("password_hint", frozenset(), id="about one"),
        pytest.param("api_key_name", frozenset(), id="the name of one"),
        pytest.param("body", frozenset(), id="a text"),
        pytest.param("passport", frozenset(), id="a word that begins alike"),
        pytest.param("spin", frozenset(), id="a word that ends alike"),
        pytest.param("ssh_key", frozenset(), id="most often a public one"),
        pytest.param("otp", frozenset({"PASSWORD"}), id="used once"),
        pytest.param("databaseUrl", frozenset({"CONNECTION_STRING"}), id="where a database is"),
        pytest.param("card_number", frozenset({"CREDIT_CARD"}), id="a card"),
        pytest.param("card", frozenset(), id="any card"),
        pytest.param("ssn", frozenset({"US_SSN", "US_ITIN"}), id="a national number"),
        pytest.param("us_ssn", frozenset({"US_SSN", "US_ITIN"}), id="as the kind is called"),
        pytest.param("tax_id", NATIONAL, id="any country's"),
        pytest.param("email_address", frozenset({"EMAIL_ADDRESS"}), id="an address"),
        pytest.param("", frozenset(), id="nothing"),
        pytest.param("password" * 9, frozenset(), id="no name"),
    ],
)
def test_a_name_says_what_an_argument_takes(name: str, kinds: frozenset[str]) -> None:
    assert taken(name) == kinds


def test_any_kind_that_comes_with_us_is_taken_by_its_own_name() -> None:
    assert {name for name in KNOWN if name not in called(name.lower())} == set()
    assert called("staff_id") == frozenset()


STRING: Json = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        pytest.param({"properties": {"password": STRING, "to": STRING}}, {("password",)}, id="by its name"),
        pytest.param({"properties": {"password": {}}}, {("password",)}, id="of any type"),
        pytest.param({"properties": {"password": True}}, {("password",)}, id="anything at all"),
        pytest.param({"properties": {"password": {"type": "boolean"}}}, set(), id="asked or not"),
        pytest.param({"properties": {"pin": {"type": ["integer", "null"]}}}, set(), id="a number"),
        pytest.param({"properties": {"token": {"enum": ["a", "b"]}}}, set(), id="one of some words"),
        pytest.param({"properties": {"token": {"const": "a"}}}, set(), id="one word"),
        pytest.param({"properties": {"auth": {"properties": {"password": STRING}}}}, {("auth", "password")}, id="deep"),
        pytest.param(
            {"properties": {"users": {"items": {"properties": {"password": STRING}}}}},
            {("users", "*", "password")},
            id="in a list",
        ),
        pytest.param(
            {"properties": {"by_name": {"additionalProperties": {"properties": {"pin": STRING}}}}},
            {("by_name", "*", "pin")},
            id="in a map",
        ),
        pytest.param({"anyOf": [{"properties": {"password": STRING}}, True]}, {("password",)}, id="one of several"),
        pytest.param({"if": {}, "then": {"properties": {"pin": STRING}}}, {("pin",)}, id="on a condition"),
        pytest.param(
            {"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"properties": {"pin": STRING}}}},
            {("a", "pin")},
            id="by reference",
        ),
        pytest.param({"properties": {"a": {"$ref": "#/$defs/no"}}}, set(), id="by a reference to nothing"),
        pytest.param({"properties": {"a": {"$ref": "https://x.example/y"}}}, set(), id="by a reference elsewhere"),
        pytest.param(
            {"properties": {"a/b": {"$ref": "#/$defs/c~1d"}}, "$defs": {"c/d": {"format": "password"}}},
            {("a/b",)},
            id="escaped",
        ),
        pytest.param(
            {"properties": {"x": {"type": "string", "format": "password"}}}, {("x",)}, id="as not to be shown"
        ),
        pytest.param({"properties": {"x": {"type": "string", "writeOnly": True}}}, {("x",)}, id="as not to be read"),
        pytest.param({"properties": {"x": {"type": "string", "writeOnly": "yes"}}}, set(), id="no boolean"),
        pytest.param({"format": "password"}, set(), id="the arguments are no secret"),
        pytest.param({"properties": "password"}, set(), id="no schema"),
        pytest.param({"type": 3, "properties": {"password": {"type": [3]}}}, set(), id="no types"),
        pytest.param(True, set(), id="anything"),
    ],
)
def test_a_schema_says_what_its_arguments_take(schema: Json, found: set[tuple[str, ...]]) -> None:
    assert set(of_schema(schema)) == found


def test_what_is_not_to_be_shown_is_any_credential() -> None:
    told = of_schema({"properties": {"x": {"format": "password"}, "password": {"writeOnly": True}}})

    assert (told["x",] & MASKED, told["password",] & MASKED) == (MASKED, MASKED)


def test_a_schema_that_refers_to_itself_comes_to_an_end() -> None:
    node: Json = {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "pin": STRING}}

    assert 0 < len(of_schema(node)) <= MAX_NODES


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_whatever_calls_itself_a_schema_is_read(schema: Json) -> None:
    assert all(at and kinds for at, kinds in of_schema(schema).items())


PLACES = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "*"])), st.frozensets(st.sampled_from(["X", "Y", "Z"]), min_size=1), max_size=3
)


@given(st.lists(PLACES, min_size=1, max_size=3))
def test_of_several_that_speak_only_what_all_say_holds(said: list[Taken]) -> None:
    agreed = both(said)

    assert all(kinds and all(kinds <= one.get(at, frozenset()) for one in said) for at, kinds in agreed.items())
    assert all(
        kind in agreed.get(at, ())
        for at, kinds in said[0].items()
        for kind in kinds
        if all(kind in o.get(at, ()) for o in said)
    )
