"""Did the issuer give what was asked for, and nothing else?

A token that is exchanged (RFC 8693) keeps its subject, its transaction and the history of its actors, to which we are
added; its scope, its audience and its lifetime only shrink; and it is bound to our key: R1 to R7 of identity-spec 2.3.
Both tokens have passed the verifier before: the issuer is trusted to sign, and held to what it was asked.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.errors import ScopeError, TokenError
from sidecar.identity.holders.confirmation import confirmation
from sidecar.model.atoms import canonical
from sidecar.model.chain import VerifiedChain
from sidecar.model.narrowing import narrower
from sidecar.model.scope import Scope
from sidecar.model.strict_json import Json

Claims = Mapping[str, Json]

MAX_ACTORS: Final = 8  # levels of `act` that are followed; the verifier refuses fewer already


@dataclass(frozen=True, slots=True)
class Party:
    """An actor as `act` names it: its subject, and the authority that gives such names (empty: not compared)."""

    subject: str
    authority: str = ""

    def is_named_in(self, entry: Json) -> bool:
        """Return whether `entry`, a level of `act` or `may_act`, names this party and nobody else."""
        if not isinstance(entry, Mapping) or entry.get("sub") != self.subject:
            return False
        return not self.authority or entry.get("iss", self.authority) == self.authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A token that the verifier accepted: what it proves, and the claims that were signed."""

    chain: VerifiedChain
    claims: Claims = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of the issuer, and what the result is held to.

    `us` is who the new actor is, `resource` the one audience, `words` the OAuth scope strings asked for (empty: as the
    subject has them), `scope` the session scope asked for (None: likewise). `thumbprint` is of our key; empty: the
    result must be bound to none. `subjects` maps (issuer, subject) to what another domain's issuer calls the same.
    """

    us: Party
    resource: str
    words: tuple[str, ...] = ()
    scope: Scope | None = None
    thumbprint: str = ""
    subjects: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


def check_may_exchange(subject: Proven, actor: Proven | None, us: Party) -> None:
    """Return where `subject` is ours to exchange: before anything is sent.

    That it is meant for us, the verifier has seen (KNOX-3520's rule). Raises `TokenError` act_not_permitted where
    `may_act` names another, where it is our own token as an actor, or where `actor` is another's token.
    """
    may_act = subject.claims.get("may_act")
    if may_act is not None and not us.is_named_in(may_act):
        raise TokenError("the token names another than us in `may_act`", reason="act_not_permitted")
    if subject.chain.principal.subject == us.subject and not subject.chain.principal.actors:
        raise TokenError("our own token cannot stand for somebody else", reason="act_not_permitted")
    if actor is not None and actor.chain.principal.subject != us.subject:
        raise TokenError("the actor's token is not ours", reason="act_not_permitted")


def check_exchanged(subject: Proven, result: Proven, wish: Wish) -> None:
    """Return where `result` is what `wish` asked for of `subject`; R1 to R7 in order.

    Raises `TokenError` exchange_subject_changed, exchange_act_truncated, exchange_act_forged, exchange_scope_widened,
    exchange_aud_changed, exchange_lifetime_widened, exchange_cnf_changed or chain_context_changed.
    """
    _check_subject(subject, result, wish)
    check_actors(levels(subject.claims), levels(result.claims), wish.us)
    _check_scope(subject, result, wish)
    if result.chain.audience != {wish.resource}:
        raise TokenError("the new token is for another audience than was asked for", reason="exchange_aud_changed")
    if result.chain.expires_at > subject.chain.expires_at:
        raise TokenError("the new token outlives the one it was given for", reason="exchange_lifetime_widened")
    check_key(result.claims, wish)
    if result.claims.get("txn") != subject.claims.get("txn"):
        raise TokenError("the new token leaves the transaction of the first", reason="chain_context_changed")


def check_key(claims: Claims, wish: Wish) -> None:
    """R6. Raises `TokenError` exchange_cnf_changed."""
    bound = confirmation(claims.get("cnf"))
    if (bound.thumbprint if bound else "") != wish.thumbprint or (bound and not bound.thumbprint):
        raise TokenError("the new token is bound to another key than ours", reason="exchange_cnf_changed")


def _check_subject(subject: Proven, result: Proven, wish: Wish) -> None:
    """R1."""
    asked = (subject.chain.principal.issuer, subject.chain.principal.subject)
    given = (result.chain.principal.issuer, result.chain.principal.subject)
    if given != wish.subjects.get(asked, asked):
        raise TokenError("the new token is for another subject", reason="exchange_subject_changed")


def check_actors(before: list[Claims], after: list[Claims], us: Party) -> None:
    """R2: we come first, and behind us everybody who was there before, unchanged.

    Raises `TokenError` exchange_act_truncated or exchange_act_forged.
    """
    forged = TokenError("the new token names other actors than ours and those before", reason="exchange_act_forged")
    truncated = TokenError("the new token leaves actors out", reason="exchange_act_truncated")
    if not after:
        raise truncated
    history = [canonical(_alone(level)) for level in before]
    told = [canonical(_alone(level)) for level in after[1:]]
    if not us.is_named_in(after[0]):
        # The actors as they were, without us: we were left out. Anybody else: made up.
        raise truncated if [canonical(_alone(level)) for level in after] == history else forged
    if told != history:
        raise truncated if _is_within(told, history) else forged


def _is_within(part: list[Hashable], whole: list[Hashable]) -> bool:
    """Return whether `part` is `whole` with some left out."""
    left = iter(whole)
    return all(any(one == other for other in left) for one in part)


def levels(claims: Claims) -> list[Claims]:
    """Return the levels of `act`, the current actor first."""
    found: list[Claims] = []
    level = claims.get("act")
    while isinstance(level, Mapping) and len(found) < MAX_ACTORS:
        found.append(level)
        level = level.get("act")
    return found


def _alone(level: Claims) -> dict[str, Json]:
    return {name: value for name, value in level.items() if name != "act"}


def _check_scope(subject: Proven, result: Proven, wish: Wish) -> None:
    """R3: within the subject's, and within what was asked for."""
    held, given = words(subject.claims), words(result.claims)
    allowed = held & frozenset(wish.words) if wish.words else held
    if not given <= allowed:
        raise TokenError("the new token has an OAuth scope that was not asked for", reason="exchange_scope_widened")
    check_within(result.chain.scope, subject.chain.scope, wish.scope)


def check_within(given: Scope, *bounds: Scope | None) -> None:
    """R3 for the session scope: `given` is within each of `bounds` that there is."""
    try:
        for bound in bounds:
            if bound is not None:
                narrower(given, bound)
    except ScopeError as error:
        message = f"the new token's scope is wider than what was asked for ({error.reason})"
        raise TokenError(message, reason="exchange_scope_widened", path=error.path) from None


def words(claims: Claims) -> frozenset[str]:
    """Return the words of the OAuth `scope`; for what is no string one that nobody asks for."""
    text = claims.get("scope", "")
    return frozenset(text.split(" ")) - {""} if isinstance(text, str) else frozenset({"\0"})
