"""The one place where a delegation becomes a fact (identity-spec 2.6).

The order is normative: the first step that fails names the reason. Cheap steps come before dear ones, and before a
signature holds nothing of a token is used but `iss` and `kid`, as look-up keys into what is configured. Nothing here
does I/O or reads a clock. Only this module makes a `VerifiedChain`.

Whether who brings a credential holds its key (33) is for `proofs` to judge, of the chain that comes out of here.
Until then the last holder of a chain of linked tokens is `asserted`, not `proved`. Revocation (38) is for the enforcer
to ask for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import EvidenceError, ScopeError, TokenError
from sidecar.identity import actors as act
from sidecar.identity import claims as registered_claims
from sidecar.identity.actor_proofs import check_actor_proofs
from sidecar.identity.adapters import adapted, check_required
from sidecar.identity.claims import REQUIRED_A, REQUIRED_DERIVED, REQUIRED_ROOT, REQUIRED_TRANSACTION, Registered
from sidecar.identity.holders.confirmation import confirmation, of_key
from sidecar.identity.jws import LEGACY_ALGORITHM, Jws, check_signature, claims_of, is_identifier, parsed, verified
from sidecar.identity.keys import TrustedKey
from sidecar.identity.limits import Limits
from sidecar.identity.links import Link, details_of, digest, link
from sidecar.identity.trust import FORM_A, FORM_B, TRANSACTION, Issuer, TrustStore, trust_store
from sidecar.model.chain import Assurance, Hop, Principal, VerifiedChain, chain_digest
from sidecar.model.scope import NOTHING, SESSION_TYPE, Scope, open_tools, parse
from sidecar.model.spending import ceilings
from sidecar.model.strict_json import Json

DEFAULT_AUDIENCE: Final = "https://sidecar.local/agent"
DEFAULT_LIMITS: Final = Limits()

# `typ` → profile. adc+jwt is known, so that its refusal can say what it is, and never enabled.
_PROFILES: Final = {"at+jwt": FORM_A, "aat+jwt": FORM_B, "adc+jwt": "adc-03@1", "txntoken+jwt": TRANSACTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Judges credentials by what is configured. Frozen; a reload makes a new one.

    `audiences` are the strings that name us in `aud`. `denied_actors` may act at no depth of any chain. `trust_domain`
    is what transaction tokens name in `aud`: they are for all that is within it.
    """

    trust: TrustStore
    audiences: frozenset[str] = frozenset({DEFAULT_AUDIENCE})
    profiles: frozenset[str] = frozenset({FORM_A, FORM_B})
    limits: Limits = DEFAULT_LIMITS
    denied_actors: frozenset[str] = field(default_factory=frozenset)
    trust_domain: str = ""

    @classmethod
    def of(cls, issuers: Iterable[Issuer], audiences: Iterable[str] = (DEFAULT_AUDIENCE,)) -> "Verifier":
        """Return a verifier with the defaults of the specification. Raises `ConfigError`."""
        return cls(trust=trust_store(issuers), audiences=frozenset(audiences))

    def verify(self, tokens: Sequence[str], at: float, *, from_agent: bool = False) -> VerifiedChain:
        """Return what `tokens` prove at `at` (seconds since the epoch): one token, or a chain, root first.

        `from_agent`: another agent presents them, so that a token must say itself who acts. Raises `TokenError` or
        `ScopeError` with the reasons of identity-spec 2.8 in lower case; no other error, whatever `tokens` hold.
        """
        try:
            admitted = self._admitted(tokens)
            profile = self._profile(admitted)
            if profile == FORM_A:
                return self._single(admitted[0], at, from_agent=from_agent)
            return self._linked(admitted, at) if profile == FORM_B else self._transaction(admitted[0], at)
        except EvidenceError:
            raise
        except Exception:  # noqa: BLE001 - "anything unexpected": its text may quote the token
            raise TokenError("the credential could not be judged", reason="internal_error") from None

    # ---- A and B: admission and header -------------------------------------------------------------------

    def _admitted(self, tokens: Sequence[str]) -> tuple[Jws, ...]:
        """Return the parts of each token; steps 1 to 8 and 10."""
        if not isinstance(tokens, list | tuple):
            raise TokenError("a credential is a list of tokens")
        if not tokens:
            raise TokenError("no token was sent: send the delegation chain, root first", reason="token_missing")
        if len(tokens) > self.limits.hops:
            raise TokenError(f"a chain of more than {self.limits.hops} tokens", reason="limit_chain_hops")
        if sum(len(token) for token in tokens if isinstance(token, str)) > self.limits.chain:
            raise TokenError(f"a chain of more than {self.limits.chain} characters", reason="limit_chain_size")
        return tuple(parsed(token, self.limits) for token in tokens)

    def _profile(self, tokens: Sequence[Jws]) -> str:
        """Return what the one `typ` of all tokens says that they are; step 9, and what is left of step 7."""
        found = {self._profile_of(token.typ) for token in tokens}
        if len(found) > 1:
            raise TokenError("the tokens are of different kinds: send one chain", reason="chain_mixed_profile")
        profile = found.pop()
        if profile not in self.profiles:
            raise TokenError("tokens of this kind are switched off here", reason="profile_disabled")
        if profile != FORM_B:
            if len(tokens) > 1:
                raise TokenError("several single tokens are no chain: send one", reason="typ_unexpected")
            if not self.trust.tolerates(tokens[0].own_keys):
                raise TokenError("the header brings a key of its own", reason="header_forbidden_param")
        return profile

    def _profile_of(self, typ: str) -> str:
        if profile := _PROFILES.get(typ):
            return profile
        if self.trust.expects(typ):
            return FORM_A  # an issuer that marks its access tokens otherwise
        raise TokenError("`typ` is not that of an access token", reason="typ_unexpected")

    # ---- C and D: key, signature, registered claims ------------------------------------------------------

    def _issuer(self, token: Jws, unverified: Mapping[str, Json], profile: str) -> Issuer:
        """Return the issuer that the token claims; step 11. The payload is read for `iss` alone, as a look-up key."""
        issuer = self.trust.issuer(registered_claims.peeked_issuer(unverified, self.limits))
        if profile not in issuer.profiles:
            raise TokenError("this issuer may not issue tokens of this kind", reason="profile_disabled")
        if profile == FORM_A and (token.typ not in issuer.typ or issuer.shape.actor_only):
            raise TokenError("this issuer marks its tokens otherwise", reason="typ_unexpected")
        if token.algorithm not in issuer.algorithms:
            raise TokenError("this issuer does not sign with this `alg`", reason="alg_not_allowed")
        if profile != FORM_B and token.own_keys - issuer.tolerated_headers:
            raise TokenError("the header brings a key of its own", reason="header_forbidden_param")
        return issuer

    def _signed_by_issuer(self, token: Jws, profile: str) -> tuple[Issuer, TrustedKey, Mapping[str, Json]]:
        """Return the claims, once an issuer's signature holds; steps 11 to 15, and 17."""
        claims = claims_of(token, self.limits)  # read once: the octets are those that the signature covers
        issuer = self._issuer(token, claims, profile)
        key = issuer.key(token.key_id)
        check_signature(token, key)
        if claims.get("iss") != issuer.issuer:
            raise TokenError("the key is another issuer's", reason="iss_key_mismatch")
        return issuer, key, claims

    # ---- Form A ------------------------------------------------------------------------------------------

    def _single(self, jws: Jws, at: float, *, from_agent: bool) -> VerifiedChain:
        """One token with nested `act`; steps 11 to 32."""
        issuer, key, claims = self._signed_by_issuer(jws, FORM_A)
        mark = digest(jws)
        claims = adapted(claims, issuer.shape, mark)
        token = registered_claims.registered(claims, REQUIRED_A, self.limits)
        _check_use(claims, issuer)
        registered_claims.in_time(token, at, issuer.max_ttl, self.limits)
        single = issuer.audience_policy == "single"
        registered_claims.addressed(token, self.audiences, single=single, limits=self.limits)
        found = act.actors(claims, token, issuer, self.limits)
        found = found or act.from_client(token, issuer, required=from_agent)
        act.in_their_namespaces(found, issuer, self.trust)
        self._check_denied(actor.subject for actor in found)
        if issuer.require_actor_proofs:
            check_actor_proofs(claims, token, self.limits)
        act.confirmed_alike(claims)
        holder = confirmation(claims.get("cnf"))
        scope = _scope_of(claims, issuer)
        return VerifiedChain(
            profile=FORM_A,
            principal=_principal(token, issuer, found),
            hops=_single_hops(token, key, found, mark, holder.thumbprint if holder else "", ceilings(scope)),
            scope=scope,
            not_before=max(token.not_before or 0, token.issued_at),
            expires_at=token.expires_at,
            audience=token.audience or frozenset(),
            digest=chain_digest((mark,)),
            transaction=token.transaction,
            mission=scope.mission,
            trust_generation=self.trust.generation,
            holder=holder,
        )

    # ---- Transaction tokens ------------------------------------------------------------------------------

    def _transaction(self, jws: Jws, at: float) -> VerifiedChain:
        """One transaction token: whose transaction it is, and who asked for it. Who brings it is not said in it.

        So it authenticates nobody, and all of its actors are history: `presenters` adds the workload that shows it.
        """
        issuer, key, claims = self._signed_by_issuer(jws, TRANSACTION)
        mark = digest(jws)
        token = registered_claims.registered({"jti": mark, **claims}, REQUIRED_TRANSACTION, self.limits)
        asker = claims["req_wl"]
        if not isinstance(asker, str) or not is_identifier(asker, self.limits.identifier):
            raise TokenError("the claim `req_wl` must be a short string", reason="claim_type")
        registered_claims.in_time(token, at, min(issuer.max_ttl, self.limits.derived_lifetime), self.limits)
        registered_claims.addressed(token, frozenset({self.trust_domain}), single=True, limits=self.limits)
        found = act.actors(claims, token, issuer, self.limits)
        act.in_their_namespaces(found, issuer, self.trust)
        found = found or (act.Actor(asker, issuer.issuer),)
        self._check_denied([asker, *(actor.subject for actor in found)])
        hops = _single_hops(token, key, found, mark, "")
        scope = _scope_of(claims, issuer)
        return VerifiedChain(
            profile=TRANSACTION,
            principal=_principal(token, issuer, found),
            hops=(*hops[:-1], replace(hops[-1], assurance=Assurance.ASSERTED)),
            scope=scope,
            not_before=max(token.not_before or 0, token.issued_at),
            expires_at=token.expires_at,
            audience=token.audience or frozenset(),
            digest=chain_digest((mark,)),
            transaction=token.transaction,
            mission=scope.mission,
            trust_generation=self.trust.generation,
        )

    # ---- Form B ------------------------------------------------------------------------------------------

    def _linked(self, tokens: Sequence[Jws], at: float) -> VerifiedChain:
        """Return what a chain of linked tokens proves; steps 11 to 31 for each, root first."""
        issuer, key, claims = self._signed_by_issuer(tokens[0], FORM_B)
        token = self._registered(claims, REQUIRED_ROOT, issuer.max_ttl, at)
        links, keys = [link(tokens[0], claims, token, (), self.limits)], [key]
        for jws in tokens[1:]:
            key = links[-1].holder  # and no other, whatever the header says
            if jws.algorithm == LEGACY_ALGORITHM:
                raise TokenError("a link must name its algorithm in full", reason="alg_not_allowed")
            claims = verified(jws, key, self.limits)
            token = self._registered(claims, REQUIRED_DERIVED, self.limits.derived_lifetime, at)
            links.append(link(jws, claims, token, links, self.limits))
            keys.append(key)
        if all(one.token.audience is None for one in links):
            raise TokenError("no link says in `aud` whom it is meant for", reason="claim_missing")
        names = [one.token.client or one.holder.thumbprint_uri for one in links]
        self._check_denied(names)
        return self._chain(links, keys, names, issuer)

    def _registered(self, claims: Mapping[str, Json], required: Sequence[str], longest: int, at: float) -> Registered:
        """Return the registered claims of one link; steps 16 to 19."""
        token = registered_claims.registered(claims, required, self.limits)
        registered_claims.in_time(token, at, longest, self.limits)
        registered_claims.addressed(token, self.audiences, single=False, limits=self.limits)
        return token

    def _chain(
        self, links: Sequence[Link], keys: Sequence[TrustedKey], names: Sequence[str], issuer: Issuer
    ) -> VerifiedChain:
        root, scope = links[0].token, links[-1].scope()
        audiences = [one.token.audience for one in links if one.token.audience is not None]
        return VerifiedChain(
            profile=FORM_B,
            principal=Principal(subject=root.subject, issuer=issuer.issuer, actors=tuple(names)),
            hops=tuple(
                _hop(one, key, name, last=one is links[-1]) for one, key, name in zip(links, keys, names, strict=True)
            ),
            scope=scope,
            not_before=max(max(one.token.not_before or 0, one.token.issued_at) for one in links),
            expires_at=min(one.token.expires_at for one in links),
            audience=frozenset.intersection(*audiences),
            digest=chain_digest([one.digest for one in links]),
            transaction=links[-1].token.transaction,
            mission=scope.mission,
            trust_generation=self.trust.generation,
            holder=of_key(links[-1].holder),
        )

    def _check_denied(self, names: Iterable[str]) -> None:
        """Step 23."""
        if not self.denied_actors.isdisjoint(names):
            raise TokenError("one of the actors may not act here", reason="act_actor_denied")


