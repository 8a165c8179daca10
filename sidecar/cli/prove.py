"""`sidecar tokens prove`: the proof that goes with a token that is bound to a key. Prints the proof alone."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sidecar.errors import ConfigError, EvidenceError, JsonError
from sidecar.identity.holder import SigningKey
from sidecar.identity.keyfile import read
from sidecar.identity.opening import OPEN_SESSION, Opening
from sidecar.identity.proving import Asked, proof, workload_proof
from sidecar.identity.verifier import DEFAULT_AUDIENCE
from sidecar.model.strict_json import parse

MAX_INPUT = 1 << 20  # characters of standard input or a file
MAX_PATH = 255  # characters: a longer argument is a token


def prove(  # noqa: PLR0913, PLR0917 - one parameter for each option
    holder: Annotated[Path, typer.Option("--holder", help="The key's file, as mint --holder-out wrote it.")],
    token: Annotated[
        list[str] | None,
        typer.Argument(help="Tokens, root first, or a file; `-` or none: from standard input."),
    ] = None,
    task: Annotated[str, typer.Option("--task", help="As OpenSession will say it.")] = "",
    task_type: Annotated[str, typer.Option("--task-type", help="As OpenSession will say it.")] = "",
    tools: Annotated[str, typer.Option("--tools", help="As OpenSession will name them: a,b,c.")] = "",
    residency: Annotated[str, typer.Option("--residency", help="As OpenSession will say it.")] = "",
    scope_json: Annotated[str, typer.Option("--scope-json", help="The very text that OpenSession will send.")] = "",
    audience: Annotated[str, typer.Option("--audience", help="Whom the proof is for: the sidecar's own name.")] = (
        DEFAULT_AUDIENCE
    ),
    wit: Annotated[
        Path | None, typer.Option("--wit", help="A file with the agent's WIT, which names the same key: adds its WPT.")
    ] = None,
    workload: Annotated[
        Path | None, typer.Option("--workload", help="A file with the agent's JWT-SVID or service-account token.")
    ] = None,
    nonce: Annotated[str, typer.Option("--nonce", help="What the sidecar gave in `dpop-nonce`, if it did.")] = "",
) -> None:
    """Prove that one holds the key that a token is bound to, for one OpenSession within 30 seconds.

    Of linked tokens the proof is over all that OpenSession asks for, which must then be sent as it was named here.
    """
    opening = Opening(
        task=task,
        task_type=task_type,
        tools=tuple(name.strip() for name in tools.split(",") if name.strip()),
        residency=residency,
        scope_json=scope_json,
    )
    asked = Asked(audience=audience, tool=OPEN_SESSION, arguments=opening.asked, at=time.time(), nonce=nonce)
    try:
        key, tokens = signing_key(holder), given_tokens(token or ["-"])
        shown = [workload_proof(key, _line(wit), tokens, asked)] if wit else []
        typer.echo(" ".join([proof(key, tokens, asked), *shown, *([_line(workload)] if workload else [])]))
    except (EvidenceError, ValueError):
        raise ConfigError(["not a token: give the chain as it was minted, root first"]) from None


def _line(path: Path) -> str:
    return read(path).decode("ascii").strip()


def signing_key(path: Path) -> SigningKey:
    """Return the private key in the file at `path`. Raises `ConfigError`."""
    try:
        return SigningKey.from_jwk(parse(read(path).decode("utf-8")))
    except (EvidenceError, UnicodeDecodeError):
        raise ConfigError([f"{path}: not a private JWK of Ed25519 or P-256, as mint --holder-out writes it"]) from None


def given_tokens(given: Sequence[str]) -> list[str]:
    """Return the tokens given, or those in a file or on standard input: a JSON list, or one a line.

    Raises `ConfigError`.
    """
    if list(given) == ["-"]:
        return _listed("standard input", sys.stdin.read(MAX_INPUT + 1))
    if len(given) == 1 and len(given[0]) <= MAX_PATH and Path(given[0]).is_file():
        return _listed(given[0], read(Path(given[0])).decode("utf-8", "replace"))
    return list(given)


def _listed(source: str, text: str) -> list[str]:
    if len(text) > MAX_INPUT:
        raise ConfigError([f"{source}: more than {MAX_INPUT} characters"])
    if not text.lstrip().startswith("["):
        return text.split()
    try:
        listed = parse(text)
    except JsonError:
        raise ConfigError([f"{source}: neither a JSON list nor one token a line"]) from None
    tokens = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
    if not isinstance(listed, list) or len(tokens) != len(listed):
        raise ConfigError([f"{source}: the JSON list must hold tokens"])
    return tokens


def kept(path: Path | None, existing: Path | None) -> tuple[SigningKey, str]:
    """Return the key to bind a token to, a new one unless it is in `existing`, and its file's text where it is new."""
    if path and existing:
        raise ConfigError(["give either --bind, a key that is there, or --holder-out, the file of a new one"])
    if existing:
        return signing_key(existing), ""
    made = SigningKey.generate()
    return made, json.dumps(made.private_jwk()) + "\n"
