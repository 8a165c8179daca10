"""What a sidecar and its worker hold after thousands of distinct documents is what they held after a thousand."""

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from sidecar.identity.trial import TrialIssuer
from sidecar.v1 import sidecar_pb2 as pb
from sidecar.v1 import sidecar_pb2_grpc as pb_grpc
from tests.running import FACE, Served, minted, written

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),  # thousands of documents, on a machine that may have more to do
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the memory of a process elsewhere otherwise"),
]
ISSUER = TrialIssuer.generate()
OF_ONE = 100  # documents of one session
SOME, MANY = 1_000, 3_000
MOST_KIB = 3_500  # more; 2,100 measured, and 7,100 where all that was read was remembered in thousands
MOST_OF_WORKER_KIB = 1_000
_SYLLABLES = "ka lo mi ren tu sha vor el dan pi zu qua ne thi bor ga sil ur ven xo ß ñé кан 東京"
SYLLABLES = _SYLLABLES.split()
_WORDS = "the parcel was seen twice but nobody could say where it went so please call us before noon or write"
WORDS = _WORDS.split()
_NAMES = "Anna Omar Ingrid Pavel Lucia Diego Greta Samuel"
NAMES = _NAMES.split()
PRIVACY = """
entities:
  PERSON: {at: {"*": redact}}
  LOCATION: {at: {"*": redact}}
  CREDIT_CARD: {at: {"*": redact}}
"""


def unseen(draw: random.Random) -> str:
    """Return a word that nobody wrote before."""
    return "".join(draw.choices(SYLLABLES, k=3)) + draw.choice(("", f"-{draw.randrange(10**6)}"))


def prose(draw: random.Random, size: int) -> str:
    """Return a text of about `size` characters; one word in eight is new, some are names."""
    text: list[str] = []
    while len(text) * 6 < size:
        text += [*draw.choices(WORDS, k=7), unseen(draw)]
        if draw.random() < 0.1:
            text.append(f"{draw.choice(NAMES)} {unseen(draw).title()} paid with 4111 1111 1111 1111.\n")
    return " ".join(text)


def record(draw: random.Random) -> dict[str, object]:
    """Return an object of a response."""
    return {"id": f"{draw.getrandbits(64):x}", "name": f"{draw.choice(NAMES)} Berg", "note": prose(draw, 200)}


class Reader:
    """Has documents read, some in each session."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._read = 0

    def held(self) -> dict[str, int]:
        """Return the KiB of the deciding process, and of its worker."""
        process = self._served.process.pid
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
        return {"sidecar": _resident(process), "worker": sum(map(_resident, map(int, children)))}

    async def read(self, until: int) -> dict[str, int]:
        """Have documents read, until there were so many, and return what is `held` then."""
        async with grpc.aio.insecure_channel(f"unix:{self._served.settings.server.socket}") as channel:
            guard = pb_grpc.GuardStub(channel)
            while self._read < until:
                opened = await guard.OpenSession(pb.OpenSessionRequest(tokens=minted(ISSUER, ["echo"])))
                for number in range(self._read, self._read + OF_ONE):
                    verdict = await self._asked(guard, opened.session_id, number)
                    assert verdict.decision != pb.DENY, verdict.findings
                self._read += OF_ONE
                await guard.CloseSession(pb.CloseSessionRequest(session_id=opened.session_id))
        return self.held()

    async def _asked(self, guard: "pb_grpc.GuardAsyncStub", handle: str, number: int) -> pb.Verdict:
        draw = random.Random(number)  # noqa: S311 - filling
        match number % 5:
            case 0 | 1:
                return await guard.CheckUserInput(pb.UserInput(session_id=handle, text=prose(draw, 250)))
            case 2:
                return await guard.CheckLlmOutput(pb.LlmOutput(session_id=handle, text=prose(draw, 500)))
            case 3:
                content = json.dumps([record(draw) for _ in range(4)], ensure_ascii=False)
            case _:
                content = prose(draw, 1_500)
        return await guard.CheckToolResponse(pb.ToolResponse(session_id=handle, tool="echo", content=content))


def _resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    pack = tmp_path / "names"
    pack.mkdir()
    (pack / "pack.yaml").write_text("name: names\nversion: 1.0.0\ndescription: names go\n", encoding="utf-8")
    (pack / "privacy.yaml").write_text(PRIVACY, encoding="utf-8")
    with Served(written(tmp_path, ISSUER, [str(FACE), str(pack)], rules="watch = false")) as served:
        yield Reader(served)


def test_memory_after_thousands_of_documents_is_where_it_was_after_a_thousand(reader: Reader) -> None:
    before = asyncio.run(reader.read(SOME))
    after = asyncio.run(reader.read(MANY))
    assert after["sidecar"] - before["sidecar"] < MOST_KIB
    assert after["worker"] - before["worker"] < MOST_OF_WORKER_KIB
