"""A value behind a token reaches the tool that may have it, and nobody and nothing else, over a `kill -9` as well."""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import Served, minted, written
from tests.test_canaries import disguises

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PACK = str(Path(__file__).parent / "packs" / "vaulted")
ISSUER = TrialIssuer.generate(issuer="https://trial.sidecar.local")
TICKET = "TKT-zqxjvkanarie77"


class Spoken:
    """One session, and all that was answered."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.channel = grpc.insecure_channel(f"unix:{served.settings.server.socket}")
        self.guard = pb_grpc.GuardStub(self.channel)
        tokens = minted(ISSUER, ["charge", "note"])
        self.handle = self.guard.OpenSession(pb.OpenSessionRequest(tokens=tokens)).session_id

    def say(self, text: str) -> pb.Verdict:
        return self.guard.CheckUserInput(pb.UserInput(session_id=self.handle, text=text))

    def call(self, tool: str, arguments: object) -> pb.Verdict:
        request = pb.ToolCall(session_id=self.handle, tool=tool, arguments_json=json.dumps(arguments))
        return self.guard.CheckToolCall(request)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    config = written(tmp_path, ISSUER, (PACK,), log='level = "debug"\nformat = "json"', identity='proofs = "off"')
    with Served(config) as it:
        yield it


def everywhere(spoken: Spoken) -> list[str]:
    """Send the value through every boundary and return what was told of it, but to the tool that may have it."""
    guard, handle = spoken.guard, spoken.handle
    message = {"messageId": "m-1", "role": "ROLE_USER", "parts": [{"text": f"{TICKET} and <TICKET_1>"}]}
    chunks = [pb.LlmOutputChunk(session_id=handle, text=text) for text in (f"It is {TICKET[:7]}", TICKET[7:] + ". ")]
    asked = [
        spoken.say(f"my ticket is {TICKET}"),
        guard.CheckLlmRequest(
            pb.LlmRequest(session_id=handle, messages=[pb.Message(role="user", content=f"{TICKET} <TICKET_1>")])
        ),
        guard.CheckLlmOutput(pb.LlmOutput(session_id=handle, text=f"{TICKET} TICKET_1")),
        spoken.call("note", {"text": f"{TICKET}, <TICKET_1>, ticket_1", "more": ["[TICKET_1]"]}),
        spoken.call("charge", {TICKET: 1}),
        spoken.call("unknown", {"text": TICKET}),
        guard.CheckToolResponse(
            pb.ToolResponse(
                session_id=handle, tool="charge", content=json.dumps({"a": TICKET}), content_type="application/json"
            )
        ),
        guard.CheckA2aMessage(
            pb.A2aMessage(
                session_id=handle, peer="other", message_json=json.dumps(message), direction=pb.A2aMessage.OUTBOUND
            )
        ),
        *guard.StreamLlmOutput(iter(chunks)),
    ]
    return [str(answer) for answer in asked]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def held(data: bytes) -> list[bytes]:
    return [hit for hit in disguises(TICKET) if hit.lower() in data.lower()]


def test_only_the_tool_that_may_have_it_hears_of_a_value(served: Served, tmp_path: Path) -> None:
    spoken = Spoken(served)

    told = everywhere(spoken)
    charged = spoken.call("charge", {"ticket": "ticket_1"})

    assert {answer for answer in told if held(answer.encode())} == set()
    assert any("<TICKET_1>" in answer for answer in told)
    assert json.loads(charged.payload) == {"ticket": TICKET}
    assert TICKET not in str(charged.findings)
    assert {name: held(data) for name, data in files(tmp_path).items()} == {name: [] for name in files(tmp_path)}
    assert {"vault.db", "vault.key", "audit.db"} <= files(tmp_path).keys()


def test_a_value_outlives_a_kill_and_ends_with_its_session(served: Served, tmp_path: Path) -> None:
    spoken = Spoken(served)
    spoken.say(f"my ticket is {TICKET}")

    served.kill()
    served.restart()
    with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
        spoken.channel, spoken.guard = channel, pb_grpc.GuardStub(channel)
        charged = spoken.call("charge", {"ticket": "<TICKET_1>"})
        again = spoken.say(f"once more: {TICKET}")
        spoken.guard.CloseSession(pb.CloseSessionRequest(session_id=spoken.handle))
        after = spoken.call("charge", {"ticket": "<TICKET_1>"})

    assert json.loads(charged.payload) == {"ticket": TICKET}
    assert again.payload == "once more: <TICKET_1>"
    assert (after.decision, after.payload) == (pb.DENY, "")
    assert (tmp_path / "vault.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the limits of another process")
def test_no_process_that_sees_payloads_leaves_a_core_file(served: Served) -> None:
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text(encoding="ascii")

    processes = [served.process.pid, *map(int, children.split())]

    assert len(processes) > 1
    for pid in processes:
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        assert re.search(r"Max core file size\s+0\s+0", limits), limits


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only core files are forbidden")
def test_nobody_attaches_to_a_process_that_is_unreadable() -> None:
    code = (
        "import ctypes; from sidecar.unreadable import become_unreadable; become_unreadable(); "
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
    )
    limit = resource.getrlimit(resource.RLIMIT_CORE)

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)

    assert told.stdout.strip() == "0"
    assert resource.getrlimit(resource.RLIMIT_CORE) == limit
