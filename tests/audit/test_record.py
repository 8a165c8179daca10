from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import (
    MAX_FINDINGS,
    MAX_PATH_SEGMENTS,
    MAX_PRESENTED,
    Entry,
    Recorder,
    known_path,
)
from sidecar.model.chain import Principal
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.scope import Grant, Scope
from sidecar.model.verdict import Decision, Finding, Severity, Verdict
from tests.audit.samples import AGENT, CALL, CHAIN, KEY, NOW, RECORDER, SESSION, SUBJECT, VOCABULARY, verdict

PSEUDONYMS = Pseudonyms(KEY)
CANARY = "zq-canary-7731"
DENIED = Finding(
    check="schema",
    decision=Decision.DENY,
    reason="argument_invalid",
    message=f"`{CANARY}` is not a date",
    path=f"/q/{CANARY}/0",
    severity=Severity.HIGH,
    controls=("ASI02",),
)


def test_a_verdict_is_recorded_without_its_payload() -> None:
    entry = RECORDER.crossing(verdict(), "a" * 32)

    assert entry == Entry(
        at=NOW,
        boundary="tool_call",
        session_id=SESSION.id,
        principal=Principal(
            subject=PSEUDONYMS.subject(SUBJECT), issuer=CHAIN.principal.issuer, actors=CHAIN.principal.actors
        ),
        tool="search",
        decision=Decision.ALLOW,
        findings=verdict().findings,
        payload_digest="hmac-sha256:" + PSEUDONYMS.digest("payload", '{"q":"weather"}'),
        policy_version=verdict().policy_version,
        trace_id="a" * 32,
        details={"call": PSEUDONYMS.call("call-1")},
    )


def test_what_a_caller_chose_stands_nowhere_in_the_entry() -> None:
    crossing = Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id=f"{CANARY}.{CANARY}",
        at=NOW,
        raw=f'{{"{CANARY}": 1',
        tool=CANARY,
        call_id=CANARY,
        schema=CANARY,
        provider=CANARY,
        model=CANARY,
        peer=CANARY,
        direction=Direction.INBOUND,
        tokens=(CANARY,),
    )

    entry = RECORDER.crossing(verdict(crossing, DENIED), CANARY)

    assert CANARY not in repr(entry)
    assert entry.decision is Decision.DENY
    assert entry.findings[-1] == replace(DENIED, message="", path="/q/*/0")
    assert entry.details["direction"] == "inbound"


def test_neither_key_nor_secrets_stand_in_any_repr() -> None:
    assert repr(KEY) not in repr(RECORDER)


@pytest.mark.parametrize(
    ("word", "clear"),
    [pytest.param("search", True, id="the policy knows it"), pytest.param("shell", False, id="it does not")],
)
def test_a_tool_stands_in_clear_only_if_the_policy_knows_it(word: str, clear: bool) -> None:  # noqa: FBT001 - a table
    assert RECORDER.crossing(verdict(replace(CALL, tool=word))).tool == (word if clear else PSEUDONYMS.unknown(word))


def test_crossings_without_a_tool_name_none() -> None:
    assert RECORDER.crossing(verdict(replace(CALL, tool="", call_id=""))).tool == ""


@pytest.mark.parametrize(
    ("path", "recorded"),
    [
        pytest.param("", "", id="the whole"),
        pytest.param("/q", "/q", id="known"),
        pytest.param("/secret", "/*", id="unknown"),
        pytest.param("/q/12/secret/0", "/q/12/*/0", id="indexes stay"),
        pytest.param("/recipient/-", "/recipient/-", id="past the end of an array"),
        pytest.param("/123456", "/123456", id="the longest index"),
        pytest.param("/1234567", "/*", id="longer than any index"),
        pytest.param("/01", "/*", id="no index begins with zero"),
        pytest.param("/\u0661", "/*", id="an index is ASCII"),
        pytest.param("/a~1b/c~0d", "/a~1b/c~0d", id="escaped"),
        pytest.param("/", "/*", id="the empty name"),
        pytest.param("q", "*", id="no pointer"),
        pytest.param("/q" * (MAX_PATH_SEGMENTS + 9), "/q" * MAX_PATH_SEGMENTS + "/*", id="too long"),
    ],
)
def test_a_path_shows_indexes_and_known_names_only(path: str, recorded: str) -> None:
    assert known_path(path, VOCABULARY) == recorded


@given(st.text(alphabet="q/~01ab-*\ud800\n", max_size=20))
def test_any_path_becomes_known_segments(path: str) -> None:
    segments = known_path(path, VOCABULARY).split("/")

    assert set(segments) <= {"", "q", "a~1b", "*", "-"} | {s for s in segments if s.isdigit() and len(s) <= 6}


def test_the_worst_findings_are_kept_when_there_are_too_many() -> None:
    mild = [Finding(check="pii", decision=Decision.REDACT, path=f"/{i}") for i in range(MAX_FINDINGS + 5)]

    entry = RECORDER.crossing(Verdict(crossing=CALL, findings=(*mild, DENIED), policy_version="v"))

    assert [f.path for f in entry.findings] == [f"/{i}" for i in range(MAX_FINDINGS - 1)] + ["/q/*/0"]
    assert entry.details["findings_omitted"] == 6


def test_skipped_checks_are_recorded() -> None:
    skipped = Verdict(crossing=CALL, findings=verdict().findings, policy_version="v", skipped=("ner",))

    assert RECORDER.crossing(skipped).details["skipped_checks"] == ("ner",)


def test_tokens_used_are_recorded() -> None:
    crossing = replace(CALL, boundary=Boundary.LLM_OUTPUT, input_tokens=12, output_tokens=3)

    assert RECORDER.crossing(verdict(crossing)).details["tokens"] == [12, 3]


