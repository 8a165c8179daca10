"""What a security event revokes: `secevent+jwt` (RFC 8417) as Shared Signals transmitters send it (SSF, CAEP, RISC).

A transmitter is trusted for nothing but this, by settings of its own, and may revoke what the issuers gave out that it
is configured for. A token is no event and an event no token: each has its own `typ`. Nothing here does I/O or reads a
clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sidecar.errors import CallerError, TokenError
from sidecar.identity.claims import LATEST_DATE
from sidecar.identity.ends.selectors import revocations
from sidecar.identity.jws import check_signature, claims_of, is_identifier, parsed
from sidecar.identity.keys import KeySet, TrustedKey
from sidecar.identity.limits import Limits
from sidecar.model.revocation import FOREVER, Kind, Revocation, Selector
from sidecar.model.scope import NAMESPACE
from sidecar.model.strict_json import Json

TYP: Final = "secevent+jwt"
MAX_AGE: Final = 86_400  # seconds; an older event is ignored, for its id may have been forgotten meanwhile
MAX_EVENTS: Final = 16  # in one token
MAX_IDENTIFIERS: Final = 16  # of one subject
OWN: Final = f"{NAMESPACE}/event/revoked/v1"
_CAEP: Final = "https://schemas.openid.net/secevent/caep/event-type/"
_RISC: Final = "https://schemas.openid.net/secevent/risc/event-type/"

# What each event revokes: what was issued until then, or the subject until somebody takes it back.
_EARLIER: Final = frozenset({f"{_CAEP}session-revoked", f"{_CAEP}token-claims-change", f"{_CAEP}credential-change"})
_ALL: Final = frozenset({f"{_RISC}account-disabled", f"{_RISC}account-purged"})
# What a transmitter may name that no other issuer's tokens have by chance, and what only with their issuer. An agent, a
# mission and a transaction are names that others may use, too.
_UNMISTAKABLE: Final = frozenset({Kind.DIGEST, Kind.KEY, Kind.CHAIN})
_WITH_ISSUER: Final = frozenset({Kind.TOKEN, Kind.SUBJECT})
_CREATED: Final = "create"  # a credential that is added takes nothing from anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitter:
    """Who may tell of events. `covers` are the issuers whose tokens it may revoke."""

    name: str
    issuer: str
    keys: KeySet
    algorithms: frozenset[str]
    audiences: frozenset[str]
    covers: frozenset[str]

    def key(self, key_id: str) -> TrustedKey:
        """Return the key that an event names. Raises `TokenError` key_unknown_kid."""
        found = [key for key in self.keys.keys if not key_id or key.key_id == key_id]
        if len(found) != 1 or key_id in self.keys.refused:
            raise TokenError("the transmitter has no key of this id", reason="key_unknown_kid")
        return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one verified event token revokes; `id` is the same for each copy of it."""

    id: str
    revocations: tuple[Revocation, ...]


def event(
    token: str, transmitters: Iterable[Transmitter], at: float, until: float, limits: Limits | None = None
) -> Event:
    """Return what `token` revokes until `until` (seconds since the epoch), as received at `at`.

    Raises `TokenError`: typ_unexpected, iss_untrusted, or another reason of identity-spec 2.8; event_unsupported for
    one from which nothing follows here. An event that is refused is ignored.
    """
    limits = limits or Limits()
    jws = parsed(token, limits)
    if jws.typ != TYP or jws.own_keys:
        raise TokenError("not a security event", reason="typ_unexpected")
    claims = claims_of(jws, limits)  # read for `iss` alone until the signature holds
    sender = next((one for one in transmitters if one.issuer == claims.get("iss")), None)
    if sender is None:
        raise TokenError("the transmitter is not among those trusted here", reason="iss_untrusted")
    if jws.algorithm not in sender.algorithms:
        raise TokenError("this transmitter does not sign with this `alg`", reason="alg_not_allowed")
    check_signature(jws, sender.key(jws.key_id))
    issued_at, token_id = _registered(claims, sender, at, limits)
    found = _Revoked(sender, float(issued_at), until, claims.get("sub_id"))
    merged = tuple(dict.fromkeys(found.all(claims.get("events"))))
    if not merged:
        raise TokenError("nothing that is known here follows from the event", reason="event_unsupported")
    return Event(id=f"{sender.issuer} {token_id}", revocations=merged)


