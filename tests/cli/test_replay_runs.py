import gzip
import json
from pathlib import Path

import pytest

from sidecar.cli.replay_runs import MAX_PROBLEMS, Event, Run, read_runs, run
from sidecar.errors import ConfigError
from sidecar.model.crossing import Boundary

USER = {"t": "user", "text": "hello"}
CALL = {"t": "tool_call", "name": "search", "args": {"q": ["é", 1.5]}, "id": "c1"}
RESULT = {"t": "tool_result", "name": "search", "text": "found", "id": "c1"}


def line(*events: object, **members: object) -> str:
    return json.dumps({"id": "r1", "events": events} | members)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(USER, Event(boundary=Boundary.USER_INPUT, text="hello"), id="user"),
        pytest.param({"t": "llm", "text": ""}, Event(boundary=Boundary.LLM_OUTPUT, text=""), id="llm, silent"),
        pytest.param(
            CALL,
            Event(boundary=Boundary.TOOL_CALL, text='{"q":["é",1.5]}', tool="search", call_id="c1"),
            id="call",
        ),
        pytest.param(
            {"t": "tool_call", "name": "now", "args": {}},
            Event(boundary=Boundary.TOOL_CALL, text="{}", tool="now"),
            id="call without an id",
        ),
        pytest.param(
            RESULT,
            Event(boundary=Boundary.TOOL_RESPONSE, text="found", tool="search", call_id="c1"),
            id="result",
        ),
        pytest.param(
            RESULT | {"text": "", "error": "no such file"},
            Event(boundary=Boundary.TOOL_RESPONSE, text="no such file", tool="search", call_id="c1", failed=True),
            id="a failed tool's error is what the agent read",
        ),
        pytest.param(
            {"t": "tool_result", "name": "search", "error": "out"},
            Event(boundary=Boundary.TOOL_RESPONSE, text="out", tool="search", failed=True),
            id="an error without a text",
        ),
        pytest.param(
            RESULT | {"error": "half"},
            Event(boundary=Boundary.TOOL_RESPONSE, text="found", tool="search", call_id="c1", failed=True),
            id="a text beside the error",
        ),
        pytest.param(
            USER | {"at": 1, "who": None}, Event(boundary=Boundary.USER_INPUT, text="hello"), id="unknown members"
        ),
    ],
)
def test_an_event_becomes_a_crossing(event: object, expected: Event) -> None:
    assert run(line(event)).events == (expected,)


def test_a_run_tells_its_suite_its_model_and_its_tools() -> None:
    read = run(line(USER, CALL, RESULT | {"name": "other"}, suite="s", model="m", security=True))

    assert (read.id, read.suite, read.model, read.tools) == ("r1", "s", "m", frozenset({"search", "other"}))
    assert run(line()) == Run(id="r1", suite="", model="", events=())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("{", "json_malformed", id="cut off"),
        pytest.param('{"id": "a", "id": "b"}', "json_duplicate_member", id="two ids"),
        pytest.param("[]", "a run must be a JSON object", id="a list"),
        pytest.param('{"events": []}', "a run/id must be a string", id="no id"),
        pytest.param('{"id": 7, "events": []}', "a run/id must be a string", id="a numbered run"),
        pytest.param('{"id": "r"}', "events must be a list", id="no events"),
        pytest.param(line("user"), "events/0 must be an object", id="an event that is a word"),
        pytest.param(line(USER, {"t": "think", "text": "x"}), "events/1/t must be user", id="an unknown event"),
        pytest.param(line({"t": "user"}), "events/0/text must be a string", id="a user without words"),
        pytest.param(line(CALL | {"args": "{}"}), "events/0/args must be an object", id="arguments as text"),
        pytest.param(line(CALL | {"name": None}), "events/0/name must be a string", id="a call of nothing"),
        pytest.param(line(CALL | {"id": 1}), "events/0/id must be a string", id="a numbered call"),
        pytest.param(line({"t": "tool_result", "name": "x"}), "events/0/text must be a string", id="no result"),
        pytest.param(line({}, suite=1), "a run/suite must be a string", id="a numbered suite"),
    ],
)
def test_what_is_no_run_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        run(text)


def test_files_are_read_in_order_compressed_or_not(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.bin"
    plain.write_text(line(id="1") + "\n\n" + line(id="2"))
    packed.write_bytes(gzip.compress(line(id="3").encode()))

    assert [read.id for read in read_runs([plain, packed])] == ["1", "2", "3"]
    assert [read.id for read in read_runs([plain, packed], limit=1)] == ["1"]


def test_every_bad_line_is_told_with_its_number_and_without_its_text(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_text(f'{line()}\ns3cret\n\n"s3cret"')

    with pytest.raises(ConfigError) as caught:
        read_runs([file])

    assert [problem.partition(": ")[0] for problem in caught.value.problems] == [f"{file}:2", f"{file}:4"]
    assert "s3cret" not in str(caught.value)


def test_a_file_of_another_kind_is_not_told_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_text("x\n" * 1000)

    with pytest.raises(ConfigError) as caught:
        read_runs([file])

    assert len(caught.value.problems) == MAX_PROBLEMS


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "no runs", id="empty"),
        pytest.param(b"\xff\n", ":1: not UTF-8", id="not UTF-8"),
        pytest.param(gzip.compress(line().encode())[:-9], "cut off", id="gzip cut off"),
        pytest.param(b"\x1f\x8bxx", "damaged", id="gzip damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=told):
        read_runs([file])


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_runs([tmp_path / "none"])
