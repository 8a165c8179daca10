"""Streams over the detector that a user has: what it makes of a part never depends on how the text came."""

import asyncio
import random
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import replace
from statistics import mean

import pytest

from sidecar.content.detection import Span, Wanted
from sidecar.content.parts import HOLD_BACK
from sidecar.content.recognizers import secret_forms
from sidecar.content.worker.detector import WorkerDetector
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.operator import Operator
from sidecar.model.verdict import Decision
from sidecar.policy.injections import Injections
from sidecar.policy.recognizers import RecognizerPart
from sidecar.streaming import OutputStream
from tests.content.finding import Needles
from tests.content.test_going_on import JWT, KEY
from tests.identity.crafting import T
from tests.test_streaming import CORPUS, HIDING, MIDDLES, OPENINGS, pieces, streamed, whole
from tests.vaulting import House, privacy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
OPERATORS = {
    "CREDIT_CARD": Operator.MASK,
    "EMAIL_ADDRESS": Operator.REDACT,
    "PHONE_NUMBER": Operator.TOKEN,
    "PERSON": Operator.TOKEN,
    "LOCATION": Operator.REDACT,
}
REPLY = (
    "Sure, here is what I found. The parcel left our warehouse on Monday and was last seen near Leeds, where Ada "
    "Lovelace signed for it. If it does not arrive, write to help@shop.example.org or call 020 7946 0018.\n\n"
    "- The card ending in 4111 1111 1111 1111 was charged.\n- You can return everything within thirty days.\n\n"
    "In general it covers whatever breaks under normal use during the first two years, but not the battery. Thank you "
    "for your patience, and let me know if there is anything else that I can do for you today. "
)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    asked = privacy(OPERATORS)
    detector = WorkerDetector(Wanted(thresholds=dict.fromkeys(OPERATORS, 0.4)))
    await detector.start()
    yield House(asked, detector)
    await detector.stop()


async def test_what_is_really_found_is_the_same_however_a_text_is_cut(house: House) -> None:
    handle = await house.open()
    for text in CORPUS:
        expected = await whole(house, handle, text)
        for cut in range(len(text) + 1):
            out, verdict, _ = await streamed(house, handle, pieces(text, [cut]))
            assert (out, verdict.payload) == (expected.payload, expected.payload)


async def test_long_texts_are_the_same_however_they_are_cut(house: House) -> None:
    handle = await house.open()
    chance = random.Random(8)  # noqa: S311 - for a test
    for length in (3, 10, 20, 30, 40):
        text = REPLY + "".join(chance.choice([*MIDDLES, *OPENINGS, REPLY, "\n", ". "]) for _ in range(length))
        expected = await whole(house, handle, text)
        cuts = sorted(chance.sample(range(len(text)), 200))
        out, _, _ = await streamed(house, handle, pieces(text, cuts))
        assert out == expected.payload != text


def tokens(text: str) -> Iterator[str]:
    for at in range(0, len(text), 4):
        yield text[at : at + 4]


async def test_the_delay_is_a_twentieth_of_the_streams_time(house: House) -> None:
    clock = asyncio.get_running_loop().time
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)
    began, told = clock(), 0
    waits: list[float] = []  # of each character, in seconds
    came: list[float] = []
    for number, piece in enumerate(tokens(REPLY)):
        await asyncio.sleep(max(0.0, began + number * 0.02 - clock()))
        came += [clock()] * len(piece)
        passed = len(await stream.feed(piece, float(T)))
        waits += [clock() - at for at in came[told : told + passed]]  # what is written instead is about as long
        told += passed
    took = clock() - began
    tail, verdict, _ = await stream.end(float(T))
    waits += [clock() - at for at in came[told:]]

    assert verdict.payload.endswith(tail)
    assert mean(waits) <= took / 20
    assert clock() - began - took <= took / 20


class Marked(Needles):
    """Finds keys and tokens by their marks, as what is shown holds them."""

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        del entities
        return [tuple(secret_forms.find(text)) for text in texts]


