"""What a session spends from, and what a crossing costs (identity-spec 2.7.4).

A child that may spend less than its parent still spends from its parent: so a session spends from every token of its
chain, root first, whoever else stands on that token, then from the sessions that it is part of, then from its own
budgets. The account of a token is named by its digest, and lives as long as the token: a second session of the same
token spends from the same account.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sidecar.model.account import CALLS, COST, MAX_CALLS, OCTETS_OUT, TOKENS, Account, Purse
from sidecar.model.chain import VerifiedChain
from sidecar.model.scope import Scope
from sidecar.model.session import Session

NODE: Final = "node"
SESSION: Final = "session"

_MONEY: Final = re.compile(COST + "[A-Z]{3}:[0-9]", re.ASCII)


def ceilings(scope: Scope) -> dict[str, int]:
    """Return what `scope` lets be spent in all: by unit, and for each tool that may be called so often only."""
    calls = {MAX_CALLS + tool: grant.max_calls for tool, grant in scope.tools.items() if grant.max_calls is not None}
    return {**scope.budgets, **calls}


def is_counted(unit: str) -> bool:
    """Return whether anybody counts what is spent of `unit`: a ceiling on anything else could not be held."""
    return unit in {CALLS, TOKENS, OCTETS_OUT} or _MONEY.fullmatch(unit) is not None


def purses(chain: VerifiedChain, granted: Scope, parents: Iterable[Purse] = ()) -> tuple[Purse, ...]:
    """Return what every session of `chain` spends from: its tokens, root first, then `parents`.

    `granted` is what the chain grants within the agent's own policy: the last token's account is held to that.
    """
    nodes: dict[str, Purse] = {}
    for hop in chain.hops:
        if hop.digest not in nodes:  # one token may name several hops
            account = Account(NODE, hop.digest)
            nodes[hop.digest] = Purse(account=account, ceilings=hop.ceilings, until=float(hop.expires_at))
    last = chain.hops[-1].digest
    nodes[last] = nodes[last]._replace(ceilings=_least(nodes[last].ceilings, ceilings(granted)))
    known = {purse.account: purse for purse in nodes.values()}
    for purse in parents:  # a part of a session may stand on the same tokens: each is paid from once
        other = known.get(purse.account)
        known[purse.account] = purse._replace(ceilings=_least(other.ceilings, purse.ceilings)) if other else purse
    return tuple(purse for purse in known.values() if purse.ceilings)


def own_purse(session: Session) -> Purse:
    """Return the budgets of `session` itself."""
    return Purse(account=Account(SESSION, session.id), ceilings=ceilings(session.scope), until=session.expires_at)


def narrowed(session: Session, scope: Scope, parent: Session | None = None) -> Session:
    """Return `session` with `scope`, which is narrower than its own, and where its `parent` was narrowed with that."""
    held = replace(session, scope=scope)
    own = own_purse(held)
    others = [purse for purse in session.purses if purse.account != own.account]
    if parent is not None:
        above = {purse.account: purse for purse in (*parent.purses, own_purse(parent))}
        others = [above.get(purse.account, purse) for purse in others]
        others += [purse for account, purse in above.items() if account not in {one.account for one in others}]
    return replace(held, purses=tuple(purse for purse in (*others, own) if purse.ceilings))


def _least(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    return {unit: min(a.get(unit, b.get(unit, 0)), b.get(unit, a.get(unit, 0))) for unit in {**a, **b}}
