"""A draft of a catalogue, guessed from names: careful, and a pack that loads."""

import json
from pathlib import Path

import pytest

from sidecar.policy.catalogue import Effect, Trust
from sidecar.policy.guessing import guess
from sidecar.policy.importing import imported
from sidecar.policy.load import load


def schema(*names: str) -> dict[str, object]:
    """Return a schema of these arguments."""
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


@pytest.mark.parametrize(
    ("tool", "arguments", "effects", "sinks"),
    [
        pytest.param("get_user_letters", ("query",), {"read"}, {}, id="the first word reads"),
        pytest.param("fetch_page", ("url",), {"read", "egress"}, {"url": "url"}, id="an address is reached"),
        pytest.param(
            "send_letter",
            ("to", "body", "colour"),
            {"egress", "message"},
            {"to": "email", "body": "text"},
            id="to whom",
        ),
        pytest.param(
            "remit", ("payee", "amount"), set(Effect), {"payee": "iban", "amount": "money"}, id="no hint: all"
        ),
        pytest.param(
            "send_sum",
            ("iban", "amount"),
            {"egress", "money", "message"},
            {"iban": "iban", "amount": "money"},
            id="money",
        ),
        pytest.param("dropNote", ("noteId",), {"delete"}, {"noteId": "id"}, id="camel case"),
        pytest.param(
            "create_form", ("websiteUrl",), {"write", "egress"}, {"websiteUrl": "url"}, id="an address leads out"
        ),
        pytest.param("doIt", (), set(Effect), {}, id="nothing is known"),
    ],
)
def test_a_name_and_arguments_tell_something(
    tool: str, arguments: tuple[str, ...], effects: set[str], sinks: dict[str, str]
) -> None:
    found = guess(tool, json.loads(json.dumps(schema(*arguments))))

    assert (set(map(str, found.effects)), dict(found.sinks)) == (set(map(str, effects)), sinks)


@pytest.mark.parametrize(("tool", "trusted"), [("get_balance", True), ("get_letters", False), ("set_balance", False)])
def test_only_clocks_and_balances_are_believed(tool: str, *, trusted: bool) -> None:
    assert guess(tool, {}).is_trusted is trusted
    assert not guess(tool, json.loads(json.dumps(schema("x")))).is_trusted


def test_a_guessed_pack_loads_and_says_that_nobody_has_reviewed_it(tmp_path: Path) -> None:
    tools = [
        {"name": "get_letters", "description": "All of them", "inputSchema": schema()},
        {"name": "send_letter", "inputSchema": schema("to", "body"), "outputSchema": {"type": "object"}},
    ]
    file = tmp_path / "post.json"
    file.write_text(json.dumps(tools), encoding="utf-8")
    pack = imported(file, tmp_path / "pack", guess=True)
    catalogue = load([pack]).catalogue
    reads, sends = catalogue.find("get_letters"), catalogue.find("send_letter")

    assert "not reviewed" in (pack / "tools.yaml").read_text(encoding="utf-8")
    assert reads is not None
    assert sends is not None
    assert (reads.effects, reads.trust, reads.reversible) == (("read",), Trust.UNTRUSTED, True)
    assert ("*", "sender") in reads.vouches
    assert (dict(sends.sinks), sends.reversible) == ({"to": "email", "body": "text"}, False)


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        pytest.param("publish_post", True, id="a verb first"),
        pytest.param("cart_add_product", True, id="a verb behind the name of many tools"),
        pytest.param("boost_post", False, id="a thing that is a verb elsewhere"),
        pytest.param("embalm_message_now", True, id="taken for the name of many tools"),
        pytest.param("embalm", False, id="a word that nobody knows"),
    ],
)
def test_a_name_whose_verb_nobody_knows_may_do_everything(name: str, *, is_known: bool) -> None:
    assert (guess(name, {}).effects != tuple(Effect)) is is_known
