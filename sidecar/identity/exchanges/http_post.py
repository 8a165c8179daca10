"""Posts a form over HTTPS: here is all that speaks HTTP to an issuer's endpoints."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from sidecar.errors import TokenError
from sidecar.identity.exchanges.exchanging import FAILED, LOOPBACK, MAX_REPLY, TIMEOUT, Reply


@dataclass(frozen=True, slots=True)
class HttpPoster:
    """Posts over HTTPS; on a loopback address over HTTP, too. No redirects, no proxies, no cookies."""

    timeout: float = TIMEOUT

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise TokenError("a token is sent over https only", reason=FAILED)
        try:
            async with (
                asyncio.timeout(self.timeout),
                httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=self.timeout) as client,
                client.stream("POST", url, data=dict(form), headers=dict(headers)) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > MAX_REPLY:
                        break  # `access_token` refuses it
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                return Reply(status=response.status_code, media_type=kind, body=bytes(body))
        except (TimeoutError, httpx.HTTPError, OSError, ValueError):
            raise TokenError("the issuer does not answer", reason=FAILED) from None
