"""A chain of linked tokens: each made with the key that its parent names (identity-spec 2.4 and 2.6 E-B).

Two things tie a child to its parent. The key: only the holder that the parent names can sign. And `par_hash`: a holder
with a wide and a narrow parent cannot swap one for the other. Either alone has a known hole.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard

from sidecar.errors import ScopeError, TokenError
from sidecar.identity.claims import Registered
from sidecar.identity.jws import Jws
from sidecar.identity.keys import TrustedKey, admit_holder, encoded
from sidecar.identity.limits import Limits
from sidecar.model.aat import AAT_TYPE, AatTools, narrower_aat, parse_aat
from sidecar.model.account import MAX_CALLS
from sidecar.model.narrowing import narrower
from sidecar.model.scope import SESSION_TYPE, Scope, meet, open_tools, parse
from sidecar.model.spending import ceilings
from sidecar.model.strict_json import Json

_JWK_ALONE: Final = {"jwk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One token of a chain that holds up to here: its holder may sign the next."""

    token: Registered
    holder: TrustedKey
    digest: str  # of the signing input: what a child's `par_hash` must be
    depth: int
    deepest: int
    tools: AatTools
    entry: Scope | None  # our own entry; None where there is none
    words: frozenset[str]  # of `scope`: they grant nothing here, and a later reader must not find more than there were

    def scope(self) -> Scope:
        """Return what the link grants: the meet of both entries. Of a chain, the last link's is the meet of all.

        Each link was held within its parent, by relations that are sound (identity-spec 2.7.2): what a later one
        permits, no earlier one refuses. The laws of the scope and the gate of mutants stand on that.
        """
        scope = self.tools.scope()
        return scope if self.entry is None else meet(scope, self.entry)

    def ceilings(self) -> dict[str, int]:
        """Return what the link lets be spent: `model.spending.ceilings` of its scope, without making the scope.

        The AAT entry has no ceilings: they are our own entry's, of the tools that both entries name.
        """
        if self.entry is None:
            return {}
        tools, skip = self.tools.tools, len(MAX_CALLS)
        found = ceilings(self.entry)
        return {unit: most for unit, most in found.items() if unit[:skip] != MAX_CALLS or unit[skip:] in tools}


def link(jws: Jws, claims: Mapping[str, Json], token: Registered, earlier: Sequence[Link], limits: Limits) -> Link:
    """Return the link that a signed token adds to `earlier`, root first; steps 25 to 31 in order.

    Raises `TokenError` (chain_*, cnf_*, key_*) or `ScopeError` (scope_*, limit_*).
    """
    depth = _depth(claims, earlier[-1] if earlier else None, token, limits)
    if earlier:
        _check_context(token, earlier)
        _check_lifetime(token, earlier[-1].token)
    holder = _holder(claims, earlier)
    tools, entry = _entries(claims.get("authorization_details"))
    if earlier:
        narrower_aat(tools, earlier[-1].tools)
        _check_entry(entry, earlier[-1].entry)
    words = _words(claims.get("scope"), earlier[-1] if earlier else None)
    return Link(
        token=token,
        holder=holder,
        digest=digest(jws),
        depth=depth[0],
        deepest=depth[1],
        tools=tools,
        entry=entry,
        words=words,
    )


def digest(jws: Jws) -> str:
    """Return the SHA-256 of a token's signing input, in base64url.

    Of the signing input, not of the token: an ECDSA signature can be written in two ways.
    """
    return encoded(hashlib.sha256(jws.signing_input).digest())


def _depth(claims: Mapping[str, Json], parent: Link | None, token: Registered, limits: Limits) -> tuple[int, int]:
    """Return `del_depth` and `del_max_depth`; steps 25 to 27."""
    if parent is None:
        if "par_hash" in claims or not _is_whole(claims.get("del_depth"), 0, 0):
            raise TokenError("the first token is not a root", reason="chain_root_invalid")
    elif not hmac.compare_digest(token.issuer.encode(), parent.holder.thumbprint_uri.encode()):
        raise TokenError("a link does not name its parent's holder as issuer", reason="chain_issuer_not_parent_holder")
    elif not _same(claims.get("par_hash"), parent.digest):
        raise TokenError("a link was made for another parent", reason="chain_parent_hash_mismatch")
    least = 0 if parent is None else parent.depth + 1
    most = limits.delegation_depth if parent is None else parent.deepest
    depth, deepest = claims.get("del_depth"), claims.get("del_max_depth")
    if not _is_whole(depth, least, least) or not _is_whole(deepest, least, most):
        raise TokenError("the chain is deeper than its tokens allow", reason="chain_depth")
    return depth, deepest