def _registered(claims: Mapping[str, Json], sender: Transmitter, at: float, limits: Limits) -> tuple[int, str]:
    """Return when the event was issued and its id. Raises `TokenError`."""
    issued_at, token_id, audience = claims.get("iat"), claims.get("jti"), claims.get("aud")
    if isinstance(issued_at, bool) or not isinstance(issued_at, int) or not 0 <= issued_at <= LATEST_DATE:
        raise TokenError("`iat` of an event must be whole seconds since the epoch", reason="claim_type")
    if not is_identifier(token_id, limits.token_id) or not isinstance(token_id, str):
        raise TokenError("`jti` of an event must be a short string", reason="claim_type")
    if issued_at > at + limits.skew:
        raise TokenError("the event was issued in the future: compare clocks", reason="time_iat_in_future")
    if at - issued_at > MAX_AGE:
        raise TokenError(f"the event is older than {MAX_AGE} s", reason="time_expired")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list | tuple) or sender.audiences.isdisjoint(one for one in named if isinstance(one, str)):
        raise TokenError("the event is meant for another audience", reason="aud_mismatch")
    return issued_at, token_id


@dataclass(frozen=True, slots=True)
class _Revoked:
    """Reads the events of one token."""

    sender: Transmitter
    issued_at: float
    until: float
    subject: Json  # of all events of the token (RFC 9493); older ones name it in each event

    def all(self, events: Json) -> Iterable[Revocation]:
        """Yield what each event revokes. Raises `TokenError` claim_type."""
        if not isinstance(events, Mapping) or not 0 < len(events) <= MAX_EVENTS:
            raise TokenError(f"`events` must be an object of 1 to {MAX_EVENTS} events", reason="claim_type")
        for name, body in events.items():
            if not isinstance(body, Mapping):
                raise TokenError("each event must be an object", reason="claim_type")
            if name == OWN:
                yield from self._own(body)
            elif name in _ALL:
                yield from self._of(body, FOREVER)
            elif name in _EARLIER and body.get("change_type") != _CREATED:
                yield from self._of(body, self.issued_at)

    def _own(self, body: Mapping[str, Json]) -> Iterable[Revocation]:
        problems: list[str] = []
        listed = revocations(body, problems, self.until)
        if problems:
            raise TokenError("the list of what is revoked cannot be read", reason="claim_type")
        for one in listed:
            until = max(one.until, self.until)
            if one.selector.kind in _UNMISTAKABLE or one.selector.issuer in self.sender.covers:
                yield Revocation(one.selector, until, one.issued_before)
            elif one.selector.kind in _WITH_ISSUER and not one.selector.issuer:  # it can only mean its own
                for issuer in sorted(self.sender.covers):
                    selector = Selector(one.selector.kind, one.selector.value, issuer)
                    yield Revocation(selector, until, one.issued_before)

    def _of(self, body: Mapping[str, Json], before: float) -> Iterable[Revocation]:
        subject = self.subject if self.subject is not None else body.get("subject")
        for selector in _selectors(subject):
            if selector.issuer in self.sender.covers:
                yield Revocation(selector, self.until, before)


def _selectors(subject: Json, *, inner: bool = False) -> tuple[Selector, ...]:
    """Return what a subject identifier (RFC 9493) names; nothing for a form that no token here can be found by."""
    if not isinstance(subject, Mapping):
        return ()
    form = subject.get("format")
    if isinstance(form, str) and form in _FORMS:
        return _simple(subject, *_FORMS[form])
    if inner:
        return ()
    if form == "aliases":  # several names of one
        identifiers = subject.get("identifiers")
        listed = identifiers[:MAX_IDENTIFIERS] if isinstance(identifiers, list | tuple) else ()
        return tuple(selector for one in listed for selector in _selectors(one, inner=True))
    # A complex subject (SSF 1.0, section 3.3) is all of its parts at once. The narrowest that is known here is taken:
    # to take a wider one would cut off more than is meant, and none at all less.
    for part in ("session", "user"):
        if found := _selectors(subject.get(part), inner=True):
            return found
    return ()


def _simple(subject: Mapping[str, Json], kind: Kind, member: str) -> tuple[Selector, ...]:
    issuer, value = subject.get("iss"), subject.get(member)
    if not isinstance(issuer, str) or not isinstance(value, str) or not issuer:
        return ()
    try:
        return (Selector(kind, value, issuer),)
    except CallerError:
        return ()


_FORMS: Final[Mapping[str, tuple[Kind, str]]] = MappingProxyType(
    {"iss_sub": (Kind.SUBJECT, "sub"), "jwt_id": (Kind.TOKEN, "jti")}
)
