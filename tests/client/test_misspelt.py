"""Who misspells `tools` would hold all that a chain grants: an option that there is not is told, nothing is sent."""

from collections.abc import Callable
from typing import cast

import pytest

from sidecar.client import Session, Sidecar
from sidecar.client.values import LlmCall, SessionOptions
from tests.client.answering import Answering

Served = tuple[str, Answering]

NO_OPTIONS = cast("SessionOptions", {"tool": ["t"]})
NO_CALL = cast("LlmCall", {"calls": "c"})


def test_a_session_is_not_opened_with_an_option_that_there_is_not(served: Served) -> None:
    with Sidecar(served[0]) as sidecar, pytest.raises(TypeError, match=r"`tool` is no option here; .*, tools"):
        sidecar.open_session("token", **NO_OPTIONS)

    assert not served[1].got


@pytest.mark.parametrize(
    ("method", "cross"),
    [
        ("CheckLlmRequest", lambda s: s.llm_request([], **NO_CALL)),
        ("CheckLlmOutput", lambda s: s.llm_output("", **NO_CALL)),
    ],
)
def test_nothing_crosses_with_an_option_that_there_is_not(
    served: Served, method: str, cross: Callable[[Session], object]
) -> None:
    with Sidecar(served[0]) as sidecar, sidecar.session("token") as session, pytest.raises(TypeError, match="`calls`"):
        cross(session)

    assert method not in served[1].got
