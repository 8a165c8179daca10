"""`sidecar tokens`: a trial issuer's keys and tokens, and what a chain proves. Prints no token but a minted one."""

import json
import os
import re
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from sidecar.cli import credentials, tokens_inspect
from sidecar.cli.credentials import given_tokens, json_of, kept
from sidecar.cli.options import AsObject, Config, Jwks, JwksIssuer
from sidecar.cli.tokens_prove import prove
from sidecar.errors import ConfigError, EvidenceError
from sidecar.identity.trial import TRIAL_ISSUER, Order, TrialIssuer
from sidecar.identity.verifier import DEFAULT_AUDIENCE, Verifier
from sidecar.model.scope import parse as parse_scope
from sidecar.model.strict_json import Json

KEY_FILE: Final = "issuer.key.json"
JWKS_FILE: Final = "issuer.jwks.json"
NOTHING: Final[dict[str, Json]] = {"tools": {}}  # what somebody calls who answers requests for approval
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}

app = typer.Typer(help="Make a trial issuer's keys and tokens, and see what a token proves.", no_args_is_help=True)
app.command()(prove)


class Algorithm(StrEnum):
    """What a trial issuer can sign with."""

    ED25519 = "Ed25519"
    ES256 = "ES256"


class Form(StrEnum):
    """One token with nested `act`, or a chain of linked tokens."""

    A = "a"
    B = "b"


@app.command()
def keygen(
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.", file_okay=False)],
    alg: Annotated[Algorithm, typer.Option("--alg", help="What the key signs with.")] = Algorithm.ED25519,
    issuer: Annotated[str, typer.Option("--issuer", help="What the issuer calls itself in `iss`.")] = TRIAL_ISSUER,
) -> None:
    """Make an issuer for trials: a private key (mode 0600), a public key set, and the settings that trust it."""
    made = TrialIssuer.generate(issuer=issuer, algorithm=alg.value)
    write_new(out / KEY_FILE, json.dumps(made.as_file()) + "\n", mode=0o600)
    write_new(out / JWKS_FILE, json.dumps(made.jwks()) + "\n", mode=0o644)
    typer.echo(f"wrote {out / KEY_FILE} and {out / JWKS_FILE}; put this into the settings:", err=True)
    typer.echo("[[identity.issuers]]")
    typer.echo('name = "trial"')
    typer.echo(f"issuer = {json.dumps(issuer)}")
    typer.echo(f"keys = {json.dumps(str((out / JWKS_FILE).resolve()))}")
    typer.echo(f'algs = ["{alg.value}"]')


@app.command()
def mint(
    key: Annotated[Path, typer.Option("--key", help=f"The issuer's file, as keygen wrote it ({KEY_FILE}).")],
    user: Annotated[str, typer.Option("--user", help="For whom: the root of the chain.")],
    agent: Annotated[
        list[str] | None, typer.Option("--agent", help="Through whom, the caller last; again for each agent.")
    ] = None,
    tools: Annotated[str, typer.Option("--tools", help="What may be called, with any arguments: a,b,c.")] = "",
    scope: Annotated[Path | None, typer.Option("--scope", help="A scope object (JSON) instead of --tools.")] = None,
    audience: Annotated[str, typer.Option("--audience", help="Who is to accept it.")] = DEFAULT_AUDIENCE,
    lifetime: Annotated[str, typer.Option("--lifetime", help="How long it is good: 90s, 15m, 1h.")] = "15m",
    form: Annotated[Form, typer.Option("--form", help="a: one token; b: a chain of linked tokens.")] = Form.A,
    holder_out: Annotated[
        Path | None, typer.Option("--holder-out", help="Bind it to a new key, and keep that in this file.")
    ] = None,
    bind: Annotated[
        Path | None, typer.Option("--bind", help="Bind it to the key in this file, as --holder-out wrote it.")
    ] = None,
    deeper: Annotated[int, typer.Option("--deeper", help="Form b: how many more links may follow.", min=0, max=7)] = 0,
    *,
    as_list: Annotated[bool, typer.Option("--json", help="A JSON list instead of one token a line.")] = False,
) -> None:
    """Mint a token, or a chain of linked tokens, root first. Without --agent and --tools it is an operator's."""
    issuer, agents = _issuer(key), agent or []
    granted = _granted(tools, scope) if tools or scope or agents else NOTHING
    holder, new = kept(holder_out, bind)
    order = Order(
        user=user, agents=agents, scope=granted, at=time.time(), audience=audience, lifetime_s=seconds_of(lifetime)
    )
    if form is Form.A:
        minted = issuer.minted(order, holder if holder_out or bind else None)
    elif agents:
        minted = issuer.mint_linked(
            user=user,
            agents=agents,
            scope=granted,
            at=order.at,
            audience=audience,
            lifetime_s=order.lifetime_s,
            holder=holder,
            deeper=deeper,
        )
    else:
        raise ConfigError(["--form b needs at least one --agent: a chain is made of holders"])
    _check(minted, issuer, audience)
    if holder_out:
        write_new(holder_out, new, mode=0o600)
    if path := holder_out or bind:
        typer.echo(f"bound to a key; each session needs a proof: sidecar tokens prove --holder {path}", err=True)
    elif form is Form.B:
        typer.echo("nobody has the last agent's key, so that nobody can use it: see --holder-out and --bind", err=True)
    typer.echo(json.dumps(minted) if as_list else "\n".join(minted))


