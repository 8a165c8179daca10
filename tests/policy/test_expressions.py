from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import JsonError
from sidecar.model.crossing import Boundary
from sidecar.policy import expressions, syntax
from sidecar.policy.expressions import MAX_CHARACTERS, ExpressionError, Terms
from sidecar.policy.shapes import Shape, of_schema

ARGUMENTS = of_schema(
    {
        "properties": {
            "amount": {"type": "number"},
            "count": {"type": "integer"},
            "to": {"type": "string"},
            "urgent": {"type": "boolean"},
            "note": {"type": ["string", "null"]},
            "currency": {"enum": ["EUR", "USD"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "lines": {"type": "array", "items": {"properties": {"price": {"type": "number"}}}},
            "order": {"type": "object", "properties": {"id": {"type": "string"}}},
            "more": {"type": "object"},
        }
    },
    {},
)
KNOWN = {"args": ARGUMENTS}


def complaints(text: str, known: Mapping[str, Shape] = KNOWN) -> tuple[str, ...]:
    try:
        expressions.check(expressions.parse(text), known)
    except ExpressionError as error:
        return error.problems
    return ()


def holds(*alternatives: str, **values: object) -> bool | None:
    return expressions.program(*alternatives).holds(expressions.activation(values))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("1 +", "column 4: Syntax error", id="syntax"),
        pytest.param("true &&\n  foo", "line 2, column 3: undeclared reference to 'foo'", id="a name, and where it is"),
        pytest.param("args.amount", "expected a boolean, the expression is of type dyn", id="no boolean"),
        pytest.param("text", "expected a boolean, the expression is of type string", id="a string"),
        pytest.param("text.contain('x')", "column 13: undeclared reference to 'contain'", id="a function"),
        pytest.param("text > 3", "column 6: found no matching overload", id="types"),
        pytest.param("principal.claims.x == 1", "`principal.claims` is not supported by this version", id="claims"),
        pytest.param("true" + " " * MAX_CHARACTERS, "expected at most 4096 characters", id="too long"),
        pytest.param("(" * 99 + "true" + ")" * 99, "expected an expression that nests less", id="too deep"),
        pytest.param("args" + ".a" * 99 + " == 1", "expected a shorter expression", id="too long a way"),
    ],
)
def test_what_is_no_predicate_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        expressions.parse(text)

    assert caught.value.problems[0].startswith(problem)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("args.amont > 1", "`args` has no member `amont`", id="an argument"),
        pytest.param("args['amont'] > 1", "`args` has no member `amont`", id="an argument in brackets"),
        pytest.param("has(args.amont)", "`args` has no member `amont`", id="an argument that is only looked for"),
        pytest.param("args.order.idd == 'x'", "`args.order` has no member `idd`: it has `id`", id="a member below"),
        pytest.param("args.lines.exists(l, l.prize > 1.0)", "`l` has no member `prize`", id="a member of an item"),
        pytest.param("args.lines[0].prize > 1.0", "`…` has no member `prize`", id="a member of the first item"),
        pytest.param("tool.nmae == 'x'", "`tool` has no member `nmae`", id="a member of a record"),
        pytest.param("args.currency == 'EURO'", "`EURO` is not possible here: expected one of `EUR`, `USD`", id="enum"),
        pytest.param("'EURO' != args.currency", "`EURO` is not possible here", id="enum on the right"),
        pytest.param("args.currency in ['EUR', 'EURO']", "`EURO` is not possible here", id="enum among several"),
        pytest.param("'mony' in tool.effects", "`mony` is not possible here", id="an effect"),
        pytest.param("tool.effects.exists(e, e == 'mony')", "`mony` is not possible here", id="an effect in a macro"),
        pytest.param("tool.trust == 'no'", "`no` is not possible here", id="a trust"),
        pytest.param("origin.to == 'me'", "`me` is not possible here", id="an origin"),
        pytest.param("origin['to'] == 'me'", "`me` is not possible here", id="an origin by index"),
        pytest.param("origin.exists(sink, origin[sink] == 'me')", "`me` is not possible here", id="of any sink"),
        pytest.param("boundary == 'tool'", "`tool` is not possible here", id="a boundary"),
        pytest.param("peer.direction == 'in'", "`in` is not possible here", id="a direction"),
        pytest.param("args.amount > 'x'", "column 13: found no matching overload for '_>_'", id="number and string"),
        pytest.param("args.to == 3", "column 9: found no matching overload for '_==_'", id="string and number"),
        pytest.param("args.urgent == 'yes'", "column 13: found no matching overload", id="boolean and string"),
        pytest.param("3 in args.tags", "column 3: found no matching overload", id="a number among strings"),
        pytest.param("args.to.exists(x, true)", "column 5: expression of type 'string' cannot be", id="no list"),
        pytest.param("session.age_s > '3'", "column 15: found no matching overload", id="a number of a record"),
    ],
)
def test_what_cannot_be_is_told_when_it_is_loaded(text: str, problem: str) -> None:
    found = complaints(text)

    assert len(found) == 1
    assert found[0].startswith(problem)


