"""`sidecar tokens revoke`: cut off a subject, an agent or one token, everywhere, at once."""

from typing import Annotated

import typer

from sidecar.cli.control import control, cut_off
from sidecar.cli.options import Address, Config, Lines, Words
from sidecar.errors import ConfigError
from sidecar.v1 import sidecar_pb2 as pb


def revoke(
    subject: Annotated[str, typer.Option("--subject", help="For whom: the `sub` of tokens.")] = "",
    agent: Annotated[str, typer.Option("--agent", help="Through whom, at any depth of a chain.")] = "",
    token_id: Annotated[
        str, typer.Option("--token-id", help="The `jti` of a token; what was delegated from it too.")
    ] = "",
    reason: Words = "",
    address: Address = "",
    config: Config = None,
    *,
    as_lines: Lines = False,
) -> None:
    """Refuse a subject's, an agent's or one token's chains from now on, and end their sessions.

    Kept over restarts, for identity.revocation_seconds. For longer: list it in the file identity.revocations.
    """
    named = {"subject": subject, "agent": agent, "token_id": token_id}
    given = [name for name, value in named.items() if value]
    if len(given) != 1:
        raise ConfigError(["give one of --subject, --agent and --token-id"])
    request = pb.RevokeRequest(reason=reason)
    setattr(request, given[0], named[given[0]])
    with control(address, config) as stub:
        cut_off(stub, request, as_lines=as_lines)
