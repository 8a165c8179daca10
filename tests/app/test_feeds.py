"""What revokes besides operators: a list, events, status lists."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sidecar.app.feeds import RETRY_SECONDS, Feeds, Sources
from sidecar.errors import ConfigError
from sidecar.identity.ends.status_checks import StatusChecks, StatusRules
from sidecar.identity.opening import Opening
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.verdict import Decision
from tests.containing import LIFETIME, House
from tests.identity.crafting import EVIL, RES, STS, USER, VERIFIER, A, Claims, T, put, token_a
from tests.identity.ends.test_events import ANN, CAEP, TRANSMITTER, claims_of, set_of
from tests.identity.ends.test_status_list import URI, status_token

STATUS: Claims = {"status_list": {"idx": 0, "uri": URI}}


class Fed:
    """A house that is fed from a folder."""

    def __init__(self, folder: Path, checks: StatusChecks | None = None) -> None:
        self.house = House(checks)
        self.list = folder / "revoked.yaml"
        self.events = folder / "events"
        self.events.mkdir(exist_ok=True)
        self.now = float(T)
        self.faults: list[str] = []
        sources = Sources(
            list_file=self.list,
            events=self.events,
            transmitters=(TRANSMITTER,),
            checks=checks,
            lifetime_s=LIFETIME,
        )
        self.feeds = Feeds(
            sources,
            self.house.containment,
            self.house.sessions,
            lambda: self.now,
            self.fault,
        )

    def fault(self, what: str, error: BaseException, **where: str) -> None:
        del error, where
        self.faults.append(what)

    def lists(self, text: str) -> None:
        """Replace the list as an editor does: another file in its place."""
        new = self.list.with_name("new")
        new.write_text(text, encoding="utf-8")
        new.replace(self.list)

    async def opened(self, token: str = "") -> str:
        tokens = (
            (token,)
            if token
            else tuple(STS.mint(user=USER, agents=[A], scope={"tools": {"t": {}}}, at=T, audience=RES))
        )
        found = await self.house.enforcer.open(Opening(tokens=tokens), self.now)
        return found.handle or found.findings[0].reason

    async def said(self, handle: str) -> str:
        crossing = Crossing(boundary=Boundary.USER_INPUT, session_id=handle, at=self.now, body="x")
        verdict, _ = await self.house.enforcer.decide(crossing)
        return "allowed" if verdict.decision is Decision.ALLOW else verdict.findings[0].reason


@pytest.fixture
def fed(tmp_path: Path) -> Fed:
    it = Fed(tmp_path)
    it.lists("revoked: []")
    return it


# ---- The list ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"revoked:\n  - subject: {USER}\n", id="YAML"),
        pytest.param(json.dumps({"revoked": [{"subject": USER, "issuer": STS.url}]}), id="JSON"),
        pytest.param(f"revoked: [{{agent: {A}, until: {T + 9}}}]", id="an agent, for a while"),
    ],
)
async def test_a_list_takes_effect_within_one_look_and_is_taken_back_with_the_next(fed: Fed, text: str) -> None:
    await fed.feeds.start()
    handle = await fed.opened()

    fed.lists(text)
    await fed.feeds.look()
    after = await fed.said(handle), await fed.opened()
    fed.lists("revoked: []")
    await fed.feeds.look()

    assert after == ("subject_revoked", "subject_revoked")
    assert (await fed.opened()).startswith("ses_")
    await fed.feeds.stop()


async def test_a_list_is_in_force_from_the_start(fed: Fed) -> None:
    fed.lists(f"revoked: [{{subject: {USER}}}]")
    await fed.feeds.start()
    await fed.feeds.stop()

    assert await fed.opened() == "subject_revoked"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("revoked: [", "", id="no YAML"),
        pytest.param("[]", "/: must be an object", id="a list alone"),
        pytest.param("revoked: {}", "/: must be an object", id="no list"),
        pytest.param("revoked: []\nother: 1", "/: must be an object", id="another member"),
        pytest.param("revoked: [canary]", "/revoked/0: must name one of agent,", id="a word"),
        pytest.param("revoked: [{subject: a}, {subject: canary, agent: b}]", "/revoked/1: must name", id="two at once"),
        pytest.param("revoked: [{subject: canary, note: x}]", "/revoked/0: must name", id="an unknown member"),
        pytest.param("revoked: [{subject: 7}]", "/revoked/0: must name it as a string", id="a number"),
        pytest.param("revoked: [{agent: canary, issuer: x}]", "/revoked/0: only a token", id="an issuer's agent"),
        pytest.param("revoked: [{key: canary}]", "/revoked/0: a key is named", id="no thumbprint"),
        pytest.param("revoked: [{subject: canary, until: soon}]", "/revoked/0: until", id="no date"),
        pytest.param("revoked: [{subject: canary, issued_before: true}]", "/revoked/0: until", id="no number"),
    ],
)
async def test_a_list_counts_whole_or_not_at_all(fed: Fed, text: str, problem: str) -> None:
    fed.lists(text)

    with pytest.raises(ConfigError) as refused:
        await fed.feeds.start()

    assert "identity.revocations" in str(refused.value)
    assert problem in str(refused.value)
    assert "canary" not in str(refused.value)
    assert fed.house.revocations.epoch == 0
    await fed.feeds.stop()


async def test_a_list_that_is_not_there_is_told_at_the_start(fed: Fed) -> None:
    fed.list.unlink()

    with pytest.raises(ConfigError, match="No such file"):
        await fed.feeds.start()


async def test_a_list_that_is_too_large_is_told(fed: Fed) -> None:
    fed.lists("#" * (1 << 20) + "\nrevoked: []")

    with pytest.raises(ConfigError, match="larger than"):
        await fed.feeds.start()


async def test_a_list_that_breaks_leaves_the_old_one_in_force_and_is_told(fed: Fed) -> None:
    fed.lists(f"revoked: [{{subject: {USER}}}]")
    await fed.feeds.start()

    fed.lists("revoked: [{subject: ")
    await fed.feeds.look()
    broken = fed.feeds.degraded, await fed.opened()
    fed.list.unlink()
    await fed.feeds.look()
    gone = fed.feeds.degraded, await fed.opened()
    fed.lists("revoked: []")
    await fed.feeds.look()

    assert broken == gone == (frozenset({"revocations"}), "subject_revoked")
    assert (fed.feeds.degraded, (await fed.opened())[:4]) == (frozenset(), "ses_")
    await fed.feeds.stop()


async def test_a_list_that_has_not_changed_is_not_read_again(fed: Fed) -> None:
    await fed.feeds.start()
    epoch = fed.house.revocations.epoch
    await fed.feeds.look()

    assert fed.house.revocations.epoch == epoch
    await fed.feeds.stop()


async def test_a_list_that_cannot_be_recorded_is_in_force_and_read_again(fed: Fed) -> None:
    await fed.feeds.start()
    fed.lists(f"revoked: [{{subject: {USER}}}]")
    fed.house.audit.is_full = True
    await fed.feeds.look()
    degraded = fed.feeds.degraded
    fed.house.audit.is_full = False
    await fed.feeds.look()

    assert (degraded, fed.feeds.degraded) == (frozenset({"revocations"}), frozenset())
    assert await fed.opened() == "subject_revoked"
    assert [entry.details["counts"] for entry in fed.house.audit.entries if entry.boundary == "revoke"] == [
        {"selectors": 0, "sessions": 0},
        {"selectors": 1, "sessions": 0},
    ]
    await fed.feeds.stop()


# ---- Events --------------------------------------------------------------------------------------------------


async def test_n187_an_event_ends_what_was_opened_before_it(fed: Fed) -> None:
    await fed.feeds.start()
    handle = await fed.opened()

    (fed.events / "1.jwt").write_text(set_of({**claims_of(subject=ANN), "iat": T}) + "\n", encoding="ascii")
    await fed.feeds.look()

    assert await fed.said(handle) == "subject_revoked"
    assert fed.feeds.ignored == {}
    assert fed.house.audit.entries[-2].details["source"] == "event"
    await fed.feeds.stop()


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(set_of(claims_of(subject=ANN), "JWT"), "typ_unexpected", id="another typ"),
        pytest.param(set_of(claims_of(subject=ANN), by=EVIL), "key_unknown_kid", id="signed by another"),
        pytest.param(set_of({**claims_of(subject=ANN), "iss": EVIL.url}), "iss_untrusted", id="an unknown issuer"),
        pytest.param(set_of(claims_of(f"{CAEP}other", {}, ANN)), "event_unsupported", id="nothing follows"),
        pytest.param("é", "token_malformed", id="no token"),
        pytest.param("x" * 70_000, "limit_token_size", id="too large"),
    ],
)
async def test_n194_what_is_not_believed_is_ignored_and_counted_once(fed: Fed, token: str, reason: str) -> None:
    (fed.events / "1.jwt").write_text(token, encoding="utf-8")
    await fed.feeds.start()
    await fed.feeds.look()

    assert (fed.feeds.ignored, fed.house.revocations.epoch) == ({reason: 1}, 1)  # the list alone
    assert fed.feeds.degraded == frozenset()
    await fed.feeds.stop()


async def test_n194_an_event_that_comes_again_is_ignored_and_counted(fed: Fed) -> None:
    await fed.feeds.start()
    token = set_of(claims_of(subject=ANN))
    for name in ("1.jwt", "2.jwt"):
        (fed.events / name).write_text(token, encoding="ascii")
    await fed.feeds.look()
    epoch = fed.house.revocations.epoch

    (fed.events / "1.jwt").unlink()
    (fed.events / "3.jwt").write_text(token, encoding="ascii")
    await fed.feeds.look()

    assert (fed.feeds.ignored, fed.house.revocations.epoch) == ({"replay_detected": 2}, epoch)
    await fed.feeds.stop()


async def test_what_is_still_written_and_what_is_no_file_is_left_alone(fed: Fed) -> None:
    (fed.events / ".1.jwt").write_text("half", encoding="ascii")
    (fed.events / "folder").mkdir()
    os.mkfifo(fed.events / "pipe")
    (fed.events / "nowhere").symlink_to(fed.events / "none")

    await fed.feeds.start()
    await fed.feeds.look()

    assert fed.feeds.ignored == {}
    await fed.feeds.stop()


async def test_an_event_that_cannot_be_recorded_is_in_force_and_tried_again(fed: Fed) -> None:
    await fed.feeds.start()
    fed.house.audit.is_full = True
    (fed.events / "1.jwt").write_text(set_of({**claims_of(subject=ANN), "iat": T}), encoding="ascii")

    await fed.feeds.look()
    fed.house.audit.is_full = False
    await fed.feeds.look()
    tried = len(fed.house.audit.entries)
    fed.now += RETRY_SECONDS
    await fed.feeds.look()

    assert tried == 1  # the list
    assert await fed.opened() == "subject_revoked"
    assert fed.faults == ["a security event was not taken in, and will be tried again"]
    assert [entry.boundary for entry in fed.house.audit.entries][-2:] == ["revoke", "open_session"]
    await fed.feeds.stop()


async def test_a_folder_that_is_none_is_told_at_the_start(fed: Fed) -> None:
    fed.events.rmdir()

    with pytest.raises(ConfigError, match=r"identity\.events"):
        await fed.feeds.start()
    await fed.feeds.stop()


async def test_a_folder_that_vanishes_is_told_and_looked_for_again(fed: Fed) -> None:
    fed.feeds.poll_seconds = 0.01
    await fed.feeds.start()

    fed.events.rmdir()
    await until(lambda: bool(fed.feeds.degraded))
    fed.events.mkdir()
    await until(lambda: not fed.feeds.degraded)

    assert fed.faults == ["revocations are watched no more for the moment"]
    await fed.feeds.stop()


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


# ---- Status lists --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "reason", "again"),
    [(1, "token_revoked", "token_revoked"), (2, "status_suspended", "status_suspended"), (0, "allowed", "ses_")],
)
async def test_sessions_end_when_the_list_of_their_token_says_so(
    tmp_path: Path, value: int, reason: str, again: str
) -> None:
    lists: dict[str, bytes] = {URI: status_token([0])}
    fed = Fed(tmp_path, status_of(lists))
    fed.lists("revoked: []")
    token = token_a(lambda claims: claims.update(status=STATUS, authorization_details=[plain()]))
    handle = await fed.opened(token)

    lists[URI] = status_token([value], change=put(iat=T + 1))
    fed.now = T + 601.0
    await fed.feeds.look_at_statuses()

    assert await fed.said(handle) == reason
    assert (await fed.opened(token)).startswith(again)


def plain() -> Claims:
    return {"type": "https://agent-sidecar.dev/ns/ad/session/v1", "tools": {"t": {}}}


def status_of(lists: Mapping[str, bytes]) -> StatusChecks:
    async def fetch(url: str, _accept: str) -> bytes:
        return lists[url]

    async def ask(_url: str, _form: Mapping[str, str], _authorization: str, _accept: str) -> bytes:
        raise AssertionError

    rules = StatusRules(lists="required", origins=frozenset({"https://sts.example"}))
    return StatusChecks({STS.url: rules}, lambda: VERIFIER.trust, fetch, ask)


async def test_nobody_is_asked_where_nothing_is_configured() -> None:
    house = House()
    feeds = Feeds(Sources(), house.containment, house.sessions, lambda: T, lambda *_what, **_where: None)
    await feeds.start()
    await feeds.look()
    await feeds.look_at_statuses()
    await feeds.stop()

    assert house.revocations.epoch == 0
