"""CEL predicates: compiled by Google's runtime against declared names, checked beyond what it checks.

What is found when a pack is loaded: syntax; a name that does not exist; a member that no record of names.py and no
schema of the tools in question has; a literal that its counterpart can never equal (a tool's name, an effect, a
boundary, an `enum` of a schema); operands whose types do not fit; a result that is no boolean; a predicate that is
false whatever crosses. Where several tools are in question, a member passes when one of them has it.

Integers and doubles compare with each other, as values of JSON do: the standard comparisons are declared anew with
the mixed overloads, which the runtime has anyway.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from cel_expr_python import cel

from sidecar.errors import JsonError
from sidecar.model.crossing import Boundary
from sidecar.policy import syntax
from sidecar.policy.names import LATER, NAMES, values_without_payload
from sidecar.policy.shapes import ANY, Shape
from sidecar.policy.syntax import Call, Comprehension, Constant, Expr, Identifier, Items, Select

MAX_CHARACTERS: Final = 4_096  # of one expression: what a person can still review
_NUL: Final = "\0"
_NUL_ESCAPED: Final = re.compile(r"\\(?:u0{4}|U0{8}|[xX]00|x\{0+\}|000)")
_STAND_IN: Final = "\ufffd"
_PLAIN: Final = (int, float)

_T = cel.Type
_RECORD: Final = _T.Map(_T.STRING, _T.DYN)
_NUMBERS: Final = (_T.INT, _T.UINT, _T.DOUBLE)
_TYPES: Final[Mapping[str, cel.Type]] = {
    "string": _T.STRING,
    "boolean": _T.BOOL,
    "integer": _T.INT,
    "number": _T.DOUBLE,
    "object": _RECORD,
}
_TOOL_NAME: Final = Select(Identifier("tool"), "name", presence=False)
_COMPARISONS: Final = ("_<_", "_<=_", "_>_", "_>=_")
_EQUALITIES: Final = ("_==_", "_!=_")
_NO_CONTAINER: Final = " (in container '')"
_ERROR: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")


class ExpressionError(ValueError):
    """An expression that cannot be used. `problems` says why, each in words."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What must hold of the tool for a predicate to be true: its name is one of `tools`, it has all `effects`.

    `tools` is None where the predicate does not name any.
    """

    tools: frozenset[str] | None = None
    effects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """A predicate that compiled, as text and as tree. `tools` are all that it names, in whatever way."""

    text: str
    tree: Expr = field(repr=False)
    terms: Terms
    tools: frozenset[str]


@dataclass(frozen=True, slots=True)
class Program:
    """A predicate, ready to run. `facts` are those that it reads, as it names them."""

    names: frozenset[str]
    compiled: cel.Expression = field(repr=False)
    facts: frozenset[str] = frozenset()

    def holds(self, activation: cel.Activation) -> bool | None:
        """Return whether the predicate is true; None where it errs."""
        try:
            value = self.compiled.eval(activation).value()
        except RuntimeError:  # more iterations than the runtime allows
            return None
        return value if isinstance(value, bool) else None


def parse(text: str) -> Source:
    """Return the predicate in `text`. Raises `ExpressionError`."""
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError([f"expected at most {MAX_CHARACTERS} characters"])
    if _NUL in text or _NUL_ESCAPED.search(text):
        raise ExpressionError(["expected no NUL: the runtime reads strings up to the first one"])
    compiled = _compile(_environment(), text)
    kind = compiled.return_type()
    if kind != _T.BOOL:
        raise ExpressionError([f"expected a boolean, the expression is of type {kind.name().lower()}"])
    try:
        tree = syntax.read(compiled.serialize())
    except (ValueError, RecursionError, IndexError):  # pragma: no cover - a runtime that writes another syntax
        raise ExpressionError(["expected an expression whose syntax can be read"]) from None
    if later := sorted(set(_later(tree))):
        raise ExpressionError([f"`{name}` is not supported by this version" for name in later])
    return Source(text, tree, _terms(tree), frozenset(_named_tools(tree)))


def program(*alternatives: str) -> Program:
    """Return one predicate that is true when one of `alternatives` is, and errs when none is and one errs.

    Each must be a predicate that `parse` accepts. Raises `ExpressionError` where they are too much together.
    """
    text = " || ".join(f"(\n{alternative}\n)" for alternative in alternatives)  # a line each: they may end in comments
    compiled = _compile(_environment(), text)
    tree = syntax.read(compiled.serialize())
    used = frozenset(node.name for node in syntax.walk(tree) if isinstance(node, Identifier))
    return Program(used & NAMES.keys(), compiled, frozenset(_facts(tree)))


def activation(values: Mapping[str, object], *, clean: Collection[str] = ()) -> cel.Activation:
    """Return `values` of declared names in the form that programs run on. Those of `clean` are known to hold no NUL.

    Raises `JsonError` where an object has two names that are one to the runtime.
    """
    return of_readable(readable(values, clean))


def of_readable(values: Mapping[str, object]) -> cel.Activation:
    """Return what `readable` returned in the form that programs run on."""
    return _environment().Activation(values)


def readable(values: Mapping[str, object], clean: Collection[str] = ()) -> dict[str, object]:
    """Return `values` as `activation` takes them. Raises as that."""
    return {name: value if name in clean else _readable(value) for name, value in values.items()}


def _readable(value: object) -> object:
    """Return `value` with nothing in it that the runtime does not see.

    It reads strings up to the first NUL, so that a rule would see nothing of what follows one.
    """
    if isinstance(value, str):
        return value.replace(_NUL, _STAND_IN) if _NUL in value else value
    if isinstance(value, _PLAIN):  # before the question whether it is a mapping, which takes far longer
        return value
    if isinstance(value, Mapping):
        members = {_readable(name): _readable(member) for name, member in value.items()}
        if len(members) != len(value):
            raise JsonError("two names differ in characters that are not drawn", reason="json_duplicate_member")
        return members
    return [_readable(item) for item in value] if isinstance(value, list) else value


def check(source: Source, known: Mapping[str, Shape]) -> None:
    """Raise `ExpressionError` where `source` names what cannot be.

    `known` says more of some names than names.py does: of `args`, `result`, or of the names of tools.
    """
    walker = _Walker({**NAMES, **known})
    walker.visit(source.tree, {})
    if _is_at_large(source.tree):
        walker.problems.append("expected `facts.<name>`, or `facts['<pack>/<name>']` for another pack's")
    if walker.problems:
        raise ExpressionError(dict.fromkeys(walker.problems))
    _compile(_new_environment(walker.places), source.text)


def never(predicate: Program, boundaries: Iterable[Boundary]) -> bool:
    """Return whether `predicate` is false at every one of `boundaries`, whatever crosses."""
    return all(predicate.holds(activation(values_without_payload(each))) is False for each in boundaries)


def _compile(environment: cel.Env, text: str) -> cel.Expression:
    try:
        return environment.compile(text)
    except RuntimeError as error:
        found = _ERROR.findall(str(error))
        told = [_told(line, column, message) for line, column, message in found]
        raise ExpressionError(told or ["expected an expression that nests less"]) from None


def _told(line: str, column: str, message: str) -> str:
    message = message.removesuffix(_NO_CONTAINER)
    if line == "-1":  # the runtime cannot tell the place
        return f"expected a shorter expression: {message}"
    return f"line {line}, column {column}: {message}" if line != "1" else f"column {column}: {message}"


@cache
def _configuration() -> cel.EnvConfig:
    excluded = "".join(f'    - name: "{name}"\n' for name in (*_COMPARISONS, *_EQUALITIES, "@in"))
    return cel.NewEnvConfigFromYaml(
        f"name: rules\nstdlib:\n  exclude_functions:\n{excluded}extensions:\n  - name: strings\n"
    )


@cache
def _environment() -> cel.Env:
    return _new_environment({})


def _new_environment(places: Mapping[str, Shape]) -> cel.Env:
    """Return the declared names, and `places` (`args.amount`) as names of their own with their types."""
    shapes = {**NAMES, **places}
    variables = {name: _type(shape) for name, shape in shapes.items()}
    variables |= dict.fromkeys(LATER.keys() - NAMES.keys(), _T.DYN) | {"now": _T.TIMESTAMP}
    return cel.NewEnv(config=_configuration(), variables=variables, functions=_functions())


@cache
def _functions() -> tuple[cel.FunctionDecl, ...]:
    mixed = [(a, b) for a in _NUMBERS for b in _NUMBERS]
    ordered = [*mixed, *((each, each) for each in (_T.STRING, _T.BOOL, _T.BYTES, _T.TIMESTAMP, _T.DURATION))]
    any_list, any_map = _T.List(_T.DYN), _T.Map(_T.DYN, _T.DYN)
    equal = [*ordered, *((each, each) for each in (_T.NULL, any_list, any_map))]
    within = [(a, _T.List(b)) for a, b in ordered] + [(_T.STRING, _RECORD)]
    tables = {**dict.fromkeys(_COMPARISONS, ordered), **dict.fromkeys(_EQUALITIES, equal), "@in": within}
    return tuple(cel.FunctionDecl(name, list(_overloads(name, pairs))) for name, pairs in tables.items())


def _overloads(name: str, pairs: Iterable[tuple[cel.Type, cel.Type]]) -> Iterator[cel.Overload]:
    for number, pair in enumerate(pairs):
        yield cel.Overload(f"{name}_{number}", _T.BOOL, list(pair))


def _type(shape: Shape) -> cel.Type:
    if len(shape.types) != 1:
        return _T.DYN
    (kind,) = shape.types
    return _T.List(_type(shape.items or ANY)) if kind == "array" else _TYPES.get(kind, _T.DYN)


def _later(tree: Expr) -> Iterator[str]:
    for node in syntax.walk(tree):
        match node:
            case Identifier(name) if not LATER.get(name, NAMES):
                yield name
            case Select(Identifier(name), member, _) if member in LATER.get(name, ()):
                yield f"{name}.{member}"


def _facts(tree: Expr) -> Iterator[str]:
    """Yield the names of the facts that are read, each as often as it is."""
    for node in syntax.walk(tree):
        match node:
            case Select(Identifier("facts"), name, _) | Call("_[_]", (Identifier("facts"), Constant(str(name)))):
                yield name


def _is_at_large(tree: Expr) -> bool:
    """Return whether facts are read in a way that does not tell which: then all would have to be counted each time."""
    read = sum(1 for node in syntax.walk(tree) if node == Identifier("facts"))
    return read != sum(1 for _ in _facts(tree))


def _terms(node: Expr) -> Terms:
    match node:
        case Call("_&&_", (left, right)):
            a, b = _terms(left), _terms(right)
            tools = b.tools if a.tools is None else a.tools if b.tools is None else a.tools & b.tools
            return Terms(tools=tools, effects=a.effects | b.effects)
        case Call("_||_", (left, right)):
            a, b = _terms(left), _terms(right)
            tools = None if a.tools is None or b.tools is None else a.tools | b.tools
            return Terms(tools=tools, effects=a.effects & b.effects)
        case Call("@in", (Constant(str(effect)), Select(Identifier("tool"), "effects"))):
            return Terms(effects=frozenset({effect}))
        case Call("_==_" | "@in", (left, right)) if all(isinstance(each, Constant) for each in _operands(left, right)):
            # Exactly these names, and nothing else that may turn out to be one.
            return Terms(tools=frozenset(_named(node)) or None)
    return Terms()


def _named_tools(tree: Expr) -> Iterator[str]:
    for node in syntax.walk(tree):
        if isinstance(node, Call) and node.function in {"_==_", "_!=_", "@in"}:
            yield from _named(node)


def _named(call: Call) -> Iterator[str]:
    """Yield the names that `call` compares the tool's name with."""
    match call.arguments:
        case (Select(Identifier("tool"), "name"), other) | (other, Select(Identifier("tool"), "name")):
            for each in _operands(other):
                if isinstance(each, Constant) and isinstance(each.value, str):
                    yield each.value


