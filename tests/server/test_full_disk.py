"""A disk that is full under a sidecar: no verdict, nothing hangs or is lost, and it goes on when there is room."""

import json
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner

from sidecar.cli.root import app
from sidecar.identity.trial import TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.policy.packing import written as pack
from tests.running import APPROVALS, AUDIENCE, Served, eve, written

ISSUER = TrialIssuer.generate(issuer="https://trial.sidecar.local")
BUDGET = 40  # calls of a tool
SECONDS = 5.0  # that nothing may take
PATIENCE = 45.0  # until it is right again by itself
FILES: dict[str, str | bytes] = {
    "tools.yaml": "tools: {look: {effects: [read], trust: trusted}, ask: {effects: [read], trust: trusted}}\n",
    "limits.yaml": f"budgets: [{{per: subject, window: 1d, tool: look, tool_calls: {BUDGET}}}]\n",
    "rules.yaml": """
rules:
  - {id: ask, on: [tool_call], then: require_approval, when: "tool.name == 'ask'"}
""",
    "privacy.yaml": """
recognizers:
  - {name: badge, supported_entity: BADGE, patterns: [{name: badge, regex: 'BDG-[0-9]{6}', score: 0.9}]}
entities:
  BADGE: {label: pii, at: {"*": token}}
""",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A disk with a sidecar's files. `fail` makes every write on it fail, `mend` ends that."""

    fail: Callable[[Served], None]
    mend: Callable[[Served], None]


def filled(folder: Path) -> None:
    """Leave no octet free on the disk of `folder`."""
    with (folder / "filler").open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def limit(served: Served, octets: int) -> None:
    """Let the sidecar make no file longer than this; those that are longer are not written."""
    _, most = resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (octets if octets >= 0 else most, most))


