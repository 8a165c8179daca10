"""N130 to N151 of identity-spec 3.1: scopes inside chains. The dimensions themselves are in tests/model."""

from collections.abc import Mapping

import pytest

from sidecar.identity.limits import Limits
from sidecar.model.aat import AAT_TYPE
from sidecar.model.scope import SESSION_TYPE, permits
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    VERIFIER,
    Claims,
    Step,
    T,
    chain_b,
    drop,
    put,
    reason_of,
    token_a,
    trusted,
    values,
    verifier,
)

RANGE: dict[str, Json] = {"constraint_type": "range", "max": 100, "min": 0}
TRUE: Json = True
WILD: dict[str, Json] = {"constraint_type": "wildcard"}


def arguments(**args: Json) -> Claims:
    """Return a scope that grants `transfer` with `args`; `any_other` stands for "*"."""
    return {"tools": {"transfer": {"args": {name.replace("any_other", "*"): c for name, c in args.items()}}}}


def one_of(*items: Json) -> Json:
    return {"constraint_type": "one_of", "values": list(items)}


def of(kind: str, member: str, *items: Json) -> Json:
    return {"constraint_type": kind, member: list(items)}


def optional(constraint: Mapping[str, Json]) -> Json:
    return {**constraint, "optional": True}


EDITS: list[tuple[str, Claims, Claims, str]] = [
    ("N130 a tool added", arguments(), {"tools": {"transfer": {}, "Transfer": {}}}, "scope_tool_added"),
    ("N130 percent-encoded", {"tools": {"a/b": {}}}, {"tools": {"a%2Fb": {}}}, "scope_tool_added"),
    ("N131 max", arguments(a=RANGE), arguments(a={**RANGE, "max": 101}), "scope_args_widened"),
    (
        "N131 bound dropped",
        arguments(a=RANGE),
        arguments(a={"constraint_type": "range", "max": 100}),
        "scope_args_widened",
    ),
    (
        "N131 inclusive again",
        arguments(a={**RANGE, "max_inclusive": False}),
        arguments(a=RANGE),
        "scope_args_widened",
    ),
    ("N132 optional", arguments(a=RANGE), arguments(a=optional(RANGE)), "scope_args_widened"),
    ("N132 required dropped", arguments(a=RANGE, b=WILD), arguments(b=WILD), "scope_args_widened"),
    (
        "N132 key dropped beside *",
        arguments(a=optional(RANGE), any_other=WILD),
        arguments(any_other=WILD),
        "scope_args_widened",
    ),
    ("N132 * added", arguments(a=RANGE), arguments(a=RANGE, any_other=WILD), "scope_args_widened"),
    ("N132 open under constrained", arguments(a=RANGE), arguments(), "scope_args_widened"),
    ("N132 a new key", arguments(a=RANGE), arguments(a=RANGE, b=WILD), "scope_args_widened"),
    ("N133 one_of", arguments(a=one_of(1)), arguments(a=one_of(1, 2)), "scope_args_widened"),
    (
        "N133 not_one_of",
        arguments(a=of("not_one_of", "excluded", 1, 2)),
        arguments(a=of("not_one_of", "excluded", 1)),
        "scope_args_widened",
    ),
    (
        "N133 subset",
        arguments(a=of("subset", "allowed", 1)),
        arguments(a=of("subset", "allowed", 1, 2)),
        "scope_args_widened",
    ),
    (
        "N133 contains",
        arguments(a=of("contains", "required", 1, 2)),
        arguments(a=of("contains", "required", 1)),
        "scope_args_widened",
    ),
    (
        "N134 not_one_of under one_of",
        arguments(a=one_of(1)),
        arguments(a=of("not_one_of", "excluded", 2)),
        "scope_args_widened",
    ),
    ("N134 all under range", arguments(a=RANGE), arguments(a=of("all", "constraints", RANGE)), "scope_args_widened"),
    (
        "N134 exact under any",
        arguments(a=of("any", "constraints", one_of(1))),
        arguments(a={"constraint_type": "exact", "value": 1}),
        "scope_args_widened",
    ),
    (
        "N134 one alternative more",
        arguments(a=of("any", "constraints", one_of(1), one_of(2))),
        arguments(a=of("any", "constraints", one_of(1), one_of(3))),
        "scope_args_widened",
    ),
    (
        "N134 one obligation less",
        arguments(a=of("all", "constraints", one_of(1), one_of(1, 2))),
        arguments(a=of("all", "constraints", one_of(1, 2))),
        "scope_args_widened",
    ),
    (
        "N134 one_of under exact",
        arguments(a={"constraint_type": "exact", "value": 1}),
        arguments(a=one_of(1)),
        "scope_args_widened",
    ),
    ("N134 one_of under range", arguments(a=RANGE), arguments(a=one_of(1)), "scope_args_widened"),
    (
        "N135 true for 1",
        arguments(a=one_of(1)),
        arguments(a=of("one_of", "values", TRUE)),
        "scope_args_widened",
    ),
    ("N135 text for 1", arguments(a=one_of(1)), arguments(a=one_of("1")), "scope_args_widened"),
    ("N139 entry dropped", {**arguments(), "autonomy": 1}, arguments(), "scope_entry_missing"),
    (
        "N140 a class added",
        {**arguments(), "data": {"read": ["a"]}},
        {**arguments(), "data": {"read": ["a", "b"]}},
        "scope_data_class_widened",
    ),
    (
        "N140 data dropped",
        {**arguments(), "data": {"read": ["a"]}, "autonomy": 1},
        {**arguments(), "autonomy": 1},
        "scope_data_class_widened",
    ),
    *(
        (
            f"N141 {parent} {child}",
            {**arguments(), "egress": [parent]},
            {**arguments(), "egress": [child]},
            "scope_egress_widened",
        )
        for parent, child in (("api.x", "*.x"), ("*.x", "x"), ("*.x", "evilx"), ("*.a.x", "*.x"))
    ),
    *(
        (
            f"N142 {child}",
            {**arguments(), "budgets": {"cost:EUR:2": 100}},
            {**arguments(), "budgets": child},
            "scope_budget_widened",
        )
        for child in ({"cost:USD:2": 100}, {"cost:EUR:0": 100}, {}, {"cost:EUR:2": 101})
    ),
    ("N144 autonomy", {**arguments(), "autonomy": 3}, {**arguments(), "autonomy": 4}, "scope_autonomy_raised"),
    (
        "N144 autonomy dropped",
        {**arguments(), "autonomy": 3, "mission": "m"},
        {**arguments(), "mission": "m"},
        "scope_autonomy_raised",
    ),
    (
        "N145 approval",
        {**arguments(), "approval": ["transfer"]},
        {**arguments(), "approval": []},
        "scope_obligation_dropped",
    ),
]


