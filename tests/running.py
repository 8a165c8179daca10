"""A real sidecar on real sockets, for tests of its face."""

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import grpc

from sidecar.app import Sidecar
from sidecar.config import Settings, load_settings
from sidecar.identity.trial import TRIAL_ISSUER, TrialIssuer
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc

FACE = Path(__file__).parent / "packs" / "face"
AUDIENCE = "https://sidecar.local/agent"
START_SECONDS = 60
APPROVALS = f'operators = [{{issuer = "{TRIAL_ISSUER}", subject = "eve"}}]'
ECHO = '{"text":"hello","n":1}'


@dataclass(frozen=True, kw_only=True)
class Running:
    """A sidecar that serves, and stubs to both of its sockets."""

    sidecar: Sidecar
    settings: Settings
    issuer: TrialIssuer
    guard: "pb_grpc.GuardAsyncStub"
    control: "pb_grpc.ControlAsyncStub"
    channel: grpc.aio.Channel

    def tokens(self, tools: Sequence[str] = ("echo", "lookup"), **claims: int) -> list[str]:
        """Return a chain that grants `tools`."""
        return minted(self.issuer, tools, **claims)

    async def session(self, tools: Sequence[str] = ("echo", "lookup")) -> str:
        """Return the handle of a new session."""
        session = await self.guard.OpenSession(pb.OpenSessionRequest(tokens=self.tokens(tools), task="a test"))
        assert session.session_id, session.findings
        return session.session_id


def minted(issuer: TrialIssuer, tools: Sequence[str], *, lifetime_s: int = 600) -> list[str]:
    """Return one token of `issuer` for a user who lets an agent use `tools`."""
    scope: Mapping[str, Json] = {"tools": {tool: {} for tool in tools}}
    now = int(time.time())
    return issuer.mint(user="user", agents=["agent"], scope=scope, audience=AUDIENCE, at=now, lifetime_s=lifetime_s)


def written(folder: Path, issuer: TrialIssuer, packs: Sequence[str] = (str(FACE),), **tables: str) -> Path:
    """Write settings and keys into `folder` and return the settings' path. `tables` holds further keys by table.

    `issuer_more` among them are further keys of the one issuer.
    """
    more = tables.pop("issuer_more", "")
    (folder / "jwks.json").write_text(json.dumps(issuer.jwks()), encoding="utf-8")
    path = folder / "sidecar.toml"
    known = {
        "server": 'socket = "guard.sock"\ncontrol_socket = "control.sock"',
        "rules": f"packs = {json.dumps(list(packs))}",
        "audit": 'path = "audit.db"',
        "identity": "" if "explain_failures" in tables.get("identity", "") else "explain_failures = true",
    }
    names = dict.fromkeys([*known, *tables])
    text = "\n".join(f"[{name}]\n{known.get(name, '')}\n{tables.get(name, '')}" for name in names)
    issuers = f'[[identity.issuers]]\nname = "trial"\nissuer = "{issuer.url}"\nkeys = "jwks.json"\n{more}\n'
    path.write_text(f"{text}\n{issuers}", encoding="utf-8")
    return path


def eve(issuer: TrialIssuer) -> str:
    """Return a token of the operator that `APPROVALS` names."""
    scope: dict[str, Json] = {"tools": {}}
    return issuer.mint(user="eve", agents=[], scope=scope, audience=AUDIENCE, at=time.time(), lifetime_s=600)[0]


@asynccontextmanager
async def running(folder: Path, packs: Sequence[str] = (str(FACE),), **tables: str) -> AsyncIterator[Running]:
    """Serve from `folder` for the length of the block; `tables` as in `written`."""
    issuer = TrialIssuer.generate(issuer="https://trial.sidecar.local")
    async with serving(written(folder, issuer, packs, **tables), issuer) as run:
        yield run


@asynccontextmanager
async def serving(config: Path, issuer: TrialIssuer) -> AsyncIterator[Running]:
    """Serve by the settings in `config`, which trust `issuer`, for the length of the block."""
    settings = load_settings(config, environment={})
    sidecar = Sidecar(settings)
    await sidecar.start()
    try:
        async with (
            grpc.aio.insecure_channel(f"unix:{settings.server.socket}") as data,
            grpc.aio.insecure_channel(f"unix:{settings.server.control_socket}") as control,
        ):
            yield Running(
                sidecar=sidecar,
                settings=settings,
                issuer=issuer,
                guard=pb_grpc.GuardStub(data),
                control=pb_grpc.ControlStub(control),
                channel=data,
            )
    finally:
        await sidecar.stop()


class Served:
    """A sidecar in a process of its own, for tests that kill it, starve it, or must not share its loop.

    As a context manager it serves at the beginning, and is gone at the end.
    """

    def __init__(self, config: Path) -> None:
        self.config = config
        self.settings = load_settings(config, environment={})
        self.log = config.with_name("stderr.log")
        self.process = self._start()

    def __enter__(self) -> Self:
        try:
            self.ready()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "sidecar", "serve", "--config", str(self.config)]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stderr=log)

    def ready(self) -> None:
        """Wait until it serves.

        The channel shares nothing with others of this process: a connection to the one that was just killed would count
        as ready for a moment, and then nobody would make another one.
        """
        apart = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(f"unix:{self.settings.server.socket}", options=apart) as channel:
            grpc.channel_ready_future(channel).result(timeout=START_SECONDS)

    def kill(self) -> None:
        """Kill it as a crash would: without a chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Start it again on the same files."""
        self.process = self._start()
        self.ready()

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=START_SECONDS)
