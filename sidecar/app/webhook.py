"""Tells a chat tool of requests for a person's consent: one POST each, again and again until it is taken or over.

Nothing waits for it, and nothing comes back: an answer of the server says that the notice was taken, and no more. What
a request comes to is decided at the control socket alone.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from sidecar.app.state import State
from sidecar.config import Settings
from sidecar.errors import UnavailableError
from sidecar.model.notice import Notice, wait_s
from sidecar.stores.keep import Keep
from sidecar.stores.outbox import MemoryOutbox
from sidecar.tasks import ended
from sidecar.telemetry.fault import fault

NAME: Final = "approvals:webhook"  # in the status, while nothing is taken

_RANDOM: Final = random.SystemRandom()

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


class Post(Protocol):
    """Sends one notice."""

    async def __call__(self, notice: Notice, at: float, /) -> str:
        """Send it at `at` (seconds since the epoch); return the empty string, or a word for why it was not taken."""

    async def close(self) -> None:
        """Let go of connections."""


class Webhook:
    """Sends what is in `outbox`. `now` gives seconds since the epoch, `draw` a number from 0 to 1."""

    def __init__(
        self,
        outbox: MemoryOutbox,
        keep: Keep,
        post: Post,
        now: Callable[[], float],
        draw: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._outbox = outbox
        self._keep = keep
        self._post = post
        self._now = now
        self._draw = draw
        self._task: asyncio.Task[None] | None = None
        self.sent = 0
        self.failed = 0
        self.is_out = False  # whether the last notice was not taken
        self._dropped = 0  # of those that found no room, how many were told of

    def start(self) -> None:
        """Send from now on, until `stop`."""
        self._task = asyncio.create_task(self._run(), name="tell of approvals")

    async def stop(self) -> None:
        """End; what was not taken is kept for the next start."""
        await ended(self._task)
        await self._post.close()

    @property
    def degraded(self) -> frozenset[str]:
        """What the status tells."""
        return frozenset({NAME}) if self.is_out else frozenset()

    async def step(self) -> float | None:
        """Send the notice that is due, if one is; return in how many seconds to look again, None: when there is one."""
        try:
            await self._keep.kept()  # what is told of outlives us, and so does that it was told
        except UnavailableError as error:
            fault("requests for approval are not kept, and so nobody is told", error)
            return wait_s(1, self._draw())
        at = self._now()
        notice = self._outbox.next(at)
        if notice is None:
            return None
        if notice.due > at:
            return notice.due - at
        problem = await self._post(notice, at)
        if not problem:
            self._outbox.done(notice.id)
            self.sent += 1
        else:
            self.failed += 1
            self._outbox.put_off(notice.id, self._now() + wait_s(notice.tries + 1, self._draw()))
        self._tell(problem)
        return 0.0

    def _tell(self, problem: str) -> None:
        if problem and not self.is_out:
            _log.warning("the webhook takes no notice: it is tried again", why=problem, waiting=len(self._outbox))
        elif self.is_out and not problem:
            _log.info("the webhook takes notices again", sent=self.sent, failed=self.failed, over=self._outbox.over)
        self.is_out = bool(problem)
        if self._outbox.dropped > self._dropped:
            _log.warning("notices of approvals found no room and are told to nobody", dropped=self._outbox.dropped)
            self._dropped = self._outbox.dropped

    async def _run(self) -> None:
        while True:
            try:
                await self._outbox.news(await self.step())
            except Exception as error:  # noqa: BLE001 - whatever breaks, the next notice is tried
                fault("a notice was not sent", error)
                await asyncio.sleep(wait_s(1, self._draw()))


def webhook(settings: Settings, state: State, now: Callable[[], float]) -> Webhook | None:
    """Return what tells of approvals by the settings, None where nobody is told. Raises `ConfigError`."""
    if state.outbox is None:
        return None
    from sidecar.app.webhook_post import HttpPost  # noqa: PLC0415 - an HTTP client of 3 MB, for who tells somebody

    return Webhook(state.outbox, state.stores.keep, HttpPost(settings.approvals.webhook), now)
