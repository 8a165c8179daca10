import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from sidecar.cli.replay import Asked, by_suite, read_issuer, replayed
from sidecar.cli.replay_report import Crossed, totals
from sidecar.cli.replay_runs import Run, read_runs
from sidecar.cli.root import app
from sidecar.cli.temporary import own_sidecar
from sidecar.errors import ConfigError
from sidecar.model.crossing import Boundary

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "agent-runs"


def tool(name: str, **properties: object) -> dict[str, object]:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"name": name, "description": "A tool.", "parameters": parameters}


def recording(suite: str, *calls: tuple[str, dict[str, object]]) -> str:
    events = [
        {"t": "user", "text": "Do it."},
        *(
            {"t": "tool_call", "id": f"c{index}", "name": name, "args": args}
            for index, (name, args) in enumerate(calls)
        ),
        {"t": "llm", "text": "Done."},
    ]
    return json.dumps({"id": f"{suite}-1", "suite": suite, "events": events})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two suites that know different tools by one name, and a run of each."""
    (tmp_path / "bank.tools.json").write_text(json.dumps([tool("send", amount={"type": "number"})]))
    (tmp_path / "mail.tools.json").write_text(json.dumps([tool("send", to={"type": "string"})]))
    runs = [
        recording("bank", ("send", {"amount": 5}), ("send", {"to": "ann"})),
        recording("mail", ("send", {"amount": 5}), ("send", {"to": "ann"}), ("fly", {})),
    ]
    (tmp_path / "runs.jsonl").write_text("\n".join(runs))
    return tmp_path


async def replay_all(asked: Asked) -> list[Crossed]:
    crossed: list[Crossed] = []
    await replayed(asked, crossed.append)
    return crossed


@pytest.mark.slow
async def test_each_suite_is_judged_with_its_own_tools(folder: Path) -> None:
    catalogues = by_suite([folder / "bank.tools.json", folder / "mail.tools.json"])

    crossed = await replay_all(Asked(runs=read_runs([folder / "runs.jsonl"]), catalogues=catalogues))

    calls = {(one.suite, one.index): set(one.reasons) for one in crossed if one.boundary == Boundary.TOOL_CALL}
    assert calls == {
        ("bank", 1): set(),
        ("bank", 2): {"argument_invalid"},
        ("mail", 1): {"argument_invalid"},
        ("mail", 2): set(),
        ("mail", 3): {"unknown_tool"},
    }
    assert totals(crossed).errors == 0


@pytest.mark.slow
async def test_a_running_sidecar_can_judge(folder: Path) -> None:
    async with own_sidecar(["baseline"]) as own:
        key = folder / "issuer.key.json"
        key.write_text(json.dumps(own.issuer.as_file()))
        asked = Asked(runs=read_runs([folder / "runs.jsonl"]), address=own.address, issuer=read_issuer(key))

        whole = totals(await replay_all(asked))

    assert (whole.crossings, whole.errors, whole.calls_blocked) == (9, 0, 5)
    assert whole.reasons == {"tool_call": {"unknown_tool": 5}}


@pytest.mark.slow
def test_the_command_reports_to_a_file_and_on_the_screen(folder: Path) -> None:
    report, runs = folder / "report.json", folder / "runs.jsonl"

    done = CliRunner().invoke(app, ["replay", str(runs), "--json", str(report), "--by-run", "--limit", "1"])

    assert done.exit_code == 0
    assert "1 runs, 4 crossings" in done.stdout
    assert "bank-1" in done.stdout
    assert "unknown_tool: no rule pack knows the tool" in done.stdout
    written = json.loads(report.read_text())
    assert (written["runs"], written["total"]["calls_blocked"], written["by_run"][0]["id"]) == (1, 2, "bank-1")


@pytest.mark.slow
def test_the_report_can_be_all_that_is_printed(folder: Path) -> None:
    done = CliRunner().invoke(app, ["replay", str(folder / "runs.jsonl"), "--json", "-"])

    assert json.loads(done.stdout)["runs"] == 2


def test_a_bad_line_ends_the_command_with_its_number(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_text(recording("bank") + "\n{oops")

    done = subprocess.run(
        [sys.executable, "-m", "sidecar", "replay", str(file)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (2, f"error: {file}:2: json_malformed: not one JSON value\n")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--address", "unix:x"], id="an address without a key"),
        pytest.param(["--key", "x"], id="a key without an address"),
        pytest.param(["--tools", "a.json", "--tools", "b/a.json"], id="two lists for one suite"),
        pytest.param(["--address", "unix:x", "--key", "none.json"], id="a key that is not there"),
    ],
)
def test_options_that_do_not_go_together_are_refused(folder: Path, arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["replay", str(folder / "runs.jsonl"), *arguments])

    assert isinstance(done.exception, ConfigError)


def test_a_key_file_must_be_an_issuers(tmp_path: Path) -> None:
    file = tmp_path / "issuer.key.json"
    file.write_text("{}")

    with pytest.raises(ConfigError, match="not an issuer's file"):
        read_issuer(file)


@pytest.fixture(scope="module")
def recorded() -> tuple[list[Run], dict[str, Path]]:
    """Return the recorded runs of real agents, where they are at hand, and the tools of each suite."""
    place = Path(os.environ.get("AGENT_RUNS", BESIDE))
    files = sorted(place.glob("*.jsonl.gz"))
    if not files:
        pytest.skip(f"no recorded runs in {place}: set AGENT_RUNS to where they are")
    return read_runs(files), by_suite(sorted(place.glob("*.tools.json")))


def validated(runs: list[Run], catalogues: dict[str, Path]) -> Iterator[tuple[str, int, str]]:
    """Yield run, index and the reason to expect of each recorded call, by a validator that is not the product's."""
    known = {
        (suite, definition["name"]): Draft202012Validator(definition["parameters"])
        for suite, file in catalogues.items()
        for definition in json.loads(file.read_text())
    }
    for run in runs:
        for index, event in enumerate(run.events):
            if event.boundary is Boundary.TOOL_CALL:
                validator = known.get((run.suite, event.tool))
                valid = validator is not None and validator.is_valid(json.loads(event.text))
                yield run.id, index, "unknown_tool" if validator is None else "" if valid else "argument_invalid"


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_real_runs_replay_without_an_error_and_with_the_right_schema_verdicts(
    recorded: tuple[list[Run], dict[str, Path]],
) -> None:
    runs, catalogues = recorded

    crossed = await replay_all(Asked(runs=runs, catalogues=catalogues))

    judged = {
        (
            one.run_id,
            one.index,
            next((reason for reason in one.reasons if reason in {"unknown_tool", "argument_invalid"}), ""),
        )
        for one in crossed
        if one.boundary == Boundary.TOOL_CALL
    }
    assert judged ^ set(validated(runs, catalogues)) == set()
    assert [one.error for one in crossed if one.error] == []
    assert len(crossed) == sum(len(run.events) for run in runs)
