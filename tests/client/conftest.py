from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.answering import Answering, listening


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Answering]]:
    with listening(tmp_path) as there:
        yield there
