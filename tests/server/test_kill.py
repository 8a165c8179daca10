"""`kill -9` at random moments under load: no verdict that a client received lacks its record."""

import random
import threading
import time
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner

from sidecar.cli.root import app
from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import ECHO, Served, minted, written

ISSUER = TrialIssuer.generate()
CLIENTS = 4
ROUNDS = 50
SEED = 20_261_122


class Client(threading.Thread):
    """Opens a session and asks for verdicts until the sidecar is gone; remembers each that it received."""

    def __init__(self, served: Served, got: threading.Event) -> None:
        super().__init__()
        self._served = served
        self._got = got
        self.received: list[str] = []
        self.ended = "is still asking"

    def run(self) -> None:
        try:
            with grpc.insecure_channel(f"unix:{self._served.settings.server.socket}") as channel:
                self._ask(pb_grpc.GuardStub(channel))
        except grpc.RpcError as error:  # killed: what came before is what counts
            self.ended = repr(error)

    def _ask(self, guard: pb_grpc.GuardStub) -> None:
        tokens = minted(ISSUER, ["echo"])
        session = guard.OpenSession(pb.OpenSessionRequest(tokens=tokens), timeout=10)
        self.received.append(session.record_id)
        call = pb.ToolCall(session_id=session.session_id, tool="echo", arguments_json=ECHO)
        while True:
            self.received.append(guard.CheckToolCall(call, timeout=10).record_id)
            self._got.set()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("sync", [pytest.param("commit", id="commit"), pytest.param("disk", id="disk")])
def test_no_verdict_is_lost_by_a_kill(tmp_path: Path, sync: str) -> None:
    moment = random.Random(SEED)  # noqa: S311 - which moments, not a secret
    served = Served(written(tmp_path, ISSUER, audit=f'sync = "{sync}"', rules="watch = false"))
    received: list[str] = []
    for _ in range(ROUNDS if sync == "commit" else ROUNDS // 5):
        served.ready()
        got = threading.Event()
        clients = [Client(served, got) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        assert got.wait(30), [client.ended for client in clients]
        time.sleep(moment.uniform(0, 0.15))
        served.kill()
        for client in clients:
            client.join()
            received += client.received
        served.restart()
    served.stop()

    result = CliRunner().invoke(app, ["audit", "export", "--format", "jsonl", "--db", str(served.settings.audit.path)])
    recorded = {line.split('"record_id":"')[1].split('"')[0] for line in result.stdout.splitlines()}
    verified = CliRunner().invoke(app, ["audit", "verify", "--db", str(served.settings.audit.path)])

    assert len(received) > ROUNDS
    assert set(received) <= recorded
    assert verified.exit_code == 0, verified.output
