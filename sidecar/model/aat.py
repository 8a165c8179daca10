"""The tools of an attenuating agent token, and its own table of "narrower".

The table is that of draft-niyikiza-oauth-attenuating-agent-tokens-02 and no other: `exact` under `any`, or `all` of a
range under that range, would be sound and are refused all the same, because other verifiers refuse such a chain. The
effective scope uses the lattice instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.errors import ScopeError
from sidecar.model.atoms import Contains, NotOneOf, OneOf, Range, Subset, range_within
from sidecar.model.constraint import (
    MAX_STEPS,
    All,
    AnyOf,
    Budget,
    Leaf,
    Node,
    Reading,
    Wildcard,
    expect_object,
    normal,
    refuse_others,
)
from sidecar.model.scope import Scope, expect_tools, grant_of, read_arguments
from sidecar.model.strict_json import Json, pointer

AAT_TYPE: Final = "attenuating_agent_token"

Arguments = Mapping[str, tuple[Node, bool]]

_ANY: Final[Arguments] = {"*": (Wildcard(), False)}  # what `{}` stands for


@dataclass(frozen=True, slots=True)
class AatTools:
    """The entry as written, for the table."""

    tools: Mapping[str, Arguments]

    def scope(self) -> Scope:
        """Return the scope that the entry amounts to."""
        return Scope(tools={name: grant_of(arguments) for name, arguments in self.tools.items()})


def parse_aat(value: Json) -> AatTools:
    """Return what an entry of type `attenuating_agent_token` grants.

    Raises `ScopeError` with reason scope_malformed, scope_unknown_type, scope_unknown_member,
    limit_constraint_depth or limit_scope_size.
    """
    body = expect_object(value, ())
    refuse_others(body, ("type", "tools"), ())
    if body.get("type") != AAT_TYPE or "tools" not in body:
        raise ScopeError(f"needs `type` {AAT_TYPE} and `tools`")
    reading = Reading(extensions=False)
    tools = {
        name: read_arguments(arguments, reading, ("tools", name))
        for name, arguments in expect_tools(body["tools"], ("tools",)).items()
    }
    for arguments in tools.values():
        for node, _ in arguments.values():
            if type(node) is All or type(node) is AnyOf:
                normal(node)  # too large when multiplied out: refused here, whatever stands above or below
    return AatTools(tools)


def narrower_aat(child: AatTools, parent: AatTools) -> None:
    """Return where the draft's table lets `child` be derived from `parent`.

    Raises `ScopeError` with reason scope_tool_added, scope_args_widened or limit_scope_size.
    """
    budget = Budget(MAX_STEPS)
    for name, arguments in child.tools.items():
        if name not in parent.tools:
            message = "a tool is not the parent's: grant only what the parent holds"
            raise ScopeError(message, reason="scope_tool_added", path=pointer(("tools", name)))
        if not _narrower_arguments(arguments, parent.tools[name], budget):
            message = "arguments are wider than the parent's: narrow them"
            raise ScopeError(message, reason="scope_args_widened", path=pointer(("tools", name)))


def _narrower_arguments(child: Arguments, parent: Arguments, budget: Budget) -> bool:
    parent, child = parent or _ANY, child or _ANY
    if "*" in child and "*" not in parent:
        return False
    for name, (_, may_be_left_out) in parent.items():
        if name not in child and name != "*" and ("*" in child or not may_be_left_out):
            return False
    return all(_narrower_argument(name, own, parent, budget) for name, own in child.items() if name != "*")


def _narrower_argument(name: str, own: tuple[Node, bool], parent: Arguments, budget: Budget) -> bool:
    if name not in parent:
        return "*" in parent
    (node, optional), (theirs, may_be_left_out) = own, parent[name]
    return (may_be_left_out or not optional) and subsumes(theirs, node, budget)


def subsumes(parent: Node, child: Node, budget: Budget) -> bool:
    """Return whether the table lets `child` stand under `parent`."""
    budget.spend()
    match parent, child:
        case Leaf(), Leaf():  # as most are
            return _leaf_subsumes(parent, child)
        case Wildcard(), _:
            return True
        case All(theirs), All(own):
            return all(any(subsumes(p, c, budget) for c in own) for p in theirs)
        case AnyOf(theirs), AnyOf(own):
            return all(any(subsumes(p, c, budget) for p in theirs) for c in own)
        case _:
            return False


def _leaf_subsumes(parent: Leaf, child: Leaf) -> bool:  # noqa: PLR0911 - one line per row of the table
    match parent.atom, child.atom:
        case OneOf() as theirs, OneOf() as own:
            # `one_of` under `exact` is not in the table, not even with one value.
            return own.keys <= theirs.keys and (child.exact or not parent.exact)
        case Range() as theirs, Range() as own:
            return range_within(own, theirs)
        case Range() as theirs, OneOf(values):
            return child.exact and theirs.accepts(values[0])
        case NotOneOf() as theirs, NotOneOf() as own:
            return own.keys >= theirs.keys
        case Contains() as theirs, Contains() as own:
            return own.keys >= theirs.keys
        case Subset() as theirs, Subset() as own:
            return own.keys <= theirs.keys
        case _:
            return False
