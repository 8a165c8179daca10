"""An issuer for trials, demonstrations and tests: makes the tokens that the verifier judges.

Its keys are made here and trusted nowhere until someone configures them. What it signs is canonical JSON (RFC 8785), so
that a token is reproducible from its claims.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.errors import TokenError
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.keys import KeySet, admit, encoded
from sidecar.identity.trust import Issuer
from sidecar.identity.verifier import DEFAULT_AUDIENCE
from sidecar.model.aat import AAT_TYPE
from sidecar.model.scope import SESSION_TYPE
from sidecar.model.strict_json import Json

TRIAL_ISSUER: Final = "https://trial.sidecar.local"
DEFAULT_LIFETIME: Final = 900  # seconds: as long as a derived link may live

__all__ = [  # `SigningKey` is what a minted token is bound to, so it is had from here, too
    "DEFAULT_LIFETIME",
    "TRIAL_ISSUER",
    "Order",
    "SigningKey",
    "TrialIssuer",
    "linked",
    "linked_details",
    "parent_hash",
]

Claims = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to mint: for whom, through whom (the caller last), within what, for whom to read, and when.

    `scope` is a session entry (identity-spec 2.7.1) without `type`. Times are seconds since the epoch.
    """

    user: str
    agents: Sequence[str]
    scope: Claims
    at: float
    lifetime_s: int = DEFAULT_LIFETIME
    audience: str = DEFAULT_AUDIENCE


