"""Gets a document over HTTPS from addresses that were judged before (`fetching.py`): here is all that speaks HTTP."""

import asyncio
import re
import ssl
from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult

import httpx

from sidecar.errors import FetchError
from sidecar.identity.issuers.fetching import NO_ANSWER, REFUSED, Reply, Request

_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})(?:$|[\s,])")


async def answer(
    request: Request, parts: SplitResult, addresses: Sequence[str], *, seconds: float, max_bytes: int
) -> Reply:
    """Return what the first of `addresses` answers that takes a connection; `parts` are of the request's URL.

    `seconds` bound each wait; all of it is for the caller to bound. Raises `FetchError`, and `OSError` and
    `UnicodeError` where the connection or the host's name is none.
    """
    context = await asyncio.to_thread(_context, request) if parts.scheme == "https" else False
    try:
        async with httpx.AsyncClient(
            verify=context, trust_env=False, follow_redirects=False, timeout=seconds
        ) as client:
            response = await _first_that_connects(client, request, parts, addresses)
            if request.server and not _is_shown(response, request.server.spiffe_id):
                await response.aclose()
                raise FetchError("the server shows another SPIFFE ID than the settings name", reason=REFUSED)
            return await _read(response, max_bytes)
    except httpx.HTTPError:
        raise FetchError(NO_ANSWER) from None


async def _first_that_connects(
    client: httpx.AsyncClient, request: Request, parts: SplitResult, addresses: Sequence[str]
) -> httpx.Response:
    """Return the answer of the first address that takes a connection; TLS is held to the host's name, not to it."""
    headers = {"host": parts.netloc, "accept": request.accept, "accept-encoding": "identity", "user-agent": "sidecar"}
    if request.bearer:
        headers["authorization"] = f"Bearer {request.bearer}"
    problem: httpx.ConnectError | None = None
    for address in addresses:
        url = httpx.URL(request.url).copy_with(host=address)
        asked = client.build_request("GET", url, headers=headers, extensions={"sni_hostname": parts.hostname})
        try:
            return await client.send(asked, stream=True)
        except httpx.ConnectError as error:
            problem = error
    raise problem or FetchError("the host has no address")


def _context(request: Request) -> ssl.SSLContext:
    if request.server is None:
        return httpx.create_ssl_context() if request.ca is None else ssl.create_default_context(cafile=request.ca)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the SPIFFE ID is the name, and it is looked at before the answer is
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata="".join(map(ssl.DER_cert_to_PEM_cert, request.server.roots)))
    return context


def _is_shown(response: httpx.Response, spiffe_id: str) -> bool:
    """Return whether the verified certificate of the connection has `spiffe_id`, and no other URI (X.509-SVID, 2)."""
    stream = response.extensions["network_stream"]
    session = stream.get_extra_info("ssl_object")
    names = session.getpeercert().get("subjectAltName", ()) if session else ()
    return [value for kind, value in names if kind == "URI"] == [spiffe_id]


async def _read(response: httpx.Response, max_bytes: int) -> Reply:
    try:
        if response.is_redirect or response.has_redirect_location:
            raise FetchError("redirects are not followed: name the URL itself", reason=REFUSED)
        if response.status_code != httpx.codes.OK:
            raise FetchError("the server of the keys answers with an error")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise FetchError("the reply is compressed, which was not asked for", reason="jwks_malformed")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > max_bytes:
                raise FetchError(f"the reply is larger than {max_bytes} octets", reason="jwks_too_large")
    finally:
        await response.aclose()
    return Reply(body=bytes(body), max_age=_max_age(response.headers.get("cache-control", "")))


def _max_age(cache_control: str) -> float | None:
    found = _MAX_AGE.search(cache_control.lower())
    return float(found[1]) if found else None
