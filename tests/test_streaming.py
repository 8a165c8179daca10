"""What a stream releases is what the whole text would have, however it was cut, and never what may not cross."""

import asyncio
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.content.detection import Span
from sidecar.content.parts import HOLD_BACK
from sidecar.errors import UnavailableError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.injection import Action, Kind
from sidecar.model.operator import Operator
from sidecar.model.verdict import Answer, Decision, Verdict, allow
from sidecar.policy.injections import Injections, Step
from sidecar.streaming import OutputStream
from tests.content.finding import Needles
from tests.identity.crafting import T
from tests.vaulting import House, privacy

CARD = "4111 1111 1111 1111"
OPERATORS: Mapping[str, Operator] = {
    "CREDIT_CARD": Operator.MASK,
    "PERSON": Operator.TOKEN,
    "EMAIL_ADDRESS": Operator.REDACT,
    "URL": Operator.HASH,
}
OPENINGS = (
    "Sure, here is what I found. ",
    "",
    "I have looked it up:\n\n- ",
    '{"reply": "',
    "Dear Sir or Madam,\n\n",
    "Zoe\u0301 \U0001f600 says: ",
    "<PERSON_1> and [person 2] asked. ",
    "```\nuser_id = 7\n```\n",
)
MIDDLES = (
    f"Ada Lovelace paid with {CARD} yesterday.",
    "write to ada@example.org, or see www.example.com/x?q=Ada for more of it",
    "the parcel was handed over to Ada at the door while it was raining and nobody else was there to see",
    "Dr. Ada called at 5 p.m. about No. 4111 1111\n1111 1111 and left",
    "A" * 350 + " Ada",
)
ENDS = (
    " Please let me know if there is anything else.",
    "\n- Ada\n- Lovelace\n",
    '"}\\u0041da \\ud83d',
    "",
    "\u3000Ada\xa0",
)
CORPUS = [opening + middle + end for opening in OPENINGS for middle in MIDDLES for end in ENDS]


def pieces(text: str, cuts: Sequence[int]) -> Iterator[str]:
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        yield text[start:end]


async def streamed(house: House, handle: str, some: Sequence[str] | Iterator[str]) -> tuple[str, Verdict, int]:
    """Return what was released, the verdict, and how many characters had to wait at most."""
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=handle, at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)
    out, held = "", 0
    for piece in some:
        out += await stream.feed(piece, float(T))
        held = max(held, stream.held)
        if stream.is_cut:
            break
    tail, verdict, _ = await stream.end(float(T))
    return out + tail, verdict, held


async def whole(house: House, handle: str, text: str) -> Verdict:
    return await house.say(handle, Boundary.LLM_OUTPUT, text)


def test_the_corpus_has_two_hundred_texts() -> None:
    assert len(set(CORPUS)) == 200


@pytest.mark.parametrize("text", CORPUS, ids=[f"text {i}" for i in range(len(CORPUS))])
async def test_one_cut_anywhere_changes_nothing(text: str) -> None:
    house = House(privacy(OPERATORS))
    handle = await house.open()
    expected = verdict = await whole(house, handle, text)
    for cut in range(len(text) + 1):
        out, verdict, held = await streamed(house, handle, pieces(text, [cut]))
        assert (out, verdict.findings) == (expected.payload, (*expected.findings, verdict.findings[-1]))
        assert held <= HOLD_BACK
    assert verdict.findings[-1].check == "stream"
    assert house.faults == []


class Contextual(Needles):
    """Finds what nobody could foresee: all of what it is shown decides what it finds there."""

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        return [tuple(self._found(text)) for text in texts]

    def _found(self, text: str) -> Iterator[Span]:
        chance = random.Random(text)  # noqa: S311 - for a test
        for _ in range(3):
            start = chance.randrange(len(text))
            yield Span(start, min(start + chance.randint(1, 12), len(text)), "PERSON", 0.85)


HIDING = Injections(
    steps={
        Boundary.LLM_OUTPUT: (
            Step(kind=Kind.HIDDEN_CHARACTERS, least=0.0, action=Action.STRIP),
            Step(kind=Kind.URL, least=0.5, action=Action.STRIP),
        )
    }
)
CARRIER = "![x](https://pics.example.net/p.png?q=c29tZSB0ZXh0IHRoYXQgbm9ib2R5IHNob3VsZCBzZWUgc29tZSB0ZXh0) "
WORDS = st.sampled_from(
    [*MIDDLES, *OPENINGS, "Ada", "the ", "of ", "you ", " ", "\n", "\n\n", ". ", CARD, "7 ", "\u0301", "x"]  # noqa: RUF005 - in two lines
    + [CARRIER, "A\u200bda ", "\U000e0041\U000e0064", "of\u2060 ", "The The The " * 40]
)


