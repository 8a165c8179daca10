"""What holds for all tests."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

# No deadline: a machine that is busy with other tests is slow, and that is not what a property is about.
settings.register_profile("sidecar", deadline=None)
settings.load_profile("sidecar")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Undo what a command that a test runs in this process sets up: the tests after it must not notice."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
