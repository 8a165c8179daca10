"""What may act no more: selectors, and whether a chain is hit by one (identity-spec 2.15).

A chain dies if any hop matches, so that with a token everything dies that was delegated from it. A match costs a
few look-ups for each hop, however many revocations there are. Nothing here does I/O or reads a clock.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sidecar.errors import CallerError, OverloadError
from sidecar.model.chain import VerifiedChain, chain_digest

MAX_REVOCATIONS: Final = 65_536  # held at once, and as many in a file: about 300 bytes each
MAX_CLEAR: Final = 16_384  # chains of which is remembered that nothing hit them
MAX_VALUE: Final = 512  # characters of a selector's value and issuer, as of the claims that they are compared with
MIN_CHAIN_DIGITS: Final = 16  # of a chain's digest: 64 bits, so that nobody else's chain is meant by chance
FOREVER: Final = math.inf

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SHA256: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url without padding
_HEX: Final = re.compile(rf"[0-9a-f]{{{MIN_CHAIN_DIGITS},64}}")


class Kind(StrEnum):
    """What a selector's value is compared with."""

    TOKEN = "token"  # a hop's `jti`  # noqa: S105 - a name
    DIGEST = "digest"  # the digest of a hop's signing input
    KEY = "key"  # the thumbprint of a hop's holder key (RFC 7638)
    SUBJECT = "subject"  # the principal, or the name of a hop
    AGENT = "agent"  # an actor, at any depth
    TRANSACTION = "transaction"  # `txn`
    MISSION = "mission"
    CHAIN = "chain"  # the beginning of the digest of a chain, or of one that it continues


_FORMS: Final[Mapping[Kind, tuple[re.Pattern[str], str]]] = {
    Kind.DIGEST: (_SHA256, "a digest is 43 characters of base64url"),
    Kind.KEY: (_SHA256, "a key is named by its RFC 7638 thumbprint: 43 characters of base64url"),
    Kind.CHAIN: (_HEX, f"a chain is named by {MIN_CHAIN_DIGITS} to 64 hexadecimal digits of its digest"),
}
_WITH_ISSUER: Final = frozenset({Kind.TOKEN, Kind.SUBJECT})
_KEY_REASON: Final = "key_revoked"
_SUBJECT_REASON: Final = "subject_revoked"

Mark = tuple[str, str, str]  # kind, issuer (empty: any), value

# Plain strings: an enumeration's own hash is a call in Python, and each look-up would make one.
_TOKEN, _DIGEST, _KEY, _SUBJECT = Kind.TOKEN.value, Kind.DIGEST.value, Kind.KEY.value, Kind.SUBJECT.value
_AGENT, _TRANSACTION, _MISSION, _CHAIN = (
    Kind.AGENT.value,
    Kind.TRANSACTION.value,
    Kind.MISSION.value,
    Kind.CHAIN.value,
)


