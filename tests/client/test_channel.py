import os
import subprocess
import sys

import pytest

from sidecar.client import Sidecar, channel
from sidecar.config.settings import LimitSettings


@pytest.mark.parametrize(
    "address",
    ["unix:/run/guard.sock", "unix:guard.sock", "127.0.0.1:50051", "127.8.0.1:1", "[::1]:50051", "localhost:50051"],
)
def test_a_unix_socket_and_loopback_are_reachable(address: str) -> None:
    assert channel.reachable(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1:50051",
        "0.0.0.0:50051",
        "example.org:443",
        "localhost.example.org:443",
        "dns:///localhost:1",
        "127.0.0.1",
        "127.0.0.1:http",
        "unix-abstract:guard",
        "guard.sock",
    ],
)
def test_nothing_else_is(address: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        channel.reachable(address)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({"SIDECAR_ADDRESS": "unix:/x"}, "unix:/x", id="from the environment"),
        pytest.param({"SIDECAR_ADDRESS": ""}, "unix:/run/sidecar/guard.sock", id="an empty variable is none"),
        pytest.param({}, "unix:/run/sidecar/guard.sock", id="the default"),
    ],
)
def test_without_an_argument_the_address_comes_from(environment: dict[str, str], expected: str) -> None:
    code = "from sidecar.client import Sidecar, channel; print(channel.reachable(None))"
    clean = {name: value for name, value in os.environ.items() if name != "SIDECAR_ADDRESS"}

    done = subprocess.run(
        [sys.executable, "-c", code], env=clean | environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == expected


@pytest.mark.parametrize("deadline", [0.0, -1.0, float("inf"), float("nan")])
def test_a_deadline_that_never_comes_or_is_over_is_refused(deadline: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        Sidecar("unix:x", deadline=deadline)


def test_who_gives_up_does_so_after_the_sidecar_has() -> None:
    assert LimitSettings().deadline_seconds < channel.DEFAULT_DEADLINE


FORBIDDING = """
import sys
ALLOWED = {"grpc", "google", "typing_extensions"}  # grpcio, protobuf, and what grpcio itself needs
OURS = {"sidecar", "sidecar.client", "sidecar.v1"}

class Forbid:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        ours = ".".join(name.split(".")[:2]) in OURS
        if not ours and top not in ALLOWED and top not in sys.stdlib_module_names:
            raise ImportError(f"the client may not import {name}")

sys.meta_path.insert(0, Forbid())
import sidecar.client
print(sidecar.client.Sidecar.__name__)
"""


def test_the_client_imports_grpcio_and_protobuf_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORBIDDING],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.strip(), done.stderr) == ("Sidecar", "")
