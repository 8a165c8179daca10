"""What has happened to others, in simulated time: what it costs here."""

import asyncio
import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sidecar.audit.file import AuditFile
from sidecar.audit.key import load_key
from sidecar.cli.audit import app
from sidecar.identity.delegation import Delegation
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.opening import Opening
from sidecar.model.account import Account
from sidecar.model.crossing import Outcome
from sidecar.model.price import MICRO_USD
from tests.audit.samples import chained
from tests.housing import AT, HERE, House, house, linked, token, why
from tests.limiting import ask, policy, told

HOURS_3 = 3 * 3600
BREAKER = "breakers: [{tool: '*', failures: 5, within: 60s, open_for: 30s}]"


async def opened(it: House, tokens: list[str], at: float) -> str:
    """Return the handle of a new session that is opened at `at`."""
    return (await it.path.open(Opening(tokens=tuple(tokens)), at)).handle


async def made(it: House, handle: str, number: int, at: float, *, call_id: str, reports: bool) -> int:
    """Make one call that times out, and return whether it reached the tool."""
    verdict = await it.call(handle, call_id=call_id, at=at, n=number)
    if verdict.released and reports:
        await it.answer(handle, call_id=call_id, at=at + 0.2, outcome=Outcome.TIMEOUT)
    return int(verdict.released)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limits", "same", "reports", "most"),
    [
        pytest.param(BREAKER, False, True, 20, id="a breaker, each call another"),
        pytest.param(BREAKER, True, True, 20, id="a breaker, one call again and again"),
        pytest.param("loops: {same_call: 3, within: 2m}", True, False, 12, id="a loop that reports nothing"),
    ],
)
async def test_a_tool_that_times_out_and_an_agent_that_retries_40_000_times_in_three_hours(
    limits: str,
    same: bool,  # noqa: FBT001 - columns
    reports: bool,  # noqa: FBT001
    most: int,
) -> None:
    it, reached, handle = house(policy=policy(limits)), 0, ""
    for number in range(40_000):
        at = AT + number * HOURS_3 / 40_000
        if number % 10_000 == 0:
            handle = await opened(it, token({}, at=at), at)
        call_id = f"c{number}" if reports else ""
        reached += await made(it, handle, 0 if same else number, at, call_id=call_id, reports=reports)

    assert 0 < reached <= most


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reports", "who"),
    [
        pytest.param(False, "one", id="one session, unreported"),
        pytest.param(False, "sessions", id="many sessions, unreported"),
        pytest.param(False, "subjects", id="many subjects, unreported"),
        pytest.param(True, "subjects", id="many subjects, reported"),
    ],
)
async def test_of_40_000_varied_calls_at_most_20_reach_a_tool_that_hangs_whoever_makes_them(
    reports: bool,  # noqa: FBT001 - a column
    who: str,
) -> None:
    it, reached, handle = house(policy=policy(BREAKER.replace("}", ", in_flight: 8}"))), 0, ""
    for number in range(40_000):
        at = AT + number * HOURS_3 / 40_000
        if number % (10_000 if who == "one" else 100) == 0:
            user = f"user{number}" if who == "subjects" else "ann"
            handle = await opened(it, token({}, at=at, user=user), at)
        call_id = f"c{number}" if number % 2 else ""  # with and without an id
        reached += await made(it, handle, number, at, call_id=call_id, reports=reports)

    assert 8 <= reached <= 20


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_160_000_calls_of_one_user_in_a_day_at_100_an_hour() -> None:
    it = house(policy=policy("rates: [{per: subject, limit: 100/hour}]"))
    passed, handle = [], ""
    for number in range(160_000):
        at = AT + number * 86_400 / 160_000
        if number % 1000 == 0:
            handle = await opened(it, token({}, at=at), at)  # a new token of the same user gains nothing
        if (await it.call(handle, at=at)).released:
            passed.append(at - AT)

    by_hour = [sum(hour * 3600 <= at < (hour + 1) * 3600 for at in passed) for hour in range(24)]
    assert by_hour == [100] * 24


async def test_a_session_that_spends_past_its_budget_by_eight_parallel_calls() -> None:
    it = house(policy=policy("budgets: [{per: session, cost_usd: 0.27}]"))
    handle = await it.open({})

    found = [why(one) for _ in range(3) for one in await asyncio.gather(*(it.call(handle, "pay") for _ in range(8)))]

    assert found.count("allow") == 5  # of 0.05 each: 0.25, and never a cent more than 0.27
    assert await _spent(it, "session 0 ") == [250_000]


