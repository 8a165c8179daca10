"""The vault in dictionaries, its values sealed also in memory. Atomic because nothing is awaited in between."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import OverloadError
from sidecar.model.sameness import plain, sameness
from sidecar.model.tokens import MAX_NUMBER, entity_of, token
from sidecar.stores.base import Datum, Drawer
from sidecar.stores.sealing import Sealer

MAX_VALUES: Final = 100_000  # of all sessions; about 0.5 kB each
MAX_OF_SESSION: Final = 10_000  # so that no session takes the room of all others
MAX_CHARACTERS: Final = 10_000  # of one value
OWN: Final = ""  # the peer of a session's own drawer


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One value as it is kept: `mark` finds it, `loose` finds what may be the same, `is_loose` if no more is known."""

    drawer: Drawer
    token: str
    mark: bytes
    loose: bytes
    is_loose: bool
    sealed: bytes = field(repr=False)


@dataclass(slots=True)
class _Held:
    """What one session holds, by peer."""

    until: float
    by_token: dict[tuple[str, str], Kept] = field(default_factory=dict)
    by_mark: dict[bytes, Kept] = field(default_factory=dict)
    by_loose: dict[bytes, Kept | None] = field(default_factory=dict)  # None: of several, nobody knows which
    highest: dict[tuple[str, str], int] = field(default_factory=dict)


