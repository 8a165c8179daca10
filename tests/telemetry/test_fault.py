import contextlib
import io
import json

import pytest

from sidecar.telemetry import logs
from sidecar.telemetry.fault import fault

CANARY = "canary-4111-1111"


def raised() -> Exception:
    try:
        json.loads(f'{{"{CANARY}": }}')
    except ValueError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("form", ["json", "text", "auto"])
def test_a_fault_is_logged_by_type_and_place_and_never_by_its_text(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info", form)

    fault("check failed", raised(), check="form")

    told = capsys.readouterr().err
    assert "JSONDecodeError" in told
    assert "test_fault.py" in told
    assert CANARY not in told


def test_what_is_below_the_level_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("error", "json")
    fault("check failed", raised())
    assert json.loads(capsys.readouterr().err)["level"] == "error"


def test_a_log_that_cannot_be_written_breaks_nothing() -> None:
    logs.configure("info", "json")
    closed = io.StringIO()
    closed.close()

    with contextlib.redirect_stderr(closed):
        fault("check failed", raised())
