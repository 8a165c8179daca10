import hashlib
import json
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785
from typer.testing import CliRunner, Result

from sidecar.audit.chain import follow
from sidecar.audit.export import clock
from sidecar.audit.file import AuditFile, head_path
from sidecar.audit.key import load_key
from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Recorder
from sidecar.cli.audit import app
from sidecar.errors import ConfigError, UnavailableError
from sidecar.model.crossing import Crossing
from sidecar.model.verdict import Decision, Finding
from tests.audit.files import tamper
from tests.audit.samples import AGENT, CALL, SESSION, SUBJECT, VOCABULARY, chained, entry, verdict

DENIED = Finding(check="scope", decision=Decision.DENY, reason="tool_not_granted")
ROOT = Path(__file__).parents[2]
# A job in the background is started with SIGINT ignored, and so would be what it starts.
RUN = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from sidecar.cli.audit import app; app(sys.argv[1:])"
)


def run(*arguments: str, columns: int = 200) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": str(columns)})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of four calls, a minute apart, of which the last was denied just now."""
    key = load_key(tmp_path / "audit.key", create=True)
    recorder = Recorder(vocabulary=VOCABULARY, pseudonyms=Pseudonyms(key), policy_version="v1")
    now = time.time()
    calls = [verdict(_at(now - 60 * minutes), *([] if minutes else [DENIED])) for minutes in (3, 2, 1, 0)]
    file = AuditFile(tmp_path / "audit.db", key, "commit")
    file.open()
    file.write(chained([recorder.crossing(call) for call in calls], key))
    file.close()
    return tmp_path / "audit.db"


def _at(at: float) -> Crossing:
    return replace(CALL, at=at)


def sequences(result: Result) -> list[int]:
    return [json.loads(line)["record"]["sequence"] for line in result.stdout.splitlines()]


def test_tail_shows_the_newest_in_order(log: Path) -> None:
    result = run("tail", "-n", "2", "--db", str(log))

    lines = [re.split(r" {2,}", line.strip()) for line in result.stdout.splitlines()]
    assert [line[0] for line in lines] == ["3", "4"]
    assert lines[1][2:6] == ["deny", "tool_call", "search", AGENT]
    assert lines[1][-2:] == [SESSION.id, "tool_not_granted"]


def test_nothing_is_coloured_away_from_a_terminal(log: Path) -> None:
    assert "\x1b" not in run("tail", "--db", str(log)).output + run("verify", "--db", str(log)).output


def test_tail_writes_json(log: Path) -> None:
    assert sequences(run("tail", "--json", "--db", str(log))) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        pytest.param([], [1, 2, 3, 4], id="all"),
        pytest.param(["--at-least", "deny"], [4], id="decision"),
        pytest.param(["--since", "90s"], [3, 4], id="since"),
        pytest.param(["--until", "90s"], [1, 2], id="until"),
        pytest.param(["--since", "2000-01-01", "--until", "2001-01-01T00:00:00+02:00"], [], id="moments"),
        pytest.param(["--limit", "2"], [1, 2], id="limit"),
        pytest.param(["--subject", SUBJECT], [1, 2, 3, 4], id="subject"),
        pytest.param(["--subject", "bob"], [], id="another subject"),
        pytest.param(["--session", f"{SESSION.id}.secret"], [1, 2, 3, 4], id="handle"),
        pytest.param(["--tool", "search", "--agent", AGENT], [1, 2, 3, 4], id="tool and agent"),
    ],
)
def test_query_finds_what_is_asked_for(log: Path, arguments: list[str], found: list[int]) -> None:
    result = run("query", "--json", "--db", str(log), *arguments)

    assert (result.exit_code, sequences(result)) == (0, found)


@pytest.mark.parametrize(
    ("arguments", "note"),
    [
        pytest.param(["query", "--tool", "search", "--agent", "nobody"], "no record matches", id="no record"),
        pytest.param(["query", "--json", "--subject", "bob"], "no record matches", id="to a script"),
        pytest.param(["costs"], "nothing that has a price was used", id="no costs"),
    ],
)
def test_that_nothing_was_found_is_said_beside_what_a_script_reads(log: Path, arguments: list[str], note: str) -> None:
    result = run(*arguments, "--db", str(log))

    assert (result.exit_code, result.stdout) == (0, "")
    assert note in result.stderr


@pytest.mark.parametrize("by", ["record_id", "sequence"])
def test_one_record_is_shown_whole(log: Path, by: str) -> None:
    newest = json.loads(run("tail", "-n", "1", "--json", "--db", str(log)).stdout)
    name = {"record_id": newest["record_id"], "sequence": str(newest["record"]["sequence"])}[by]

    result = run("show", name, "--db", str(log))

    assert (result.exit_code, json.loads(result.stdout)) == (0, newest)


