"""What each tool gets back for tokens, by packs as they are written."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from sidecar.model.strict_json import Json
from sidecar.policy.bundled import resolve
from sidecar.policy.importing import imported
from sidecar.policy.load import load
from sidecar.policy.reveals import NOTHING, Reveals
from tests.policy.packing import problems, written

SCHEMA: Json = {
    "type": "object",
    "properties": {"user": {"type": "string"}, "password": {"type": "string"}, "body": {"type": "string"}},
}


def pack(folder: Path, tool: Mapping[str, Json], reveal_to: Json, *, name: str = "try", schema: bool = True) -> Path:
    """Write a pack with one tool `go` and one kind that becomes a token."""
    entity = {"at": {"*": "token"}} | ({} if reveal_to is None else {"reveal_to": reveal_to})
    entry = {"effects": ["account"], **tool} | ({"arguments": "go"} if schema else {})
    files = {
        "tools.yaml": json.dumps({"tools": {"go": entry, "any_*": entry}}),
        "privacy.yaml": json.dumps({"entities": {"PASSWORD": entity}}),
        "schemas/go.json": json.dumps(SCHEMA),
    }
    return written(folder, files, name=name)


def places(*packs: Path, tool: str = "go") -> set[str]:
    """Return the arguments in which the tool gets passwords back."""
    policy = load(packs)
    reveal = Reveals(policy.privacy, policy.catalogue).to(tool)
    return {name for name in ("user", "password", "body", "list") if "PASSWORD" in reveal.at((name, 0))}


EVERY = {"user", "password", "body", "list"}


@pytest.mark.parametrize(
    ("tool", "reveal_to", "schema", "found"),
    [
        pytest.param({}, "declared", True, {"password"}, id="what its schema declares"),
        pytest.param({}, "declared", False, {"password"}, id="what a call names, without a schema"),
        pytest.param({}, None, True, set(), id="where nobody says that declarations count"),
        pytest.param({}, None, False, set(), id="nor without a schema"),
        pytest.param({}, [], True, set(), id="nobody"),
        pytest.param({}, ["go"], True, EVERY, id="a tool that is named"),
        pytest.param(
            {"takes": {"list": "PASSWORD"}}, "declared", True, {"list"}, id="the entry goes before the schema"
        ),
        pytest.param(
            {"takes": {"list": "PASSWORD"}}, None, True, {"list"}, id="the entry's word, unless tools are named"
        ),
        pytest.param({"takes": {"list": "PASSWORD"}}, [], True, set(), id="nobody, whatever the entry says"),
        pytest.param({"takes": {"list": "PASSWORD"}}, ["go"], True, {"list"}, id="named, and the entry says where"),
        pytest.param({"takes": {"list": "PASSWORD"}}, ["any_b"], True, set(), id="another tool is named"),
        pytest.param({"takes": {"list": ["JWT"]}}, ["go"], True, EVERY, id="named, and the entry speaks of others"),
        pytest.param({"takes": {"/list/*": "PASSWORD"}}, None, True, {"list"}, id="by a pointer"),
        pytest.param({"takes": {"/list/1": "PASSWORD"}}, None, True, set(), id="by a pointer elsewhere"),
        pytest.param({"takes": {"/list/0/x": "PASSWORD"}}, None, True, set(), id="by a pointer beneath"),
        pytest.param({"takes": {}}, "declared", True, set(), id="the entry says that there is none"),
        pytest.param({"effects": ["message"]}, "declared", True, set(), id="who writes to somebody"),
        pytest.param({"effects": ["read", "egress"]}, "declared", False, set(), id="who goes to where a call says"),
        pytest.param(
            {"effects": ["egress"], "takes": {"password": "PASSWORD"}},
            "declared",
            True,
            {"password"},
            id="its entry may",
        ),
    ],
)
def test_where_a_tool_gets_values_back(
    tmp_path: Path, tool: Mapping[str, Json], reveal_to: Json, *, schema: bool, found: set[str]
) -> None:
    one = pack(tmp_path, tool, reveal_to, schema=schema)

    assert places(one) == found
    assert places(one, tool="any_a") == (set() if reveal_to and reveal_to != "declared" else found)
    assert places(one, tool="unknown") == set()


def test_packs_that_speak_of_one_tool_must_agree(tmp_path: Path) -> None:
    declared = pack(tmp_path, {}, "declared", name="declared")
    silent = pack(tmp_path, {}, None, name="silent", schema=False)
    taking = pack(tmp_path, {"takes": {"password": "PASSWORD", "body": "PASSWORD"}}, None, name="taking")
    narrow = pack(tmp_path, {"takes": {"body": ["PASSWORD", "JWT"]}}, None, name="narrow")
    nobody = pack(tmp_path, {}, [], name="nobody")
    named = pack(tmp_path, {}, ["go"], name="named")

    assert places(declared, silent) == {"password"}
    assert places(declared, taking) == {"password", "body"}
    assert places(declared, taking, narrow) == {"body"}
    assert places(declared, taking, nobody) == set()
    assert places(declared, named) == EVERY
    assert places(named, narrow) == {"body"}


def test_a_policy_without_tokens_gives_nothing_back(tmp_path: Path) -> None:
    policy = load([written(tmp_path, {"tools.yaml": "tools: {go: {effects: [], takes: {password: PASSWORD}}}"})])
    reveals = Reveals(policy.privacy, policy.catalogue)

    assert (reveals.kinds, reveals.to("other"), bool(reveals.to("go"))) == (frozenset(), NOTHING, False)


@pytest.mark.parametrize(
    ("takes", "problem"),
    [
        pytest.param(
            "{password: SECRET}", "try/tools.yaml:1: tools.go.takes: no recognizer finds `SECRET`", id="no kind"
        ),
        pytest.param("{password: []}", "at least 1 item", id="no kinds"),
        pytest.param("{'': PASSWORD}", "expected the name of an argument", id="no argument"),
        pytest.param("{password: 3}", "array", id="a number"),
        pytest.param("{password: pw}", "pattern", id="no name of a kind"),
    ],
)
def test_what_no_argument_can_take_is_a_problem(tmp_path: Path, takes: str, problem: str) -> None:
    found = problems(written(tmp_path, {"tools.yaml": f"tools: {{go: {{effects: [], takes: {takes}}}}}"}))

    assert found
    assert problem in found[0]


def test_an_imported_draft_says_what_its_arguments_take(tmp_path: Path) -> None:
    properties = {"email": {"type": "string"}, "password": {"type": "string"}, "card_number": {"type": "string"}}
    tools = [{"name": "sign_up", "parameters": {"properties": properties}}, {"name": "look", "parameters": {}}]
    (tmp_path / "tools.json").write_text(json.dumps(tools), encoding="utf-8")
    drafted = imported(tmp_path / "tools.json", tmp_path / "drafted")

    entries = yaml.safe_load((drafted / "tools.yaml").read_text(encoding="utf-8"))["tools"]

    assert entries["look"]["takes"] == {}
    assert entries["sign_up"]["takes"] == {
        "/password": ["API_KEY", "JWT", "PASSWORD"],
        "/card_number": ["CREDIT_CARD"],
    }
    assert places(resolve("baseline"), drafted, tool="sign_up") == {"password"}
