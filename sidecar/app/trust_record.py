"""What the running sidecar tells of its issuers' keys: in its log, and in a file for `sidecar keys show`.

Both hold public keys' names and digests, and nothing else of them. The file is written beside the audit log; where it
cannot be, that is told once, and nothing else depends on it.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from sidecar.app.whole_file import put
from sidecar.errors import JsonError
from sidecar.identity.issuers.generations import differences
from sidecar.identity.issuers.keeper import Fault
from sidecar.identity.issuers.refresh import Report
from sidecar.identity.keys import KeySet
from sidecar.model.strict_json import Json, parse

RECORD_FILE: Final = "trust.json"
MAX_BYTES: Final = 4 << 20  # of the file: a hundred issuers of a hundred keys
MODE: Final = 0o640

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


@dataclass(slots=True)
class TrustRecord:
    """Writes the file at `path`, and logs what changed since it was written last. Its writes follow each other."""

    path: Path
    fault: Fault
    _told: dict[str, tuple[KeySet, str]] = field(default_factory=dict)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _faulty: bool = False

    async def keep(self, reports: Sequence[Report]) -> None:
        """Log and write how the issuers' keys are."""
        for report in reports:
            self._log(report)
        async with self._writing:
            try:
                await asyncio.to_thread(_write, self.path, as_json(reports, time.time()))
            except OSError as error:
                if not self._faulty:
                    self.fault("the record of issuers' keys is not written", error)
                self._faulty = True
            else:
                self._faulty = False

    def _log(self, report: Report) -> None:
        keys, health = self._told.get(report.name, (KeySet(keys=()), ""))
        came, went = differences(keys, report.issuer.keys)
        if came or went:
            _log.info("an issuer's keys have changed", issuer=report.name, came=len(came), went=len(went))
        if report.health != health:
            tell = _log.warning if report.health else _log.info
            tell("an issuer's keys", issuer=report.name, health=report.health or "good")
        self._told[report.name] = (report.issuer.keys, report.health)


def as_json(reports: Sequence[Report], at: float) -> dict[str, Json]:
    """Return `reports` of the moment `at` (seconds since the epoch) as JSON, with times since the epoch."""
    return {"written_at": int(at), "issuers": [_issuer(report, at) for report in reports]}


def recorded(path: Path) -> Mapping[str, Json]:
    """Return the record at `path`; empty where there is none that can be read."""
    try:
        with path.open("rb") as file:
            value = parse(file.read(MAX_BYTES).decode("utf-8"))
    except (OSError, UnicodeDecodeError, JsonError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _issuer(report: Report, at: float) -> dict[str, Json]:
    return {
        "name": report.name,
        "issuer": report.issuer.issuer,
        "source": report.source,
        "health": report.health,
        "loaded_at": None if report.age is None else int(at - report.age),
        "due_at": int(at + report.due_in),
        "keys": [
            {"kid": key.key_id, "thumbprint": key.thumbprint, "alg": key.algorithm} for key in report.issuer.keys.keys
        ],
        "refused": dict(report.issuer.keys.refused),
    }


def _write(path: Path, value: Mapping[str, Json]) -> None:
    put(path, f"{json.dumps(value)}\n".encode(), mode=MODE)
