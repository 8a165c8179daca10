"""`sidecar health`: what a container's health check runs."""

from typing import Annotated

import grpc
import typer
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sidecar.config import load_settings

TIMEOUT_SECONDS = 1.5


def health(
    address: Annotated[
        str, typer.Option(help="As unix:/run/sidecar/guard.sock; from the settings where not given.")
    ] = "",
) -> None:
    """Ask a running sidecar whether it serves; exit 0 if so, 1 if not."""
    target = address or f"unix:{load_settings().server.socket}"
    with grpc.insecure_channel(target) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            typer.echo(f"not serving: {error.code().name.lower()}", err=True)
            raise typer.Exit(1) from None
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        typer.echo("not serving: draining", err=True)
        raise typer.Exit(1)
    typer.echo("serving")
