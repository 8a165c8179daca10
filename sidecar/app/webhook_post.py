"""Posts a notice to the webhook's URL: signed, over HTTPS, and told no more than whether it was taken."""

import asyncio
import ssl
from pathlib import Path
from typing import Final

import httpx

from sidecar.config.settings import WebhookSettings
from sidecar.errors import ConfigError
from sidecar.model.notice import ID, SIGNATURE, Notice, signature

LEAST_SECRET: Final = 32  # characters
MOST_SECRET: Final = 512
MOST_SECRETS: Final = 2  # while one takes the other's place


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
