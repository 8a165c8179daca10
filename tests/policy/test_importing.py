import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import ConfigError
from sidecar.model.strict_json import Json
from sidecar.policy.catalogue import Effect, Trust
from sidecar.policy.guessing import suggested
from sidecar.policy.importing import Definition, definitions, imported, pack_files
from sidecar.policy.load import load
from tests.policy.packing import written

SCHEMA = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}
MCP = {"name": "find", "description": "Finds.", "inputSchema": SCHEMA, "outputSchema": {"type": "object"}}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param([{"name": "a", "parameters": SCHEMA}], [("a", "", False)], id="OpenAI, alone"),
        pytest.param(
            [{"type": "function", "function": {"name": "a", "description": "d", "parameters": SCHEMA}}],
            [("a", "d", False)],
            id="OpenAI, as a function",
        ),
        pytest.param({"tools": [MCP]}, [("find", "Finds.", True)], id="MCP, a result"),
        pytest.param(
            {"jsonrpc": "2.0", "id": 1, "result": {"tools": [MCP]}}, [("find", "Finds.", True)], id="a response"
        ),
        pytest.param([{"name": "a", "input_schema": SCHEMA, "description": None}], [("a", "", False)], id="Anthropic"),
        pytest.param(
            [{"name": "a", "parameters": SCHEMA}, {"name": "b", "input_schema": SCHEMA}],
            [("a", "", False), ("b", "", False)],
            id="mixed",
        ),
    ],
)
def test_every_form_of_a_definition_is_read(value: Json, found: list[tuple[str, str, bool]]) -> None:
    read = definitions(value, "f")

    assert [(tool.name, tool.description, tool.result is not None) for tool in read] == found
    assert all(tool.arguments == SCHEMA for tool in read)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param([], "f: expected a list of 1 to 10000 tools", id="none"),
        pytest.param("tools", "f: expected a list of 1 to 10000 tools", id="no list"),
        pytest.param({"result": {"result": {"tools": [MCP]}}}, "f: expected a list of 1 to 10000 tools", id="too deep"),
        pytest.param([3], "f: [0]: expected a tool", id="no object"),
        pytest.param([{"parameters": {}}], "f: [0]: expected a tool", id="no name"),
        pytest.param([{"name": "a"}], "f: [0]: expected a tool", id="no schema"),
        pytest.param([{"name": "a", "parameters": True}], "f: [0]: expected a tool", id="a schema that is no object"),
        pytest.param([{"name": "a", "parameters": {}, "inputSchema": {}}], "f: [0]: expected a tool", id="two schemas"),
        pytest.param([{"name": "a b", "parameters": {}}], "f: [0]: expected a name without", id="a blank in the name"),
        pytest.param([{"name": "a*", "parameters": {}}], "f: [0]: expected a name without", id="a star in the name"),
        pytest.param([MCP, MCP], "f: [1]: `find` is defined twice", id="twice"),
        pytest.param([{"name": "a", "parameters": {"type": 3}}], "f: schema `a.arguments`", id="no schema after all"),
    ],
)
def test_what_is_no_definition_is_told(value: Json, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        definitions(value, "f")

    assert caught.value.problems[0].startswith(problem)


def test_an_imported_tool_is_taken_for_the_worst(tmp_path: Path) -> None:
    file = tmp_path / "My_Tools.v2.json"
    file.write_text(json.dumps({"tools": [MCP]}), encoding="utf-8")

    policy = load([imported(file, tmp_path / "pack")])

    tool = policy.catalogue.find("find")
    assert [pack.name for pack in policy.packs] == ["my-tools"]
    assert tool is not None
    assert set(tool.effects) == set(Effect)
    assert (tool.reversible, tool.trust, tool.description) == (False, Trust.UNTRUSTED, "Finds.")
    assert tool.arguments is not None
    assert [len(tool.arguments.problems(value)) for value in ({"q": "x"}, {"q": 3})] == [0, 1]
    assert tool.result is not None
    assert tool.result.problems(3)
    assert "the name suggests: [read]" in (tmp_path / "pack" / "tools.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "effects"),
    [
        pytest.param("get_balance", {"read"}, id="snake case"),
        pytest.param("sendEmail", {"egress", "message"}, id="camel case"),
        pytest.param("server:deleteHTTPUser", {"delete", "account"}, id="several words"),
        pytest.param("frobnicate", set(), id="nothing known"),
        pytest.param("together", set(), id="a word within a word is none"),
    ],
)
def test_a_name_suggests(name: str, effects: set[str]) -> None:
    assert set(map(str, suggested(name))) == effects


def test_names_that_look_alike_as_files_keep_their_own_schemas() -> None:
    tools = [Definition(name, "", {"title": name}, None) for name in ("a/b", "a_b", "A_B", "..", "/")]

    files = pack_files("p", tools)
    entries = yaml.safe_load(files["tools.yaml"])["tools"]

    titles = {name: json.loads(files[f"schemas/{entry['arguments']}.json"])["title"] for name, entry in entries.items()}
    assert titles == {tool.name: tool.name for tool in tools}
    assert len({file.lower() for file in files}) == len(files)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"\xff", "expected one JSON value in UTF-8", id="no text"),
        pytest.param(b'{"a": 1, "a": 2}', "expected one JSON value in UTF-8", id="a member twice"),
        pytest.param(None, "cannot be read", id="no file"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, problem: str) -> None:
    file = tmp_path / "x.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigError, match=problem):
        imported(file, tmp_path / "out")


def test_nothing_is_overwritten_and_no_name_is_guessed(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps([MCP]), encoding="utf-8")
    pack = written(tmp_path, {})

    with pytest.raises(ConfigError, match="is not empty"):
        imported(file, pack)
    with pytest.raises(ConfigError, match="cannot be the name of a pack"):
        imported(file, tmp_path / "out", name="Ä")
    with pytest.raises(ConfigError, match="cannot be written"):
        imported(file, file / "below")


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=12), st.text(max_size=60)), min_size=1, max_size=4))
def test_whatever_is_imported_loads_with_its_own_names(
    tmp_path_factory: pytest.TempPathFactory, tools: list[tuple[str, str]]
) -> None:
    value: Json = [{"name": name, "description": text, "parameters": {"title": text}} for name, text in tools]
    try:
        read = definitions(value, "f")
    except ConfigError:
        return
    home = written(tmp_path_factory.mktemp("packs"), pack_files("try", read))

    policy = load([home])

    found = {tool.name: policy.catalogue.find(tool.name) for tool in read}
    assert {name: tool.description if tool else None for name, tool in found.items()} == {
        t.name: t.description for t in read
    }
