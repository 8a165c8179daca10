"""`sidecar tokens prove`: the proof that goes with a token that is bound to a key. Prints the proof alone."""

import time
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.credentials import given_tokens, one_line, signing_key
from sidecar.errors import ConfigError, EvidenceError
from sidecar.identity.holders.proving import Asked, proof, workload_proof
from sidecar.identity.opening import OPEN_SESSION, Opening
from sidecar.identity.verifier import DEFAULT_AUDIENCE


def prove(
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
        shown = [workload_proof(key, one_line(wit), tokens, asked)] if wit else []
        typer.echo(" ".join([proof(key, tokens, asked), *shown, *([one_line(workload)] if workload else [])]))
    except (EvidenceError, ValueError):
        raise ConfigError(["not a token: give the chain as it was minted, root first"]) from None
