"""All issuers' keys while the sidecar runs: each change makes a new store, which the app puts in place of the old.

Nobody but the keepers' tasks fetches anything, except that a request may wait a moment for a key it needs (2.13).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sidecar.identity.issuers.generations import REUSED, Fetched, Generation, Refresh, without
from sidecar.identity.issuers.keeper import REAL, Clock, Fault, Keeper, Surroundings
from sidecar.identity.issuers.kept import Kept
from sidecar.identity.issuers.loading import Loader, Stream
from sidecar.identity.issuers.sources import BundleSource, FileSource, Source
from sidecar.identity.trust import Issuer, MissingKeyError, TrustStore, trust_store
from sidecar.tasks import ended

LOOK_S: Final = 0.5  # between two looks at the key files
NOTHING_KEPT: Final[Mapping[str, Generation]] = MappingProxyType({})
FIRST_SECONDS: Final = 5.0  # that a start waits for the first keys; then it serves with those that came


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """An issuer of the settings, where its keys come from, and those read at start, if it is a file."""

    issuer: Issuer
    source: Source
    loader: Loader | Stream
    first: Fetched | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How one issuer's keys are. Times in seconds; `age` is None where none were ever loaded."""

    name: str
    issuer: Issuer
    source: str
    age: float | None
    due_in: float
    health: str


Told = Callable[[tuple[Report, ...]], Awaitable[None]]
Stamp = tuple[int, int, int, int, int]


