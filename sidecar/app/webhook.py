"""Tells a chat tool of requests for a person's consent: one POST each, again and again until it is taken or over.

Nothing waits for it, and nothing comes back: an answer of the server says that the notice was taken, and no more. What
a request comes to is decided at the control socket alone.
"""

import asyncio
import random
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import httpx
import structlog

from sidecar.app.state import State
from sidecar.config import Settings
from sidecar.config.settings import WebhookSettings
from sidecar.errors import ConfigError, UnavailableError
from sidecar.model.notice import ID, SIGNATURE, Notice, signature, wait_s
from sidecar.stores.keep import Keep
from sidecar.stores.outbox import MemoryOutbox
from sidecar.telemetry.fault import fault

LEAST_SECRET: Final = 32  # characters
MOST_SECRET: Final = 512
MOST_SECRETS: Final = 2  # while one takes the other's place
NAME: Final = "approvals:webhook"  # in the status, while nothing is taken

_RANDOM: Final = random.SystemRandom()

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


class Post(Protocol):
    """Sends one notice."""

    async def __call__(self, notice: Notice, at: float, /) -> str:
        """Send it at `at` (seconds since the epoch); return the empty string, or a word for why it was not taken."""

    async def close(self) -> None:
        """Let go of connections."""


class HttpPost:
    """Sends over HTTPS, or to this machine. No redirects, no proxies, no cookies; the answer's body is not read."""

    def __init__(self, settings: WebhookSettings) -> None:
        """Read the files that the settings name. Raises `ConfigError`."""
        self._url = settings.url
        self._secrets = _secrets(settings.secret)
        self._timeout = settings.timeout_seconds
        context = _context(settings.ca) if settings.url.startswith("https:") else False
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        self._client = httpx.AsyncClient(
            verify=context, trust_env=False, follow_redirects=False, timeout=self._timeout, limits=limits
        )

    async def __call__(self, notice: Notice, at: float) -> str:
        body = notice.body.encode()
        headers = {
            "content-type": "application/json",
            "user-agent": "sidecar",
            ID: notice.id,
            SIGNATURE: signature(self._secrets, body, at),
        }
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream("POST", self._url, content=body, headers=headers) as response,
            ):
                if response.is_success:
                    return ""
                return "redirected" if response.has_redirect_location else f"status {response.status_code}"
        except TimeoutError:
            return "timeout"
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            return type(error).__name__  # never its text, which may name the URL's secrets

    async def close(self) -> None:
        await self._client.aclose()


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
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
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
    return Webhook(state.outbox, state.stores.keep, HttpPost(settings.approvals.webhook), now)


def _secrets(path: Path | None) -> tuple[bytes, ...]:
    if path is None:
        raise ConfigError(["approvals.webhook.secret: name a file with a secret, which signs each notice"])
    try:
        lines = path.read_text(encoding="ascii").split()
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    except UnicodeDecodeError:
        lines = []
    if not 1 <= len(lines) <= MOST_SECRETS or not all(LEAST_SECRET <= len(line) <= MOST_SECRET for line in lines):
        told = f"{path}: expected one line of {LEAST_SECRET} to {MOST_SECRET} characters, or two while one is replaced"
        raise ConfigError([told])
    return tuple(line.encode() for line in lines)


def _context(ca: Path | None) -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context() if ca is None else ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        raise ConfigError([f"{ca}: expected the certificates of an authority, in PEM"]) from None