class MemoryVault:
    """`Vault` of at most `capacity` values; those of sessions that are over make room first."""

    def __init__(self, sealer: Sealer, capacity: int = MAX_VALUES, of_session: int = MAX_OF_SESSION) -> None:
        self._sealer = sealer
        self._capacity = capacity
        self._of_session = of_session
        self._sessions: dict[str, _Held] = {}
        self._count = 0

    async def tokens(self, drawer: Drawer, data: Sequence[Datum], at: float) -> tuple[str, ...]:
        return self.assigned(drawer, data, at)[0]

    async def values(self, drawer: Drawer, tokens: Collection[str], at: float) -> Mapping[str, str]:
        held = self._sessions.get(drawer.session_id)
        if held is None or at >= held.until:
            return {}
        found = {one: held.by_token.get((drawer.peer, one)) for one in tokens}
        return {one: self._sealer.opened(drawer, one, kept.sealed) for one, kept in found.items() if kept}

    async def lend(self, to: Drawer, tokens: Collection[str], at: float) -> None:
        self.lent(to, tokens, at)

    async def forget(self, session_ids: Collection[str]) -> None:
        for id_ in session_ids:
            if held := self._sessions.pop(id_, None):
                self._count -= len(held.by_token)

    def known(self, session_ids: Collection[str]) -> tuple[str, ...]:
        """Return those of the sessions that hold anything."""
        return tuple(id_ for id_ in session_ids if id_ in self._sessions)

    def over(self, at: float) -> tuple[str, ...]:
        """Return the sessions whose time is over."""
        return tuple(id_ for id_, held in self._sessions.items() if at >= held.until)

    def assigned(self, drawer: Drawer, data: Sequence[Datum], at: float) -> tuple[tuple[str, ...], tuple[Kept, ...]]:
        """Return the token of each of `data`, and what is new of them. Raises `OverloadError`."""
        tokens: list[str] = []
        new: list[Kept] = []
        for datum in data:
            mark, loose, is_loose = self._marks(drawer, datum)
            kept = self._known(drawer, mark, loose, is_loose=is_loose)
            if kept is None:
                self._make_room(drawer, datum, at)
                written = token(datum.entity, self._next(drawer, datum.entity))
                sealed = self._sealer.sealed(drawer, written, plain(datum.entity, datum.value))
                kept = Kept(drawer=drawer, token=written, mark=mark, loose=loose, is_loose=is_loose, sealed=sealed)
                new.append(kept)
                self.add(kept)
            elif kept.is_loose and not is_loose:  # now more is known of it, and no other value may be taken for it
                kept = replace(kept, mark=mark, is_loose=False)
                new.append(kept)
                self.add(kept)
            tokens.append(kept.token)
        return tuple(tokens), tuple(new)

    def lent(self, to: Drawer, tokens: Collection[str], at: float) -> tuple[Kept, ...]:
        """Make tokens of the session's own drawer known in `to`, and return what is new. Raises `OverloadError`."""
        held = self._sessions.get(to.session_id)
        new: list[Kept] = []
        for one in sorted(tokens) if held and at < held.until else ():
            if held and (OWN, one) in held.by_token and (to.peer, one) not in held.by_token:
                self._make_room(to, Datum(entity_of(one), ""), at)
                mark = self._sealer.mark(to, entity_of(one), one)
                sealed = self._sealer.sealed(to, one, "")
                kept = Kept(drawer=to, token=one, mark=mark, loose=mark, is_loose=False, sealed=sealed)
                new.append(kept)
                self.add(kept)
        return tuple(new)

    def add(self, kept: Kept) -> None:
        """Take in what was kept before, or is new."""
        drawer = kept.drawer
        held = self._sessions.setdefault(drawer.session_id, _Held(drawer.until))
        self._count += (drawer.peer, kept.token) not in held.by_token
        held.by_token[drawer.peer, kept.token] = kept
        held.by_mark[kept.mark] = kept
        other = held.by_loose.setdefault(kept.loose, kept)
        if other and other.token == kept.token:
            held.by_loose[kept.loose] = kept
        elif other:
            held.by_loose[kept.loose] = None
        entity, number = entity_of(kept.token), int(kept.token[1:-1].rpartition("_")[2])
        held.highest[drawer.peer, entity] = max(number, held.highest.get((drawer.peer, entity), 0))

    def drop(self, kept: Iterable[Kept]) -> None:
        """Take back what `assigned` called new, where it could not be kept."""
        for one in kept:
            if held := self._sessions.get(one.drawer.session_id):
                held.by_mark.pop(one.mark, None)
                place = (one.drawer.peer, one.token)
                # What was new may be another spelling of what was known before.
                before = next((k for k in held.by_mark.values() if (k.drawer.peer, k.token) == place), None)
                if held.by_loose.get(one.loose) is one:
                    held.by_loose[one.loose] = before
                if before:
                    held.by_token[place] = before
                else:
                    self._count -= held.by_token.pop(place, None) is not None

    def _known(self, drawer: Drawer, mark: bytes, loose: bytes, *, is_loose: bool) -> Kept | None:
        held = self._sessions.get(drawer.session_id)
        if held is None:
            return None
        if found := held.by_mark.get(mark):
            return found
        other = held.by_loose.get(loose)
        return other if other and (is_loose or other.is_loose) else None

    def _next(self, drawer: Drawer, entity: str) -> int:
        held = self._sessions.get(drawer.session_id)
        return held.highest.get((drawer.peer, entity), 0) + 1 if held else 1

    def _marks(self, drawer: Drawer, datum: Datum) -> tuple[bytes, bytes, bool]:
        same = sameness(datum.entity, datum.value)
        mark = self._sealer.mark(drawer, datum.entity, same.exact)
        return mark, self._sealer.mark(drawer, datum.entity, same.loose) if same.loose else mark, same.is_loose

    def _make_room(self, drawer: Drawer, datum: Datum, at: float) -> None:
        if self._count >= self._capacity:
            for id_ in self.over(at):
                self._count -= len(self._sessions.pop(id_).by_token)
        held = self._sessions.get(drawer.session_id)
        is_full = self._count >= self._capacity or (held is not None and len(held.by_token) >= self._of_session)
        if is_full or self._next(drawer, datum.entity) > MAX_NUMBER or len(datum.value) > MAX_CHARACTERS:
            raise OverloadError("the vault takes no more values: send less, or close sessions", reason="vault_full")