@pytest.mark.parametrize(
    "text",
    [
        "args.amount > 1000 && args.amount > 1000.0 && args.count > 2.5 && args.count in [1, 2]",
        "args.note == null || args.note == 'x'",
        "has(args.note) && args.note.matches('x')",
        "has(args.note) && args.note == 'x'",
        "args.more.anything.at_all == 3",
        "args.lines.all(l, l.price < 3) && args.lines[0].price in [1, 2.5]",
        "args.tags.exists(t, t.startsWith('x')) && 'x' in args.tags && args.tags == ['x']",
        "args['to'].endsWith('@example.com') && args[text] == 3",
        "args == {'a': 1}",
        "now > timestamp('2024-01-01T00:00:00Z') && now.getHours('Europe/Berlin') >= 22",
        "principal.actors.size() > 2 && principal.depth >= 2 && 'planner' in principal.actors",
        "labels.exists(l, l in ['pii', 'secret']) && size(text) > 3 && text.lowerAscii().contains('x')",
        "(tool.reversible ? tool.cost_usd : 2.0 * tool.cost_usd) > 0",
        "[args.more].exists(args, args.whatever > 3)",
    ],
)
def test_what_can_be_passes(text: str) -> None:
    assert complaints(text) == ()


@pytest.mark.parametrize(
    ("text", "arguments", "result"),
    [
        pytest.param("args.x > 1000.0", {"x": 1001}, True, id="integer above a double"),
        pytest.param("args.x > 1000.0", {"x": 1000}, False, id="integer equal to a double"),
        pytest.param("args.x > 1000", {"x": 1000.5}, True, id="double above an integer"),
        pytest.param("args.x == 5", {"x": 5.0}, True, id="double equal to an integer"),
        pytest.param("args.x in [5.0]", {"x": 5}, True, id="integer among doubles"),
        pytest.param("args.x < 9007199254740993.5", {"x": 2**53 - 1}, True, id="the greatest integer"),
        pytest.param("args.x == 5", {"x": "5"}, False, id="a string is no number"),
        pytest.param("args.x > 5", {"x": "6"}, None, id="a string has no order with a number"),
        pytest.param("args.x > 5", {}, None, id="a member that is not there"),
        pytest.param("has(args.x) && args.x > 5", {}, False, id="a member that is looked for first"),
        pytest.param("args.x > 5 || true", {}, True, id="an error is absorbed by true"),
        pytest.param("args.x > 5 && false", {}, False, id="an error is absorbed by false"),
        pytest.param("args.x == null", {"x": None}, True, id="null"),
        pytest.param("args.x.matches('(')", {"x": "a"}, None, id="a pattern that is none"),
        pytest.param("args.x.all(a, args.x.all(b, a == b))", {"x": [1] * 2000}, None, id="too many iterations"),
        pytest.param("args.x ? true : false", {"x": 3}, None, id="no boolean after all"),
    ],
)
def test_a_predicate_is_true_false_or_neither(text: str, arguments: Mapping[str, object], result: bool | None) -> None:  # noqa: FBT001 - a column
    assert holds(text, args=arguments) is result


