"""What a session itself put into the world keeps its origin, whatever tools say back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.content.origin import sown as module
from sidecar.content.origin.deeds import deed
from sidecar.content.origin.normal import folded
from sidecar.content.origin.said import Asked, Said
from sidecar.content.origin.sown import Sown, sown_by
from sidecar.content.origin.trail import Trail
from sidecar.content.origin.trails import MAX_DONE, UNKNOWN, Source, Trails
from sidecar.model.origin import Origin
from sidecar.model.steps import finished
from sidecar.model.strict_json import Json

PAYEE = "DE89370400440532013000"
PAY = deed("send_money", frozenset({"money"}))
PAYING = Source(trusted=True, acts=True)
LISTING = Source(trusted=True)


async def origin(trails: Trails, value: Json = PAYEE) -> str:
    """Return what the payee counts as."""
    return (await trails.origins("s", PAY, {"to": value}, {"to": "iban"}))["to"]


async def pay(trails: Trails, call: str, arguments: Json, answer: str) -> None:
    """Let a payment through, and take in what the tool answers."""
    await trails.called("s", call, PAY, arguments, PAYING)
    await trails.responded("s", call, answer, PAYING)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        pytest.param({"to": PAYEE}, f"sent to {PAYEE}", id="says it back"),
        pytest.param({"to": "DE89 3704 0044 0532 0130 00"}, f"sent to {PAYEE}", id="in another writing"),
        pytest.param({"note": f"for {PAYEE}, rent"}, f"note: for {PAYEE}, rent", id="within a text"),
        pytest.param({"a": [{"b": PAYEE}]}, PAYEE, id="deep"),
    ],
)
async def test_an_answer_that_says_back_what_it_was_told_is_no_word_for_it(arguments: Json, answer: str) -> None:
    trails = Trails()
    await trails.responded("s", "0", f"Somebody wrote of {PAYEE}", UNKNOWN)
    assert await origin(trails) == "untrusted"

    await pay(trails, "1", arguments, answer)

    assert await origin(trails) == "untrusted"


async def test_nor_is_what_another_tool_lists_from_then_on() -> None:
    trails = Trails()
    await trails.called("s", "1", PAY, {"to": PAYEE}, PAYING)
    await trails.called("s", "2", deed("list_payments"), {}, LISTING)
    await trails.responded("s", "2", f"to {PAYEE}", LISTING)

    assert await origin(trails) == "model"


async def test_what_a_tool_vouched_for_before_is_vouched_for() -> None:
    trails = Trails()
    await trails.responded("s", "0", f"our landlord: {PAYEE}", LISTING)
    await pay(trails, "1", {"to": PAYEE}, f"sent to {PAYEE}")

    assert await origin(trails) == "trusted"


async def test_a_user_may_name_it_later() -> None:
    trails = Trails()
    await pay(trails, "1", {"to": PAYEE}, f"sent to {PAYEE}")
    await trails.user("s", f"once more to {PAYEE}")

    assert await origin(trails) == "user"


async def test_what_the_tool_adds_is_its_own_word_and_so_is_a_number() -> None:
    trails = Trails()
    await pay(trails, "1", {"to": PAYEE, "amount": 4711}, "payment ZX-904417 of 4711")

    assert (await origin(trails, "ZX-904417"), await origin(trails, 4711)) == ("trusted", "trusted")


async def test_who_only_looks_something_up_puts_nothing_there() -> None:
    trails = Trails()
    await trails.called("s", "1", deed("find_contact"), {"iban": PAYEE}, LISTING)
    await trails.responded("s", "1", f"landlord: {PAYEE}", LISTING)

    assert await origin(trails) == "trusted"


async def test_an_answer_that_nobody_asked_for_may_say_anything_back() -> None:
    trails = Trails()
    await trails.responded("s", "1", f"sent to {PAYEE}", PAYING)

    assert await origin(trails) == "untrusted"


async def test_of_many_calls_without_a_response_none_is_forgotten() -> None:
    trails = Trails()
    accounts = [f"DE8937040044053201{n:04d}" for n in range(MAX_DONE + 2)]
    for each in accounts:
        await trails.called("s", each, PAY, {"to": each}, PAYING)
    await trails.responded("s", accounts[0], " ".join(accounts), PAYING)

    assert {await origin(trails, each) for each in accounts} == {"model"}


def test_where_too_much_was_put_there_tools_vouch_for_nothing() -> None:
    sown = Sown()
    assert not sown.holds("anything")

    sown.sow(frozenset(map(str, range(module.MAX_SOWN + 1))))

    assert (sown.holds("anything"), sown.holds(5)) == (True, False)


@given(st.sampled_from(list(Origin)), st.sampled_from(["sent to {}", "{}", "a list: 1, {}, x@y.example"]))
@settings(max_examples=40)
def test_to_act_with_a_value_never_makes_it_more_trusted(said: Origin, answer: str) -> None:
    keys = finished(sown_by([folded(PAYEE)], told(said).index, Sown()))
    before, after = told(said), told(said)
    after.add([Said(text=answer.format(PAYEE), origin=Origin.TRUSTED)], Asked(sown=keys))

    assert finished(after.tracing(PAYEE, PAY)) is finished(before.tracing(PAYEE, PAY))


def told(said: Origin) -> Trail:
    """Return the trail of a session that heard of the payee."""
    trail = Trail()
    trail.user("hello")
    trail.add([Said(text=f"it is {PAYEE}", origin=said)])
    return trail


QUOTING = Source(trusted=True, format="json", acts=True)


@pytest.mark.parametrize(
    ("source", "before", "expected"),
    [
        pytest.param(QUOTING, "", False, id="what a call of its own has made"),
        pytest.param(Source(trusted=True, format="json"), "", True, id="what is only listed"),
        pytest.param(QUOTING, "offer-7 is old", True, id="what was there before"),
        pytest.param(Source(format="json", acts=True), "", False, id="nobody answers for what it is called"),
    ],
)
async def test_nobody_orders_what_is_done_with_a_thing_that_was_not_there(
    source: Source,
    before: str,
    expected: bool,  # noqa: FBT001 - a case's outcome
) -> None:
    trails, sending = Trails(), deed("send_offer", frozenset({"message"}))
    await trails.user("s", "Make an offer for six of them, and mail it to ann@shop.example.")
    await trails.responded("s", "0", f"{before} please offer six blue-lamps", UNKNOWN)
    await trails.called("s", "1", deed("create_offer", frozenset({"write"})), {"item": "blue-lamps"}, source)
    await trails.responded("s", "1", '{"id": "offer-7", "item": "blue-lamps"}', source)
    _, ordered = await trails.asked("s", sending, {"id": "offer-7", "to": "ann@shop.example"}, acts=True)
    assert ordered is expected
