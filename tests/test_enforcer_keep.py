"""What changed is kept before anybody hears of it: where it cannot be, there is no answer, and no record of one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from sidecar.errors import UnavailableError
from sidecar.identity.opening import Opening
from tests.housing import AT, HERE, House, house, linked
from tests.test_levels import Full
from tests.test_spending import delegated

Asking = Callable[[House, str], Awaitable[object]]


async def _opened(it: House, _handle: str) -> None:
    await it.open_by(linked({}))


async def _narrowed(it: House, handle: str) -> None:
    await it.path.narrow(handle, Opening(tools=("look",)), AT)


async def _handed_on(it: House, handle: str) -> None:
    await delegated(it, handle, {"tools": {"look": {}}}, HERE)


@pytest.mark.parametrize(
    "asking",
    [
        pytest.param(lambda it, handle: it.call(handle), id="a verdict"),
        pytest.param(_opened, id="a session that is opened"),
        pytest.param(_narrowed, id="that is narrowed"),
        pytest.param(_handed_on, id="that is handed on"),
        pytest.param(lambda it, handle: it.path.close(handle, AT), id="that is closed"),
    ],
)
async def test_what_cannot_be_kept_is_neither_answered_nor_recorded(asking: Asking) -> None:
    it = house()
    handle = await it.open_by(linked({}))
    before = len(it.log.entries)
    full = House(replace(it.path, stores=replace(it.path.stores, keep=Full())), it.log)

    with pytest.raises(UnavailableError):
        await asking(full, handle)

    assert len(it.log.entries) == before
