"""Options that several commands have: each is said once, and means the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="A TOML file; $SIDECAR_CONFIG where not given.", dir_okay=False)
]
Address = Annotated[
    str, typer.Option("--address", help="As unix:/run/sidecar/control.sock; from the settings where not given.")
]
Operator = Annotated[
    Path | None,
    typer.Option("--token-file", help="An operator's token; without one the kernel says who you are.", dir_okay=False),
]
Words = Annotated[str, typer.Option("--reason", help="Why. The record keeps a digest of it, by which it is found.")]
Lines = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
AsObject = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Jwks = Annotated[Path | None, typer.Option("--jwks", help="The issuer's keys, instead of the settings.")]
JwksIssuer = Annotated[str, typer.Option("--issuer", help="With --jwks: what the issuer calls itself.")]
