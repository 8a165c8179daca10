import asyncio
import re
from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.checks.base import Known, Ports, Sizes
from sidecar.checks.personal_data import MAX_FINDINGS, MAX_PLACES, PersonalData, build
from sidecar.checks.personal_hits import JUDGED_AT_ONCE
from sidecar.content.detection import Detector, Span
from sidecar.content.operators import hashed, leftovers
from sidecar.content.places import places
from sidecar.identity.verifier import Verifier
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.operator import Operator
from sidecar.model.strict_json import Json, compact, parse
from sidecar.model.verdict import Answer, Decision
from sidecar.policy.policy import Policy
from sidecar.policy.privacy import Privacy
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores
from tests.content.finding import PATTERNS, Needles, Silent

KEY = bytes(range(32))
NUMBER = 4111111111111111
REDACT = {"CREDIT_CARD": Operator.REDACT, "PERSON": Operator.REDACT, "EMAIL_ADDRESS": Operator.REDACT}


def check(operators: Mapping[str, Operator], detector: Detector | None = None) -> PersonalData:
    privacy = Privacy(operators=dict.fromkeys(Boundary, operators), thresholds=dict.fromkeys(PATTERNS, 0.4))
    return PersonalData(detector or Needles(), privacy, leftovers(PATTERNS), KEY)


def crossing(body: Json, boundary: Boundary = Boundary.TOOL_RESPONSE) -> Crossing:
    return Crossing(boundary=boundary, session_id="s", at=0.0, body=body, is_json=not isinstance(body, str))


async def ask(body: Json, boundary: Boundary = Boundary.TOOL_RESPONSE, **operators: Operator) -> Answer:
    return await check(operators or REDACT)(crossing(body, boundary))


@pytest.mark.parametrize(
    ("boundary", "body", "operators", "after"),
    [
        pytest.param(Boundary.USER_INPUT, "I am Ada.", REDACT, "I am <PERSON>.", id="redact"),
        pytest.param(
            Boundary.USER_INPUT, "4111 1111 1111 1111", {"CREDIT_CARD": Operator.MASK}, "**** **** **** 1111", id="mask"
        ),
        pytest.param(
            Boundary.TOOL_RESPONSE,
            ["4111", "1111", "1111", "1111", "5"],
            {"CREDIT_CARD": Operator.MASK},
            ["****", "****", "****", "**11", "5"],
            id="mask over groups",
        ),
        pytest.param(Boundary.USER_INPUT, "Ada", {"PERSON": Operator.HASH}, hashed("PERSON", "Ada", KEY), id="hash"),
        pytest.param(
            Boundary.USER_INPUT,
            "ada@example.org",
            {"URL": Operator.REDACT, "EMAIL_ADDRESS": Operator.MASK},
            "<URL>",
            id="of two that overlap the stricter",
        ),
        pytest.param(
            Boundary.TOOL_RESPONSE,
            {"card": NUMBER, "n": [1, None, "Ada"]},
            REDACT,
            {"card": "<CREDIT_CARD>", "n": [1, None, "<PERSON>"]},
            id="JSON keeps its shape",
        ),
        pytest.param(
            Boundary.TOOL_RESPONSE,
            {"inner": '{"card": 4111111111111111, "who": "Ada"}'},
            REDACT,
            {"inner": '{"card": "<CREDIT_CARD>", "who": "<PERSON>"}'},
            id="JSON in a string stays JSON",
        ),
        pytest.param(
            Boundary.TOOL_RESPONSE,
            '[4111111111111111, {"a": "card: 4111111111111111, Ada"}]\n',
            {"CREDIT_CARD": Operator.MASK, "PERSON": Operator.REDACT},
            '["************1111", {"a": "card: ************1111, <PERSON>"}]\n',
            id="a text that is JSON stays JSON",
        ),
        pytest.param(
            Boundary.LLM_OUTPUT,
            "[4111111111111111]",
            REDACT,
            '["<CREDIT_CARD>"]',
            id="a model's text that is JSON stays JSON",
        ),
        pytest.param(
            Boundary.TOOL_RESPONSE,
            {"ada@example.org": "x", "eva@example.org": "Ada"},
            REDACT,
            {"<EMAIL_ADDRESS>": "x", "<EMAIL_ADDRESS>_2": "<PERSON>"},
            id="no member is lost",
        ),
        pytest.param(
            Boundary.LLM_REQUEST,
            [{"role": "user", "content": "I am Ada"}],
            REDACT,
            [{"role": "user", "content": "I am <PERSON>"}],
            id="a role is left alone",
        ),
        pytest.param(
            Boundary.TOOL_RESPONSE,
            {"who": "Ada", "n": ["4111", "1111", "1111", "1111", "42"]},
            REDACT,
            {"who": "<PERSON>", "n": [*["<CREDIT_CARD>"] * 4, "42"]},
            id="a number over the elements of an array",
        ),
        pytest.param(Boundary.TOOL_CALL, {"to": "Ada"}, REDACT, {"to": "<PERSON>"}, id="an argument is a free text"),
    ],
)
async def test_what_crosses_holds_no_personal_data(
    boundary: Boundary, body: Json, operators: Mapping[str, Operator], after: Json
) -> None:
    answer = await check(operators)(crossing(body, boundary))

    assert answer.decision is Decision.REDACT
    assert {finding.reason for finding in answer.findings} == {"personal_data_redacted"}
    assert answer.onward is not None
    assert answer.onward.body == after


