import os
import subprocess
import sys

import pytest

from sidecar.content.worker.spawning import environment
from sidecar.content.worker.wall import FORBIDDEN, refuse

WALLED = """
import sys, sidecar.content.worker.wall as wall
sys.addaudithook(wall.refuse)
%s
"""


@pytest.mark.parametrize("event", sorted(FORBIDDEN))
def test_what_is_forbidden_is_refused(event: str) -> None:
    with pytest.raises(PermissionError, match="is not for a process"):
        refuse(event, ())


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)", id="a connection"),
        pytest.param("import socket; socket.getaddrinfo('localhost', 80)", id="a name"),
        pytest.param("import socket; socket.socket().bind(('127.0.0.1', 0))", id="a port"),
        pytest.param(
            "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))", id="a datagram"
        ),
        pytest.param("import os; os.system('true')", id="a shell"),
        pytest.param("import subprocess; subprocess.run(['true'])", id="a child"),
        pytest.param("import os; os.fork()", id="a fork"),
        pytest.param("import os; os.execv('/bin/true', ['true'])", id="another program"),
    ],
)
def test_nothing_gets_through_the_wall(code: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WALLED % code], capture_output=True, check=False, env=environment(os.environ)
    )

    assert b"PermissionError" in ended.stderr


def test_what_is_not_forbidden_passes() -> None:
    refuse("open", ("a file", "r", 0))


@pytest.mark.parametrize("module", ["sidecar.content.worker.process", "sidecar.content.injection.classifier_process"])
def test_a_worker_without_anyone_at_the_other_end_ends_by_itself(module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=30,
        env=environment(os.environ),
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