def test_alternatives_are_one_predicate_even_behind_comments() -> None:
    assert holds("false // no", "args.x > 1 // perhaps", args={"x": 2}) is True
    assert holds("false // no", "args.x > 1 // perhaps", args={"x": 0}) is False
    assert holds("false // no", "args.x > 1 // perhaps", args={}) is None


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param("tool.name == 'a'", Terms(tools=frozenset({"a"})), id="a name"),
        pytest.param("'a' == tool.name", Terms(tools=frozenset({"a"})), id="a name on the left"),
        pytest.param("tool.name in ['a', 'b']", Terms(tools=frozenset({"a", "b"})), id="names"),
        pytest.param("tool.name == 'a' && text == 'x'", Terms(tools=frozenset({"a"})), id="and more"),
        pytest.param("tool.name == 'a' && tool.name == 'b'", Terms(tools=frozenset()), id="both at once"),
        pytest.param("tool.name == 'a' || tool.name == 'b'", Terms(tools=frozenset({"a", "b"})), id="either"),
        pytest.param("tool.name == 'a' || text == 'x'", Terms(), id="or something else"),
        pytest.param("!(tool.name == 'a')", Terms(), id="not"),
        pytest.param("(tool.name == 'a') == false", Terms(), id="not, in other words"),
        pytest.param("tool.name != 'a'", Terms(), id="any but"),
        pytest.param("tool.name in ['a', text]", Terms(), id="a list with something unknown"),
        pytest.param("tool.name == text", Terms(), id="something unknown"),
        pytest.param("text == 'a'", Terms(), id="another name"),
        pytest.param("['b'].exists(tool, tool == 'a')", Terms(), id="another thing of that name"),
        pytest.param("true ? tool.name == 'a' : true", Terms(), id="on a condition"),
        pytest.param("'money' in tool.effects", Terms(effects=frozenset({"money"})), id="an effect"),
        pytest.param(
            "'money' in tool.effects && 'read' in tool.effects", Terms(effects=frozenset({"money", "read"})), id="two"
        ),
        pytest.param(
            "('money' in tool.effects && text == 'x') || ('read' in tool.effects && 'money' in tool.effects)",
            Terms(effects=frozenset({"money"})),
            id="the one that both need",
        ),
        pytest.param("!('money' in tool.effects)", Terms(), id="not that effect"),
    ],
)
def test_terms_are_what_must_hold_of_the_tool(text: str, terms: Terms) -> None:
    assert expressions.parse(text).terms == terms