class Trust:
    """The issuers, and the tasks that keep their keys. `start` once, `stop` once; `store` at any time.

    Making one raises `ConfigError` where the issuers cannot stand beside each other.
    """

    def __init__(
        self,
        trusted: Sequence[Trusted],
        refresh: Refresh,
        fault: Fault,
        clock: Clock = REAL,
        kept: Mapping[str, Generation] = NOTHING_KEPT,
    ) -> None:
        self._fault = fault
        self._clock = clock
        self._changed: Callable[[TrustStore], None] = lambda _: None
        self._told: Told | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._surroundings = Surroundings(
            changed=self._renew,
            fault=fault,
            told=self._tell,
            clock=clock,
        )
        self._sources = {one.issuer.name: str(one.source) for one in trusted}
        self._files = {
            one.issuer.name: one.source.path for one in trusted if isinstance(one.source, FileSource | BundleSource)
        }
        self._keepers = [Keeper(one.issuer, one.loader, refresh, self._surroundings) for one in trusted]
        self._kept = frozenset(one.issuer.name for one in trusted if not isinstance(one.source, FileSource))
        for keeper, one in zip(self._keepers, trusted, strict=True):
            if one.first is not None:
                if keeper.name in kept:
                    keeper.resume(kept[keeper.name])  # a bundle in a file may have gone back meanwhile
                keeper.start_with(one.first)
        trust_store(keeper.issuer() for keeper in self._keepers)  # raises for what the settings themselves say
        for keeper, one in zip(self._keepers, trusted, strict=True):
            if one.first is None and keeper.name in kept:
                keeper.resume(kept[keeper.name])
        self.store = trust_store(self._issuers())

    def listen(self, changed: Callable[[TrustStore], None]) -> None:
        """Call `changed` with each new store."""
        self._changed = changed

    def report_to(self, told: Told) -> None:
        """Call `told` with how all issuers' keys are, after each fetch of any of them."""
        self._told = told

    async def start(self) -> None:
        """Fetch all that is not there yet, and keep fetching; wait a few seconds for the first keys."""
        self._tasks = [asyncio.create_task(one.run(), name=f"keep keys of {one.name}") for one in self._keepers]
        if self._files:
            self._tasks.append(asyncio.create_task(self._watch(), name="watch key files"))
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                await asyncio.gather(*(keeper.first() for keeper in self._keepers))
        await self._tell()

    async def stop(self) -> None:
        """End all tasks. Safe without a start."""
        await ended(*self._tasks)
        for keeper in self._keepers:
            await keeper.stop()
        if self._tasks:
            await self._tell()

    async def loaded(self) -> None:
        """Fetch all once, without keeping them fresh: for commands."""
        await asyncio.gather(*(keeper.once() for keeper in self._keepers))

    async def renewed(self, missing: MissingKeyError) -> bool:
        """Wait a moment for the key that `missing` names; return whether another try is worth it.

        Raises `TokenError` jwks_unavailable where it may be there but cannot be fetched.
        """
        for keeper in self._keepers:
            if keeper.name == missing.issuer:
                return await keeper.wanted(missing.key_id)
        return False

    def degraded(self) -> frozenset[str]:
        """Return `trust:NAME` for each issuer whose keys are withheld, too old, or could not be fetched last time."""
        return frozenset(f"trust:{one.name}" for one in self.reports() if one.health)

    def reports(self) -> tuple[Report, ...]:
        """Return how each issuer's keys are, in the order of the settings."""
        return tuple(map(self._report, self._keepers, self._issuers()))

    def kept(self, at: float) -> tuple[Kept, ...]:
        """Return what a restart must not forget of fetched keys and of bundles, at `at` (seconds since the epoch)."""
        return tuple(
            Kept(
                name=keeper.name,
                issuer=keeper.issuer().issuer,
                source=self._sources[keeper.name],
                loaded_at=None if keeper.age is None else at - keeper.age,
                generation=keeper.generation,
            )
            for keeper in self._keepers
            if keeper.name in self._kept
        )

    def _report(self, keeper: Keeper, issuer: Issuer) -> Report:
        now, held = self._clock.mono(), keeper.generation
        clash = REUSED if issuer.keys.keys != held.keys.keys else ""
        return Report(
            name=keeper.name,
            issuer=issuer,
            source=self._sources[keeper.name],
            age=None if held.loaded_at is None else now - held.loaded_at,
            due_in=max(0.0, keeper.due - now),
            health=issuer.withheld or held.health or clash,
        )

    async def _watch(self) -> None:
        """Look at a file as soon as it changes; it is looked at now and then in any case.

        Choice: asked of the file system twice a second, in a thread since a mounted volume may hang. Who is told of
        changes is told of all that lies in the folder, and where that is the sidecar's own state, at each call.
        """
        seen = await asyncio.to_thread(self._stamps)
        while True:
            await asyncio.sleep(LOOK_S)
            before, seen = seen, await asyncio.to_thread(self._stamps)
            for keeper in self._keepers:
                if seen.get(keeper.name) != before.get(keeper.name):
                    keeper.look()

    def _stamps(self) -> dict[str, Stamp | None]:
        return {name: stamp(path) for name, path in self._files.items()}

    def _issuers(self) -> tuple[Issuer, ...]:
        """Return the issuers with their keys, each key under one issuer: the first in the settings keeps it."""
        held: set[str] = set()
        found: list[Issuer] = []
        for keeper in self._keepers:
            issuer = keeper.issuer()
            clashing = {key.key_id for key in issuer.keys.keys if key.thumbprint in held}
            held |= {key.thumbprint for key in issuer.keys.keys}
            found.append(replace(issuer, keys=without(issuer.keys, clashing)) if clashing else issuer)
        return tuple(found)

    async def _tell(self) -> None:
        if self._told is not None:
            await self._told(self.reports())

    def _renew(self) -> None:
        """Build the store of the moment and hand it on; whatever is wrong with it, the old one stays."""
        try:
            store = trust_store(self._issuers(), self.store.generation + 1)
            self.store = store
            self._changed(store)
        except Exception as error:  # noqa: BLE001 - a keeper's task must outlive whatever the app does with a store
            self._fault("new keys cannot be put in place", error)


def stamp(path: Path) -> Stamp | None:
    """Return what is another for a file that was written to or replaced; None where it is out of reach."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
