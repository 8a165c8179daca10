"""Is the state the newest that there was?

A copy of yesterday's state file gives back what was spent since, consents that were used, and what was revoked; one
without its write-ahead log, or none at all, does the same. So each file counts how often it was kept, and the counts
stand here, beside the audit log. A file that counts less than stands here is not started with: an operator says which
of them is right.

It is written after the state and every few seconds only: a crash leaves the state as new or newer, and an older copy
is known where more than those seconds are missing. A loss of power may take the newest of the state
(`stores.state_file`): where the machine was started since, a little less is taken for that, and told.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from sidecar.app.boot import boot_id
from sidecar.app.whole_file import put
from sidecar.errors import ConfigError, JsonError
from sidecar.model.strict_json import Json, parse

MAX_BYTES: Final = 512  # of the file
LOST: Final = 6  # counts that a loss of power may take, a minute's: kernels write after half of that

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


@dataclass(frozen=True, slots=True)
class Counts:
    """How often what changes with calls was kept, in steps of some seconds; and what is revoked, each time."""

    state: int = 0
    revoked: int = 0


@dataclass(slots=True)
class Witness:
    """The file at `path`; `boot` names the start of the machine, where that is known."""

    path: Path
    boot: str = field(default_factory=boot_id)
    _told: Counts = field(default_factory=Counts, init=False)

    def check(self, found: Counts, state: Path, revoked: Path) -> None:
        """Raise `ConfigError` where `found`, of the files `state` and `revoked`, is less than was kept."""
        seen, boot = self._read()
        slack = 0 if boot == self.boot != "" else LOST
        older = [
            f"state.path: `{path}` is not the newest: it was kept {have} times, and once {want} times. Put the newest "
            f"back, with all files whose names begin so; or remove `{self.path}` to go on with this one, and what was "
            "spent, used, lost or revoked since is forgotten"
            for path, have, want in (
                (state, found.state, seen.state - slack),
                (revoked, found.revoked, seen.revoked),
            )
            if have < want
        ]
        if older:
            raise ConfigError(older)
        if found.state < seen.state:
            _log.warning("the machine lost the newest of the state when it went down", steps=seen.state - found.state)
        self._told = found

    def keep(self, counts: Counts) -> None:
        """Write what the files count now; silent where nothing has changed. Raises `OSError`."""
        if counts == self._told:
            return
        text = json.dumps({"state": counts.state, "revoked": counts.revoked, "boot": self.boot})
        put(self.path, text.encode("ascii"))
        self._told = counts

    def _read(self) -> tuple[Counts, str]:
        """Return what was kept, and when the machine was started then; nothing where there is no file."""
        try:
            with self.path.open("rb") as file:
                value: Json = parse(file.read(MAX_BYTES).decode("ascii"))
        except FileNotFoundError:
            return Counts(), ""
        except OSError as error:
            raise ConfigError([f"{self.path}: {error.strerror}"]) from None
        except (UnicodeDecodeError, JsonError):
            value = None
        body = value if isinstance(value, dict) else {}
        state, revoked, boot = (body.get(name) for name in ("state", "revoked", "boot"))
        if isinstance(state, int) and isinstance(revoked, int) and isinstance(boot, str):
            return Counts(state, revoked), boot
        raise ConfigError(
            [f"{self.path}: not what is kept there: remove it where the state beside it is the newest that there was"]
        )