def test_every_tool_that_is_named_is_known() -> None:
    text = "tool.name != 'a' || !(tool.name in ['b', text]) || ['x'].exists(x, 'c' == tool.name && x == 'd')"

    assert expressions.parse(text).tools == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "boundaries", "never"),
    [
        pytest.param("1 > 2", list(Boundary), True, id="a false constant"),
        pytest.param("1 < 2", list(Boundary), False, id="a true constant"),
        pytest.param("boundary == 'tool_call' && text == 'x'", [Boundary.USER_INPUT], True, id="another boundary"),
        pytest.param("boundary == 'tool_call'", [Boundary.USER_INPUT, Boundary.TOOL_CALL], False, id="one of them"),
        pytest.param("tool.name.startsWith('x')", [Boundary.USER_INPUT], True, id="no tool there"),
        pytest.param("tool.name.startsWith('x')", [Boundary.TOOL_RESPONSE], False, id="a tool there"),
        pytest.param("has(args.x)", [Boundary.TOOL_RESPONSE], True, id="no arguments there"),
        pytest.param("has(args.x)", [Boundary.TOOL_CALL], False, id="arguments there"),
        pytest.param("has(result.x)", [Boundary.TOOL_CALL], True, id="no result there"),
        pytest.param("peer.name == 'x'", [Boundary.TOOL_CALL], True, id="no peer there"),
        pytest.param("peer.card_verified", [Boundary.TOOL_CALL], True, id="no card there"),
        pytest.param("!peer.card_verified", [Boundary.A2A_MESSAGE], False, id="a card there"),
        pytest.param("text == 'x'", [Boundary.USER_INPUT], False, id="it depends"),
    ],
)
def test_what_is_false_whatever_crosses_never_holds(text: str, boundaries: list[Boundary], never: bool) -> None:  # noqa: FBT001 - a column
    assert expressions.never(expressions.program(text), boundaries) is never


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("-5 == 1", -5, id="a negative integer"),
        pytest.param("5u == 1u", 5, id="an unsigned integer"),
        pytest.param("2.5 == 1.0", 2.5, id="a double"),
        pytest.param("'ä' == text", "ä", id="a string"),
        pytest.param("b'x' == b'y'", b"x", id="bytes"),
        pytest.param("true == false", True, id="a boolean"),
        pytest.param("null == args", None, id="null"),
    ],
)
def test_literals_are_read_from_the_tree(text: str, value: object) -> None:
    tree = expressions.parse(text).tree

    assert isinstance(tree, syntax.Call)
    assert tree.arguments[0] == syntax.Constant(value)  # type: ignore[arg-type] # a column of any literal


def test_every_part_of_an_expression_is_in_its_tree() -> None:
    tree = expressions.parse("{'k': args.a}.exists(x, has(result.b)) && [text].size() > 1").tree
    names = {node.name for node in syntax.walk(tree) if isinstance(node, syntax.Identifier)}
    members = {(node.member, node.presence) for node in syntax.walk(tree) if isinstance(node, syntax.Select)}

    assert {"args", "result", "text"} <= names
    assert members == {("a", False), ("b", True)}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x12\x00", id="no expression"),
        pytest.param(b"\x12\x04\x22\x02\x52\x00", id="an expression of another kind"),
        pytest.param(b"\x12\x06\x22\x04\x1a\x02\x42\x00", id="a constant of another kind"),
        pytest.param(b"\x0b", id="a record of another kind"),
        pytest.param(b"\x80", id="cut within a number"),
    ],
)
def test_what_is_no_tree_is_refused(raw: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        syntax.read(raw)


@given(st.text("tolnameffcsrgi.()'[]&|!=<> 0123x", max_size=40))
def test_any_text_is_a_predicate_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        assert expressions.parse(text).text == text


@given(st.text(st.characters(codec="utf-8"), max_size=20) | st.text("\0a", max_size=5))
def test_a_rule_sees_every_character_wherever_it_stands(text: str) -> None:
    nested = {"k": [text]}
    given_ = expressions.activation({"text": text + "end", "args": nested})

    assert expressions.program("text.endsWith('end') && args.k.all(each, each + 'end' == text)").holds(given_)
    assert expressions.program(f"size(text) == {len(text) + 3}").holds(given_)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("text == 'pay\0'", id="as it is"),
        pytest.param(r"text.contains('\u0000')", id="escaped"),
        pytest.param(r"text.matches(r'\x00')", id="in a pattern"),
        pytest.param(r"text.contains('\000')", id="in octal"),
    ],
)
def test_a_rule_cannot_ask_for_the_one_character_that_the_runtime_does_not_see(text: str) -> None:
    with pytest.raises(ExpressionError, match="NUL"):
        expressions.parse(text)


def test_two_names_that_the_runtime_cannot_tell_apart_are_refused() -> None:
    with pytest.raises(JsonError) as refused:
        expressions.activation({"args": {"a\0": 1, "a\ufffd": 2}})

    assert refused.value.reason == "json_duplicate_member"