def _check_use(claims: Mapping[str, Json], issuer: Issuer) -> None:
    """Step 17, for issuers whose access tokens differ from others in a claim only."""
    if issuer.token_use is not None and claims.get(issuer.token_use[0]) != issuer.token_use[1]:
        raise TokenError("the token is not an access token of this issuer", reason="token_use_mismatch")
    check_required(claims, issuer.shape)


def _scope_of(claims: Mapping[str, Json], issuer: Issuer) -> Scope:
    """Return what one token grants, by the one source that its issuer is trusted with (identity-spec 2.7.1)."""
    if issuer.tool_authority == "scope_map":
        words = claims.get("scope", "")
        if not isinstance(words, str):
            raise ScopeError("`scope` must be a string")
        return Scope(tools=open_tools([tool for word in words.split(" ") for tool in issuer.scope_map.get(word, ())]))
    entries = details_of(claims.get("authorization_details", []), SESSION_TYPE)
    if len(entries) > 1:
        raise ScopeError("holds two session entries", reason="scope_entry_count")
    return parse(entries[0]) if entries else NOTHING


def _principal(token: Registered, issuer: Issuer, found: Sequence[act.Actor]) -> Principal:
    return Principal(subject=token.subject, issuer=issuer.issuer, actors=tuple(actor.subject for actor in found))


