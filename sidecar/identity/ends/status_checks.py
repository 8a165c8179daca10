"""Asks issuers what became of their tokens: by status list, by introspection, as each issuer's settings say.

Both when a session is opened, and of no token before its signature holds. Lists are fetched once for all who wait, kept
for their `ttl`, and fetched anew for the tokens of open sessions. What cannot be learned is status_unknown: refused.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from sidecar.errors import OverloadError, SidecarError, TokenError
from sidecar.identity.ends import introspection, status_list
from sidecar.identity.ends.status_list import Reference, StatusList
from sidecar.identity.jws import claims_of, parsed
from sidecar.identity.limits import Limits
from sidecar.identity.links import digest
from sidecar.identity.trust import TrustStore
from sidecar.model.chain import VerifiedChain
from sidecar.model.strict_json import Json

MAX_LISTS: Final = 64  # kept
MAX_OCTETS: Final = 64 * 1024 * 1024  # of all lists that are kept
MAX_FLIGHTS: Final = 8  # lists that are fetched at once
MAX_ISSUED: Final = 4096  # lists of which is remembered when the newest was issued
MAX_WATCHED: Final = 65_536  # tokens of sessions that may be open
MAX_TOKENS: Final = 1024 * 1024
FETCH_SECONDS: Final = 6.0  # for a list or an introspection, all in all
BACK_OFF_SECONDS: Final = 5.0  # between two tries for a list that could not be had
STALE_SECONDS: Final = 3600.0  # that an open session goes on with a list that cannot be had anew

Fetch = Callable[[str, str], Awaitable[bytes]]  # URL, media type; at most `status_list.MAX_TOKEN` octets
Ask = Callable[[str, Mapping[str, str], str, str], Awaitable[bytes]]  # URL, form, Authorization, media type
Lists = Literal["off", "if_present", "required"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRules:
    """How one issuer's tokens are asked about.

    `lists` if_present: a token that names a list must stand well in it; required: each token must name one. `origins`
    are those that lists are fetched from. `introspection` is a URL, empty where none is asked. `signed_for`: replies
    must be signed, for one of these names of ours; empty: they need not be.
    """

    lists: Lists = "off"
    origins: frozenset[str] = frozenset()
    introspection: str = ""
    authorization: str = field(default="", repr=False)
    signed_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    issuer: str
    reference: Reference
    until: float


class StatusChecks:
    """A `Status` by the rules of each issuer (by its `iss`). `trust` are the issuers of the moment."""

    def __init__(
        self, rules: Mapping[str, StatusRules], trust: Callable[[], TrustStore], fetch: Fetch, ask: Ask
    ) -> None:
        self._rules = rules
        self._trust = trust
        self._fetch = fetch
        self._ask = ask
        self._lists: dict[str, StatusList] = {}  # by URI, the one that was asked for last at the end
        self._issued: dict[str, int] = {}  # by URI: when the newest list was issued
        self._flights: dict[str, asyncio.Task[StatusList]] = {}
        self._failed: dict[str, tuple[float, SidecarError]] = {}  # by URI: when, and how
        self._watched: dict[str, _Watched] = {}  # by the token's digest

    async def check(self, chain: VerifiedChain, tokens: Sequence[str], at: float) -> None:
        rules = self._rules.get(chain.hops[0].issuer)
        if rules is None:
            return
        claims = _claims(chain, tokens)
        if rules.lists != "off":
            await self._check_list(rules, chain, claims, at)
        if rules.introspection:
            await self._introspect(rules, tokens[0], claims, at)

    async def refresh(self, at: float) -> Mapping[str, str]:
        """Fetch anew the lists that are due, and return the tokens in use that are refused: digest to reason.

        A token that is revoked is named once, any other each time.
        """
        self._watched = {mark: one for mark, one in self._watched.items() if at < one.until}
        due = {one.reference.uri: one.issuer for one in self._watched.values()}
        lists = {uri: await self._refreshed(uri, issuer, at) for uri, issuer in due.items()}
        refused = {}
        for mark, one in self._watched.items():
            held = lists[one.reference.uri]
            if reason := "status_unknown" if held is None else held.reason(one.reference.index):
                refused[mark] = reason
        for mark in [mark for mark, reason in refused.items() if reason == "token_revoked"]:
            del self._watched[mark]
        return refused

    # ---- Status lists ------------------------------------------------------------------------------------

    async def _check_list(
        self, rules: StatusRules, chain: VerifiedChain, claims: Mapping[str, Json], at: float
    ) -> None:
        root = chain.hops[0]
        reference = status_list.reference(claims)
        if reference is None:
            if rules.lists == "required":
                raise TokenError("the token names no status list: its issuer must add one", reason="status_unknown")
            return
        if not status_list.is_within(reference.uri, rules.origins):
            raise TokenError("the token's status list is not where its issuer's are", reason="status_unknown")
        if len(self._watched) >= MAX_WATCHED:
            raise OverloadError(f"the status of {MAX_WATCHED} tokens is watched")
        held = self._watched.get(root.digest)  # by another chain, which may last longer
        until = max(float(chain.expires_at), held.until if held else 0.0)
        self._watched[root.digest] = _Watched(issuer=root.issuer, reference=reference, until=until)
        found = await self._fresh(reference.uri, root.issuer, at)
        if reason := found.reason(reference.index):
            raise TokenError("the issuer says that the token does not count now: get a new one", reason=reason)

    async def _refreshed(self, uri: str, issuer: str, at: float) -> StatusList | None:
        """Return the list of `uri`, as it was where it cannot be had anew and is not too old; else None."""
        try:
            return await self._fresh(uri, issuer, at)
        except (TokenError, OverloadError):
            held = self._lists.get(uri)
            usable = held is not None and at < min(held.usable_until, held.fresh_until + STALE_SECONDS)
            return held if usable else None

    async def _fresh(self, uri: str, issuer: str, at: float) -> StatusList:
        """Return the list of `uri`, fetched where it is due. Raises `TokenError` status_unknown or status_invalid."""
        held = self._lists.get(uri)
        if held is not None and at < held.fresh_until:
            self._lists[uri] = self._lists.pop(uri)
            return held
        failed = self._failed.get(uri)
        if failed and abs(at - failed[0]) < BACK_OFF_SECONDS:
            raise failed[1]
        flight = self._flights.get(uri)
        if flight is None:
            if len(self._flights) >= MAX_FLIGHTS:
                raise _unknown("too many status lists are being fetched: retry")
            flight = self._flights[uri] = asyncio.create_task(self._fetched(uri, issuer, at), name="status list")
            flight.add_done_callback(lambda done: self._landed(uri, done))
        return await asyncio.shield(flight)  # whoever hangs up leaves it to the others who wait

    def _landed(self, uri: str, flight: "asyncio.Task[StatusList]") -> None:
        del self._flights[uri]
        if not flight.cancelled():
            flight.exception()  # looked at, also where everybody who waited has hung up

    async def _fetched(self, uri: str, issuer: str, at: float) -> StatusList:
        try:
            octets = await self._within(self._fetch(uri, status_list.ACCEPT))
            trusted = self._trust().issuer(issuer)
            found = await asyncio.to_thread(status_list.read, octets, uri, trusted, at, self._issued.get(uri, 0))
        except SidecarError as error:
            self._failed = {one: told for one, told in self._failed.items() if at - told[0] < BACK_OFF_SECONDS}
            self._failed[uri] = (at, error)
            raise
        self._failed.pop(uri, None)
        self._keep(found)
        return found

    async def _within(self, reply: Awaitable[bytes]) -> bytes:
        """Return `reply`, in time. Raises `TokenError` status_unknown, whatever went wrong."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await reply
        except Exception:  # noqa: BLE001 - a port may raise anything, and its text may quote a URL with a token's words
            raise _unknown("the issuer does not answer as to the token's status: retry") from None

    def _keep(self, found: StatusList) -> None:
        """Keep a list, and let go of those that nobody has asked for the longest."""
        self._issued.pop(found.uri, None)
        self._issued[found.uri] = found.issued_at
        while len(self._issued) > MAX_ISSUED:
            del self._issued[next(iter(self._issued))]
        self._lists.pop(found.uri, None)
        self._lists[found.uri] = found
        while len(self._lists) > MAX_LISTS or sum(len(one.octets) for one in self._lists.values()) > MAX_OCTETS:
            del self._lists[next(iter(self._lists))]

    # ---- Introspection -----------------------------------------------------------------------------------

    async def _introspect(self, rules: StatusRules, token: str, claims: Mapping[str, Json], at: float) -> None:
        accept = introspection.ACCEPT_SIGNED if rules.signed_for else introspection.ACCEPT
        asked = self._ask(rules.introspection, introspection.asked(token), rules.authorization, accept)
        reply = await self._within(asked)
        if not rules.signed_for:
            introspection.judge(reply, claims)
            return
        issuer = self._trust().issuer(str(claims.get("iss")))  # verified: it is the issuer that signed
        introspection.judge_signed(reply, claims, issuer, rules.signed_for, at)


def _claims(chain: VerifiedChain, tokens: Sequence[str]) -> Mapping[str, Json]:
    """Return the claims of the root, which is its issuer's own word; what links say of their status is a holder's."""
    limits = Limits(token=MAX_TOKENS)  # the verifier's own limits have been held
    root = parsed(tokens[0], limits)
    if digest(root) != chain.hops[0].digest:
        raise TokenError("not the token that was verified", reason="internal_error")
    return claims_of(root, limits)


def _unknown(message: str) -> TokenError:
    return TokenError(message, reason="status_unknown")