async def test_parallel_prompts_never_cost_more_than_the_budget_whatever_they_report() -> None:
    chance = random.Random(5)  # noqa: S311 - which order, no secret
    it = house(policy=policy("budgets: [{per: subject, window: 1d, cost_usd: 0.10}]"))
    handle, paid = await it.open({}), 0
    for number in range(200):
        ids = [f"{number}.{n}" for n in range(8)]
        verdicts = await asyncio.gather(*(ask(it, handle, one, most=chance.randint(1, 2000)) for one in ids))
        let = [(one, verdict) for one, verdict in zip(ids, verdicts, strict=True) if verdict.released]
        chance.shuffle(let)
        for one, verdict in let:
            out = chance.randint(0, verdict.crossing.max_output_tokens)
            if chance.random() < 0.8:
                paid += 3 * 20 + 15 * out
                for _ in range(chance.randint(1, 3)):
                    await told(it, handle, one, (20, out))
            else:
                paid += verdict.crossing.micro_usd

    (spent,) = await _spent(it, "subject 86400 ")
    assert spent == paid
    assert 90_000 < paid <= 100_000


async def test_ten_sub_agents_share_their_parents_budget() -> None:
    it = house(policy=policy("budgets: [{per: tree, cost_usd: 1.00}]"))
    tokens = token({})
    whole = await it.open_by(tokens)
    parts = [await it.open_by(tokens, parent_session_id=whole) for _ in range(5)]
    parts += [await it.open({}, parent_session_id=parts[n]) for n in range(5)]

    found = await asyncio.gather(*(it.call(part, "pay") for part in [whole, *parts] for _ in range(10)))

    assert sum(one.released for one in found) == 20
    assert await _spent(it, "tree 0 ") == [1_000_000]


async def test_ten_sub_agents_by_delegated_tokens_share_their_parents_budget() -> None:
    it = house(policy=policy("budgets: [{per: tree, tool: look, tool_calls: 20}]"))
    tokens = linked({"budgets": {"calls": 30}})
    parent = await it.open_by(tokens)
    handles = [parent]
    for number in range(10):
        holder = json.dumps(SigningKey.generate().public_jwk())
        scope = json.dumps({"tools": {"look": {}, "note": {}}})
        asked = Delegation(agent=f"sub{number}", audience=HERE, scope_json=scope, confirmation_jwk=holder)
        signed = await it.path.delegate(parent, asked, AT)
        assert signed.made is not None, signed.findings
        handles.append(await it.open_by([*tokens, signed.made.token]))

    looks = await asyncio.gather(*(it.call(one, "look") for one in handles for _ in range(5)))
    notes = await asyncio.gather(*(it.call(one, "note") for one in handles for _ in range(5)))

    assert sum(one.released for one in looks) == 20  # the pack's, of the tree
    assert sum(one.released for one in notes) == 10  # what is left of the chain's own
    assert {why(one) for one in (*looks, *notes)} == {"allow", "call_budget_exhausted"}


async def test_a_cost_spike_of_one_user_is_named_by_one_query(tmp_path: Path) -> None:
    it = house(policy=policy("{}"))
    for number in range(60):
        user = "eve" if number % 3 == 0 else f"user{number}"
        handle = await it.open({}, user=user)
        await ask(it, handle, "c", most=4000 if user == "eve" else 50)
        await told(it, handle, "c", (100, 3900 if user == "eve" else 40))
    key = load_key(tmp_path / "audit.key", create=True)
    file = AuditFile(tmp_path / "audit.db", key, "commit")
    file.open()
    file.write(chained(it.log.entries, key))
    file.close()

    lines = (
        CliRunner().invoke(app, ["costs", "--per", "subject", "--db", str(tmp_path / "audit.db")]).stdout.splitlines()
    )

    eve = next(entry.principal for entry in it.log.entries if entry.details.get("micro_usd", 0) == 3 * 48 + 15 * 4000)
    assert eve is not None
    assert lines[0].split() == ["1.176000", eve.subject]
    assert len(lines) == 41
    assert lines[1].split()[0] == "0.000900"


async def _spent(it: House, kind: str) -> list[int]:
    ledger = it.path.stores.ledger
    accounts = getattr(ledger, "_accounts")  # noqa: B009 - the sums of all, as they stand
    found = [account for account in accounts if account.kind == kind]
    return [await ledger.spent(Account(one.kind, one.name, one.window), MICRO_USD) for one in found]
