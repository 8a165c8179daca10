"""What is recorded of a delegation: ids by digests, the scope by its hash, and itself where it came to be."""

import hashlib
import json
from dataclasses import replace

import pytest
import rfc8785

from sidecar.audit.provenance import MAX_SCOPE, scope_hash, scope_record
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Recorder
from sidecar.model.scope import Grant, Scope, parse
from sidecar.model.strict_json import Json
from tests.audit.samples import CHAIN, NOW, SESSION

PSEUDONYMS = Pseudonyms(b"k" * 32)
RECORDER = Recorder(vocabulary=frozenset({"transfer", "amount"}), pseudonyms=PSEUDONYMS, policy_version="v")
CANARY = "ann@example.com"
WRITTEN: dict[str, Json] = {
    "tools": {
        "transfer": {
            "args": {
                "amount": {"constraint_type": "range", "min": 1, "max": 100},
                "to": {"constraint_type": "one_of", "values": [CANARY, 4711, {"deep": CANARY}]},
                "values": {"constraint_type": "path_under", "dir": f"/home/{CANARY}"},
                "value": {"constraint_type": "wildcard"},
            },
            "max_calls": 3,
        }
    },
    "egress": ["api.ann.example"],
    "budgets": {"calls": 7},
    "autonomy": 3,
    "mission": CANARY,
}
SCOPE = parse(WRITTEN)


def known(word: str) -> str:
    return word if word in {"transfer", "amount"} else "?"


def test_the_hash_is_of_the_canonical_scope() -> None:
    again = parse(json.loads(json.dumps(WRITTEN)))
    assert scope_hash(SCOPE) == scope_hash(again) != scope_hash(replace(SCOPE, autonomy=2))
    plain: dict[str, Json] = {"tools": {}}
    assert scope_hash(Scope()) == "sha256:" + hashlib.sha256(rfc8785.dumps(plain)).hexdigest()


def test_limits_stand_in_clear_and_values_do_not() -> None:
    record = scope_record(SCOPE, known)
    text = repr(record)
    assert isinstance(record, dict)
    assert [hidden for hidden in ("ann", "4711", "/home") if hidden in text] == []
    tools = record["tools"]
    assert isinstance(tools, dict)
    grant = tools["transfer"]
    assert isinstance(grant, dict)
    arguments = grant["args"]
    assert isinstance(arguments, dict)
    assert arguments["amount"] == {"constraint_type": "range", "min": 1, "max": 100}
    assert (grant["max_calls"], record["autonomy"], record["budgets"]) == (3, 3, {"?": 7})
    assert arguments["values"] == {"constraint_type": "path_under", "dir": "?"}


def test_a_scope_that_is_too_large_stands_in_its_hash_alone() -> None:
    large = Scope(tools={f"tool-{i:0200}": Grant() for i in range(MAX_SCOPE // 200)})
    assert scope_record(large, lambda word: word) is None
    entry = Recorder(vocabulary=frozenset(large.tools), pseudonyms=PSEUDONYMS, policy_version="v").session(
        "open_session", replace(SESSION, scope=large), NOW
    )
    assert ("scope" in entry.details, entry.details["scope_hash"]) == (False, scope_hash(large))


@pytest.mark.parametrize(
    ("event", "whole"), [("open_session", True), ("narrow_session", True), ("delegate", True), ("close_session", False)]
)
def test_the_scope_itself_is_recorded_where_it_came_to_be(event: str, *, whole: bool) -> None:
    entry = RECORDER.session(event, replace(SESSION, scope=SCOPE), NOW)
    assert entry.details["scope_hash"] == scope_hash(SCOPE)
    assert ("scope" in entry.details) == whole
    assert CANARY not in repr(entry)


def test_what_the_chain_belongs_to_is_recorded_by_digests() -> None:
    chain = replace(
        CHAIN, transaction=CANARY, mission=CANARY, audience=frozenset({"https://b", "https://a"}), trust_generation=5
    )
    details = RECORDER.session("open_session", replace(SESSION, chain=chain, revocation_epoch=7), NOW).details
    assert details["aud"] == ["https://a", "https://b"]
    assert details["txn"] == "hmac-sha256:" + PSEUDONYMS.digest("txn", CANARY)
    assert details["mission"] == "hmac-sha256:" + PSEUDONYMS.digest("mission", CANARY)
    assert details["gens"] == {"revocation": 7, "trust": 5}
    assert CANARY not in repr(details)


def test_what_a_chain_does_not_have_is_left_out() -> None:
    bare = replace(CHAIN, hops=(replace(CHAIN.hops[0], token_id="", thumbprint=""),), audience=frozenset())
    details = RECORDER.session("open_session", replace(SESSION, chain=bare), NOW).details
    assert [name for name in ("jti", "jkt", "aud", "txn", "mission") if f"'{name}'" in repr(details)] == []