def _single_hops(
    token: Registered,
    key: TrustedKey,
    found: Sequence[act.Actor],
    mark: str,
    thumbprint: str,
    limits: Mapping[str, int] = NOTHING.budgets,
) -> tuple[Hop, ...]:
    names = [act.Actor(token.subject, token.issuer), *found]
    last = len(names) - 1
    return tuple(
        Hop(
            actor=name.subject,
            authority=name.authority,
            # The subject and the current actor are the issuer's own word; the actors between are history.
            assurance=Assurance.ISSUER if index in {0, last} else Assurance.ASSERTED,
            issuer=token.issuer,
            token_id=token.token_id,
            issued_at=token.issued_at,
            expires_at=token.expires_at,
            digest=mark,
            thumbprint=thumbprint if index == last else "",
            key_id=key.key_id,
            algorithm=key.algorithm,
            signed_with=key.thumbprint,
            ceilings=limits,
        )
        for index, name in enumerate(names)
    )


def _hop(one: Link, key: TrustedKey, name: str, *, last: bool) -> Hop:
    return Hop(
        actor=name,
        authority=one.token.issuer,
        assurance=_assurance(one, last=last),
        issuer=one.token.issuer,
        token_id=one.token.token_id,
        issued_at=one.token.issued_at,
        expires_at=one.token.expires_at,
        digest=one.digest,
        thumbprint=one.holder.thumbprint,
        key_id=key.key_id,
        algorithm=key.algorithm,
        signed_with=key.thumbprint,
        ceilings=one.ceilings(),
    )


def _assurance(one: Link, *, last: bool) -> Assurance:
    """Return how sure a holder is: the root's on the issuer's word, a later name on its delegator's only."""
    if one.depth == 0:
        return Assurance.ISSUER
    return Assurance.ASSERTED if one.token.client or last else Assurance.PROVED