@dataclass(frozen=True, slots=True)
class TrialIssuer:
    """One issuer with one key."""

    url: str
    key: SigningKey

    @classmethod
    def generate(cls, issuer: str = TRIAL_ISSUER, algorithm: str = "Ed25519") -> "TrialIssuer":
        """Return an issuer with a new key."""
        return cls(issuer, SigningKey.generate(algorithm))

    @classmethod
    def from_file(cls, value: Json) -> "TrialIssuer":
        """Return the issuer that `as_file` wrote. Raises `TokenError` key_invalid."""
        body = value if isinstance(value, Mapping) else {}
        url = body.get("issuer")
        if not isinstance(url, str) or not url:
            raise TokenError("not an issuer file: it needs `issuer` and `key`", reason="key_invalid")
        return cls(url, SigningKey.from_jwk(body.get("key")))

    def as_file(self) -> dict[str, Json]:
        """Return the issuer and its private key, for a file of mode 0600."""
        return {"issuer": self.url, "key": self.key.private_jwk()}

    def jwks(self) -> dict[str, Json]:
        """Return the public key as a JWK set."""
        return {"keys": [self.key.public_jwk()]}

    def issuer(self, name: str = "trial") -> Issuer:
        """Return what a verifier needs to trust this issuer, for tokens of both forms."""
        return Issuer(name=name, issuer=self.url, keys=KeySet(keys=(admit(self.key.public_jwk()),)))

    def mint(
        self,
        *,
        user: str,
        agents: Sequence[str],
        scope: Claims,
        at: float,
        audience: str = DEFAULT_AUDIENCE,
        lifetime_s: int = DEFAULT_LIFETIME,
    ) -> list[str]:
        """Return one token with nested `act`, as a list: what OpenSession takes."""
        return self.minted(
            Order(user=user, agents=agents, scope=scope, at=at, audience=audience, lifetime_s=lifetime_s)
        )

    def minted(self, order: Order, holder: SigningKey | None = None) -> list[str]:
        """Return the same for `order`, bound to the key of `holder` where there is one."""
        bound: Claims = {"cnf": {"jkt": holder.public.thumbprint}} if holder else {}
        claims = {**self.claims(order), **bound}
        return [self.key.sign(claims, "at+jwt", header={"kid": self.key.public.thumbprint})]

    def mint_linked(  # noqa: PLR0913 - the keywords of `Order`, spelled out for those who mint
        self,
        *,
        user: str,
        agents: Sequence[str],
        scope: Claims | Sequence[Claims],
        at: float,
        audience: str = DEFAULT_AUDIENCE,
        lifetime_s: int = DEFAULT_LIFETIME,
        holder: SigningKey | None = None,
        deeper: int = 0,
    ) -> list[str]:
        """Return a chain of linked tokens, root first: one for each agent, each with a new key.

        `scope` is one for all links, or one for each. `holder` is the last agent's key, where the caller keeps it.
        `deeper` is how many more links may follow.
        """
        scopes = [scope] * len(agents) if isinstance(scope, Mapping) else list(scope)
        holders = [SigningKey.generate() for _ in agents[1:]] + [holder or SigningKey.generate()]
        tokens: list[str] = []
        for index, (agent, granted, own) in enumerate(zip(agents, scopes, holders, strict=True)):
            order = Order(user=user, agents=[agent], scope=granted, at=at, audience=audience, lifetime_s=lifetime_s)
            claims = self.root_claims(order, own, deepest=len(agents) - 1 + deeper)
            if index == 0:
                tokens.append(self.key.sign(claims, "aat+jwt", header={"kid": self.key.public.thumbprint}))
            else:
                signer = holders[index - 1]
                tokens.append(signer.sign(linked(claims, tokens[-1], signer, index), "aat+jwt"))
        return tokens

    def claims(self, order: Order) -> dict[str, Json]:
        """Return the claims of one token with nested `act`."""
        body = {
            **self._common(order),
            "aud": order.audience,
            "client_id": order.agents[-1] if order.agents else order.user,
        }
        body["authorization_details"] = [{"type": SESSION_TYPE, **order.scope}]
        act: dict[str, Json] | None = None
        for agent in order.agents:
            act = {"sub": agent, "iss": self.url, **({"act": act} if act else {})}
        return {**body, **({"act": act} if act else {})}

    def root_claims(self, order: Order, holder: SigningKey, *, deepest: int) -> dict[str, Json]:
        """Return the claims of the root of a chain of linked tokens, bound to `holder`."""
        return {
            **self._common(order),
            "aud": order.audience,
            "client_id": order.agents[-1],
            "del_depth": 0,
            "del_max_depth": deepest,
            "cnf": {"jwk": holder.members()},
            "authorization_details": linked_details(order.scope),
        }

    def _common(self, order: Order) -> dict[str, Json]:
        issued = int(order.at)
        return {
            "iss": self.url,
            "sub": order.user,
            "iat": issued,
            "exp": issued + order.lifetime_s,
            "jti": secrets.token_urlsafe(16),
        }


def linked(claims: Claims, parent: str, signer: SigningKey, depth: int) -> dict[str, Json]:
    """Return the claims of a link at `depth` under the token `parent`, to be signed by its holder."""
    return {**claims, "iss": signer.public.thumbprint_uri, "par_hash": parent_hash(parent), "del_depth": depth}


def parent_hash(token: str) -> str:
    """Return the digest of a token's signing input, as a child's `par_hash` names it."""
    return encoded(hashlib.sha256(token.rpartition(".")[0].encode("ascii")).digest())


def linked_details(scope: Claims) -> list[Json]:
    """Return a scope as the two entries of a linked token: arguments in AAT's own, all else in ours."""
    tools = scope.get("tools", {})
    grants = (
        {name: body if isinstance(body, Mapping) else {} for name, body in tools.items()}
        if isinstance(tools, Mapping)
        else {}
    )
    entries: list[Json] = [{"type": AAT_TYPE, "tools": {name: body.get("args", {}) for name, body in grants.items()}}]
    rest = {member: value for member, value in scope.items() if member != "tools"}
    calls = {name: {"max_calls": body["max_calls"]} if "max_calls" in body else {} for name, body in grants.items()}
    if any(calls.values()):
        rest["tools"] = calls
    return [*entries, {"type": SESSION_TYPE, **rest}] if rest else entries
