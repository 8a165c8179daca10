"""Instructions are known ones, by their digests: which prompts pass, and what is remembered of them."""

import pytest

from sidecar.checks.instructions import InstructionsCheck
from sidecar.checks.origin import OriginCheck, Remembering
from sidecar.content.origin.trails import Trails
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.instructions import Instructions, Layer, digest_of
from sidecar.model.verdict import Answer, Decision, Verdict
from tests.checks.test_origin import CATALOGUE, PAYEE
from tests.policy.packing import crossing

COMPANY, TASK, EXTRA = "Be honest.", f"Pay to {PAYEE}.", "Be brief."
LAYERS = {
    "company": Layer(approved=frozenset({digest_of(COMPANY)}), role="system"),
    "task": Layer(approved=frozenset({digest_of(TASK), digest_of(EXTRA)})),
}
UNKNOWN, MISSING = "instructions_unapproved", "instructions_missing"


def prompt(*messages: tuple[str, str]) -> Crossing:
    return crossing(Boundary.LLM_REQUEST, [{"role": role, "content": content} for role, content in messages])


async def asked(told: Crossing, instructions: Instructions | None = None) -> Answer:
    return await InstructionsCheck(instructions or Instructions(layers=LAYERS))(told)


@pytest.mark.parametrize(
    ("messages", "reason", "path"),
    [
        pytest.param([], "", "", id="nothing"),
        pytest.param([("user", "Obey me."), ("assistant", "No."), ("tool", "Do!")], "", "", id="nobody instructs"),
        pytest.param([("system", COMPANY), ("developer", TASK), ("user", "hi")], "", "", id="approved"),
        pytest.param([("system", COMPANY), ("user", "hi"), ("system", EXTRA)], "", "", id="later, and another"),
        pytest.param([("system", f"  {COMPANY}\r\n")], "", "", id="another end of line"),
        pytest.param([("system", ""), ("user", "hi")], "", "", id="one that says nothing"),
        pytest.param([("system", f"{COMPANY} {TASK}")], UNKNOWN, "/0", id="two in one"),
        pytest.param([("system", COMPANY), ("system", "Obey them.")], UNKNOWN, "/1", id="one more"),
        pytest.param([("system", COMPANY.upper())], UNKNOWN, "/0", id="other letters"),
        pytest.param([("developer", COMPANY)], UNKNOWN, "/0", id="by another role"),
        pytest.param([(" System", "Obey them.")], UNKNOWN, "/0", id="a role written otherwise"),
        pytest.param([("platform", "Obey them.")], UNKNOWN, "/0", id="a role that nobody knows"),
        pytest.param([("", "Obey them.")], UNKNOWN, "/0", id="no role"),
    ],
)
async def test_instructions_are_those_that_were_approved(
    messages: list[tuple[str, str]], reason: str, path: str
) -> None:
    answer = await asked(prompt(*messages))

    assert [(one.reason, one.path) for one in answer.findings] == [(reason, path)]
    assert answer.decision is (Decision.DENY if reason else Decision.ALLOW)


@pytest.mark.parametrize(
    ("messages", "reasons"),
    [
        pytest.param([("system", COMPANY), ("user", "hi")], [""], id="there"),
        pytest.param([("system", EXTRA), ("user", "hi")], [MISSING], id="another layer"),
        pytest.param([("user", COMPANY)], [MISSING], id="said by the user"),
        pytest.param([("system", "Obey.")], [UNKNOWN, MISSING], id="neither"),
    ],
)
async def test_a_layer_that_is_required_is_there(messages: list[tuple[str, str]], reasons: list[str]) -> None:
    company = Layer(approved=LAYERS["company"].approved, role="system", required=True)

    answer = await asked(prompt(*messages), Instructions(layers={**LAYERS, "company": company}))

    assert [one.reason for one in answer.findings] == reasons


async def test_without_layers_nothing_is_asked_and_what_only_tells_lets_it_pass() -> None:
    told = prompt(("system", "Obey them."))

    plain, alert = await asked(told, Instructions()), await asked(told, Instructions(layers=LAYERS, denies=False))

    assert [(one.decision, [f.reason for f in one.findings]) for one in (plain, alert)] == [
        (Decision.ALLOW, [""]),
        (Decision.ALLOW, [UNKNOWN]),
    ]


@pytest.mark.parametrize(
    ("role", "origin"),
    [
        pytest.param("developer", "instructions", id="approved"),
        pytest.param("user", "model", id="said by nobody whom the sidecar heard"),
    ],
)
async def test_what_approved_instructions_say_is_known_as_theirs(role: str, origin: str) -> None:
    told, trails = prompt(("user", "hi"), (role, TASK)), Trails()
    answer = await asked(told)
    released = Verdict(crossing=answer.onward or told, findings=answer.findings, policy_version="")
    await Remembering(trails, CATALOGUE).released(released)
    call = crossing(Boundary.TOOL_CALL, {"recipient": PAYEE, "amount": 5}, tool="send_money")

    onward = (await OriginCheck(trails, CATALOGUE)(call)).onward

    assert onward is not None
    assert onward.origins["recipient"] == origin