@pytest.mark.parametrize(
    ("labelled", "asked"),
    [
        pytest.param(frozenset(), {"EMAIL_ADDRESS"}, id="what may not cross there"),
        pytest.param(frozenset({Boundary.USER_INPUT}), set(PATTERNS), id="all, where a rule reads labels"),
    ],
)
async def test_only_kinds_of_the_boundary_are_looked_for(labelled: frozenset[Boundary], asked: set[str]) -> None:
    privacy = Privacy(
        operators={Boundary.USER_INPUT: {"EMAIL_ADDRESS": Operator.REDACT}, Boundary.LLM_OUTPUT: REDACT},
        thresholds=dict.fromkeys(PATTERNS, 0.4),
    )
    detector = Needles()

    await PersonalData(detector, privacy, leftovers(PATTERNS), KEY, labelled)(crossing("Ada", Boundary.USER_INPUT))

    assert detector.kinds == [asked]


@pytest.mark.parametrize(
    ("boundary", "body", "operators", "told"),
    [
        pytest.param(
            Boundary.USER_INPUT, "Ada", {"PERSON": Operator.DENY}, ("", "PERSON may not cross here"), id="deny"
        ),
        pytest.param(
            Boundary.TOOL_CALL,
            {"ada@example.org": 1},
            REDACT,
            ("/<EMAIL_ADDRESS>", "stands where it cannot be redacted"),
            id="the name of a parameter",
        ),
        pytest.param(
            Boundary.TOOL_CALL, {"card": NUMBER}, REDACT, ("/card", "stands where it"), id="a number in a call"
        ),
        pytest.param(
            Boundary.A2A_MESSAGE,
            {"messageId": "4111 1111 1111 1111"},
            REDACT,
            ("/messageId", "stands where it"),
            id="what is proven in an identifier",
        ),
        pytest.param(
            Boundary.LLM_REQUEST,
            [{"role": "card 4111 1111 1111 1111", "content": "hi"}],
            REDACT,
            ("/0/role", "stands where it"),
            id="in a role",
        ),
    ],
)
async def test_what_may_not_be_rewritten_is_denied(
    boundary: Boundary, body: Json, operators: Mapping[str, Operator], told: tuple[str, str]
) -> None:
    answer = await check(operators)(crossing(body, boundary))

    (finding,) = answer.findings
    assert answer.decision is Decision.DENY
    assert answer.onward is None
    assert (finding.reason, finding.path) == ("personal_data_denied", told[0])
    assert told[1] in finding.message


