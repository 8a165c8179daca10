"""What a sidecar costs that has just started: the deciding process, where no pack asks for names."""

from pathlib import Path

import grpc
import pytest

from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import START_SECONDS, Served, minted, written

MAX_KIB = 120 * 1024
MAX_CPU_S = 2.0  # 1.2 to 1.4 measured on a machine in use; on a processor of its own, the time to a verdict
NOT_FOR_IT = ("spacy", "thinc", "torch", "numpy")  # each has libraries that are seen in the map of its memory

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="only Linux tells what a process has used")
def test_the_first_verdict_comes_soon_and_the_process_is_small(tmp_path: Path) -> None:
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    served = Served(written(tmp_path, issuer))
    proc = Path(f"/proc/{served.process.pid}")
    try:
        with grpc.insecure_channel(f"unix:{served.settings.server.socket}") as channel:
            guard = pb_grpc.GuardStub(channel)
            opening = pb.OpenSessionRequest(tokens=minted(issuer, ["echo"]), task="a test")
            session = guard.OpenSession(opening, timeout=START_SECONDS, wait_for_ready=True)
            verdict = guard.CheckUserInput(
                pb.UserInput(session_id=session.session_id, text="hello"), timeout=START_SECONDS
            )
            used_s = int((proc / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
            mapped = (proc / "maps").read_text(encoding="utf-8")
            status = (proc / "status").read_text(encoding="ascii").splitlines()
    finally:
        served.process.kill()
        served.process.wait()

    resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert verdict.decision == pb.ALLOW
    assert resident < MAX_KIB
    assert used_s < MAX_CPU_S
    assert not [name for name in NOT_FOR_IT if f"site-packages/{name}" in mapped]