@pytest.mark.parametrize("operator", [Operator.REDACT, Operator.TOKEN, Operator.MASK, Operator.DENY])
@pytest.mark.parametrize("secret", [KEY, KEY.replace("\n", "\\n"), JWT], ids=["a key", "in a string", "a token"])
async def test_what_is_longer_than_a_part_goes_whole_however_it_is_cut(secret: str, operator: Operator) -> None:
    house = House(privacy({"PRIVATE_KEY": operator, "JWT": operator}), Marked())
    handle = await house.open()
    text = f"It is here: {secret}\nIt is yours. Keep it."
    expected = await whole(house, handle, text)
    chance = random.Random(3)  # noqa: S311 - for a test
    for size in (1, 7, 64, 500):
        cuts = sorted(chance.sample(range(1, len(text)), (len(text) - 1) // size))
        out, verdict, held = await streamed(house, handle, pieces(text, cuts))
        assert verdict.payload == expected.payload
        assert "It is here: ".startswith(out) if operator is Operator.DENY else out == expected.payload
        assert held <= HOLD_BACK or operator is Operator.DENY
        left = out.removeprefix("It is here: ").removesuffix("Keep it.")
        assert [
            at for at in range(30, len(secret) - 12) if secret[at : at + 12].isalnum() and secret[at : at + 12] in left
        ] == []
    assert expected.decision is (Decision.DENY if operator is Operator.DENY else Decision.REDACT)


async def test_what_went_in_several_tokens_comes_back_as_one_value() -> None:
    house = House(privacy({"JWT": Operator.TOKEN}, {"JWT": ["charge"]}), Marked())
    handle = await house.open()
    said = (await whole(house, handle, f"Take {JWT} for it.")).payload
    tokens = said.removeprefix("Take ").removesuffix(" for it.")

    verdict = await house.say(handle, Boundary.TOOL_CALL, {"token": tokens}, tool="charge")

    assert "<JWT_2>" in tokens
    assert JWT in verdict.payload


@pytest.mark.parametrize("operator", [Operator.DENY, Operator.REDACT])
@pytest.mark.parametrize("injections", [Injections(), HIDING], ids=["data", "data and what is hidden"])
@pytest.mark.parametrize("term", ["Hurrah! Inc", "Ready. Steady. Go", "as is or with the rest of what we have"])
async def test_a_term_that_holds_the_end_of_a_part_goes_whole(
    term: str, operator: Operator, injections: Injections
) -> None:
    known = RecognizerPart(name="firms", supported_entity="FIRM", deny_list=("Blue Room", term))
    asked = replace(privacy({"FIRM": operator}), written=(known,))
    house = House(asked, Needles({"FIRM": term}), injections=injections)
    handle = await house.open()
    text = f"It was bought by us from ({term}) then. And so on."
    expected = await whole(house, handle, text)
    for cut in range(1, len(text)):
        out, verdict, _ = await streamed(house, handle, pieces(text, [cut]))
        assert verdict.payload == expected.payload
        assert text.partition("(")[0].startswith(out) if operator is Operator.DENY else out == expected.payload
    assert expected.payload == ("" if operator is Operator.DENY else text.replace(term, "<FIRM>"))


@pytest.mark.parametrize("operator", [Operator.DENY, Operator.REDACT])
@pytest.mark.parametrize("injections", [Injections(), HIDING], ids=["data", "data and what is hidden"])
async def test_what_a_pack_knows_may_begin_with_a_plain_word(operator: Operator, injections: Injections) -> None:
    known = RecognizerPart(name="rooms", supported_entity="ROOM", deny_list=("First Light",))
    asked = replace(privacy({"ROOM": operator}), written=(known,))
    house = House(asked, Needles({"ROOM": "First Light"}), injections=injections)
    handle = await house.open()
    text = "First Light is here. It is First Light. And so on."
    expected = await whole(house, handle, text)
    for cut in range(1, len(text)):
        out, verdict, _ = await streamed(house, handle, pieces(text, [cut]))
        assert verdict.payload == expected.payload
        assert out == expected.payload
    assert expected.payload == ("" if operator is Operator.DENY else "<ROOM> is here. It is <ROOM>. And so on.")