@app.command()
def inspect(
    token: Annotated[
        list[str] | None, typer.Argument(help="Tokens, root first, or a file; `-` or none: from standard input.")
    ] = None,
    config: Config = None,
    jwks: Jwks = None,
    issuer: JwksIssuer = TRIAL_ISSUER,
    audience: Annotated[str, typer.Option("--audience", help="With --jwks: who we are.")] = DEFAULT_AUDIENCE,
    *,
    as_object: AsObject = False,
) -> None:
    """Show what a token or a chain proves hop by hop, or why it is refused (exit code 1)."""
    tokens = given_tokens(token or ["-"])
    verifier = credentials.verifier(config, jwks, issuer, audience)
    at = time.time()
    try:
        chain = verifier.verify(tokens, at)
    except EvidenceError as error:
        told = tokens_inspect.refusal(verifier, tokens, error, at)
        if as_object:
            typer.echo(json.dumps(told))
        else:
            tokens_inspect.show_refusal(told, len(tokens))
        raise typer.Exit(1) from None
    found = tokens_inspect.steps(verifier, tokens, chain, at)
    if as_object:
        typer.echo(json.dumps(tokens_inspect.as_object(chain, found)))
    else:
        tokens_inspect.show(chain, found)


def _issuer(path: Path) -> TrialIssuer:
    try:
        return TrialIssuer.from_file(json_of(path))
    except EvidenceError as error:
        raise ConfigError([f"{path}: {error}"]) from None


def _check(minted: Sequence[str], issuer: TrialIssuer, audience: str) -> None:
    """Refuse to print what any verifier would refuse, such as a link that lives too long."""
    try:
        Verifier.of([issuer.issuer()], [audience]).verify(minted, time.time())
    except EvidenceError as error:
        raise ConfigError([f"this would be refused: {error.reason}: {error}"]) from None


def _granted(tools: str, path: Path | None) -> dict[str, Json]:
    if bool(tools) == bool(path):
        raise ConfigError(["give either --tools or --scope"])
    if path is None:
        return {"tools": {name.strip(): {} for name in tools.split(",") if name.strip()}}
    value = json_of(path)
    try:
        parse_scope(value)
    except EvidenceError as error:
        raise ConfigError([f"{path}: {error.path or '/'}: {error}"]) from None
    return dict(value) if isinstance(value, dict) else {}


def seconds_of(text: str) -> int:
    """Return the seconds of `90s`, `15m` or `1h`. Raises `ConfigError`."""
    match = re.fullmatch(r"([0-9]{1,6})([smh])", text)
    if match is None or int(match[1]) == 0:
        raise ConfigError(["--lifetime is a number and s, m or h, as 15m"])
    return int(match[1]) * _UNITS[match[2]]


def write_new(path: Path, text: str, *, mode: int) -> None:
    """Write a file that is not there yet, and its folder: keys are never overwritten. Raises `ConfigError`."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