@pytest.mark.parametrize(
    ("boundary", "body"),
    [
        pytest.param(Boundary.USER_INPUT, "nothing here", id="nothing found"),
        pytest.param(Boundary.USER_INPUT, "", id="nothing to look at"),
        pytest.param(Boundary.USER_INPUT, "<PERSON> paid with **** **** **** 1111", id="what an earlier one left"),
        pytest.param(Boundary.A2A_MESSAGE, {"messageId": "from Ada"}, id="an identifier may look like a name"),
        pytest.param(Boundary.A2A_MESSAGE, {"messageId": "ada@example.org"}, id="or like an address"),
        pytest.param(Boundary.TOOL_CALL, {"Ada Lovelace": 1}, id="so may a parameter"),
    ],
)
async def test_what_holds_none_crosses_as_it_is(boundary: Boundary, body: Json) -> None:
    answer = await ask(body, boundary)

    assert answer.decision is Decision.ALLOW
    assert answer.onward is None


async def test_where_the_policy_asks_for_nothing_nobody_is_asked() -> None:
    detector = Needles()
    privacy = Privacy(operators={Boundary.A2A_MESSAGE: REDACT}, thresholds=dict.fromkeys(REDACT, 0.4))

    answer = await PersonalData(detector, privacy, leftovers(REDACT), KEY)(crossing("I am Ada"))

    assert answer.decision is Decision.ALLOW
    assert detector.asked == []


async def test_kinds_of_other_boundaries_do_not_count_here() -> None:
    answer = await ask("Ada, ada@example.org", PERSON=Operator.REDACT)

    assert answer.onward is not None
    assert answer.onward.body == "<PERSON>, ada@example.org"


async def test_a_detector_that_does_not_answer_is_a_denial() -> None:
    answer = await check(REDACT, Silent())(crossing("hello"))

    assert (answer.decision, answer.findings[0].reason) == (Decision.DENY, "detector_unavailable")


