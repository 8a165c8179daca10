"""A classifier whose work is done in a process of its own, so that a text never delays a verdict on another.

One process, one batch at a time. What was scored is remembered by digest, since agents send their history again
at each turn. A process that dies or does not answer is replaced after a pause; whoever waits beyond the deadline
gets `UnavailableError`, which is a DENY.
"""

import asyncio
import hashlib
import json
import os
import socket
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter, ValidationError

from sidecar.content.injection.scoring import Reader
from sidecar.content.worker.frames import HEADER, STARTED, framed, length
from sidecar.errors import ConfigError, UnavailableError

DEADLINE_S: Final = 5.0  # for one page of text, waiting for others' pages included
BATCH_S: Final = 4.0  # what a page may take before the process counts as hung; 0.05 s is usual
START_S: Final = 60.0
PAUSE_S: Final = 1.0  # between a death and the next start
MAX_CALLS: Final = 256  # waiting at once
MAX_REMEMBERED: Final = 10_000  # scores, by 16 bytes of digest: under 2 MB
_POLL_S: Final = 0.01
_SCORES: Final = TypeAdapter(list[float])


class WorkerClassifier:
    """Scores texts with `model`: `bundled`, or the folder of an ONNX file with its tokenizer."""

    def __init__(self, model: str, *, deadline_s: float = DEADLINE_S, batch_s: float = BATCH_S) -> None:
        self._model = model
        self._deadline_s = deadline_s
        self._batch_s = batch_s
        self._remembered: OrderedDict[bytes, float] = OrderedDict()
        self._turn = asyncio.Lock()
        self._calls = 0
        self._process: _Process | None = None
        self._not_before = 0.0
        self._is_stopped = False

    async def start(self) -> None:
        """Return when the process is warm. Raises `ConfigError` when it cannot work, and says why."""
        self._process = await self._started()

    async def stop(self) -> None:
        """Take no more calls, and end the process."""
        self._is_stopped = True
        if self._process:
            await self._process.end()
            self._process = None

    async def scores(self, texts: Sequence[str], reader: Reader) -> Sequence[float]:
        """Return log odds for each of `texts`, as `Classifier` tells. Raises `UnavailableError`."""
        digests = [_digest(text, reader) for text in texts]
        asked = {d: text for d, text in zip(digests, texts, strict=True) if d not in self._remembered}
        known = {d: self._remembered[d] for d in digests if d not in asked}
        for digest in known:
            self._remembered.move_to_end(digest)
        if asked:
            known.update(zip(asked, await self._asked(list(asked.values()), reader), strict=True))
            self._remembered.update(known)
            while len(self._remembered) > MAX_REMEMBERED:
                self._remembered.popitem(last=False)
        return [known[d] for d in digests]

    async def _asked(self, texts: list[str], reader: Reader) -> list[float]:
        if self._is_stopped or self._calls >= MAX_CALLS:
            raise UnavailableError("the classifier takes no more calls")
        self._calls += 1
        try:
            async with asyncio.timeout(self._deadline_s), self._turn:
                # shielded: who hangs up in the middle must not leave half an answer in the stream
                return await asyncio.shield(asyncio.ensure_future(self._exchanged(texts, reader)))
        except TimeoutError:
            await self._dropped()
            raise UnavailableError("the classifier did not answer in time") from None
        finally:
            self._calls -= 1

    async def _exchanged(self, texts: list[str], reader: Reader) -> list[float]:
        if self._process is None:
            await self._restarted()
        process = self._process
        if process is None:
            raise UnavailableError("the classifier's process is gone")
        try:
            asked = {"texts": texts, "reader": reader.value}
            body = json.dumps(asked, ensure_ascii=False).encode("utf-8", "surrogatepass")
            scores = _SCORES.validate_json(await process.exchange(body, self._batch_s + 1))
        except (TimeoutError, EOFError, OSError, ValidationError):
            await self._dropped()
            raise UnavailableError("the classifier's process is gone") from None
        if len(scores) != len(texts):
            raise UnavailableError("the classifier failed on a text")
        return scores

    async def _restarted(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._not_before:
            return
        self._not_before = now + PAUSE_S
        try:
            self._process = await self._started()
        except ConfigError:
            self._process = None

    async def _dropped(self) -> None:
        process, self._process = self._process, None
        self._not_before = asyncio.get_running_loop().time() + PAUSE_S
        if process:
            await process.end()

    async def _started(self) -> "_Process":
        process = await _spawned()
        try:
            setup = {"model": self._model, "parent": os.getpid(), "batch_s": self._batch_s}
            started = STARTED.validate_json(await process.exchange(json.dumps(setup).encode(), START_S))
        except (TimeoutError, EOFError, OSError, ValidationError):
            await process.end()
            raise ConfigError(["injections.classifier: its process does not start: is memory short?"]) from None
        except BaseException:
            await process.end()
            raise
        if started.problems:
            await process.end()
            raise ConfigError(started.problems)
        return process


def _digest(text: str, reader: Reader) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, person=reader.value.encode()).digest()


class _Process:
    """One process, and the stream to it."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer

    async def exchange(self, body: bytes, seconds: float) -> bytes:
        """Return the answer to `body`. Raises `TimeoutError`, `EOFError`, `OSError`, and `ValueError` for no frame."""
        async with asyncio.timeout(seconds):
            self._writer.write(framed(body))
            await self._writer.drain()
            return await self._reader.readexactly(length(await self._reader.readexactly(HEADER.size)))

    async def end(self) -> None:
        """Kill the process: it holds nothing that is worth a farewell."""
        self._writer.close()
        self._process.kill()
        while self._process.poll() is None:  # noqa: ASYNC110 - only the kernel knows, and it takes milliseconds
            await asyncio.sleep(_POLL_S)


async def _spawned() -> _Process:
    ours, theirs = socket.socketpair()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIDECAR_")}
    kept["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        with theirs:
            process = subprocess.Popen(  # noqa: ASYNC220 - it returns after exec; this interpreter, this package
                [sys.executable, "-P", "-m", "sidecar.content.injection.classifier_process"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=kept,
            )
    except OSError:
        ours.close()
        raise ConfigError(["injections.classifier: its process cannot be started: is memory short?"]) from None
    return _Process(process, *await asyncio.open_unix_connection(sock=ours))
