"""A process that is started before anybody needs it."""

import signal
from collections.abc import Iterator

import pytest

from sidecar.content.worker import spawning
from sidecar.content.worker.spawning import dismissed, prepare, taken


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    dismissed()


def test_who_needs_a_process_gets_the_one_that_was_prepared() -> None:
    prepare()
    prepare()  # once is enough
    spare = taken()
    other = taken()

    assert spare.process.pid != other.process.pid
    assert (spare.process.poll(), other.process.poll()) == (None, None)
    spare.end()
    other.end()
    assert spare.process.returncode == -signal.SIGKILL


def test_one_that_has_died_is_given_to_nobody() -> None:
    prepare()
    spare = taken()
    spare.process.kill()
    spare.process.wait()
    spawning._SPARE.append(spare)

    living = taken()

    assert living.process.pid != spare.process.pid
    living.end()


def test_one_that_nobody_needs_is_ended() -> None:
    prepare()
    (spare,) = spawning._SPARE

    dismissed()

    assert spare.process.poll() is not None
    dismissed()  # none is left
