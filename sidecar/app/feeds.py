"""What revokes besides operators: a list in a file, a folder of security events, and issuers' status lists.

The file and the folder are looked at each second, which works on every file system and over every way to replace a
file. A list counts whole or not at all: where it breaks, the old one stays in force and the sidecar says that it is
degraded. Events are taken in once, and never because of what a request says.
"""

import asyncio
import stat
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from sidecar.asking import Fault
from sidecar.containment import Containment
from sidecar.errors import ConfigError, SidecarError, TokenError
from sidecar.identity.ends.events import Transmitter, event
from sidecar.identity.ends.selectors import revocations
from sidecar.identity.ends.status import NoStatus, Status
from sidecar.identity.ends.status_checks import StatusChecks
from sidecar.model.revocation import Kind, Revocation, Selector
from sidecar.policy.document import tree
from sidecar.stores.base import Sessions
from sidecar.tasks import ended

RETRY_SECONDS: Final = 30.0  # until an event is tried again that could not be taken in
POLL_SECONDS: Final = 1.0  # between looks at the file and the folder
STATUS_SECONDS: Final = 5.0  # between looks at which status lists are due
MAX_LIST: Final = 1024 * 1024  # octets of the file
MAX_EVENT: Final = 64 * 1024  # octets of one event
MAX_FILES: Final = 10_000  # of the folder: more are left for when some have been taken away
DEGRADED: Final = "revocations"

Seen = tuple[int, int, int]  # inode, time of the last change (ns), size

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar.app.feeds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where to look; None where there is nothing. `lifetime_s` is how many seconds an event's revocation holds."""

    list_file: Path | None = None
    events: Path | None = None
    transmitters: tuple[Transmitter, ...] = ()
    checks: StatusChecks | None = None
    lifetime_s: float = 0.0