@dataclass(frozen=True, slots=True)
class Selector:
    """What is revoked. `issuer` narrows a token id or a subject to one issuer's; empty: whoever issued it.

    Raises `CallerError` for a value that nothing could match, and for one that would match by chance.
    """

    kind: Kind
    value: str = field(repr=False)
    issuer: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be meant: an operator who mistypes must not believe that something was cut off."""
        for text in (self.value, self.issuer):
            if len(text) > MAX_VALUE or _CONTROL.search(text):
                raise CallerError(f"a selector has at most {MAX_VALUE} characters, none of them a control character")
        if not self.value:
            raise CallerError("say what to revoke: the selector is empty")
        if self.issuer and self.kind not in _WITH_ISSUER:
            raise CallerError("only a token and a subject are an issuer's")
        pattern, told = _FORMS.get(self.kind, (None, ""))
        if pattern is not None and not pattern.fullmatch(self.value):
            raise CallerError(told)

    @property
    def mark(self) -> Mark:
        """What it is looked up by."""
        return (self.kind.value, self.issuer, self.value)


@dataclass(frozen=True, slots=True)
class Revocation:
    """A selector in force until `until` (seconds since the epoch).

    `issued_before`: only what was issued at or before that second, so that whoever signs in anew may act again.
    """

    selector: Selector
    until: float
    issued_before: float = FOREVER

    def merged(self, other: "Revocation") -> "Revocation":
        """Return one that is in force where either is: revoking twice never shortens the first."""
        return Revocation(self.selector, max(self.until, other.until), max(self.issued_before, other.issued_before))


Held = Mapping[Mark, Revocation]


class DenySet:
    """All revocations in force: those added one by one, and those of a list that is replaced whole.

    `epoch` goes up with each change and never down: as long as it stands still, what was not revoked is not.
    """

    def __init__(self, capacity: int = MAX_REVOCATIONS, epoch: int = 0) -> None:
        self._capacity = capacity
        self._added: dict[Mark, Revocation] = {}
        self._listed: Held = {}
        self._added_prefixes: frozenset[int] = frozenset()  # the lengths of chain selectors
        self._listed_prefixes: frozenset[int] = frozenset()
        self._clear: dict[tuple[str, ...], int] = {}  # what nothing hit, by `_who`, and the epoch of which that is true
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self._added) + len(self._listed)

    def checked(self, revocations: Iterable[Revocation], at: float) -> dict[Mark, Revocation]:
        """Return `revocations` merged with those held, once there is room for all; nothing is changed yet.

        What has run out makes room. Raises `OverloadError` revocations_full: what is revoked is never dropped.
        """
        merged: dict[Mark, Revocation] = {}
        for one in revocations:
            held = merged.get(one.selector.mark) or self._added.get(one.selector.mark)
            merged[one.selector.mark] = held.merged(one) if held else one
        if len(self._added.keys() | merged.keys()) > self._capacity:
            self._added = {mark: one for mark, one in self._added.items() if at < one.until}
        if len(self._added.keys() | merged.keys()) > self._capacity:
            message = f"{self._capacity} revocations are in force, and no more are held: revoke a subject or an agent"
            raise OverloadError(f"{message} instead of single tokens", reason="revocations_full")
        return merged

    def add(self, revocations: Iterable[Revocation], at: float) -> None:
        """Put `revocations` into force, all or none. Raises as `checked`."""
        merged = self.checked(revocations, at)
        if merged:
            self._added.update(merged)
            self._added_prefixes |= _prefixes(merged)
            self.epoch += 1

    def replace_list(self, revocations: Collection[Revocation]) -> None:
        """Put `revocations` into force instead of those of the last list. Raises `OverloadError` revocations_full."""
        listed = {one.selector.mark: one for one in revocations}
        if len(listed) > self._capacity:
            raise OverloadError(f"a list of more than {self._capacity} revocations", reason="revocations_full")
        self._listed, self._listed_prefixes = listed, _prefixes(listed)
        self.epoch += 1

    def reason(self, chain: VerifiedChain, at: float) -> str:
        """Return why `chain` may not act at `at`, or the empty string.

        token_revoked for the last token's own, chain_ancestor_revoked for one before it, key_revoked, subject_revoked.
        """
        layers = [held for held in (self._added, self._listed) if held]
        if not layers or self._clear.get(_who(chain)) == self.epoch:  # in one epoch revocations only run out
            return ""
        for mark, issued_at, reason in _marks(chain, self._added_prefixes | self._listed_prefixes):
            for held in layers:
                one = held.get(mark)
                if one is not None and at < one.until and issued_at <= one.issued_before:
                    return reason
        if len(self._clear) >= MAX_CLEAR:
            self._clear.clear()
        self._clear[_who(chain)] = self.epoch
        return ""


def _who(chain: VerifiedChain) -> tuple[str, ...]:
    """Return what tells two chains apart, and who presents them."""
    shown = chain.workload
    return (chain.digest, shown.authority, shown.name, shown.thumbprint) if shown else (chain.digest,)


def _prefixes(marks: Iterable[Mark]) -> frozenset[int]:
    return frozenset(len(value) for kind, _, value in marks if kind == _CHAIN)


def marks(chain: VerifiedChain) -> frozenset[Mark]:
    """Return all that `chain` can be looked up by, except for the beginnings of digests."""
    return frozenset(mark for mark, _, _ in _marks(chain, frozenset()))


def token_of(chain: VerifiedChain) -> tuple[Selector, ...]:
    """Return what names the last token of `chain`: with it dies what was delegated from it, and nothing above it."""
    leaf = chain.hops[-1]
    return (Selector(Kind.DIGEST, leaf.digest), Selector(Kind.TOKEN, leaf.token_id, leaf.issuer))


def _marks(chain: VerifiedChain, prefixes: frozenset[int]) -> Iterator[tuple[Mark, int, str]]:
    """Yield what a chain can be revoked by, when that was issued, and the reason, in the order of step 38."""
    leaf = chain.hops[-1].digest
    for hop in chain.hops:
        reason = "token_revoked" if hop.digest == leaf else "chain_ancestor_revoked"
        yield (_DIGEST, "", hop.digest), hop.issued_at, reason
        yield (_TOKEN, "", hop.token_id), hop.issued_at, reason
        yield (_TOKEN, hop.issuer, hop.token_id), hop.issued_at, reason
    for hop in chain.hops:
        if hop.thumbprint:
            yield (_KEY, "", hop.thumbprint), hop.issued_at, _KEY_REASON
    if chain.workload and chain.workload.thumbprint:
        yield (_KEY, "", chain.workload.thumbprint), chain.hops[-1].issued_at, _KEY_REASON
    yield from _names(chain)
    last = chain.hops[-1].issued_at
    if chain.transaction:
        yield (_TRANSACTION, "", chain.transaction), last, "token_revoked"
    if chain.mission:
        yield (_MISSION, "", chain.mission), last, "token_revoked"
    if prefixes:
        digests = tuple(dict.fromkeys(hop.digest for hop in chain.hops))  # hops of one token share its digest
        for end in range(1, len(digests) + 1):
            reason = "token_revoked" if end == len(digests) else "chain_ancestor_revoked"
            digest = chain_digest(digests[:end])
            for length in prefixes:
                yield (_CHAIN, "", digest[:length]), last, reason


def _names(chain: VerifiedChain) -> Iterator[tuple[Mark, int, str]]:
    who, root = chain.principal, chain.hops[0].issued_at
    yield (_SUBJECT, "", who.subject), root, _SUBJECT_REASON
    yield (_SUBJECT, who.issuer, who.subject), root, _SUBJECT_REASON
    for hop in chain.hops:
        yield (_SUBJECT, "", hop.actor), hop.issued_at, _SUBJECT_REASON
        yield (_SUBJECT, hop.authority, hop.actor), hop.issued_at, _SUBJECT_REASON
    for actor in who.actors or (who.subject,):
        yield (_AGENT, "", actor), root, _SUBJECT_REASON
    if shown := chain.workload:
        yield (_SUBJECT, "", shown.name), root, _SUBJECT_REASON
        yield (_SUBJECT, shown.authority, shown.name), root, _SUBJECT_REASON
        yield (_AGENT, "", shown.name), root, _SUBJECT_REASON
