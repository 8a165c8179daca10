"""The folder of a trial: an issuer of its own, keys, and settings to serve from."""

import json
from pathlib import Path
from typing import Final

import typer

from sidecar.cli.tokens import JWKS_FILE, KEY_FILE, write_new
from sidecar.identity.trial import TrialIssuer

SETTINGS_FILE: Final = "sidecar.toml"
SETTINGS: Final = """\
# A trial of the agent sidecar. The issuer's private key lies beside this file: good for a trial, for nothing else.
[server]
socket = "guard.sock"
control_socket = "control.sock"

[rules]
packs = ["baseline", "demo"]

[audit]
path = "audit.db"

[identity]
explain_failures = true  # says exactly what is wrong with a token; in earnest only the audit log is told

[approvals]
operators = [{{issuer = {issuer}, subject = "eve"}}]  # who asks cannot consent: mint a token for eve

[[identity.issuers]]
name = "trial"
issuer = {issuer}
keys = {keys}
"""


def trial_folder(folder: Path) -> Path:
    """Return the path of the trial's settings; where there are none, make them, and the issuer's keys.

    Raises `ConfigError` where the folder cannot be written.
    """
    settings = folder / SETTINGS_FILE
    if not settings.exists():
        made = TrialIssuer.generate()
        write_new(folder / KEY_FILE, json.dumps(made.as_file()) + "\n", mode=0o600)
        write_new(folder / JWKS_FILE, json.dumps(made.jwks()) + "\n", mode=0o644)
        text = SETTINGS.format(issuer=json.dumps(made.url), keys=json.dumps(JWKS_FILE))
        write_new(settings, text, mode=0o644)
        typer.echo(
            f"made a trial in {folder}; mint a token with:\n"
            f"  sidecar tokens mint --key {folder / KEY_FILE} --user ann --agent support --tools search_orders",
            err=True,
        )
    return settings