def mounted(folder: Path, *options: str) -> bool:
    """Return whether a small disk could be mounted, or what is mounted there could be made so."""
    what = [] if options else ["-t", "tmpfs", "tmpfs"]
    command = ["mount", *what, "-o", ",".join(("size=8m", *options)), str(folder)]
    return not subprocess.run(command, check=False, capture_output=True).returncode


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a disk of eight megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mounted(folder):
        pytest.skip("nobody may mount a disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607 - as everywhere


@pytest.fixture(params=["full", "no file may grow"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "full":
        folder = request.getfixturevalue("disk")
        free = (folder / "filler").unlink
        return Place(fail=lambda _: filled(folder), mend=lambda _: free())
    (tmp_path / "disk").mkdir()
    return Place(fail=lambda it: limit(it, 0), mend=lambda it: limit(it, -1))


def minted(user: str) -> list[str]:
    scope: dict[str, Json] = {"tools": {"look": {}, "ask": {}}}
    return ISSUER.mint(user=user, agents=["agent"], scope=scope, audience=AUDIENCE, at=time.time(), lifetime_s=900)


class Asking:
    """What an agent and an operator ask, on connections of the moment. Each answer is a word."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._number = 0
        self.slowest = 0.0  # seconds

    def guard(self, what: Callable[["pb_grpc.GuardStub"], object]) -> str:
        began = time.monotonic()
        with grpc.insecure_channel(f"unix:{self.served.settings.server.socket}") as channel:
            try:
                what(pb_grpc.GuardStub(channel))
            except grpc.RpcError as error:
                return f"{error.code().name} {(error.details() or '').partition(':')[0]}"
            finally:
                self.slowest = max(self.slowest, time.monotonic() - began)
        return "answered"

    def open(self, user: str) -> pb.Session:
        with grpc.insecure_channel(f"unix:{self.served.settings.server.socket}") as channel:
            return pb_grpc.GuardStub(channel).OpenSession(pb.OpenSessionRequest(tokens=minted(user)), timeout=SECONDS)

    def call(self, handle: str, tool: str = "look", approval_id: str = "") -> str:
        self._number += 1
        arguments = json.dumps({"n": 0 if approval_id or tool == "ask" else self._number})
        request = pb.ToolCall(session_id=handle, tool=tool, arguments_json=arguments, approval_id=approval_id)
        told: list[str] = []

        def ask(guard: "pb_grpc.GuardStub") -> None:
            verdict = guard.CheckToolCall(request, timeout=SECONDS)
            told.append(next((one.reason for one in verdict.findings if one.decision > pb.REDACT), "allow"))

        failed = self.guard(ask)
        return told[0] if told else failed

    def operator(self, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*words, "--config", str(self.served.config)])
        return done.exit_code, done.output + str(done.exception or "")

    def until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end
            time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_while_nothing_can_be_written_there_is_no_verdict_and_afterwards_all_is_as_it_was(
    place: Place, tmp_path: Path
) -> None:
    with Served(settings(tmp_path)) as served:
        it = Asking(served)
        attacked(it, place)
        afterwards(it)


def attacked(it: Asking, place: Place) -> None:
    """Fail the disk under all that a sidecar does, and mend it again."""
    ann, eve = it.open("ann").session_id, it.open("eve").session_id
    assert [it.call(ann), it.call(eve)] == ["allow"] * 2
    with grpc.insecure_channel(f"unix:{it.served.settings.server.socket}") as channel:
        asked = pb_grpc.GuardStub(channel).CheckToolCall(
            pb.ToolCall(session_id=ann, tool="ask", arguments_json='{"n": 0}')
        )
    assert (
        it.operator("approvals", "approve", asked.approval_id, "--token-file", str(it.served.config.with_name("eve")))[
            0
        ]
        == 0
    )
    assert it.operator("health") == (0, "serving\n")

    place.fail(it.served)
    out = [it.call(ann) for _ in range(3)]
    badge = pb.UserInput(session_id=ann, text="I am BDG-123456")
    told = pb.ToolResponse(session_id=ann, tool="look", content="a word")
    narrower = pb.NarrowSessionRequest(session_id=eve, tools=["look"])
    out += [
        it.guard(lambda guard: guard.CheckUserInput(badge, timeout=SECONDS)),
        it.guard(lambda guard: guard.CheckToolResponse(told, timeout=SECONDS)),
        it.guard(lambda guard: guard.NarrowSession(narrower, timeout=SECONDS)),
        it.guard(lambda guard: guard.OpenSession(pb.OpenSessionRequest(tokens=minted("bob")), timeout=SECONDS)),
        it.call(ann, "ask", asked.approval_id),
    ]
    code, message = it.operator("tokens", "revoke", "--subject", "eve")
    assert (code, "it is in force, and tried again until it is kept" in message) == (1, True)
    out.append(it.call(eve))
    health = it.operator("health", "--json")
    place.mend(it.served)

    assert out == ["UNAVAILABLE unavailable"] * len(out)
    assert it.slowest < SECONDS
    assert health[0] == 1
    found = json.loads(health[1].splitlines()[0])
    assert not found["serving"]
    assert set(found["out"]) >= {"revocations:kept", "state"}
    it.until(lambda: it.operator("health") == (0, "serving\n"))
    assert it.call(eve) == "subject_revoked"
    assert it.call(ann, "ask", asked.approval_id) in {"allow", "rule_requires_approval"}  # it may be used up
    assert it.call(ann, "ask", asked.approval_id) == "rule_requires_approval"


def afterwards(it: Asking) -> None:
    """Kill it, and see that what was in force is, that nothing was given twice, and that all is on record."""
    it.served.kill()
    it.served.restart()

    assert [one.reason for one in it.open("eve").findings] == ["subject_revoked"]
    ann = it.open("ann").session_id
    found = [it.call(ann) for _ in range(BUDGET)]
    passed = found.count("allow")
    assert found == ["allow"] * passed + ["call_budget_exhausted"] * (BUDGET - passed)
    assert BUDGET - 4 <= passed <= BUDGET - 1  # three were asked for in vain, and may be paid for
    path = str(it.served.settings.audit.path)
    lines = CliRunner().invoke(app, ["audit", "export", "--format", "jsonl", "--db", path]).stdout.splitlines()
    records = [json.loads(line)["record"] for line in lines]
    assert [one["boundary"] for one in records].count("revoke") == 1
    assert it.operator("audit", "verify")[0] == 0


@pytest.mark.parametrize("how", ["read only", "full"])
def test_who_cannot_write_does_not_start_and_says_why(disk: Path, tmp_path: Path, how: str) -> None:
    config = settings(tmp_path)
    if how == "full":
        filled(disk)
    else:
        assert mounted(disk, "remount", "ro")
    served = Served(config)

    assert served.process.wait(timeout=60) == 2
    told = served.log.read_text("utf-8")
    assert ("Read-only file system" if how == "read only" else "No space left on device") in told
    assert "Traceback" not in told


def settings(folder: Path) -> Path:
    """Write settings whose files are on the disk, and return their path."""
    packs = [str(pack(folder, FILES))]
    config = written(folder, ISSUER, packs, rules="watch = false", approvals=APPROVALS)
    config.with_name("eve").write_text(eve(ISSUER), encoding="ascii")
    text = config.read_text("utf-8")
    config.write_text(text.replace('path = "audit.db"', 'path = "disk/audit.db"'), encoding="utf-8")
    return config
