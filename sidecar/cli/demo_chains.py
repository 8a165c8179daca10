"""The delegation chains of the demo: what the agent was given, and what attackers present."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import time
from typing import Final

from sidecar.identity.holders.proving import proof_to_open
from sidecar.identity.opening import Opening
from sidecar.identity.trial import Order, SigningKey, TrialIssuer, linked
from sidecar.model.strict_json import Json

TOOLS: Final = ("search_orders", "get_customer", "read_inbox", "refund")
COURIER: Final = "courier"
_AGE: Final = 600  # seconds since the chains were minted
_LIFETIME: Final = 900  # seconds; a link with half of it has expired by now


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """Delegation chains, root first. `holder` is the key that the agent's own is bound to."""

    agent: Sequence[str]
    holder: SigningKey
    forged: Sequence[str]
    widened: Sequence[str]
    expired: Sequence[str]
    courier: Sequence[str]  # of another agent that we know
    stranger: Sequence[str]  # of one that says it is the courier

    def proof(self, chain: Sequence[str], task: str, tools: Sequence[str]) -> str:
        """Return the agent's proof that it asks for this now; for the other chains it is the wrong one."""
        return proof_to_open(self.holder, chain, Opening(task=task, tools=tuple(tools)), time())


def chains(issuer: TrialIssuer, at: float) -> Chains:
    """Return the chains of one demo; `at` is now, in seconds since the epoch. Nothing else trusts their issuer."""
    attacker = TrialIssuer(issuer.url, SigningKey.generate())
    minted = at - _AGE
    holder = SigningKey.generate()
    return Chains(
        agent=issuer.mint_linked(
            user="ann",
            agents=["shop-app", "support-agent"],
            scope=_scope(TOOLS),
            at=minted,
            lifetime_s=_LIFETIME,
            holder=holder,
        ),
        holder=holder,
        forged=_passed_off(attacker, issuer, minted),
        widened=issuer.mint_linked(
            user="ann",
            agents=["shop-app", "support-agent"],
            scope=[_scope(TOOLS), _scope((*TOOLS, "send_email"))],
            at=minted,
            lifetime_s=_LIFETIME,
        ),
        expired=_expired(issuer, minted),
        courier=issuer.mint(
            user="parcels", agents=[COURIER], scope=_scope(("track",)), at=minted, lifetime_s=_LIFETIME
        ),
        stranger=attacker.mint(
            user="parcels", agents=[COURIER], scope=_scope(("track",)), at=minted, lifetime_s=_LIFETIME
        ),
    )


def _passed_off(attacker: TrialIssuer, issuer: TrialIssuer, at: float) -> list[str]:
    """Return a token that names the issuer's key and is signed with the attacker's."""
    order = Order(user="ann", agents=["support-agent"], scope=_scope(TOOLS), at=at, lifetime_s=_LIFETIME)
    return [attacker.key.sign(attacker.claims(order), "at+jwt", header={"kid": issuer.key.public.thumbprint})]


def _expired(issuer: TrialIssuer, at: float) -> list[str]:
    """Return a chain whose root still lives and whose link does not."""
    holders = SigningKey.generate(), SigningKey.generate()
    order = Order(user="ann", agents=["shop-app"], scope=_scope(TOOLS), at=at, lifetime_s=_LIFETIME)
    root = issuer.key.sign(
        issuer.root_claims(order, holders[0], deepest=1), "aat+jwt", header={"kid": issuer.key.public.thumbprint}
    )
    brief = Order(user="ann", agents=["support-agent"], scope=_scope(TOOLS), at=at, lifetime_s=_LIFETIME // 2)
    claims = issuer.root_claims(brief, holders[1], deepest=1)
    return [root, holders[0].sign(linked(claims, root, holders[0], 1), "aat+jwt")]


def _scope(tools: Sequence[str]) -> dict[str, Json]:
    return {"tools": {tool: {} for tool in tools}}
