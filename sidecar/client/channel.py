"""How to reach a sidecar, and what it means when it cannot be reached.

Payloads go over a Unix socket or loopback and nowhere else: the channel is in plain text, and a proxy from
the environment must not see it. gRPC's own text about an error is not passed on, since it comes from outside.
"""

import ipaddress
import math
import os
from collections.abc import Mapping
from typing import Final

import grpc

from sidecar.client.denied import NoVerdict

ADDRESS_VARIABLE: Final = "SIDECAR_ADDRESS"
DEFAULT_ADDRESS: Final = "unix:/run/sidecar/guard.sock"
# Seconds for one call: a little above the sidecar's own limit for a verdict (`limits.deadline_seconds`), so that its
# refusal, which has reasons and a record, arrives before we give up.
DEFAULT_DEADLINE: Final = 22.0
MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024  # the whole prompt may come back
FIRST_RECONNECT_MS: Final = 100  # a restarted sidecar is found again at once: it runs on this machine
LAST_RECONNECT_MS: Final = 1000

OPTIONS: Final = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", MAX_ANSWER_BYTES),
    ("grpc.initial_reconnect_backoff_ms", FIRST_RECONNECT_MS),
    ("grpc.max_reconnect_backoff_ms", LAST_RECONNECT_MS),
)

_STATUS: Final[Mapping[grpc.StatusCode, tuple[str, str]]] = {
    grpc.StatusCode.UNAVAILABLE: ("unavailable", "the sidecar does not answer; start it, or check the address"),
    grpc.StatusCode.DEADLINE_EXCEEDED: ("deadline", "the sidecar did not answer in time; send less, or allow more"),
    grpc.StatusCode.RESOURCE_EXHAUSTED: ("overload", "the sidecar holds as much as it may; send less, or later"),
    grpc.StatusCode.CANCELLED: ("cancelled", "the sidecar gave the call up; try again"),
    grpc.StatusCode.INVALID_ARGUMENT: ("bad_request", "the sidecar cannot judge this request; check its fields"),
    grpc.StatusCode.NOT_FOUND: ("session_unknown", "there is no such session; open one"),
    grpc.StatusCode.UNIMPLEMENTED: ("unimplemented", "this sidecar does not have that call; check its version"),
}
_OTHER: Final = ("no_verdict", "the sidecar failed to reach a verdict; see its log")
UNDECODED: Final = ("verdict_malformed", "the answer could not be decoded; compare versions")
CLOSED: Final = ("closed", "this client is closed; open another")


def reachable(address: str | None) -> str:
    """Return the address to call: the argument, else SIDECAR_ADDRESS, else the socket in /run/sidecar.

    Raises `ValueError` for an address that is neither a Unix socket nor a port on loopback.
    """
    chosen = address or os.environ.get(ADDRESS_VARIABLE) or DEFAULT_ADDRESS
    if not chosen.startswith("unix:") and not _is_loopback(chosen):
        raise ValueError("the address must be unix:PATH or a port on loopback, such as 127.0.0.1:50051")
    return chosen


def finite(deadline: float) -> float:
    """Return `deadline`, in seconds, if it is one: without an end, an agent would hang with its sidecar.

    Raises `ValueError` where it is not above zero and finite.
    """
    if not 0 < deadline < math.inf:
        raise ValueError("the deadline must be a number of seconds above zero")
    return deadline


def no_verdict(status: grpc.StatusCode) -> NoVerdict:
    """Return what a status of gRPC means to the caller."""
    return NoVerdict(*_STATUS.get(status, _OTHER))


def _is_loopback(address: str) -> bool:
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False
