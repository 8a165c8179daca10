"""Two domains as others build them: joserfc signs and verifies, each token endpoint listens on loopback.

HOME knows who signed in and gives grants (ID-JAG); THERE redeems each of them once, for a token of its own. What
either answers can be changed in one place, for issuers that do other than they were asked.
"""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.jwk import ECKey

from sidecar.identity.keys import KeySet, admit
from sidecar.identity.trust import Issuer
from sidecar.model.strict_json import Json

Claims = dict[str, Json]
Change = Callable[[Claims], None]
CLIENT_AT_HOME, CLIENT_THERE = "planner-home", "planner-there"
HOME, THERE = "https://home.example", "https://there.example"
RESOURCE = "https://tools.example/mcp"
ID_JAG = "urn:ietf:params:oauth:token-type:id-jag"


def unchanged(claims: Claims) -> None:
    """Change nothing."""
    del claims


def basic(client: str) -> str:
    """Return the header by which a client says who it is."""
    return "Basic " + b64encode(f"{client}:secret".encode()).decode()


@dataclass(kw_only=True)
class Domain:
    """One issuer: its keys, what it was asked, and how it strays from what it was asked (`grant`, `token`, `reply`)."""

    name: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True))
    client: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)
    trusts: "Domain | None" = None
    grant: Change = unchanged
    token: Change = unchanged
    reply: Change = unchanged
    asked: list[dict[str, str]] = field(default_factory=list)
    redeemed: set[str] = field(default_factory=set)
    url: str = ""
    audience_policy: str = "single"

    def issuer(self) -> Issuer:
        """Return what a verifier needs to trust this domain."""
        key = admit({**self.key.as_dict(private=False), "alg": "ES256"})
        scope_map = {"read": ("read",), "write": ("write",)}
        return Issuer(
            name=self.client,
            issuer=self.name,
            keys=KeySet(keys=(key,)),
            algorithms=frozenset({"ES256"}),
            tool_authority="scope_map",
            scope_map=scope_map,
            audience_policy=self.audience_policy,
        )

    def signed(self, typ: str, claims: Claims, **header: Json) -> str:
        """Return a token of this domain; `header` adds to its header."""
        return jwt.encode({"alg": "ES256", "typ": typ, "kid": self.key.kid, **header}, dict(claims), self.key)

    def id_token(self, change: Change = unchanged) -> str:
        """Return what a person gets who signs in to our client."""
        now = int(time.time())
        claims: Claims = {"iss": self.name, "sub": "ann", "aud": self.client, "exp": now + 600, "iat": now}
        change(claims)
        return self.signed("JWT", claims)

    def granted(self, form: Mapping[str, str]) -> Claims:
        """Return the answer to an exchange for a grant."""
        person = jwt.decode(form["subject_token"], self.key, algorithms=["ES256"]).claims
        now = int(time.time())
        claims: Claims = {
            "iss": self.name,
            "sub": str(person["sub"]),
            "aud": form["audience"],
            "client_id": CLIENT_THERE,
            "jti": f"grant-{len(self.asked)}",
            "exp": now + 120,
            "iat": now,
            "resource": form["resource"],
            "scope": form.get("scope", ""),
        }
        self.grant(claims)
        return {
            "access_token": self.signed("oauth-id-jag+jwt", claims),
            "issued_token_type": ID_JAG,
            "token_type": "N_A",
            "expires_in": 120,
        }

    def redeem(self, form: Mapping[str, str]) -> Claims:
        """Return the answer to a grant: an access token, once."""
        assert self.trusts is not None
        read = jwt.decode(form["assertion"], self.trusts.key, algorithms=["ES256"])
        if read.header["typ"] != "oauth-id-jag+jwt" or read.claims["jti"] in self.redeemed:
            return {"error": "invalid_grant"}
        self.redeemed.add(read.claims["jti"])
        now = int(time.time())
        claims: Claims = {
            "iss": self.name,
            "sub": self.subjects.get(read.claims["sub"], read.claims["sub"]),
            "aud": read.claims["resource"],
            "client_id": self.client,
            "jti": f"token-{len(self.asked)}",
            "exp": now + 300,
            "iat": now,
            "scope": read.claims.get("scope", "read"),
        }
        self.token(claims)
        return {"access_token": self.signed("at+jwt", claims), "token_type": "Bearer", "expires_in": 300}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length"))
        form = dict(parse_qsl((await reader.readexactly(length)).decode()))
        self.asked.append(form)
        known = f"authorization: {basic(self.client).lower()}" in head
        told: Claims = {"error": "invalid_client"}
        if known:
            told = self.granted(form) if "subject_token" in form else self.redeem(form)
        self.reply(told)
        body = json.dumps(told).encode()
        lines = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        writer.write(f"{lines}connection: close\r\n\r\n".encode() + body)
        with suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def serving(home: Domain, there: Domain) -> AsyncIterator[None]:
    """Serve both domains' token endpoints for the length of the block."""
    servers = [await asyncio.start_server(one.answer, "127.0.0.1", 0) for one in (home, there)]
    for one, server in zip((home, there), servers, strict=True):
        one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
    try:
        yield
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()