@pytest.mark.parametrize("injections", [Injections(), HIDING], ids=["data", "data and what is hidden"])
@given(
    st.lists(WORDS, max_size=30).map("".join),
    st.randoms(use_true_random=False),
    st.integers(1, 60),
    st.sampled_from([Contextual, Needles]),
)
@settings(max_examples=150, deadline=None)
def test_many_cuts_change_nothing(
    injections: Injections, text: str, chance: random.Random, longest: int, detector: type[Needles]
) -> None:
    async def judge() -> None:
        house = House(privacy(OPERATORS), detector(), injections=injections)
        handle = await house.open()
        cuts, at = [], 0
        while (at := at + chance.randint(1, longest)) < len(text):
            cuts.append(at)
        out, verdict, held = await streamed(house, handle, pieces(text, cuts))
        expected = await whole(house, handle, text)
        assert (out, verdict.decision, verdict.payload) == (expected.payload, expected.decision, expected.payload)
        assert held <= HOLD_BACK
        assert house.log.entries[-1].payload_digest == house.log.entries[-2].payload_digest

    asyncio.run(judge())


async def test_plain_words_are_out_before_the_next_chunk_comes() -> None:
    house = House(privacy(OPERATORS))
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)

    assert await stream.feed("Sure, ", float(T)) == "Sure, "
    assert await stream.feed("here is ", float(T)) == "here is "
    assert await stream.feed("what Ad", float(T)) == "what "
    assert await stream.feed("a said. ", float(T)) == ""
    assert await stream.feed("It is", float(T)) == "<PERSON_1> said. It "


async def test_what_was_spent_is_judged_at_the_end() -> None:
    house = House(privacy(OPERATORS))
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)
    await stream.feed("It is so.", float(T))

    verdict = (await stream.end(float(T), 3, 5))[1]

    assert (verdict.crossing.input_tokens, verdict.crossing.output_tokens) == (3, 5)


async def test_where_nothing_is_asked_for_nothing_waits() -> None:
    house = House(privacy({}))
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)

    assert [await stream.feed(piece, float(T)) for piece in ("Ad", "a 41", "")] == ["Ad", "a 41", ""]
    assert (await stream.end(float(T)))[1].payload == "Ada 41"


async def test_a_denial_cuts_at_once_and_nothing_of_it_was_released() -> None:
    house = House(privacy({"CREDIT_CARD": Operator.DENY, "PERSON": Operator.REDACT}))
    handle = await house.open()
    text = f"It is for you and for Ada. The card is {CARD}. What comes after is of no interest. " + "More. " * 50
    sent: list[str] = []

    def told() -> Iterator[str]:
        for at in range(0, len(text), 4):
            sent.append(text[at : at + 4])
            yield sent[-1]

    out, verdict, _ = await streamed(house, handle, told())

    assert (verdict.decision, verdict.payload) == (Decision.DENY, "")
    assert "It is for you and for <PERSON>. The card is ".startswith(out)
    assert out.startswith("It is for you and for <PERSON>. ")
    assert len("".join(sent)) < text.index("after")
    assert [entry.decision for entry in house.log.entries[-2:]] == [Decision.ALLOW, Decision.DENY]  # opened; one record


# ---- what is hidden ----------------------------------------------------------------------------------------


async def test_what_is_hidden_is_taken_out_while_it_is_written() -> None:
    house = House(privacy(OPERATORS), injections=HIDING)
    handle = await house.open()
    text = f"It is here: A\u200bda.\U000e0041 {CARRIER}And so on, for you and for us."

    out, verdict, _ = await streamed(house, handle, pieces(text, list(range(1, len(text)))))

    assert out == verdict.payload
    assert "<PERSON_1>" in out
    assert "pics.example" not in out
    assert "\u200b" not in out
    assert {f.reason for f in verdict.findings if f.check == "injection"} == {"hidden_characters", "url_with_data"}


async def test_what_is_hidden_is_taken_out_where_nothing_else_is_asked_for() -> None:
    house = House(privacy({}), injections=HIDING)
    handle = await house.open()

    out, verdict, _ = await streamed(house, handle, ["It is A\u200b", "da. ", "And ", "more. "])

    assert out == verdict.payload == "It is Ada. And more. "


@pytest.mark.parametrize("action", [Action.DENY, Action.REQUIRE_APPROVAL])
async def test_what_is_hidden_can_cut_a_stream(action: Action) -> None:
    step = Step(kind=Kind.HIDDEN_CHARACTERS, least=0.0, action=action)
    house = House(privacy(OPERATORS), injections=Injections(steps={Boundary.LLM_OUTPUT: (step,)}))
    handle = await house.open()

    out, verdict, _ = await streamed(house, handle, ["It is A\u200b", "da. ", "And ", "more. "])

    wanted = Decision.DENY if action is Action.DENY else Decision.REQUIRE_APPROVAL
    assert (out, verdict.decision, verdict.payload) == ("It is ", wanted, "")


