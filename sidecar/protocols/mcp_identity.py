"""Where identity stands in MCP 2026-07-28: its pure part. Nothing serves it yet, a gateway will speak the protocol.

A tool is named by its server and itself, so that equal names of two servers are two tools. What a header says of a
request, its body must say, too: a proxy that routes by the one and a server that acts by the other would judge two
calls. A chain of linked tokens travels in `params._meta`, since it is too large for a header, and goes no further.
Source: identity-spec 2.17; RFC 9728, RFC 6750.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from sidecar.errors import EvidenceError, TokenError
from sidecar.model.atoms import is_plain_host
from sidecar.model.strict_json import Json
from sidecar.protocols.carried import Carried, Opened, read

META: Final = "dev.agent-sidecar/authz"  # the name of our member of `_meta`: a reversed domain, and what it is
MAX_URI: Final = 2048  # characters
WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"  # RFC 9728, section 3

# What a request is about, by its method: the member of `params` that `Mcp-Name` repeats.
_NAMES: Final[Mapping[str, str]] = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749, section 3.3
_PORTS: Final = {"https": 443, "http": 80}


def server_uri(url: str) -> str:
    """Return the canonical URI of a server: lower case, without a default port, a fragment or a slash at the end.

    Raises `EvidenceError` server_uri_invalid for what two readers could take for two servers.
    """
    invalid = EvidenceError("a server is named by an absolute http(s) URI", reason="server_uri_invalid")
    if len(url) > MAX_URI or not url.isascii() or not url.isprintable() or any(mark in url for mark in ' \\"<>'):
        raise invalid
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise invalid from None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    segments = parts.path.split("/")
    if scheme not in _PORTS or not is_plain_host(host) or "@" in parts.netloc or parts.fragment or "#" in url:
        raise invalid
    if "." in segments or ".." in segments or "%" in parts.path:
        raise invalid
    suffix = "" if port in {None, _PORTS[scheme]} else f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{host}{suffix}{parts.path.rstrip('/')}{query}"


def tool_id(server: str, name: str) -> str:
    """Return the id of a tool in scopes: `<canonical server URI>#tools/<percent-encoded name>`."""
    return f"{server_uri(server)}#tools/{_part(name)}"


def resource_id(server: str, uri: str) -> str:
    """Return the id of a resource in scopes."""
    return f"{server_uri(server)}#resources/{_part(uri)}"


def prompt_id(server: str, name: str) -> str:
    """Return the id of a prompt in scopes."""
    return f"{server_uri(server)}#prompts/{_part(name)}"


def stdio_tool_id(server: str, name: str) -> str:
    """Return the id of a tool of a server that is a process here, by the name that the settings give it."""
    return f"mcp+stdio://{_part(server)}#tools/{_part(name)}"


def check_headers(headers: Mapping[str, str], body: Json) -> None:
    """Return where `Mcp-Method` and `Mcp-Name` say what the body says; names of `headers` are in lower case.

    `body` is one JSON-RPC request, parsed once. Raises `EvidenceError` call_header_body_mismatch, also where a header
    is missing that the protocol asks for.
    """
    method = body.get("method") if isinstance(body, Mapping) else None
    if not isinstance(method, str) or headers.get("mcp-method") != method:
        raise _mismatch("/method")
    params = body.get("params") if isinstance(body, Mapping) else None
    member = _NAMES.get(method)
    named = params.get(member) if member is not None and isinstance(params, Mapping) else None
    if member is None:
        if "mcp-name" in headers:
            raise _mismatch("/params")
    elif not isinstance(named, str) or headers.get("mcp-name") != named:
        raise _mismatch(f"/params/{member}")


def arguments(params: Json) -> Mapping[str, Json]:
    """Return what a proof of a call is over (`hta`): its arguments, an empty object where there are none.

    Raises `EvidenceError` argument_invalid where they are no object.
    """
    held = params.get("arguments") if isinstance(params, Mapping) else None
    if held is None:
        return {}
    if not isinstance(held, Mapping):
        raise EvidenceError("arguments must be an object", reason="argument_invalid", path="/params/arguments")
    return held


def taken_out(params: Json) -> Opened:
    """Return `params` as the tool may see it, and the chain that `params._meta` carries for us.

    Raises `TokenError` token_malformed or chain_empty where it is no chain.
    """
    meta = params.get("_meta") if isinstance(params, Mapping) else None
    if not isinstance(params, Mapping) or not isinstance(meta, Mapping) or META not in meta:
        return Opened(body=params, carried=None)
    rest = {name: value for name, value in meta.items() if name != META}
    left = {name: value for name, value in params.items() if name != "_meta"}
    return Opened(body={**left, **({"_meta": rest} if rest else {})}, carried=read(meta[META]))


def one_credential(header: str, carried: Carried | None) -> tuple[str, ...]:
    """Return the tokens of a request: those it carries, or the one of its `Authorization` header (empty: none).

    Raises `TokenError` token_missing, or token_ambiguous where both are there and differ: authority comes from one
    chain for each call, and two are never united.
    """
    if carried is None and not header:
        raise TokenError("the request brings no token", reason="token_missing")
    if carried is None:
        return (header,)
    if header and (header,) != carried.tokens:
        raise TokenError("the header and `_meta` bring different tokens: send one chain", reason="token_ambiguous")
    return carried.tokens


def metadata(server: str, issuers: Sequence[str], scopes: Sequence[str] = ()) -> dict[str, Json]:
    """Return the document of RFC 9728 that tells clients whose tokens this server takes, and how."""
    return {
        "resource": server_uri(server),
        "authorization_servers": list(issuers),
        "bearer_methods_supported": ["header"],
        "dpop_bound_access_tokens_required": False,
        **({"scopes_supported": list(scopes)} if scopes else {}),
    }


def metadata_url(server: str) -> str:
    """Return where that document is served: the well-known path stands before the server's own (RFC 9728, 3.1)."""
    parts = urlsplit(server_uri(server))
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}{parts.path}{query}"


def challenge(server: str, *, error: str = "", scopes: Sequence[str] = (), scheme: str = "Bearer") -> str:
    """Return the value of `WWW-Authenticate` for a request that is refused for its token or its scope.

    `error` is a class of failure (`invalid_token`, `insufficient_scope`), never its reason; empty where no token came.
    Raises `ValueError` for a scope that cannot stand in a header.
    """
    if any(not _SCOPE.fullmatch(scope) for scope in (*scopes, *([error] if error else []))):
        raise ValueError("a scope or error cannot stand in a header")
    parts = [f'resource_metadata="{metadata_url(server)}"']
    if error:
        parts.append(f'error="{error}"')
    if scopes:
        parts.append(f'scope="{" ".join(scopes)}"')
    return f"{scheme} {', '.join(parts)}"


def _part(name: str) -> str:
    """Return `name` percent-encoded: all but RFC 3986's unreserved characters, so that it is written in one way."""
    return quote(name, safe="-._~", encoding="utf-8", errors="surrogatepass")


def _mismatch(path: str) -> EvidenceError:
    message = "the headers Mcp-Method and Mcp-Name must say what the body says"
    return EvidenceError(message, reason="call_header_body_mismatch", path=path)
