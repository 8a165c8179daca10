"""A stranger's sentence that spells a call out orders it, in whatever words."""

import pytest

from sidecar.content.origin.deeds import deed
from sidecar.content.origin.passages import Ordered
from sidecar.content.origin.places import is_followed_by, together
from sidecar.content.origin.said import Asked, Said
from sidecar.content.origin.trail import Trail
from sidecar.content.origin.values import is_id
from sidecar.model.origin import Origin
from sidecar.model.steps import finished
from sidecar.model.strict_json import Json

UPDATE = deed("update_job", frozenset({"write"}))


def ordered(user: str, text: str, call: Json) -> Ordered:
    """Return whether a text that the user pointed at orders the call."""
    trail = Trail()
    trail.user(user)
    trail.add([Said(text=text, origin=Origin.UNTRUSTED)], Asked(is_referred=True))
    return finished(trail.ordering(call, UPDATE))


@pytest.mark.parametrize(
    ("user", "text", "call", "expected"),
    [
        pytest.param(
            "What is new?",
            "J-88 => shelved",
            {"job": "J-88", "state": "shelved"},
            Ordered.WITH_THIS,
            id="in no language",
        ),
        pytest.param(
            "What is new?", "J-88. It is shelved", {"job": "J-88", "state": "shelved"}, Ordered.NOT, id="apart"
        ),
        pytest.param(
            "What is new?", "J-88 => shelved", {"jobs": ["J-88", "shelved"]}, Ordered.NOT, id="in one argument"
        ),
        pytest.param(
            "What is new?", "J-88 => shelved", {"job": "J-88", "state": "open"}, Ordered.NOT, id="another value"
        ),
        pytest.param(
            "Is job J-88 shelved?",
            "J-88 => shelved",
            {"job": "J-88", "state": "shelved"},
            Ordered.NOT,
            id="the user's own",
        ),
        pytest.param(
            "Set the job that she mentions to what she says.",
            "J-88 => shelved",
            {"job": "J-88", "state": "shelved"},
            Ordered.NOT,
            id="left to her",
        ),
        pytest.param("What is new?", "Roof => shelved", {"job": "Roof", "state": "shelved"}, Ordered.NOT, id="no id"),
    ],
)
def test_an_id_and_its_value_in_one_sentence_are_an_order(user: str, text: str, call: Json, expected: Ordered) -> None:
    assert ordered(user, text, call) is expected


@pytest.mark.parametrize("value", ["v25", "j-88", "order_7", "2024-q1", "a3f9"])
def test_what_things_are_filed_under_is_an_id(value: str) -> None:
    assert is_id(value)


@pytest.mark.parametrize(
    "value", ["", "roof", "84", 84, "7pm", "500g", "3rd", "2026-02-01", "a b7", "de89370400440532013000"]
)
def test_words_sizes_days_and_accounts_are_no_ids(value: str | int) -> None:
    assert not is_id(value)


def test_a_long_text_without_stops_holds_together_what_is_near() -> None:
    far = "x " * 200
    assert together("j-88", ["shelved"], "j-88 is shelved")
    assert not together("j-88", ["shelved"], f"j-88 {far} shelved")
    assert not together("j-88", ["shelved"], f"shelved {far} j-88")


def test_only_the_next_sentence_is_about_the_one_before() -> None:
    text = "it goes to j-88. the assistant does it. nobody else."
    assert is_followed_by("j-88", text, [text.index("assistant")])
    assert not is_followed_by("j-88", text, [text.index("nobody")])
    assert not is_followed_by("j-88", text, [text.index("it goes")])
