"""An authorization server as others build it: authlib makes tokens (RFC 9068) and metadata (RFC 8414), joserfc keys."""

import json

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc.jwk import ECKey, KeySet

from tests.running import AUDIENCE
from tests.trust.loopback import Certificate, Page, Server

METADATA = "/.well-known/oauth-authorization-server"
TOOLS = {"echo:use": ["echo"], "lookup:use": ["lookup"]}


class Client:
    """The agent, as the server knows it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get_client_id(self) -> str:
        """Return its name."""
        return self._name


class User:
    """Who is acted for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get_user_id(self) -> str:
        """Return who it is."""
        return self._name


class Authority(JWTBearerTokenGenerator):  # type: ignore[misc]  # authlib is not typed
    """Issues tokens and publishes what verifies them on a server of loopback."""

    def __init__(self, server: Server) -> None:
        super().__init__(issuer=server.url, alg="ES256", expires_generator=lambda *_: 600)
        self.server = server
        self.signing = new_key()
        self.published: list[ECKey] = [self.signing]
        metadata = AuthorizationServerMetadata(
            issuer=server.url,
            jwks_uri=f"{server.url}/jwks",
            authorization_endpoint=f"{server.url}/authorize",
            token_endpoint=f"{server.url}/token",
            response_types_supported=["code"],
        )
        metadata.validate()
        server.pages[METADATA] = Page(body=json.dumps(metadata).encode())
        server.pages["/jwks"] = Page(body=self.jwks)

    def jwks(self) -> bytes:
        """Return the published keys as a JWK set."""
        return json.dumps(KeySet(list(self.published)).as_dict(private=False)).encode()

    def rotate(self) -> None:
        """Publish a new key beside the old ones, and sign with it from here on."""
        self.signing = new_key()
        self.published = [*self.published, self.signing]

    def withdraw(self) -> None:
        """Publish the newest key alone."""
        self.published = self.published[-1:]

    def break_down(self, page: Page | None = None) -> None:
        """Answer for the keys with an error."""
        self.server.pages["/jwks"] = page or Page(status=503)

    def recover(self) -> None:
        """Answer for the keys again."""
        self.server.pages["/jwks"] = Page(body=self.jwks)

    def token(self, words: str = "echo:use lookup:use", *, key: ECKey | None = None) -> str:
        """Return an access token for an agent; `words` is its OAuth scope, `key` another one to sign with."""
        before, self.signing = self.signing, key or self.signing
        try:
            return str(self.access_token_generator(Client("agent"), "client_credentials", User("ann"), words))
        finally:
            self.signing = before

    def get_jwks(self) -> KeySet:
        """Return the key that signs: authlib asks for it."""
        return KeySet([self.signing])

    def get_audiences(self, *_: object) -> str:
        """Return whom tokens are for: authlib asks for it."""
        return AUDIENCE

    def settings(self, made: Certificate, keys: str = 'discovery = "rfc8414"') -> str:
        """Return the settings that trust this server."""
        words = ", ".join(f'"{word}" = {json.dumps(tools)}' for word, tools in TOOLS.items())
        return (
            f'[[identity.issuers]]\nname = "corp"\nissuer = "{self.issuer}"\nalgs = ["ES256"]\n'
            f"keys = {{{keys.format(url=self.issuer)}, ca = {json.dumps(str(made.ca))}}}\n"
            f'tool_authority = "scope_map"\nscope_map = {{{words}}}\n'
        )


def new_key(key_id: str = "") -> ECKey:
    """Return a new key, called `key_id` or by its thumbprint."""
    return ECKey.generate_key("P-256", {"use": "sig", **({"kid": key_id} if key_id else {})}, auto_kid=not key_id)