@pytest.mark.parametrize(("parent", "child", "reason"), [pytest.param(*e[1:], id=e[0]) for e in EDITS])
def test_a_link_that_is_wider_than_its_parent_is_refused(parent: Claims, child: Claims, reason: str) -> None:
    assert reason_of(chain_b(Step(scope=parent), Step(scope=child), agents=("a", "b"))) == reason


@pytest.mark.parametrize(
    "scope",
    [pytest.param(e[side], id=f"{e[0]}, {'parent' if side == 1 else 'child'}") for e in EDITS for side in (1, 2)],
)
def test_each_of_those_scopes_may_be_handed_on_as_it_is(scope: Claims) -> None:
    assert reason_of(chain_b(Step(scope=scope), Step(scope=scope), agents=("a", "b"))) == "accepted"


def aat(tools: Json, *more: Json) -> Json:
    return [{"type": AAT_TYPE, "tools": tools}, *more]


ENTRIES: list[tuple[str, Json, str]] = [
    ("N136 unknown type", aat({"t": {"a": {"constraint_type": "regex"}}}), "scope_unknown_type"),
    ("N136 no type", aat({"t": {"a": {}}}), "scope_unknown_type"),
    ("our own atoms are not AAT's", aat({"t": {"a": {"constraint_type": "max_len", "max": 1}}}), "scope_unknown_type"),
    ("N137 unknown member", aat({}, {"type": SESSION_TYPE, "extra": 1}), "scope_unknown_member"),
    ("N137 unknown member of AAT", [{"type": AAT_TYPE, "tools": {}, "extra": 1}], "scope_unknown_member"),
    ("N138 no entry", [], "scope_entry_count"),
    ("N138 two entries", [{"type": AAT_TYPE, "tools": {}}] * 2, "scope_entry_count"),
    ("N138 two of ours", aat({}, {"type": SESSION_TYPE}, {"type": SESSION_TYPE}), "scope_entry_count"),
    *((f"N151 {details}", details, "scope_malformed") for details in values(None, 7, {}, [1], "x", [[]], [None])),
    ("N151 true", TRUE, "scope_malformed"),
    ("N137 optional inside all", aat({"t": {"a": of("all", "constraints", optional(WILD))}}), "scope_unknown_member"),
    ("N137 empty one_of", aat({"t": {"a": one_of()}}), "scope_malformed"),
    ("N137 min above max", aat({"t": {"a": {**RANGE, "min": 101}}}), "scope_malformed"),
    *(
        (f"N143 budget {amount}", aat({}, {"type": SESSION_TYPE, "budgets": {"calls": amount}}), reason)
        for amount, reason in (
            *((amount, "scope_malformed") for amount in values(1.5, -1, "1", None)),
            (2**53, "token_json_number"),
        )
    ),
    ("N147 257 tools", aat({str(i): {} for i in range(257)}), "limit_scope_size"),
    ("N147 65 arguments", aat({"t": {str(i): WILD for i in range(65)}}), "limit_scope_size"),
    ("tools a list", aat([]), "scope_malformed"),
    ("tools missing", [{"type": AAT_TYPE}], "scope_malformed"),
    ("a tool a list", aat({"t": []}), "scope_malformed"),
    ("a tool without name", aat({"": {}}), "scope_malformed"),
]