def _is_whole(value: Json, least: int, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _same(claimed: Json, computed: str) -> bool:
    return isinstance(claimed, str) and hmac.compare_digest(claimed.encode(), computed.encode())


def _check_context(token: Registered, earlier: Sequence[Link]) -> None:
    """Step 28; the mission stands in our own entry and is compared there."""
    for other in earlier:
        if token.token_id == other.token.token_id:
            raise TokenError("two links have one id", reason="chain_duplicate_jti")
    if token.subject not in {"", earlier[0].token.subject}:
        raise TokenError("a link names another subject than the root", reason="chain_principal_changed")
    transaction = earlier[-1].token.transaction
    if transaction and token.transaction != transaction:
        raise TokenError("a link leaves its parent's transaction", reason="chain_context_changed")


def _check_lifetime(child: Registered, parent: Registered) -> None:
    """Step 29."""
    early = parent.not_before is not None and (child.not_before is None or child.not_before < parent.not_before)
    if early or child.expires_at > parent.expires_at or child.issued_at < parent.issued_at:
        raise TokenError("a link lives longer than its parent", reason="chain_lifetime_widened")


def _holder(claims: Mapping[str, Json], earlier: Sequence[Link]) -> TrustedKey:
    """Return the key of who may sign the next link; step 30."""
    confirmation = claims.get("cnf")
    if confirmation is None:
        raise TokenError("the token is bound to no key", reason="cnf_missing")
    if not isinstance(confirmation, dict) or confirmation.keys() != _JWK_ALONE:
        raise TokenError("`cnf` must hold `jwk` and nothing else", reason="cnf_invalid")
    holder = admit_holder(confirmation["jwk"])
    for other in reversed(earlier):
        if holder.thumbprint == other.holder.thumbprint:
            if other is earlier[-1]:
                raise TokenError("a holder delegates to itself", reason="chain_self_delegation")
            raise TokenError("a holder comes back later in the chain", reason="chain_cycle")
    return holder


def _words(scope: Json, parent: Link | None) -> frozenset[str]:
    """Return the OAuth scope strings of a link, which are its parent's byte by byte, or fewer; step 31."""
    if scope is not None and not isinstance(scope, str):
        raise ScopeError("`scope` must be a string")
    words = frozenset(scope.split(" ") if scope else ())
    if parent is not None and not words <= parent.words:
        raise ScopeError("`scope` has a word that the parent's has not", reason="scope_string_widened")
    return words


def _check_entry(child: Scope | None, parent: Scope | None) -> None:
    if parent is None:
        return
    if child is None:
        raise ScopeError("a link drops its parent's session entry: repeat it", reason="scope_entry_missing")
    narrower(child, parent)


def _entries(details: Json) -> tuple[AatTools, Scope | None]:
    """Return the AAT entry, and our own if it is there; entries of other types grant nothing here (RFC 9396).

    Where ours is silent about tools, the AAT entry alone speaks about them.
    """
    tools, ours = [], []
    for entry in entries_of(details):
        kind = entry.get("type")
        if kind == AAT_TYPE:
            tools.append(entry)
        elif kind == SESSION_TYPE:
            ours.append(entry)
    if len(tools) != 1:
        raise ScopeError(f"needs exactly one entry of type {AAT_TYPE}", reason="scope_entry_count")
    if len(ours) > 1:
        raise ScopeError("holds two session entries", reason="scope_entry_count")
    read = parse_aat(tools[0])
    if not ours:
        return read, None
    return read, parse(ours[0], open_tools(read.tools.keys()))


def details_of(details: Json, kind: str) -> list[Mapping[str, Json]]:
    """Return the entries of `authorization_details` of one type (RFC 9396). Raises `ScopeError` scope_malformed."""
    return [entry for entry in entries_of(details) if entry.get("type") == kind]


def entries_of(details: Json) -> list[Mapping[str, Json]]:
    """Return the entries of `authorization_details`. Raises `ScopeError` scope_malformed."""
    if not isinstance(details, list | tuple):
        raise ScopeError("`authorization_details` must be an array")
    entries = [entry for entry in details if type(entry) is dict or isinstance(entry, Mapping)]
    if len(entries) != len(details):
        raise ScopeError("`authorization_details` must be an array of objects")
    return entries
