"""What a list of revocations says; more of what it may not say stands in `test_feeds.py`."""

from sidecar.identity.ends.selectors import MAX_PROBLEMS, revocations
from sidecar.model.revocation import FOREVER, MAX_REVOCATIONS, Kind, Revocation, Selector
from sidecar.model.strict_json import Json


def told(value: Json) -> list[str]:
    problems: list[str] = []
    assert revocations(value, problems) == ()
    return problems


def test_each_kind_is_read() -> None:
    entries: list[Json] = [
        {"subject": "ann", "issuer": "https://sts.example", "until": 9, "issued_before": 7},
        {"agent": "a"},
        {"token": "t"},
        {"transaction": "x"},
        {"mission": "m"},
        {"key": "k" * 43},
        {"digest": "d" * 43},
        {"chain": "0" * 16},
    ]
    problems: list[str] = []

    first, *rest = revocations({"revoked": entries}, problems, until=5.0)

    assert problems == []
    assert first == Revocation(Selector(Kind.SUBJECT, "ann", "https://sts.example"), 9.0, 7.0)
    assert {one.selector.kind for one in [first, *rest]} == set(Kind)
    assert {(one.until, one.issued_before) for one in rest} == {(5.0, FOREVER)}


def test_a_list_is_as_long_as_may_be_held_and_no_longer() -> None:
    assert told({"revoked": [{"agent": "a"}] * (MAX_REVOCATIONS + 1)}) == [
        f"/revoked: more than {MAX_REVOCATIONS} entries"
    ]


def test_problems_are_told_until_nobody_reads_on() -> None:
    assert len(told({"revoked": [{}] * 1000})) == MAX_PROBLEMS
