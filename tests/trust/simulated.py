"""Hours in milliseconds: a loop whose clock jumps to the next timer, and sources that answer by a script."""

import asyncio
import selectors
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from sidecar.errors import FetchError, TokenError
from sidecar.identity.issuers.generations import Fetched, Generation, Refresh
from sidecar.identity.issuers.keeper import Clock
from sidecar.identity.issuers.loading import Loader, Stream
from sidecar.identity.issuers.refresh import NOTHING_KEPT, Trust, Trusted
from sidecar.identity.issuers.sources import UrlSource
from sidecar.identity.keys import KeySet
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.trust import MissingKeyError
from tests.identity.crafting import STS, trusted

T = TypeVar("T")
Step = KeySet | Fetched | str | Exception | float  # keys, a health code, a bug, or seconds before the next one

REFRESH = Refresh()


class _Jumping(selectors.SelectSelector):
    """Waits for nothing: the time that it should have waited has passed."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits for something that no timer brings")
        if not ready and timeout:
            self._jump(timeout)
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop at second 0, whose time passes only while all its tasks sleep."""

    def __init__(self) -> None:
        self._seconds = 0.0
        super().__init__(_Jumping(self._pass))

    def time(self) -> float:
        return self._seconds

    def _pass(self, seconds: float) -> None:
        self._seconds += seconds


def simulated(main: Callable[[], Coroutine[None, None, T]]) -> T:
    """Return what `main` returns, run in simulated time."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(main())


def now() -> float:
    """Return the simulated time in seconds."""
    return asyncio.get_running_loop().time()


CLOCK = Clock(mono=now, chance=lambda: 0.5)  # no jitter


class Scripted:
    """A source that does as told, step by step; the last step stays. `at` holds when it was asked."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.at: list[float] = []

    def then(self, *steps: Step) -> None:
        """Do this from the next time on."""
        self._steps = list(steps)

    async def load(self) -> Fetched:
        self.at.append(now())
        step = self._next()
        while isinstance(step, float):
            await asyncio.sleep(step)
            step = self._next()
        return fetched(step)

    def _next(self) -> Step:
        return self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]


class Streaming:
    """A source that tells of changes; `told` is what it says, an exception ends it."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[Step] = asyncio.Queue()
        self.opened = 0

    async def updates(self) -> AsyncGenerator[Fetched, None]:
        self.opened += 1
        while True:
            yield fetched(await self.told.get())


def fetched(step: Step) -> Fetched:
    """Return what a step brings, or raise what it is."""
    match step:
        case Exception():
            raise step
        case str():
            raise FetchError("as told", reason=step)
        case Fetched():
            return step
        case KeySet():
            return Fetched(keys=step)
        case _:
            raise TypeError(step)


def keys(*issuers: TrialIssuer) -> KeySet:
    """Return a set of the keys of `issuers`."""
    return KeySet(keys=tuple(key for one in issuers for key in one.issuer().keys.keys))


def trust(
    *sources: Loader | Stream,
    refresh: Refresh = REFRESH,
    faults: list[str] | None = None,
    clock: Clock = CLOCK,
    resumed: Mapping[str, Generation] = NOTHING_KEPT,
) -> Trust:
    """Return what keeps the keys of issuers `sts`, `sts1`, … from `sources`; `resumed` was kept over a restart."""
    told: list[str] = [] if faults is None else faults
    every = [
        Trusted(
            issuer=replace(trusted(), name=f"sts{index or ''}", issuer=f"{STS.url}/{index}" if index else STS.url),
            source=UrlSource(url="https://sts.example/jwks"),
            loader=source,
        )
        for index, source in enumerate(sources)
    ]
    return Trust(
        every, refresh, lambda what, error, **_: told.append(f"{what}: {type(error).__name__}"), clock, resumed
    )


def reason(made: Trust, key_id: str, issuer: str = STS.url) -> str:
    """Return why the key `key_id` of `issuer` is refused; empty where it may be used."""
    try:
        made.store.issuer(issuer).key(key_id)
    except Exception as error:  # noqa: BLE001 - the reason is what is asked for
        return str(getattr(error, "reason", repr(error)))
    return ""


@asynccontextmanager
async def kept(made: Trust) -> AsyncIterator[Trust]:
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def wanted(made: Trust, key_id: str) -> str:
    """Return what a request is told that needs `key_id`, after it waited: empty where the key is there."""
    before = reason(made, key_id)
    if before not in {"key_unknown_kid", "trust_not_loaded", "jwks_stale"}:
        return before
    try:
        again = await made.renewed(MissingKeyError("", issuer="sts", key_id=key_id, reason=before))
    except TokenError as error:
        return error.reason
    return reason(made, key_id) if again else before
