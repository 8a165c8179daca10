from collections.abc import Sequence
from dataclasses import replace

import pytest

from sidecar.errors import OverloadError, UnavailableError
from sidecar.stores.base import Datum, Drawer
from sidecar.stores.sealing import Sealer
from sidecar.stores.vault import MAX_CHARACTERS, MemoryVault

SEALER = Sealer(bytes(range(32)))
OURS = Drawer(session_id="ses_1", until=100.0)
PEERS = replace(OURS, peer="billing")
ADA, EVA = Datum("PERSON", "Ada"), Datum("PERSON", "Eva")


async def test_the_same_value_has_the_same_token_and_comes_back_as_it_was_first_written() -> None:
    vault = MemoryVault(SEALER)

    first = await vault.tokens(OURS, [ADA, EVA, Datum("PERSON", "ADA "), Datum("US_SSN", "536-90-4399")], 1.0)
    later = await vault.tokens(OURS, [Datum("US_SSN", "536 90 4399"), EVA], 2.0)

    assert first == ("<PERSON_1>", "<PERSON_2>", "<PERSON_1>", "<US_SSN_1>")
    assert later == ("<US_SSN_1>", "<PERSON_2>")
    assert await vault.values(OURS, ["<PERSON_1>", "<PERSON_99>"], 3.0) == {"<PERSON_1>": "Ada"}


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param(["020 7946 0018", "+44 20 7946 0018"], [1, 1], id="its country told later"),
        pytest.param(["+44 20 7946 0018", "020 7946 0018"], [1, 1], id="its country left out later"),
        pytest.param(
            ["020 7946 0018", "+44 20 7946 0018", "+49 20 7946 0018"], [1, 1, 2], id="another country has it, too"
        ),
        pytest.param(
            ["020 7946 0018", "+44 20 7946 0018", "020 7946 0018", "+49 20 7946 0018"], [1, 1, 1, 2], id="asked again"
        ),
        pytest.param(
            ["+44 20 7946 0018", "+49 20 7946 0018", "020 7946 0018", "020 7946 0018"],
            [1, 2, 3, 3],
            id="nobody knows whose",
        ),
    ],
)
async def test_telephone_numbers_are_never_taken_for_each_other(numbers: Sequence[str], expected: list[int]) -> None:
    vault = MemoryVault(SEALER)

    told = [(await vault.tokens(OURS, [Datum("PHONE_NUMBER", number)], 1.0))[0] for number in numbers]

    assert told == [f"<PHONE_NUMBER_{n}>" for n in expected]


async def test_a_token_that_is_lent_is_known_there_and_tells_nothing() -> None:
    vault = MemoryVault(SEALER)
    await vault.tokens(OURS, [ADA, EVA], 1.0)
    await vault.tokens(PEERS, [ADA], 1.0)
    tools = replace(OURS, peer="tools")

    await vault.lend(tools, ["<PERSON_2>", "<PERSON_9>", "<US_SSN_1>"], 1.0)
    await vault.lend(tools, ["<PERSON_2>"], 2.0)

    assert await vault.values(tools, ["<PERSON_1>", "<PERSON_2>", "<PERSON_9>"], 2.0) == {"<PERSON_2>": ""}
    assert await vault.values(OURS, ["<PERSON_2>"], 2.0) == {"<PERSON_2>": "Eva"}
    await vault.lend(replace(tools, session_id="ses_2"), ["<PERSON_1>"], 2.0)
    await vault.lend(tools, ["<PERSON_1>"], 100.0)
    assert await vault.values(tools, ["<PERSON_1>"], 3.0) == {}
    assert await vault.values(replace(tools, session_id="ses_2"), ["<PERSON_1>"], 3.0) == {}


async def test_what_is_lent_takes_room() -> None:
    vault = MemoryVault(SEALER, capacity=1)
    await vault.tokens(OURS, [ADA], 1.0)

    with pytest.raises(OverloadError):
        await vault.lend(replace(OURS, peer="tools"), ["<PERSON_1>"], 1.0)


async def test_a_token_means_nothing_in_another_drawer() -> None:
    vault = MemoryVault(SEALER)
    await vault.tokens(OURS, [ADA, EVA], 1.0)

    assert await vault.tokens(PEERS, [EVA], 1.0) == ("<PERSON_1>",)
    assert await vault.values(PEERS, ["<PERSON_1>", "<PERSON_2>"], 1.0) == {"<PERSON_1>": "Eva"}
    assert await vault.values(replace(OURS, session_id="ses_2"), ["<PERSON_1>"], 1.0) == {}


async def test_it_is_gone_when_the_session_is() -> None:
    vault = MemoryVault(SEALER)
    await vault.tokens(OURS, [ADA], 1.0)
    await vault.tokens(PEERS, [ADA], 1.0)

    assert await vault.values(OURS, ["<PERSON_1>"], 100.0) == {}  # it has expired
    await vault.forget(["ses_1", "ses_2"])
    assert await vault.values(OURS, ["<PERSON_1>"], 2.0) == {}
    assert await vault.tokens(OURS, [EVA], 2.0) == ("<PERSON_1>",)


async def test_it_takes_no_more_than_it_may() -> None:
    vault = MemoryVault(SEALER, capacity=3, of_session=2)
    await vault.tokens(OURS, [ADA, EVA], 1.0)

    with pytest.raises(OverloadError) as refused:
        await vault.tokens(OURS, [Datum("PERSON", "Ida")], 1.0)
    assert refused.value.reason == "vault_full"
    assert await vault.tokens(OURS, [EVA], 1.0) == ("<PERSON_2>",)  # what is known needs no room
    other = replace(OURS, session_id="ses_2", until=500.0)
    await vault.tokens(other, [ADA], 1.0)
    with pytest.raises(OverloadError):
        await vault.tokens(other, [EVA], 1.0)
    assert await vault.tokens(other, [EVA], 100.0) == ("<PERSON_2>",)  # the first session is over
    with pytest.raises(OverloadError):
        await vault.tokens(replace(other, session_id="ses_3"), [Datum("URL", "x" * (MAX_CHARACTERS + 1))], 100.0)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param((replace(OURS, session_id="ses_2"), "<PERSON_1>"), id="another session"),
        pytest.param((PEERS, "<PERSON_1>"), id="another agent"),
        pytest.param((OURS, "<PERSON_2>"), id="another token"),
    ],
)
def test_a_sealed_value_opens_where_it_was_sealed_only(place: tuple[Drawer, str]) -> None:
    sealed = SEALER.sealed(OURS, "<PERSON_1>", "Ada")

    assert SEALER.opened(OURS, "<PERSON_1>", sealed) == "Ada"
    with pytest.raises(UnavailableError):
        SEALER.opened(*place, sealed)
    with pytest.raises(UnavailableError):
        Sealer(bytes(32)).opened(OURS, "<PERSON_1>", sealed)


async def test_nothing_in_memory_holds_a_value() -> None:
    vault = MemoryVault(SEALER)
    _, (kept,) = vault.assigned(OURS, [Datum("PERSON", "Ada Lovelace")], 1.0)

    assert b"Ada" not in kept.sealed + kept.mark + kept.loose
    assert "Ada" not in repr(Datum("PERSON", "Ada"))
