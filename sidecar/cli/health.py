"""`sidecar health`: what a container's health check runs."""

import json
from typing import Annotated, Final

import grpc
import typer
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sidecar.app.disk import NEEDED
from sidecar.cli.control import control
from sidecar.cli.options import AsObject, Config
from sidecar.config import load_settings
from sidecar.errors import UnavailableError
from sidecar.v1 import sidecar_pb2 as pb

TIMEOUT_SECONDS: Final = 1.5


def health(
    address: Annotated[
        str, typer.Option("--address", help="As unix:/run/sidecar/guard.sock; from the settings where not given.")
    ] = "",
    config: Config = None,
    *,
    as_line: AsObject = False,
) -> None:
    """Ask a running sidecar whether it serves; exit 0 if so, 1 if not.

    Without --address the operator's side is asked, too, what is out: what keeps every verdict from being given, as a
    full disk does, is not serving.
    """
    target = address or f"unix:{load_settings(config).server.socket}"
    problem = _problem(target)
    out = _out(config) if not (problem or address) else ()
    if not problem and (needed := sorted(NEEDED & set(out))):
        problem = f"cannot be written: {', '.join(needed)}"
    if as_line:
        typer.echo(json.dumps({"serving": not problem, "problem": problem, "out": list(out)}))
    elif problem:
        typer.echo(f"not serving: {problem}", err=True)
    else:
        typer.echo("serving" + (f"; out: {', '.join(out)}" if out else ""))
    if problem:
        raise typer.Exit(1)


def _problem(target: str) -> str:
    """Return why nobody is served, empty where somebody is. `target` may be anything that gRPC takes for an address."""
    with grpc.insecure_channel(target) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            code = error.code().name.lower()
            return f"nobody answers at {target}" if error.code() is grpc.StatusCode.UNAVAILABLE else code
    return "" if answer.status == health_pb2.HealthCheckResponse.SERVING else "draining"


def _out(config: Config) -> tuple[str, ...]:
    """Return what the status names; nothing where the control socket is not for whoever asks."""
    try:
        with control("", config) as stub:
            return tuple(stub.GetStatus(pb.GetStatusRequest(), timeout=TIMEOUT_SECONDS).degraded)
    except UnavailableError:
        return ()
