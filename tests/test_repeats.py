"""A call that is asked for again gets the answer that it got, whatever it has made true itself."""

import asyncio
from dataclasses import replace
from pathlib import Path

from sidecar.checks.origin import Remembering
from sidecar.content.origin.trails import Trails
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json
from sidecar.model.ticket import Approver
from sidecar.model.verdict import Answer, Decision, allow
from sidecar.policy.policy import Policy
from sidecar.stores.base import Stores
from sidecar.stores.trial import memory_stores
from tests.housing import AT, ISSUER, House, house, why
from tests.policy.packing import loaded

ONCE = "{id: once, on: [tool_call], then: deny, when: \"tool.name == 'note' && facts.noted.count > 0\"}"
LATER = "{id: later, on: [tool_call], then: deny, when: \"tool.name == 'note' && 'pii' in session.labels\"}"
EVE = Approver("eve", ISSUER.url)
PERSON = "{id: person, on: [tool_call], then: require_approval, when: \"tool.name == 'note'\"}"


def policy(folder: Path, *rules: str) -> Policy:
    listed = "".join(f"  - {rule}\n" for rule in rules)
    return loaded(
        folder,
        {
            "tools.yaml": "tools:\n  look: {effects: [read], reads: [pii]}\n  note: {effects: [write]}\n",
            "rules.yaml": f"facts: {{noted: \"boundary == 'tool_call' && tool.name == 'note'\"}}\nrules:\n{listed}",
        },
    )


def remembering(held: Policy, stores: Stores | None = None, trails: Trails | None = None) -> House:
    trails = trails or Trails()
    it = house(stores, policy=held, trails=trails)
    memory = Remembering(trails, held.catalogue, held.facts)
    return House(replace(it.path, memory=memory, policy_version=held.version), it.log)


async def noted(it: House, handle: str, call_id: str, n: int = 1, approval_id: str = "") -> str:
    return why(await it.call(handle, "note", call_id, approval_id=approval_id, n=n))


async def test_what_a_call_made_true_itself_does_not_refuse_its_repeat_and_counts_once(tmp_path: Path) -> None:
    often = ONCE.replace("> 0", "> 1")
    it = remembering(policy(tmp_path, often))
    handle = await it.open({})

    first = [await noted(it, handle, "a") for _ in range(3)]
    other = [await noted(it, handle, one, n) for n, one in enumerate("bcb", start=2)]  # the last is not b's call

    assert first == ["allow"] * 3
    assert other[:2] == ["allow", "rule_denied"]
    assert await noted(it, handle, "b", 2) == "allow"
    assert other[2] == "call_id_reused"


async def test_how_a_number_is_written_tells_no_call_from_another(tmp_path: Path) -> None:
    it = remembering(policy(tmp_path, LATER))
    handle = await it.open({})

    numbers: list[Json] = [[1, {"m": 2}], [1.0, {"m": 2.0}], [1.5, {"m": 2}]]

    written = [why(await it.call(handle, "note", "a", n=n)) for n in numbers]

    assert written == ["allow", "allow", "call_id_reused"]


async def test_what_the_session_has_touched_since_refuses_new_calls_and_no_repeat(tmp_path: Path) -> None:
    it = remembering(policy(tmp_path, LATER))
    handle = await it.open({})
    before = await noted(it, handle, "a")
    await it.call(handle, "look", "l")
    await it.answer(handle, "look", "l")

    found = [await noted(it, handle, one, n) for one, n in (("a", 1), ("b", 1), ("", 1))]
    await it.answer(handle, "note", "a")

    assert before == "allow"
    assert found == ["allow", "rule_denied", "rule_denied"]
    assert await noted(it, handle, "a") == "rule_denied"  # it was reported: this is a new call


async def test_under_another_policy_a_repeat_is_judged_anew(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    stores, trails = memory_stores(), Trails()
    it = remembering(policy(tmp_path / "one", ONCE.replace("> 0", "> 9")), stores, trails)
    handle = await it.open({})
    assert await noted(it, handle, "a") == "allow"

    assert await noted(remembering(policy(tmp_path / "two", ONCE), stores, trails), handle, "a") == "rule_denied"


async def test_a_consent_is_used_once_by_a_repeat_too(tmp_path: Path) -> None:
    it = remembering(policy(tmp_path, PERSON))
    handle = await it.open({})
    asked = await it.call(handle, "note", "a", n=1)
    await it.path.stores.tickets.decide(asked.approval_id, EVE, AT, approve=True)

    found = [await noted(it, handle, "a", approval_id=asked.approval_id) for _ in range(2)]

    assert found == ["allow", "ask: rule_requires_approval"]


async def test_a_call_that_is_still_being_judged_has_no_answer_that_a_repeat_could_get(tmp_path: Path) -> None:
    it = remembering(policy(tmp_path, PERSON))
    handle = await it.open({})

    found = await asyncio.gather(*(it.call(handle, "note", "a", n=1) for _ in range(20)))

    assert {one.decision for one in found} == {Decision.REQUIRE_APPROVAL}


class Slow:
    """A last check that takes its time, so that a call that needs a person has paid and is not answered yet."""

    name = "slow"

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()

    async def __call__(self, _crossing: Crossing) -> Answer:
        await self.goes_on.wait()
        return allow(self.name)


async def test_a_repeat_of_a_call_that_waits_for_its_answer_is_judged_by_rules(tmp_path: Path) -> None:
    it, slow = remembering(policy(tmp_path, PERSON)), Slow()
    handle = await it.open({})
    rows = {**it.path.rows, Boundary.TOOL_CALL: (*it.path.rows[Boundary.TOOL_CALL], slow)}
    first = asyncio.create_task(House(replace(it.path, rows=rows), it.log).call(handle, "note", "a", n=1))
    await asyncio.sleep(0.05)

    repeat = await noted(it, handle, "a")
    slow.goes_on.set()

    assert repeat == "ask: rule_requires_approval"
    assert (await first).decision is Decision.REQUIRE_APPROVAL