@pytest.mark.parametrize("name", ["5", "9" * 31, "f" * 32, "", "'"])
def test_a_record_that_is_not_there_is_said_to_be_missing(log: Path, name: str) -> None:
    result = run("show", name, "--db", str(log))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "no record of this name" in result.stderr


def test_a_log_that_is_not_there_is_told_before_its_key(tmp_path: Path) -> None:
    result = run("verify", "--db", str(tmp_path / "none.db"))

    assert isinstance(result.exception, UnavailableError)
    assert "there is no audit log" in str(result.exception)


def exported(log: Path, *more: str) -> tuple[Path, list[str]]:
    path = log.with_name("export.jsonl")
    assert run("export", "--out", str(path), "--db", str(log), *more).exit_code == 0
    return path, path.read_text().splitlines(keepends=True)


@pytest.mark.parametrize("more", [[], ["--since", "150s"]], ids=["the whole log", "a part"])
def test_an_export_is_verified(log: Path, more: list[str]) -> None:
    path, lines = exported(log, *more)

    result = run("verify", "--file", str(path), "--json", "--db", str(log))

    assert (result.exit_code, json.loads(result.stdout)["records"]) == (0, len(lines))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(lambda lines: [lines[0], *lines[2:]], "removed", id="one is missing"),
        pytest.param(lambda lines: [lines[1], lines[0]], "moved", id="another order"),
        pytest.param(lambda lines: [lines[0].replace('"allow"', '"deny"'), lines[1]], "edited", id="another decision"),
        pytest.param(lambda lines: [re.sub(r'"seal":"\w{4}', '"seal":"0000', lines[0])], "forged", id="another seal"),
    ],
)
def test_an_export_that_was_changed_is_broken(log: Path, change: Callable[[list[str]], list[str]], what: str) -> None:
    path, lines = exported(log)
    path.write_text("".join(change(lines)))

    result = run("verify", "--file", str(path), "--json", "--db", str(log))

    assert (result.exit_code, json.loads(result.stdout)["break"]["what"]) == (1, what)


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '{"hash":"a","seal":"b","record":{}}', "\udc80"])
def test_a_file_that_is_no_export_cannot_be_verified(log: Path, text: str) -> None:
    path = log.with_name("none.jsonl")
    path.write_text(text, encoding="utf-8", errors="surrogateescape")

    with pytest.raises(UnavailableError, match="line 1 is no record"):
        CliRunner().invoke(app, ["verify", "--file", str(path), "--db", str(log)], catch_exceptions=False)


def test_query_writes_lines_away_from_a_terminal(log: Path) -> None:
    assert len(run("query", "--db", str(log)).stdout.splitlines()) == 4


@pytest.mark.parametrize("moment", ["yesterday", "1y", "-1h", "1h30m", "2026-13-01"])
def test_a_moment_that_is_none_is_told(log: Path, moment: str) -> None:
    result = run("query", "--db", str(log), f"--since={moment}")

    assert result.exit_code == 2
    assert "2026-01-31T12:00:00Z" in result.stderr


def test_a_moment_without_a_zone_is_utc(log: Path) -> None:
    moment = clock(time.time() - 90).removesuffix("Z")

    assert sequences(run("query", "--json", "--db", str(log), "--since", moment)) == [3, 4]


def test_without_its_key_a_log_is_searched_by_pseudonyms_only(log: Path) -> None:
    log.with_name("audit.key").unlink()

    result = run("query", "--json", "--db", str(log), "--subject", SUBJECT)

    assert (result.exit_code, result.stdout) == (0, "")
    assert "without the audit key" in result.stderr


def test_verify_of_a_whole_log_is_0(log: Path) -> None:
    result = run("verify", "--db", str(log))

    assert result.exit_code == 0
    assert "intact: 4 records" in result.stdout


@pytest.mark.parametrize(
    ("harm", "sequence", "what"),
    [
        pytest.param(lambda p: tamper(p, "UPDATE records SET tool = 'x' WHERE sequence = 2"), 2, "edited", id="edited"),
        pytest.param(lambda p: tamper(p, "DELETE FROM records WHERE sequence = 3"), 3, "removed", id="removed"),
        pytest.param(lambda p: tamper(p, "DELETE FROM records WHERE sequence = 4"), 4, "cut", id="cut"),
        pytest.param(lambda p: head_path(p).unlink(), 5, "cut", id="no head"),
    ],
)
def test_verify_of_a_broken_log_is_1_and_says_where(
    log: Path, harm: Callable[[Path], None], sequence: int, what: str
) -> None:
    harm(log)

    plain, as_json = run("verify", "--db", str(log)), run("verify", "--json", "--db", str(log))

    assert (plain.exit_code, as_json.exit_code) == (1, 1)
    assert f"broken at record {sequence} ({what}): " in plain.stdout
    document = json.loads(as_json.stdout)
    assert (document["intact"], document["break"]["sequence"], document["break"]["what"]) == (False, sequence, what)


