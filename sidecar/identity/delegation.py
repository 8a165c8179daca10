"""One more link, narrower than the session, signed with the sidecar's own key (identity-spec 2.16).

What is signed here is at once judged as a stranger's: by the public verifier, as the one who will receive it. That
catches a mistake of this module and a fault of the signature alike. Nothing is ever clamped: who asks for more than the
session holds is told which dimension is wider. No root is made, and no token with nested `act` is signed again.

Ceilings on budgets hold for each link by itself: what several sub-agents of one session spend together is bounded only
once budgets are debited along the chain (2.7.4).
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import JsonError, ScopeError, TokenError
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.jws import is_identifier, parsed, strict_object
from sidecar.identity.keys import admit, encoded
from sidecar.identity.links import details_of
from sidecar.identity.trust import FORM_B
from sidecar.identity.verifier import Verifier
from sidecar.model.aat import AAT_TYPE, narrower_aat, parse_aat
from sidecar.model.chain import VerifiedChain
from sidecar.model.narrowing import narrower
from sidecar.model.scope import SESSION_TYPE, Scope
from sidecar.model.scope_form import as_json, requested
from sidecar.model.strict_json import Json, parse

MAX_SCOPE_JSON: Final = 64 * 1024  # characters
MAX_KEY_JSON: Final = 8 * 1024  # characters
MAX_NAME: Final = 512  # characters of an agent's or an audience's name
LONGEST_LIFETIME: Final = 900  # seconds: what a link may live that its issuer cannot revoke (identity-spec 2.10)

_KEY_MEMBERS: Final = ("kty", "crv", "x", "y", "n", "e", "alg")
_TOKEN_ID_OCTETS: Final = 16

_UNVERIFIED: Final = "mint_unverified_parent"
_ROOT: Final = "mint_root_forbidden"
_DEPTH: Final = "mint_depth_exhausted"
_WIDER: Final = "mint_wider_than_verified"
_DIMENSIONS: Final = frozenset({"scope_tool_added", "scope_args_widened"})  # those of AAT's table


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """Who is to be delegated to, for whom to verify it, within what, bound to which key, for how long.

    `scope_json` is a scope object that names its tools. What else it leaves out stays as the session has it, and so
    do the arguments of a tool without `args`. `lifetime_s` is in seconds; 0 is as long as may be.
    """

    agent: str
    audience: str
    scope_json: str
    confirmation_jwk: str
    lifetime_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """What is delegated from: a chain that verified in this process, its tokens, and what is left of its scope."""

    chain: VerifiedChain
    tokens: tuple[str, ...] = field(repr=False)
    scope: Scope
    expires_at: float  # seconds since the epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegated:
    """One more link, which the caller puts behind the chain's own tokens, and what the longer chain proves."""

    token: str = field(repr=False)
    chain: VerifiedChain

    @property
    def expires_at(self) -> int:
        """When the new link ends, in seconds since the epoch."""
        return self.chain.hops[-1].expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegator:
    """Signs links with the sidecar's own key, and judges each by `verifier` before it is let out."""

    holder: SigningKey
    verifier: Verifier

    def delegated(self, parent: Parent, asked: Delegation, at: float) -> Delegated:
        """Return the link that `asked` is worth under `parent` at `at` (seconds since the epoch).

        Raises `TokenError` mint_unverified_parent, mint_root_forbidden or mint_depth_exhausted, `ScopeError`
        mint_wider_than_verified, or for what is wrong with the request the reasons of identity-spec 2.8.
        """
        leaf = self._leaf(parent, at)
        depth = len(parent.tokens)
        if depth > _whole(leaf.get("del_max_depth")) or depth + 1 > self.verifier.limits.hops:
            raise TokenError("the chain may not become longer: delegate from an earlier link", reason=_DEPTH)
        details = _details(parent.scope, asked.scope_json, leaf.get("authorization_details"))
        claims: dict[str, Json] = {
            **{name: leaf[name] for name in ("sub", "txn", "nbf") if name in leaf},
            **_times(parent, asked.lifetime_s, at),
            "iss": self.holder.public.thumbprint_uri,
            "client_id": _named(asked.agent, "agent"),
            "jti": secrets.token_urlsafe(_TOKEN_ID_OCTETS),
            "aud": _named(asked.audience, "audience"),
            "cnf": {"jwk": _confirmation(asked.confirmation_jwk)},
            "par_hash": parent.chain.hops[-1].digest,
            "del_depth": depth,
            "del_max_depth": leaf["del_max_depth"],
            "authorization_details": details,
        }
        return self._judged(parent, self.holder.sign(claims, "aat+jwt"), asked.audience, at)

    def _leaf(self, parent: Parent, at: float) -> Mapping[str, Json]:
        """Return the claims of the last link, once it is sure that this sidecar may sign below it."""
        chain = parent.chain
        if at >= min(parent.expires_at, chain.expires_at):
            raise TokenError("only a chain that verified here, and lasts, can be delegated from", reason=_UNVERIFIED)
        if chain.profile != FORM_B:
            message = "a single token is its issuer's to pass on: open the session with a chain of linked tokens"
            raise TokenError(message, reason=_ROOT)
        if chain.hops[-1].thumbprint != self.holder.public.thumbprint:
            message = (
                "the chain's last link is not bound to this sidecar's key: have the delegator put the key of "
                "holder.jwk.json, beside the control socket, into its `cnf.jwk`"
            )
            raise TokenError(message, reason=_ROOT)
        digests = [_signed_digest(token) for token in parent.tokens]
        if digests != [hop.digest for hop in chain.hops]:
            raise TokenError("the tokens are not those that verified: open a new session", reason=_UNVERIFIED)
        limits = self.verifier.limits
        jws = parsed(parent.tokens[-1], limits)
        return strict_object(jws.payload, limits.json_depth, limits.json_members, limits)

    def _judged(self, parent: Parent, token: str, audience: str, at: float) -> Delegated:
        """Return the new link if its receiver would accept it, and it grants no more than the session holds."""
        receiver = replace(self.verifier, audiences=frozenset({audience}))
        try:
            chain = receiver.verify((*parent.tokens, token), at)
        except TokenError as error:
            if error.reason != "aud_mismatch":
                raise
            message = "an earlier link is for other audiences only: have its `aud` name this one, too, or nobody"
            raise TokenError(message, reason=error.reason) from None
        _within(chain.scope, parent.scope)
        return Delegated(token=token, chain=chain)


