"""`sidecar tokens redeem`: for who signed in at home a token of another domain, by an ID-JAG that is redeemed once."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.credentials import one_line, signing_key, verifier
from sidecar.cli.options import Config
from sidecar.cli.tokens_exchange import refused
from sidecar.errors import ConfigError, EvidenceError
from sidecar.identity.ends.introspection import authorization
from sidecar.identity.exchanges.exchange import Party, Wish
from sidecar.identity.exchanges.http_post import HttpPoster
from sidecar.identity.exchanges.id_jag import Abroad
from sidecar.identity.exchanges.redeeming import Endpoint, Redeemer
from sidecar.stores.proofs import MemoryProofs


def redeem(
    token: Annotated[Path, typer.Option("--id-token", help="A file with the ID token of who signed in.")],
    client: Annotated[str, typer.Option("--client", help="Our client_id at home, whom the ID token is for.")],
    home: Annotated[str, typer.Option("--home", help="The token endpoint of the issuer at home (https).")],
    home_credentials: Annotated[Path, typer.Option("--home-credentials", help="One line, client_id:client_secret.")],
    issuer: Annotated[str, typer.Option("--issuer-there", help="What the other domain's issuer calls itself.")],
    there: Annotated[str, typer.Option("--there", help="Its token endpoint (https).")],
    there_credentials: Annotated[Path, typer.Option("--there-credentials", help="One line, client_id:client_secret.")],
    resource: Annotated[str, typer.Option("--resource", help="The one audience that the new token is for.")],
    words: Annotated[str, typer.Option("--oauth-scope", help="OAuth scope strings, with spaces between.")] = "",
    agent: Annotated[str, typer.Option("--agent", help="What we are called in `act`, where somebody says so.")] = "",
    holder: Annotated[Path | None, typer.Option("--holder", help="A private key to bind the new token to.")] = None,
    config: Config = None,
) -> None:
    """Get a grant (ID-JAG) for an ID token at home, redeem it in another domain, and print that domain's token.

    Both issuers stand in the settings. What is printed is for the same person and no wider than was asked for.
    """
    known, ours = _header(there_credentials)
    redeemer = Redeemer(
        verifier=verifier(config),
        home=Endpoint(url=home, authorization=_header(home_credentials)[1]),
        there=Endpoint(url=there, authorization=ours),
        client=client,
        poster=HttpPoster(),
        proofs=MemoryProofs(),
        holder=signing_key(holder) if holder else None,
    )
    wish = Wish(us=Party(agent or known), resource=resource, words=tuple(words.split()))
    abroad = Abroad(wish=wish, issuer=issuer, client=known)
    try:
        given = asyncio.run(redeemer.exchanged(one_line(token), abroad, time.time()))
    except EvidenceError as error:
        refused(error)
    typer.echo(given)


def _header(path: Path) -> tuple[str, str]:
    """Return the client of a credentials file, and the header that proves it. Raises `ConfigError`."""
    text = one_line(path)
    try:
        return text.partition(":")[0], authorization(text)
    except ValueError:
        raise ConfigError([f"{path}: must be one line, client_id:client_secret"]) from None