def test_verify_tells_a_machine_what_is_whole(log: Path) -> None:
    document = json.loads(run("verify", "--json", "--db", str(log)).stdout)

    assert (document["intact"], document["records"], document["break"]) == (True, 4, None)
    assert document["newest"]["sequence"] == 4


@pytest.mark.parametrize(
    ("missing", "kind"),
    [pytest.param("audit.db", UnavailableError, id="log"), pytest.param("audit.key", ConfigError, id="key")],
)
def test_verify_without_log_or_key_cannot_tell(log: Path, missing: str, kind: type[Exception]) -> None:
    """The command line's `main` makes exit code 2 of these."""
    log.with_name(missing).unlink()

    assert isinstance(run("verify", "--db", str(log)).exception, kind)


def test_a_key_may_lie_elsewhere(log: Path, tmp_path: Path) -> None:
    elsewhere = log.with_name("audit.key").rename(tmp_path / "other.key")

    assert run("verify", "--db", str(log), "--key", str(elsewhere)).exit_code == 0


def test_the_settings_say_where_the_log_is(log: Path, tmp_path: Path) -> None:
    log.with_name("audit.key").rename(tmp_path / "other.key")
    config = tmp_path / "sidecar.toml"
    config.write_text('[audit]\npath = "audit.db"\nkey = "other.key"\n', encoding="utf-8")

    assert run("verify", "--config", str(config)).exit_code == 0


def test_export_writes_json_lines(log: Path) -> None:
    result = run("export", "--db", str(log))

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["record"]["sequence"] for line in lines] == [1, 2, 3, 4]
    assert [hashlib.sha256(rfc8785.dumps(line["record"])).hexdigest() for line in lines] == [x["hash"] for x in lines]


def test_export_writes_a_file_for_the_user_alone_and_over_none(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"

    first = run("export", "--format", "csv", "--since", "90s", "--db", str(log), "--out", str(out))
    second = run("export", "--db", str(log), "--out", str(out))

    assert (first.exit_code, first.stdout) == (0, "")
    assert "2 records written" in first.stderr
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert isinstance(second.exception, UnavailableError)


def test_a_record_that_is_not_readable_is_told(log: Path) -> None:
    tamper(log, "UPDATE records SET canonical = 'x'")

    for command in ("tail", "query", "export"):
        assert "sidecar audit verify" in str(run(command, "--db", str(log)).exception)


def test_what_a_token_named_does_not_steer_the_terminal(log: Path) -> None:
    canonical = chained([replace(entry(), tool="\x1b[2J[red]x[/red]")])[0].canonical
    tamper(log, f"UPDATE records SET canonical = '{canonical}' WHERE sequence = 4")  # noqa: S608 - a text of ours

    assert "\N{REPLACEMENT CHARACTER}[2J[red]x[/red]" in run("tail", "--db", str(log)).stdout


def on_a_terminal(*arguments: str, columns: int = 160) -> str:
    """Return what a terminal is shown."""
    main, terminal = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(columns)}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-c", RUN, *arguments]
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, cwd=ROOT, env=environment):
        os.close(terminal)
        shown = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            shown += part
    os.close(main)
    return shown.decode()


@pytest.mark.slow
def test_a_terminal_is_shown_a_table_and_colours(log: Path) -> None:
    shown = on_a_terminal("query", "--db", str(log))

    assert "reasons" in shown
    assert "\x1b[31mdeny" in shown


@pytest.mark.slow
def test_a_narrow_terminal_is_shown_lines_with_whole_ids(log: Path) -> None:
    shown = on_a_terminal("query", "--db", str(log), columns=80)

    assert "reasons" not in shown
    assert f"{SESSION.id}  tool_not_granted" in shown


@pytest.mark.slow
def test_a_terminal_is_shown_how_far_verification_is(log: Path) -> None:
    shown = on_a_terminal("verify", "--db", str(log))

    assert "verifying" in shown
    assert "intact: 4 records" in shown


@pytest.mark.slow
def test_tail_follows_until_it_is_stopped(log: Path) -> None:
    key = load_key(log.with_name("audit.key"))
    command = [sys.executable, "-c", RUN, "tail", "-f", "-n", "1", "--json", "--db", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        watchdog = threading.Timer(20, process.kill)
        watchdog.start()
        assert process.stdout
        seen = [json.loads(process.stdout.readline())["record"]["sequence"]]
        file = AuditFile(log, key, "commit")
        head = file.open()
        file.write([follow(head.hash, head.sequence + 1, entry(), key)])
        file.close()
        seen.append(json.loads(process.stdout.readline())["record"]["sequence"])
        process.send_signal(signal.SIGINT)
        watchdog.cancel()

    assert (seen, process.returncode) == ([4, 5], 0)