@pytest.mark.parametrize("step", [Step(kind=Kind.INSTRUCTIONS, least=0.5, action=Action.STRIP),
                                  Step(kind=Kind.URL, least=0.5, action=Action.SPOTLIGHT)])  # fmt: skip
async def test_what_needs_the_whole_text_waits_for_it(step: Step) -> None:
    house = House(privacy(OPERATORS), injections=Injections(steps={Boundary.LLM_OUTPUT: (step,)}))
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)

    assert await stream.feed("It is here. And ", float(T)) == ""
    assert (await stream.end(float(T)))[0] == "It is here. And "


# ---- sessions, sizes, detectors ----------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["close", "expire", "revoke"])
async def test_a_session_that_ends_cuts_its_streams(ends: str) -> None:
    house = House(privacy(OPERATORS))
    handle = await house.open()
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=handle, at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)
    await stream.feed("It is here. ", float(T))
    at = float(T)
    if ends == "close":
        await house.enforcer.close(handle, at)
    elif ends == "revoke":
        await house.sessions.end({handle.partition(".")[0]: "revoked"})
    else:
        at += 10_000_000

    await stream.check_session(at)

    assert stream.is_cut
    assert await stream.feed("And more. ", at) == ""
    assert (await stream.end(at))[1].decision is Decision.DENY


async def test_a_text_that_is_too_long_is_cut_where_it_is() -> None:
    house = House(privacy(OPERATORS), characters=100)
    handle = await house.open()

    out, verdict, _ = await streamed(house, handle, ["it is " * 5] * 10)

    assert len(out) <= 100
    assert [f.reason for f in verdict.findings if f.reason] == ["payload_too_large"]


class Failing(Needles):
    """Answers once, and then no more until it is asked for the whole."""

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        if self.asked:
            self.asked = []
            raise UnavailableError("the detector did not answer in time")
        return await super().find(texts, entities)


async def test_what_nobody_could_look_at_does_not_cross() -> None:
    house = House(privacy(OPERATORS), Failing())
    handle = await house.open()

    out, verdict, _ = await streamed(house, handle, ["Ada is here. ", "Ada is there. ", "Ada is away. ", "The end."])

    assert out == "<PERSON_1> is here. "
    assert [f.reason for f in verdict.findings if f.reason] == ["detector_unavailable"]


class Fickle(Needles):
    """Finds something else each time."""

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        raise ValueError


async def test_a_fault_cuts_and_is_told_to_the_operators() -> None:
    house = House(privacy(OPERATORS), Fickle())
    handle = await house.open()

    out, verdict, _ = await streamed(house, handle, ["It is Ada. ", "The end."])

    assert (out, verdict.decision) == ("It is ", Decision.DENY)
    assert "stream failed" in house.faults


async def test_an_unknown_session_hears_of_nothing_else() -> None:
    house = House(privacy(OPERATORS))

    out, verdict, _ = await streamed(house, "ses_0.none", ["It is ", "so. "])

    assert (out, [f.reason for f in verdict.findings]) == ("", ["session_unknown"])


# ---- the last check ----------------------------------------------------------------------------------------


class Whole:
    """A check that nobody has seen work on beginnings."""

    name = "whole"

    async def __call__(self, crossing: Crossing) -> Answer:
        return allow(self.name, replace(crossing, body=f"{crossing.body}".upper()))


async def test_before_a_check_that_judges_the_whole_nothing_is_released() -> None:
    house = House(privacy(OPERATORS))
    rows = {**house.enforcer.rows, Boundary.LLM_OUTPUT: (*house.enforcer.rows[Boundary.LLM_OUTPUT], Whole())}
    house.enforcer = replace(house.enforcer, rows=rows)
    handle = await house.open()
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=handle, at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)

    assert await stream.feed("It is here. ", float(T)) == ""
    assert (await stream.end(float(T)))[0] == "IT IS HERE. "


class Turncoat(Needles):
    """Sees the same text in two ways."""

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        return [() for _ in texts]


async def test_a_whole_that_is_judged_otherwise_than_its_beginning_is_denied() -> None:
    house = House(privacy(OPERATORS), Turncoat())
    handle = await house.open()
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=handle, at=float(T), body="")
    stream = OutputStream(lambda: house.enforcer, first)
    assert await stream.feed("It is Ada. And", float(T)) == "It is Ada. "
    known = stream._judges.personal.detector._known  # type: ignore[union-attr]  # nothing else can bring it about
    known.update({text: (Span(0, 5, "PERSON", 1.0), Span(6, 9, "PERSON", 1.0)) for text in known})

    tail, verdict, _ = await stream.end(float(T))

    assert (tail, [f.reason for f in verdict.findings if f.decision is Decision.DENY]) == ("", ["stream_diverged"])


async def test_without_a_row_nothing_crosses() -> None:
    house = House(privacy(OPERATORS))
    house.enforcer = replace(house.enforcer, rows={})

    out, verdict, _ = await streamed(house, "x", ["It is "])

    assert (out, verdict.decision) == ("", Decision.DENY)