class Short:
    """Answers for fewer texts than it was asked about."""

    async def find(self, texts: Sequence[str], _entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        return [()] * (len(texts) - 1)


async def test_a_detector_that_skips_a_text_never_lets_it_cross() -> None:
    with pytest.raises(ValueError, match="zip"):
        await check(REDACT, Short())(crossing("hello"))


async def test_more_texts_than_anyone_can_look_at_are_denied() -> None:
    detector = Needles()

    answer = await check(REDACT, detector)(crossing(["x"] * (MAX_PLACES + 1)))

    assert (answer.decision, answer.findings[0].reason) == (Decision.DENY, "too_many_texts")
    assert detector.asked == []


async def test_a_text_that_occurs_often_is_looked_at_once() -> None:
    detector = Needles()

    await check(REDACT, detector)(crossing([{"a": "Ada"}, {"a": "Ada"}, {"b": "Ada"}]))

    assert detector.asked == ["a: Ada", "b: Ada"]


async def test_findings_are_one_for_each_kind_and_place() -> None:
    answer = await ask({"a": "Ada, Ada, ada@example.org", "b": "Ada"})

    assert [(f.message, f.path) for f in answer.findings] == [
        ("PERSON was redacted", "/a"),
        ("EMAIL_ADDRESS was redacted", "/a"),
        ("PERSON was redacted", "/b"),
    ]


async def test_findings_are_bounded_and_the_worst_are_told() -> None:
    body = [*["Ada"] * 30, "4111 1111 1111 1111"]

    answer = await ask(body, PERSON=Operator.MASK, CREDIT_CARD=Operator.DENY)

    assert len(answer.findings) == MAX_FINDINGS + 1
    assert answer.findings[0].message == "CREDIT_CARD may not cross here: leave it out"
    assert answer.findings[-1].message == "11 more places hold personal data"
    assert answer.decision is Decision.DENY


CANARY = "ada@example.org"


@pytest.mark.parametrize("operator", [Operator.MASK, Operator.HASH, Operator.REDACT, Operator.DENY])
@pytest.mark.parametrize("boundary", list(Boundary))
async def test_no_finding_holds_the_value(operator: Operator, boundary: Boundary) -> None:
    body: Json = {CANARY: {"text": f"write to {CANARY}"}, "list": [f"<{CANARY}>"]}

    answer = await ask(body, boundary, EMAIL_ADDRESS=operator)

    assert answer.decision in {Decision.REDACT, Decision.DENY}
    assert "ada@" not in repr(answer.findings)
    assert "ada@" not in repr(answer.onward)


WORDS = st.lists(
    st.sampled_from(
        ["Ada", " ", "Lovelace", "4111 1111 1111 1111", "ada@example.org", "<PERSON>", "<X>", "*", "\n", "1", "hi"]
    ),
    max_size=8,
).map(" ".join)
BODIES: st.SearchStrategy[Json] = st.recursive(
    WORDS | st.just(NUMBER) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
OPERATORS = st.dictionaries(
    st.sampled_from(sorted(PATTERNS)), st.sampled_from([Operator.MASK, Operator.HASH, Operator.REDACT]), min_size=1
)


@given(BODIES, OPERATORS, st.sampled_from(list(Boundary)))
def test_what_was_redacted_holds_nothing_to_redact(
    body: Json, operators: Mapping[str, Operator], boundary: Boundary
) -> None:
    judge = check(operators)

    first = asyncio.run(judge(crossing(body, boundary)))
    if first.onward is None:
        return
    second = asyncio.run(judge(first.onward))

    assert parse(compact(first.onward.body)) == first.onward.body
    assert second.decision is Decision.ALLOW
    for at in places(first.onward):
        for entity in operators.keys() - {e for e, o in operators.items() if o is Operator.MASK}:
            assert at.is_fixed or not at.is_prose or not re.search(PATTERNS[entity], at.piece.text)


async def test_it_is_built_from_the_ports() -> None:
    privacy = Privacy(operators={Boundary.USER_INPUT: {"PERSON": Operator.HASH}}, thresholds={"PERSON": 0.4})
    ports = Ports(
        stores=memory_stores(),
        proofs=MemoryProofs(),
        known=Known(sightings=MemorySightings()),
        policy=Policy(privacy=privacy),
        verifier=Verifier.of([]),
        detector=Needles(),
        sizes=Sizes(text=10, arguments=10, depth=2),
        hash_key=KEY,
    )

    answer = await build(ports)(crossing("Ada and <PERSON>", Boundary.USER_INPUT))

    assert answer.onward is not None
    assert answer.onward.body == f"{hashed('PERSON', 'Ada', KEY)} and <PERSON>"


@pytest.mark.parametrize("count", [JUDGED_AT_ONCE, JUDGED_AT_ONCE + 1, 5 * JUDGED_AT_ONCE])
async def test_many_findings_are_replaced_as_few_are(count: int) -> None:
    answer = await ask(
        "I am Ada. " * count + "4111 1111 1111 1111 is all", PERSON=Operator.REDACT, CREDIT_CARD=Operator.MASK
    )

    assert answer.onward is not None
    assert answer.onward.body == "I am <PERSON>. " * count + "**** **** **** 1111 is all"
    assert [finding.message for finding in answer.findings] == ["PERSON was redacted", "CREDIT_CARD was masked"]


async def test_others_have_their_turn_while_many_findings_are_judged() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    await ask("I am Ada. " * 20 * JUDGED_AT_ONCE)
    beside.cancel()

    assert turns >= 40  # judged in 20 parts, replaced in 20