def _operands(*nodes: Expr) -> Iterator[Expr]:
    """Yield what the tool's name is compared with: the nodes but itself, or what the lists among them hold."""
    for node in nodes:
        if isinstance(node, Items):
            yield from node.items
        elif node != _TOOL_NAME:
            yield node


class _Walker:
    """Follows members through shapes."""

    def __init__(self, roots: Mapping[str, Shape]) -> None:
        self._roots = roots
        self._places: dict[str, Shape] = {}
        self._tested: set[str] = set()
        self.problems: list[str] = []

    @property
    def places(self) -> dict[str, Shape]:
        """Every dotted name that is known, with its shape; none that is asked for with `has`, nor below one."""
        return {
            name: shape
            for name, shape in self._places.items()
            if not any(f"{name}.".startswith(f"{tested}.") for tested in self._tested)
        }

    def visit(self, node: Expr, bound: Mapping[str, Shape]) -> Shape:
        """Return the shape of `node`, in which the names in `bound` are a macro's."""
        match node:
            case Identifier(name):
                return bound[name] if name in bound else self._roots.get(name, ANY)
            case Select(operand, member, presence):
                shape = self._member(self.visit(operand, bound), member, _dotted(operand))
                dotted = _dotted(node)
                if presence:
                    self._tested.add(dotted)  # with a name of its own it would be a value, and no member to be had
                elif dotted and dotted.split(".")[0] not in bound:
                    self._places[dotted] = shape
                return shape
            case Call("_[_]", (operand, index)):
                return self._indexed(self.visit(operand, bound), index, _dotted(operand), bound)
            case Comprehension(name, over, parts):
                many = self.visit(over, bound)
                inner = {**bound, name: (many.items or ANY) if "object" not in many.types else ANY}  # names of members
                for part in parts:
                    self.visit(part, inner)
                return ANY
        shapes = [self.visit(part, bound) for part in syntax.below(node)]
        if isinstance(node, Call):
            self._compare(node, shapes)
        return ANY

    def _member(self, shape: Shape, member: str, owner: str) -> Shape:
        if member in shape.members:
            return shape.members[member]
        if "object" in shape.types and shape.items:  # a map of things of one kind
            return shape.items
        if shape.closed:
            has = ", ".join(f"`{name}`" for name in sorted(shape.members)) or "none"
            self.problems.append(f"`{owner or '…'}` has no member `{member}`: it has {has}")
        return ANY

    def _indexed(self, shape: Shape, index: Expr, owner: str, bound: Mapping[str, Shape]) -> Shape:
        match index:
            case Constant(str(member)):
                return self._member(shape, member, owner)
            case Constant(int()):
                return shape.items or ANY
        self.visit(index, bound)
        return shape.items if shape.items and "object" in shape.types else ANY

    def _compare(self, call: Call, shapes: list[Shape]) -> None:
        match call:
            case Call("_==_" | "_!=_", (left, right)):
                self._possible(shapes[0], right)
                self._possible(shapes[1], left)
            case Call("@in", (_, Items(items))):
                for item in items:
                    self._possible(shapes[0], item)
            case Call("@in", (item, _)):
                self._possible(shapes[1].items or ANY, item)

    def _possible(self, shape: Shape, literal: Expr) -> None:
        if shape.values is None or not isinstance(literal, Constant) or not isinstance(literal.value, str):
            return
        if literal.value not in shape.values:
            can = ", ".join(f"`{value}`" for value in sorted(shape.values)) or "none"
            self.problems.append(f"`{literal.value}` is not possible here: expected one of {can}")


def _dotted(node: Expr) -> str:
    match node:
        case Identifier(name):
            return name
        case Select(operand, member, _):
            owner = _dotted(operand)
            return f"{owner}.{member}" if owner else ""
        case _:
            return ""
