"""Every suite of a store runs twice: over nothing, and over a file, which may be opened again as after a crash."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from sidecar.stores.keep import NOWHERE, Keep
from sidecar.stores.seal import PLAIN, Seal, Sealed
from sidecar.stores.state_file import StateFile
from tests.chains import NOW


@dataclass
class Held:
    """A place for state, and the seal of what lies in it. `path` is None where nothing is kept."""

    path: Path | None
    seal: Seal
    keep: Keep = NOWHERE
    files: list[StateFile] = field(default_factory=list)

    def open(self, at: float = NOW) -> "Held":
        """Open the file anew, as the next process does after this one was killed."""
        if self.path is not None:
            for file in self.files:
                file._close()
            file = StateFile(self.path)
            file.start(at)
            self.files.append(file)
            self.keep = file
        return self


class Restores(Protocol):
    """A store that takes back what was kept."""

    def restore(self) -> None:
        """Take it back."""


Store = TypeVar("Store", bound=Restores)


def back(store: Store) -> Store:
    """Return `store` with what was kept."""
    store.restore()
    return store


@pytest.fixture(params=["memory", "sqlite"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Held]:
    """Return a place of each kind."""
    place = Held(None, PLAIN) if request.param == "memory" else Held(tmp_path / "live.db", Sealed(b"k" * 32))
    yield place.open()
    for file in place.files:
        file._close()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Held]:
    """Return a file, for what memory forgets."""
    place = Held(tmp_path / "live.db", Sealed(b"k" * 32))
    yield place.open()
    for one in place.files:
        one._close()
