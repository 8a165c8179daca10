"""`sidecar tokens delegate` and `exchange`: from a credential to a narrower one, by the code that the sidecar runs."""

import asyncio
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from sidecar.cli import credentials
from sidecar.cli.credentials import one_line, signing_key, text, tokens_in
from sidecar.cli.options import Config, Jwks, JwksIssuer
from sidecar.cli.tokens import seconds_of
from sidecar.errors import EvidenceError
from sidecar.identity.delegation import Delegation, Delegator, Parent
from sidecar.identity.exchanges.exchange import Party, Wish
from sidecar.identity.exchanges.exchanging import Exchanger
from sidecar.identity.exchanges.http_post import HttpPoster
from sidecar.identity.trial import TRIAL_ISSUER
from sidecar.identity.verifier import DEFAULT_AUDIENCE
from sidecar.model.scope import parse as parse_scope
from sidecar.model.strict_json import parse

_Us = Annotated[str, typer.Option("--we-are", help="With --jwks: the audience that the credential has now.")]


def delegate(
    chain: Annotated[Path, typer.Option("--chain", help="A file with the tokens, root first: one a line, or JSON.")],
    holder: Annotated[Path, typer.Option("--holder", help="The private key that the last token is bound to.")],
    to: Annotated[Path, typer.Option("--to", help="The public key (JWK) of the one who is delegated to.")],
    scope: Annotated[Path, typer.Option("--scope", help="A scope object (JSON) that names its tools.")],
    agent: Annotated[str, typer.Option("--agent", help="What the one who is delegated to is called.")],
    audience: Annotated[str, typer.Option("--audience", help="Who will verify it.")] = DEFAULT_AUDIENCE,
    lifetime: Annotated[str, typer.Option("--lifetime", help="How long it is good: 90s, 15m.")] = "15m",
    config: Config = None,
    jwks: Jwks = None,
    issuer: JwksIssuer = TRIAL_ISSUER,
    we_are: _Us = DEFAULT_AUDIENCE,
) -> None:
    """Sign one more link of a chain of linked tokens, narrower than it is, and print the longer chain."""
    verifier, at = credentials.verifier(config, jwks, issuer, we_are), time.time()
    tokens = tokens_in(chain)
    asked = Delegation(
        agent=agent,
        audience=audience,
        scope_json=text(scope),
        confirmation_jwk=text(to),
        lifetime_s=seconds_of(lifetime),
    )
    try:
        proven = verifier.verify(tokens, at)
        parent = Parent(chain=proven, tokens=tuple(tokens), scope=proven.scope, expires_at=float(proven.expires_at))
        made = Delegator(holder=signing_key(holder), verifier=verifier).delegated(parent, asked, at)
    except EvidenceError as error:
        refused(error)
    typer.echo("\n".join([*tokens, made.token]))


def exchange(
    token: Annotated[Path, typer.Option("--token", help="A file with the token that is exchanged.")],
    endpoint: Annotated[str, typer.Option("--endpoint", help="The issuer's token endpoint (https).")],
    resource: Annotated[str, typer.Option("--resource", help="The one audience that the new token is for.")],
    agent: Annotated[str, typer.Option("--agent", help="What we are called in `act`.")],
    words: Annotated[str, typer.Option("--oauth-scope", help="OAuth scope strings, with spaces between.")] = "",
    scope: Annotated[Path | None, typer.Option("--scope", help="A scope object (JSON) that it stays within.")] = None,
    holder: Annotated[Path | None, typer.Option("--holder", help="A private key to bind the new token to.")] = None,
    actor: Annotated[Path | None, typer.Option("--actor", help="A file with our own token.")] = None,
    config: Config = None,
    jwks: Jwks = None,
    issuer: JwksIssuer = TRIAL_ISSUER,
    we_are: _Us = DEFAULT_AUDIENCE,
) -> None:
    """Exchange a token at its issuer (RFC 8693) for one resource, and print what is no wider than was asked for."""
    exchanger = Exchanger(
        verifier=credentials.verifier(config, jwks, issuer, we_are),
        endpoint=endpoint,
        poster=HttpPoster(),
        holder=signing_key(holder) if holder else None,
    )
    try:
        wish = Wish(
            us=Party(agent),
            resource=resource,
            words=tuple(words.split()),
            scope=parse_scope(parse(text(scope))) if scope else None,
        )
        ours = one_line(actor) if actor else ""
        given = asyncio.run(exchanger.exchanged(one_line(token), wish, time.time(), actor=ours))
    except EvidenceError as error:
        refused(error)
    typer.echo(given)


def refused(error: EvidenceError) -> NoReturn:
    """Say why there is no token, and end with 1."""
    typer.echo(f"refused: {error.reason}: {error}", err=True)
    raise typer.Exit(1) from None
