"""Streams where only forms are looked for, and words of many languages: they go on at once, and come to the same."""

import asyncio
import random
from collections.abc import Collection, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.content.detection import Span, Wanted
from sidecar.content.parts import HOLD_BACK
from sidecar.content.recognizers import secrets
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.operator import Operator
from sidecar.streaming import OutputStream
from tests.content.finding import Needles
from tests.identity.crafting import T
from tests.test_streaming import OPERATORS, Contextual, pieces, streamed, whole
from tests.vaulting import House, privacy

FORMS = {"CREDIT_CARD": Operator.MASK, "PASSWORD": Operator.REDACT, "API_KEY": Operator.REDACT}
TEXTS = (
    "Der Vertrag verl\u00e4ngert sich, wenn er nicht gek\u00fcndigt wird; Ada wei\u00df es.",
    "La l\u00ednea est\u00e1 cerrada. La Paz queda lejos de la casa de la Cruz.",
    "Use sunflower as the password for it, or use marigold and water as they are.",
    "42 people came. 4111 1111 1111 1111 came, too. NASA plans it for 42 GB.",
    '{\n  "who": "Ada",\n  "password": "sunflower",\n  "n": 4111,\n  "m": [1111, 1111]\n}',
    "2024-11-02 10:00 user=ada took=4\n2024-11-02 10:01 password=hunter2! took=7\nWARN Ada went\nINFO Ada came",
    "who: Ada\nPhone: 4111\n1111 1111 1111\nAda: hi\nEva: hi\n1. Ada\n2. 4111",
    "They changed it to sunflower because the old password was too short for anybody who comes here now.",
    'def f(x):\n    token = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"\n    return x\n\n```\n\u2705 Done by Ada',
    "van der Berg said that van onze kant niets komt, maar Per Larsen finit toujours par venir ici.",
)


class Telling(Needles):
    """Finds secrets by what they look like and by what is said of them, and cards."""

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        del entities
        return [(*self.spans(text), *secrets.find(text)) for text in texts]


class Anywhere(Contextual):
    """Finds secrets where nobody could foresee them."""

    def _found(self, text: str) -> Iterator[Span]:
        yield from (Span(span.start, span.end, "PASSWORD", span.score) for span in super()._found(text))


@pytest.mark.parametrize("asked", [FORMS, {**OPERATORS, **FORMS}], ids=["forms", "and names"])
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_one_cut_anywhere_changes_nothing(text: str, asked: dict[str, Operator]) -> None:
    house = House(privacy(asked), Telling())
    handle = await house.open()
    expected = await whole(house, handle, text)
    for cut in range(len(text) + 1):
        out, verdict, held = await streamed(house, handle, pieces(text, [cut]))
        assert (out, verdict.payload) == (expected.payload, expected.payload)
        assert held <= HOLD_BACK
    assert house.faults == []


@given(
    st.lists(st.sampled_from([*TEXTS, *" ".join(TEXTS).split(" "), " ", "\n", ", "]), max_size=40).map(" ".join),
    st.randoms(use_true_random=False),
    st.integers(1, 60),
    st.sampled_from([Telling, Anywhere]),
)
@settings(max_examples=100, deadline=None)
def test_many_cuts_change_nothing(text: str, chance: random.Random, longest: int, detector: type[Needles]) -> None:
    async def judge() -> None:
        house = House(privacy(FORMS), detector())
        handle = await house.open()
        cuts, at = [], 0
        while (at := at + chance.randint(1, longest)) < len(text):
            cuts.append(at)
        out, verdict, held = await streamed(house, handle, pieces(text, cuts))
        expected = await whole(house, handle, text)
        assert (out, verdict.decision, verdict.payload) == (expected.payload, expected.decision, expected.payload)
        assert held <= HOLD_BACK

    asyncio.run(judge())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Zwirblig ist der Name.", id="a word that nobody knows"),
        pytest.param("42 people came in.", id="a number"),
        pytest.param("NASA plans it now.", id="letters"),
        pytest.param("\u00c9tonnamment, personne ne vint.", id="French"),
    ],
)
async def test_the_first_word_is_out_before_two_more_have_come(text: str) -> None:
    house = House(privacy(FORMS), Telling())
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)
    words = text.split(" ")

    out = await stream.feed(" ".join(words[:2]) + " ", float(T))

    assert out.startswith(words[0])


class Installed(Telling):
    """With a class of somebody's own, which finds an ordinary word."""

    wanted = Wanted(installed=("theirs:Rooms",))

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        del entities
        return [tuple(Span(at, at + 8, "PASSWORD", 0.9) for at in [text.find("Zwirblig")] if at >= 0) for text in texts]


async def test_a_class_of_somebodys_own_finds_ordinary_words_too() -> None:
    house = House(privacy(FORMS), Installed())

    out, verdict, _ = await streamed(house, await house.open(), ["It is ", "Zwirblig ", "and so on."])

    assert out == verdict.payload == "It is <PASSWORD> and so on."