@pytest.mark.parametrize(("details", "reason"), [pytest.param(*e[1:], id=e[0]) for e in ENTRIES])
def test_a_root_whose_scope_is_malformed_is_refused(details: Json, reason: str) -> None:
    assert reason_of(chain_b(Step(put(authorization_details=details)), agents=("a",))) == reason


def _nested(levels: int) -> Json:
    """Return a constraint of so many levels."""
    made: Json = RANGE
    for _ in range(levels - 1):
        made = of("all", "constraints", made)
    return made


def test_n148_constraints_nest_eight_deep_and_no_deeper() -> None:
    deep = verifier(limits=Limits(json_depth=32))
    asked = [
        chain_b(Step(put(authorization_details=aat({"t": {"a": _nested(levels)}}))), agents=("a",)) for levels in (8, 9)
    ]
    assert [reason_of(tokens, by=deep) for tokens in asked] == ["accepted", "limit_constraint_depth"]


@pytest.mark.parametrize(
    ("parent", "child", "reason"),
    [
        pytest.param("payments:read", "payments:read payments:write", "scope_string_widened", id="N146 a word more"),
        pytest.param("pay", "PAY", "scope_string_widened", id="N146 another case"),
        pytest.param("payments", "pay", "scope_string_widened", id="N146 a part of a word"),
        pytest.param("pay", "payments", "scope_string_widened", id="N146 a longer word"),
        pytest.param(None, "pay", "scope_string_widened", id="N146 a word where there was none"),
        pytest.param("pay", ["pay"], "scope_malformed", id="no string"),
        pytest.param("pay see", "see", "accepted", id="a word less"),
        pytest.param("pay see", "see pay", "accepted", id="in another order"),
        pytest.param("pay", None, "accepted", id="none any more"),
        pytest.param("", "", "accepted", id="no word"),
    ],
)
def test_n146_a_link_names_no_scope_string_that_its_parent_does_not(parent: Json, child: Json, reason: str) -> None:
    assert reason_of(chain_b(Step(put(scope=parent)), Step(put(scope=child)), agents=("a", "b"))) == reason


def test_the_draft_does_not_know_our_members_beside_its_own() -> None:
    other = aat({"t": {}}, {"type": "https://other.example", "anything": 1})
    assert reason_of(chain_b(Step(put(authorization_details=other)), agents=("a",))) == "accepted"


def test_a_session_entry_may_limit_the_tools_again() -> None:
    details = aat({"t": {}, "u": {}}, {"type": SESSION_TYPE, "tools": {"t": {"max_calls": 2}}})
    chain = VERIFIER.verify(chain_b(Step(put(authorization_details=details)), agents=("a",)), T)
    assert {name: grant.max_calls for name, grant in chain.scope.tools.items()} == {"t": 2}


FORM_A: list[tuple[str, Json, str]] = [
    ("two entries", [{"type": SESSION_TYPE}] * 2, "scope_entry_count"),
    ("malformed", [{"type": SESSION_TYPE, "tools": []}], "scope_malformed"),
    ("no array", {}, "scope_malformed"),
    ("other types only", [{"type": "https://other.example"}], "accepted"),
]


@pytest.mark.parametrize(("details", "reason"), [pytest.param(*e[1:], id=e[0]) for e in FORM_A])
def test_one_token_holds_at_most_one_session_entry(details: Json, reason: str) -> None:
    assert reason_of([token_a(put(authorization_details=details))]) == reason


def test_n150_a_scope_string_grants_nothing_where_it_is_not_the_authority() -> None:
    claims = put(scope="transfer read", authorization_details=[])
    chain = VERIFIER.verify([token_a(claims)], T)
    refusal = permits(chain.scope, "transfer", {})
    assert refusal is not None
    assert refusal.reason == "tool_not_granted"


def test_n146_scope_strings_are_mapped_byte_by_byte_where_they_are_the_authority() -> None:
    by = verifier(trusted(tool_authority="scope_map", scope_map={"pay": ("transfer", "refund"), "see": ("read",)}))
    granted = by.verify([token_a(put(scope="pay PAY payments"))], T).scope.tools
    assert sorted(granted) == ["refund", "transfer"]
    assert reason_of([token_a(put(scope=["pay"]))], by=by) == "scope_malformed"


def test_a_token_without_session_entry_grants_nothing() -> None:
    chain = VERIFIER.verify([token_a(drop("authorization_details"))], T)
    assert chain.scope.tools == {}


def test_what_one_token_grants_is_its_entry() -> None:
    chain = VERIFIER.verify([token_a()], T)
    assert sorted(chain.scope.tools) == ["read", "transfer"]
    assert chain.mission == "m-1"
