"""Keeps one issuer's keys fresh (identity-spec 2.13).

One task fetches; whoever needs the same fetch waits for it and starts none of its own. A request waits for at most
`Refresh.wait`, and because of ids that nobody knows at most one fetch is made in `Refresh.unknown_interval`.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Final, Protocol

from aiocache import SimpleMemoryCache

from sidecar.errors import FetchError, TokenError
from sidecar.identity.issuers.generations import UNAVAILABLE, Fetched, Generation, Refresh, failed, succeeded
from sidecar.identity.issuers.loading import Loader, Stream
from sidecar.identity.trust import Issuer

MAX_FLIGHT: Final = 15.0  # seconds: two documents of five seconds each, and a slow disk


def boot_time() -> float:
    """Return seconds that go on while the machine sleeps: a key set ages meanwhile."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Monotonic seconds, and chance in [0, 1)."""

    mono: Callable[[], float] = boot_time
    chance: Callable[[], float] = random.random


REAL: Final = Clock()


class Fault(Protocol):
    """Tells the operators that something broke, without telling what it held."""

    def __call__(self, what: str, error: BaseException, **where: str) -> None:
        """Log the type and place of `error`, never its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a keeper has around it: its clock, and who is told of what.

    `changed` is called when the keys that may be used have changed, `told` after each fetch.
    """

    changed: Callable[[], None]
    fault: Fault
    told: Callable[[], Awaitable[None]]
    clock: Clock = REAL


