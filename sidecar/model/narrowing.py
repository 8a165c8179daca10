"""The order "narrower than" on scopes: one function per dimension (identity-spec 2.7.2).

What the parent limits and the child leaves out is a refusal. There is no inheritance: it would make the meaning of
one token depend on others.
"""

from collections.abc import Mapping

from sidecar.errors import ScopeError
from sidecar.model.atoms import covered
from sidecar.model.constraint import MAX_STEPS, Budget, Path, narrower_constraint
from sidecar.model.scope import ANY_ARGUMENTS, Argument, Grant, Scope
from sidecar.model.strict_json import pointer


def narrower(child: Scope, parent: Scope) -> None:
    """Return where everything that `child` allows is allowed by `parent`.

    Raises `ScopeError` naming the dimension: scope_tool_added, scope_args_widened, scope_budget_widened,
    scope_data_class_widened, scope_egress_widened, scope_autonomy_raised, scope_obligation_dropped,
    chain_context_changed; or limit_scope_size where the comparison takes too many steps.
    """
    _narrower_tools(child.tools, parent.tools, Budget(MAX_STEPS))
    _narrower_classes(child.reads, parent.reads, "read")
    _narrower_classes(child.writes, parent.writes, "write")
    _narrower_egress(child.egress, parent.egress)
    _narrower_budgets(child.budgets, parent.budgets)
    if parent.autonomy is not None and (child.autonomy is None or child.autonomy > parent.autonomy):
        raise _wider("autonomy is higher than the parent's", "scope_autonomy_raised", ("autonomy",))
    if not (parent.approval & child.tools.keys()) <= child.approval:
        raise _wider("a tool no longer asks for approval", "scope_obligation_dropped", ("approval",))
    if not parent.missions <= child.missions:
        raise _wider("the mission is another than the parent's", "chain_context_changed", ("mission",))


def _narrower_tools(child: Mapping[str, Grant], parent: Mapping[str, Grant], budget: Budget) -> None:
    for name, grant in child.items():
        if name not in parent:
            raise _wider("a tool is not the parent's", "scope_tool_added", ("tools", name))
        if parent[name] is ANY_ARGUMENTS:
            continue  # nothing is wider
        if not _narrower_arguments(grant, parent[name], budget):
            raise _wider("arguments are wider than the parent's", "scope_args_widened", ("tools", name))
        if not _at_most(grant.max_calls, parent[name].max_calls):
            raise _wider("max_calls is above the parent's", "scope_budget_widened", ("tools", name, "max_calls"))


def _narrower_arguments(child: Grant, parent: Grant, budget: Budget) -> bool:
    if child.others and not parent.others:
        return False
    dropped = parent.arguments.keys() - child.arguments.keys()
    if any(child.others or not parent.arguments[name].optional for name in dropped):
        return False
    return all(_narrower_argument(own, parent, name, budget) for name, own in child.arguments.items())


def _narrower_argument(own: Argument, parent: Grant, name: str, budget: Budget) -> bool:
    theirs = parent.arguments.get(name)
    if theirs is None:
        return parent.others
    if own.optional and not theirs.optional:
        return False
    return narrower_constraint(own.constraint, theirs.constraint, budget)


def _narrower_classes(child: frozenset[str] | None, parent: frozenset[str] | None, member: str) -> None:
    if parent is not None and (child is None or not child <= parent):
        raise _wider("data classes are more than the parent's", "scope_data_class_widened", ("data", member))


def _narrower_egress(child: frozenset[str] | None, parent: frozenset[str] | None) -> None:
    if parent is None or child == parent:
        return  # as of most links: spares the walk
    if child is None or not all(covered(pattern, parent) for pattern in child):
        raise _wider("hosts are more than the parent's", "scope_egress_widened", ("egress",))


def _narrower_budgets(child: Mapping[str, int], parent: Mapping[str, int]) -> None:
    for unit, ceiling in parent.items():
        if unit not in child or child[unit] > ceiling:
            raise _wider("a budget is above the parent's", "scope_budget_widened", ("budgets", unit))


def _at_most(child: int | None, parent: int | None) -> bool:
    return parent is None or (child is not None and child <= parent)


def _wider(message: str, reason: str, path: Path) -> ScopeError:
    return ScopeError(f"{message}: narrow it", reason=reason, path=pointer(path))