@pytest.mark.parametrize(
    ("crossing", "digested"),
    [
        pytest.param(replace(CALL, body=None, raw="{", is_json=True), "{", id="JSON that was never parsed, as it came"),
        pytest.param(replace(CALL, body=None, raw=None, is_json=True), "null", id="null"),
        pytest.param(replace(CALL, body={"q": 1}, raw=' {"q":1}'), '{"q":1}', id="JSON that was parsed, as it leaves"),
        pytest.param(replace(CALL, body="hi", is_json=False), "hi", id="text"),
    ],
)
def test_the_digest_is_of_the_last_form_of_the_payload(crossing: Crossing, digested: str) -> None:
    expected = "hmac-sha256:" + PSEUDONYMS.digest("payload", digested)

    assert RECORDER.crossing(verdict(crossing)).payload_digest == expected


@pytest.mark.parametrize(
    ("given_id", "kept"),
    [
        pytest.param("4bf92f3577b34da6a3ce929d0e0e4736", True, id="a trace"),
        pytest.param("0" * 32, False, id="no trace"),
        pytest.param("4BF92F3577B34DA6A3CE929D0E0E4736", False, id="upper case"),
        pytest.param(SUBJECT, False, id="anything else"),
        pytest.param("a" * 33, False, id="too long"),
    ],
)
def test_only_a_trace_id_is_taken_for_one(given_id: str, kept: bool) -> None:  # noqa: FBT001 - a table
    assert RECORDER.crossing(verdict(), given_id).trace_id == (given_id if kept else "")


def test_a_session_that_was_opened_tells_how_it_came_to_be() -> None:
    session = replace(SESSION, task=f"book a table for {CANARY}", task_type="search", residency="EU")

    entry = RECORDER.session("open_session", session, NOW, "")

    assert CANARY not in repr(entry)
    assert SUBJECT not in repr(entry)
    assert (entry.boundary, entry.decision, entry.session_id) == ("open_session", Decision.ALLOW, SESSION.id)
    assert entry.policy_version == RECORDER.policy_version
    assert entry.details["chain"] == CHAIN.digest
    assert entry.details["hops"] == [
        {
            "actor": AGENT,
            "alg": "ES256",
            "assurance": "issuer",
            "digest": CHAIN.hops[0].digest,
            "exp": CHAIN.hops[0].expires_at,
            "iat": CHAIN.hops[0].issued_at,
            "iss": "https://sts.example.org",
            "jti": "hmac-sha256:" + PSEUDONYMS.digest("jti", CHAIN.hops[0].token_id),
            "kid": "key-1",
        }
    ]
    assert entry.details["residency"] == PSEUDONYMS.unknown("EU")
    assert entry.details["task_type"] == "search"


def test_a_session_tells_which_tools_it_may_call() -> None:
    scope = Scope(tools={"search": Grant(), CANARY: Grant()})

    entry = RECORDER.session("narrow_session", replace(SESSION, scope=scope), NOW)

    assert entry.details["tools"] == ["search", PSEUDONYMS.unknown(CANARY)]


def test_a_session_without_a_task_tells_none() -> None:
    assert "task" not in RECORDER.session("close_session", SESSION, NOW).details


def test_a_refused_session_is_recorded_by_the_digests_of_its_tokens() -> None:
    entry = RECORDER.refusal("open_session", (DENIED,), "v2", NOW, presented=[CANARY] * (MAX_PRESENTED + 1))

    assert CANARY not in repr(entry)
    assert (entry.session_id, entry.principal, entry.decision) == ("", None, Decision.DENY)
    assert entry.policy_version == "v2"
    token = {"characters": len(CANARY), "digest": PSEUDONYMS.digest("token", CANARY)}
    assert entry.details == {"presented": [token] * MAX_PRESENTED}


def test_a_refusal_without_findings_or_tokens_is_a_denial() -> None:
    entry = RECORDER.refusal("narrow_session", (), "v", NOW)

    assert (entry.decision, entry.details) == (Decision.DENY, {})


def test_an_actor_who_is_the_subject_has_the_subjects_pseudonym() -> None:
    principal = Principal(subject=SUBJECT, issuer="i", actors=(AGENT, SUBJECT))
    session = replace(SESSION, chain=replace(CHAIN, principal=principal))

    recorded = RECORDER.crossing(verdict(replace(CALL, session=session))).principal

    assert recorded is not None
    assert recorded.actors == (AGENT, recorded.subject)
    assert SUBJECT not in repr(recorded)


def test_principals_stand_in_clear_when_the_settings_say_so() -> None:
    recorder = Recorder(vocabulary=VOCABULARY, pseudonyms=Pseudonyms(KEY, clear=True), policy_version="v")

    assert recorder.crossing(verdict()).principal == CHAIN.principal


def test_pseudonyms_differ_by_key_and_by_use() -> None:
    digests = {
        PSEUDONYMS.digest("subject", "x"),
        PSEUDONYMS.digest("word", "x"),
        Pseudonyms(bytes(32)).digest("subject", "x"),
    }

    assert len(digests) == 3


def test_the_same_handle_can_be_followed_without_being_known() -> None:
    crossing = replace(CALL, session=None, session_id=f"{SESSION.id}.wrong")

    assert RECORDER.crossing(verdict(crossing)).session_id == PSEUDONYMS.unknown(SESSION.id)
    assert RECORDER.crossing(verdict(replace(crossing, session_id=""))).session_id == ""


def test_a_lone_surrogate_does_not_stop_the_record() -> None:
    assert RECORDER.crossing(verdict(replace(CALL, tool="\ud800", body="\udfff", is_json=False))).tool