class Keeper:
    """One issuer's keys. `run` until cancelled; the rest answers from memory."""

    def __init__(self, issuer: Issuer, loader: Loader | Stream, refresh: Refresh, around: Surroundings) -> None:
        self._issuer = issuer
        self._loader = loader
        self._refresh = refresh
        self._around = around
        self._unknown = Unknown(refresh)
        self._flight: asyncio.Task[None] | None = None
        self._asked_at: float | None = None  # the newest fetch because of an unknown id
        self._moved = asyncio.Event()
        self._connected = False
        self._ageing: asyncio.TimerHandle | None = None
        self._tried = False
        self._untold = False
        self._telling: asyncio.Task[None] | None = None
        self.generation = Generation()
        self.due = 0.0
        self._published = self.issuer()

    @property
    def name(self) -> str:
        """The issuer's name in the settings."""
        return self._issuer.name

    @property
    def age(self) -> float | None:
        """Seconds since the keys were loaded, None where none ever were; what is told of at once does not age."""
        loaded = self.generation.loaded_at
        if loaded is None:
            return None
        return 0.0 if self._connected else self._around.clock.mono() - loaded

    def resume(self, generation: Generation) -> None:
        """Go on with what was kept over a restart, until the first fetch, which is due at once."""
        self.generation = generation
        self._published = self.issuer()

    def start_with(self, fetched: Fetched) -> None:
        """Take what was read at start, before there was a loop."""
        self._take(succeeded(self.generation, fetched, self._around.clock.mono()))
        self._tried = True
        self._published = self.issuer()

    def issuer(self) -> Issuer:
        """Return the issuer with the keys of the moment."""
        oldest = float("inf") if self._connected else self._refresh.max_stale  # what is told of at once does not age
        withheld = self.generation.refused(self._around.clock.mono(), oldest)
        return replace(self._issuer, keys=self.generation.keys, withheld=withheld, live=True)

    async def run(self) -> None:
        """Fetch when it is time, until cancelled."""
        self._age()
        if isinstance(self._loader, Stream):
            await self._follow(self._loader)
        while True:
            await self._rest()
            await asyncio.wait([self._flown()])

    async def stop(self) -> None:
        """End what is under way."""
        if self._ageing is not None:
            self._ageing.cancel()
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait([self._flight])
        if self._telling is not None:
            await asyncio.wait([self._telling])

    def look(self) -> None:
        """Fetch now, because the source may have changed."""
        self._flown()

    async def first(self) -> None:
        """Wait until the first fetch has ended, well or not."""
        if not self._tried:
            await self._moved.wait()

    async def once(self) -> None:
        """Fetch once, well or not."""
        if not isinstance(self._loader, Stream):
            await asyncio.wait([self._flown()])
            return
        try:
            async with asyncio.timeout(MAX_FLIGHT), aclosing(self._loader.updates()) as updates:
                self._succeed(await anext(updates))
        except (FetchError, TimeoutError) as error:
            self._fail(error.reason if isinstance(error, FetchError) else UNAVAILABLE)

    async def wanted(self, key_id: str) -> bool:
        """Wait for a fetch that may bring the key `key_id`; return whether another try is worth it.

        Raises `TokenError` jwks_unavailable where the key may be there but cannot be fetched.
        """
        if await self._unknown.holds(key_id):
            return False
        flight = self._flight if self._flight and not self._flight.done() else self._asked()
        ended = flight is not None and await self._waited(flight)
        if self.issuer().withheld or self._has(key_id):
            return True
        if self.generation.failures or (flight is not None and not ended):
            raise TokenError("the issuer's keys cannot be fetched at the moment: try again", reason=UNAVAILABLE)
        if ended:
            await self._unknown.add(key_id)
        return False

    def _has(self, key_id: str) -> bool:
        return any(key.key_id == key_id for key in self.generation.keys.keys)

    def _asked(self) -> asyncio.Task[None] | None:
        """Start a fetch because of an unknown id, unless there was one just now."""
        now = self._around.clock.mono()
        if isinstance(self._loader, Stream):
            return None  # it tells by itself
        if self._asked_at is not None and now - self._asked_at < self._refresh.unknown_interval:
            return None
        self._asked_at = now
        return self._flown()

    async def _waited(self, flight: asyncio.Task[None]) -> bool:
        ended, _ = await asyncio.wait([flight], timeout=self._refresh.wait)
        return bool(ended)

    def _flown(self) -> asyncio.Task[None]:
        """Return the one fetch that is under way."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fetch(), name=f"keys of {self.name}")
        return self._flight

    async def _fetch(self) -> None:
        assert not isinstance(self._loader, Stream)  # noqa: S101 - a stream is followed, never asked
        try:
            async with asyncio.timeout(MAX_FLIGHT):
                fetched = await self._loader.load()
        except FetchError as error:
            self._fail(error.reason)
        except TimeoutError:
            self._fail(UNAVAILABLE)
        except Exception as error:  # noqa: BLE001 - whatever breaks, the keys held stay until they are too old
            self._around.fault("keys cannot be loaded", error, issuer=self.name)
            self._fail(UNAVAILABLE)
        else:
            self._succeed(fetched)
        self._untold = True
        if self._telling is None or self._telling.done():  # beside the flight: a request that waits, waits for no disk
            self._telling = asyncio.create_task(self._tell(), name=f"tell of keys of {self.name}")

    async def _tell(self) -> None:
        while self._untold:
            self._untold = False
            await self._around.told()

    async def _follow(self, stream: Stream) -> None:
        """Take each set that the stream tells of; when it breaks off, begin anew after a while."""
        while True:
            try:
                async for fetched in stream.updates():
                    self._connected = True
                    self._succeed(fetched)
                    await self._around.told()
            except FetchError as error:
                self._broken(error.reason)
            except Exception as error:  # noqa: BLE001 - as in `_fetch`
                self._around.fault("keys cannot be followed", error, issuer=self.name)
                self._broken(UNAVAILABLE)
            await self._around.told()
            await self._rest()

    def _broken(self, reason: str) -> None:
        if self._connected:  # what it said last held until now
            self.generation = replace(self.generation, loaded_at=self._around.clock.mono())
            self._connected = False
        self._fail(reason)

    def _succeed(self, fetched: Fetched) -> None:
        self._take(succeeded(self.generation, fetched, self._around.clock.mono()))
        self._after()

    def _fail(self, reason: str) -> None:
        self._take(failed(self.generation, reason))
        self._after()

    def _take(self, generation: Generation) -> None:
        self.generation = generation
        self.due = self._around.clock.mono() + generation.pause(self._refresh, self._around.clock.chance())

    def _after(self) -> None:
        self._tried = True
        self._moved.set()
        self._publish()
        self._age()

    def _publish(self) -> None:
        """Tell of the keys of the moment, if they are others than those told last."""
        now = self.issuer()
        if (now.keys, now.withheld) != (self._published.keys, self._published.withheld):
            self._published = now
            self._around.changed()

    async def _rest(self) -> None:
        """Sleep until it is time to fetch, however often that changes."""
        while (left := self.due - self._around.clock.mono()) > 0:
            self._moved.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()

    def _age(self) -> None:
        """Tell of it when the set has become too old, whatever else happens or hangs until then."""
        if self._ageing is not None:
            self._ageing.cancel()
        loaded = self.generation.loaded_at
        if loaded is not None and not self._connected:
            left = loaded + self._refresh.max_stale - self._around.clock.mono()
            if left > 0:
                self._ageing = asyncio.get_running_loop().call_later(left, self._aged)

    def _aged(self) -> None:
        self._publish()
        self._age()  # where the loop's clock was a little early


class Unknown:
    """Key ids that a fetch did not bring, for a while; at most so many of them."""

    def __init__(self, refresh: Refresh) -> None:
        self._ttl = refresh.unknown_ttl
        self._cache = SimpleMemoryCache()
        self._names: deque[str] = deque()
        self._most = refresh.unknown_entries

    async def holds(self, key_id: str) -> bool:
        """Return whether `key_id` was asked for in vain a short while ago."""
        return bool(await self._cache.exists(key_id))

    async def add(self, key_id: str) -> None:
        """Remember `key_id`; the oldest is forgotten where there are too many."""
        while len(self._names) >= self._most:
            await self._cache.delete(self._names.popleft())
        self._names.append(key_id)
        await self._cache.set(key_id, value=True, ttl=self._ttl)