class Feeds:
    """Feeds `containment` from `start` to `stop`. `now` is the clock, in seconds since the epoch."""

    def __init__(
        self, sources: Sources, containment: Containment, sessions: Sessions, now: Callable[[], float], fault: Fault
    ) -> None:
        self._sources = sources
        self._containment = containment
        self._sessions = sessions
        self._now = now
        self._fault = fault
        self._list_seen: Seen | None = None
        self._events_seen: dict[str, Seen] = {}
        self._retry_at: dict[str, float] = {}
        self.poll_seconds = POLL_SECONDS
        self._tasks: list[asyncio.Task[None]] = []
        self._broken: set[str] = set()
        self.ignored: Counter[str] = Counter()  # events that changed nothing, by reason

    @property
    def degraded(self) -> frozenset[str]:
        """What operators are told is out."""
        return frozenset({DEGRADED} if self._broken else ())

    @property
    def status(self) -> Status:
        """What OpenSession asks issuers by."""
        return self._sources.checks or NoStatus()

    async def start(self) -> None:
        """Read what there is, and look on from then on. Raises `ConfigError` for a list that cannot be read."""
        if self._sources.list_file:
            await self._load_list(self._sources.list_file)
        if self._sources.events:
            if not self._sources.events.is_dir():
                raise ConfigError([f"identity.events: `{self._sources.events}` is not a folder"])
            await self._take_events(self._sources.events)
        if self._sources.list_file or self._sources.events:
            self._run(self.look, self.poll_seconds, "revocations are watched no more for the moment")
        if self._sources.checks:
            self._run(self.look_at_statuses, STATUS_SECONDS, "status lists are watched no more for the moment")

    async def stop(self) -> None:
        """Look no more. Safe after a failed start."""
        await ended(*self._tasks)
        self._tasks.clear()

    async def look(self) -> None:
        """Look once at the file and the folder."""
        if self._sources.list_file:
            await self._reload_list(self._sources.list_file)
        if self._sources.events:
            await self._take_events(self._sources.events)

    async def look_at_statuses(self) -> None:
        """Fetch anew the status lists that are due, and end the sessions whose tokens do not count any more."""
        checks, at = self._sources.checks, self._now()
        if checks is None:
            return
        for digest, reason in (await checks.refresh(at)).items():
            one = Revocation(Selector(Kind.DIGEST, digest), at + self._sources.lifetime_s)
            if reason == "token_revoked":
                await self._containment.revoke([one], at, source="status")
            elif held := await self._sessions.matching([one]):
                await self._containment.end({session.id: reason for session in held}, at, source="status")

    # ---- The list ----------------------------------------------------------------------------------------

    async def _load_list(self, path: Path) -> None:
        """Put into force what the file lists. Raises `ConfigError`, or what the store raises."""
        seen = _seen(path)
        problems: list[str] = []
        found = await asyncio.to_thread(_read_list, path, problems)
        self._list_seen = seen  # also where it is broken: it is read again when it changes
        if problems:
            raise ConfigError([f"identity.revocations: {problem}" for problem in problems])
        try:
            await self._containment.listed(found, self._now())
        except SidecarError:
            self._list_seen = None  # it may be the disk: tried again
            raise

    async def _reload_list(self, path: Path) -> None:
        if _seen(path) == self._list_seen:
            return
        try:
            await self._load_list(path)
        except SidecarError as error:
            if DEGRADED not in self._broken:
                problems = error.problems if isinstance(error, ConfigError) else (f"{error.reason}: {error}",)
                _log.error("revocations not reloaded, the old ones stay in force", problems=problems)
            self._broken.add(DEGRADED)
        else:
            self._broken.discard(DEGRADED)
            _log.info("revocations reloaded")

    # ---- The folder --------------------------------------------------------------------------------------

    async def _take_events(self, folder: Path) -> None:
        """Take in each file of the folder that is new or has changed."""
        found = await asyncio.to_thread(_files, folder)
        for name, seen in found.items():
            if self._events_seen.get(name) == seen or self._now() < self._retry_at.get(name, 0.0):
                continue
            if await self._take(folder / name):
                self._events_seen[name] = seen
            else:
                self._retry_at[name] = self._now() + RETRY_SECONDS
        self._events_seen = {name: seen for name, seen in self._events_seen.items() if name in found}
        self._retry_at = {name: until for name, until in self._retry_at.items() if self._now() < until}

    async def _take(self, path: Path) -> bool:
        """Take in one event. Return False where it is to be tried again."""
        at = self._now()
        try:
            token = await asyncio.to_thread(_text, path)
            told = event(token, self._sources.transmitters, at, at + self._sources.lifetime_s)
        except TokenError as error:
            self._ignore(error.reason)
            return True
        except Exception as error:  # noqa: BLE001 - a file that breaks a parser must not stop those behind it
            self._fault("a security event cannot be read", error)
            self._ignore("internal_error")
            return True
        try:
            done = await self._containment.happened(told.id, told.revocations, at)
        except SidecarError as error:
            self._fault("a security event was not taken in, and will be tried again", error)
            return False
        if done is None:
            self._ignore("replay_detected")
        return True

    def _ignore(self, reason: str) -> None:
        self.ignored[reason] += 1
        _log.warning("a security event was ignored", reason=reason, ignored=self.ignored[reason])

    # ---- Tasks -------------------------------------------------------------------------------------------

    def _run(self, look: Callable[[], Awaitable[None]], pause: float, what: str) -> None:
        async def forever() -> None:
            while True:
                await asyncio.sleep(pause)
                try:
                    await look()
                except Exception as error:  # noqa: BLE001 - whatever it is, the next look may go well
                    if what not in self._broken:
                        self._fault(what, error)
                    self._broken.add(what)
                else:
                    self._broken.discard(what)

        self._tasks.append(asyncio.create_task(forever(), name=what))


def _seen(path: Path) -> Seen | None:
    with suppress(OSError):
        found = path.stat()
        return (found.st_ino, found.st_mtime_ns, found.st_size)
    return None


def _read_list(path: Path, problems: list[str]) -> tuple[Revocation, ...]:
    """Return what a file of JSON or YAML lists, or nothing after adding what is wrong to `problems`."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_LIST + 1)
    except OSError as error:
        problems.append(f"`{path}`: {error.strerror}")
        return ()
    if len(raw) > MAX_LIST:
        problems.append(f"`{path}`: larger than {MAX_LIST} bytes")
        return ()
    node = tree(raw, str(path), problems)
    if node is None:
        return ()
    told: list[str] = []
    found = revocations(node.value, told)
    problems += [f"`{path}`: {problem}" for problem in told]
    return found


def _files(folder: Path) -> Mapping[str, Seen]:
    """Return the files of a folder by name, in order; those that begin with a dot are being written."""
    found: dict[str, Seen] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or len(found) >= MAX_FILES:
            continue
        with suppress(OSError):
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                found[path.name] = (status.st_ino, status.st_mtime_ns, status.st_size)
    return found


def _text(path: Path) -> str:
    """Return the token in a file. Raises `TokenError` and `OSError`."""
    with path.open("rb") as file:
        raw = file.read(MAX_EVENT + 1)
    if len(raw) > MAX_EVENT:
        raise TokenError(f"an event is larger than {MAX_EVENT} octets", reason="limit_token_size")
    try:
        return raw.decode("ascii").strip()
    except UnicodeDecodeError:
        raise TokenError("not a token") from None