def is_unnarrowed(child: Scope, held: Scope) -> bool:
    """Return whether `child`, within `held`, is all of it: allowed, and told (identity-spec, P11)."""
    try:
        narrower(held, child)
    except ScopeError:
        return False
    return True


def _within(child: Scope, held: Scope) -> None:
    """Raise mint_wider_than_verified where `child` is wider than `held`, naming the dimension."""
    try:
        narrower(child, held)
    except ScopeError as error:
        raise _wider(error) from None


def _wider(error: ScopeError) -> ScopeError:
    message = f"wider than the session holds ({error.reason}): ask for less"
    return ScopeError(message, reason=_WIDER, path=error.path)


def _details(held: Scope, scope_json: str, parent: Json) -> list[Json]:
    """Return the two entries of the new link: tools by AAT's own table, all else in ours."""
    body = _object(scope_json, MAX_SCOPE_JSON, "scope_json")
    asked = requested(body, held)
    tools = body.get("tools")
    if not isinstance(tools, Mapping) or not tools:
        raise ScopeError("name the tools that the sub-agent may call", reason="scope_empty", path="/tools")
    _within(asked, held)
    theirs = details_of(parent, AAT_TYPE)[0]
    granted: dict[str, Json] = {}
    for name, grant in tools.items():
        granted[name] = _member(grant, "args", _member(theirs.get("tools"), name, {}))
    entry: dict[str, Json] = {"type": AAT_TYPE, "tools": granted}
    try:
        narrower_aat(parse_aat(entry), parse_aat(theirs))
    except ScopeError as error:
        raise (_wider(error) if error.reason in _DIMENSIONS else error) from None
    ours = _ours(asked, tools, details_of(parent, SESSION_TYPE))
    return [entry, {"type": SESSION_TYPE, **ours}] if ours is not None else [entry]


def _ours(asked: Scope, tools: Mapping[str, Json], parent: list[Mapping[str, Json]]) -> dict[str, Json] | None:
    """Return our own entry, None where there is nothing that the other does not say.

    Where the parent's speaks about tools, so must this one: what a link leaves out, it does not inherit.
    """
    entry = as_json(replace(asked, tools={}))
    del entry["tools"]
    written = parent[0].get("tools") if parent else None
    grants: dict[str, Json] = {}
    for name in tools:
        grant: dict[str, Json] = {}
        arguments = _member(_member(written, name, {}), "args", None)
        if arguments is not None:
            grant["args"] = arguments
        if (calls := asked.tools[name].max_calls) is not None:
            grant["max_calls"] = calls
        grants[name] = grant
    if any(grants.values()):
        entry["tools"] = grants
    return entry if entry or parent else None


def _times(parent: Parent, lifetime_s: int, at: float) -> dict[str, Json]:
    issued = max(int(at), parent.chain.hops[-1].issued_at)
    lifetime = lifetime_s or LONGEST_LIFETIME
    if not 0 < lifetime <= LONGEST_LIFETIME:
        message = f"a link lives at most {LONGEST_LIFETIME} s: ask for a lifetime within that"
        raise TokenError(message, reason="time_lifetime_exceeded")
    return {"iat": issued, "exp": min(int(parent.expires_at), parent.chain.expires_at, int(at) + lifetime)}


def _confirmation(text: str) -> dict[str, Json]:
    """Return the public members of the sub-agent's key. Raises `TokenError` with a reason of identity-spec 2.9."""
    if not text:
        raise TokenError("send the sub-agent's public key as confirmation_jwk", reason="cnf_missing")
    try:
        body = _object(text, MAX_KEY_JSON, "confirmation_jwk")
    except ScopeError as error:
        raise TokenError(str(error), reason="cnf_invalid") from None
    admit(body)
    return {name: body[name] for name in _KEY_MEMBERS if name in body}


def _object(text: str, longest: int, name: str) -> Mapping[str, Json]:
    if len(text) > longest:
        raise ScopeError(f"{name} is longer than {longest} characters", reason="limit_scope_size")
    try:
        value = parse(text)
    except JsonError:
        value = None
    if not isinstance(value, Mapping):
        raise ScopeError(f"{name} must be one strict JSON object without duplicate members")
    return value


def _named(value: str, name: str) -> str:
    if not is_identifier(value, MAX_NAME):
        raise TokenError(f"`{name}` must be a short string without control characters", reason="claim_missing")
    return value


def _member(value: Json, name: str, otherwise: Json) -> Json:
    return value.get(name, otherwise) if isinstance(value, Mapping) else otherwise


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _signed_digest(token: str) -> str:
    return encoded(hashlib.sha256(token.rpartition(".")[0].encode("utf-8", "surrogatepass")).digest())
