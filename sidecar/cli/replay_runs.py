"""What a recording is, and how it is read.

A file holds one agent run per line, as one JSON object; it may be compressed by gzip. Members:

    id       string, required: names the run in the report
    suite    string: whose tools the run used; `--tools shopping.tools.json` judges runs of suite `shopping`
    model    string: the model that wrote the text and the calls
    events   list, required, in the order in which they happened

Each event is an object whose `t` says what it is:

    {"t": "user", "text": string}                                      what the user wrote     → user_input
    {"t": "llm", "text": string}                                       what the model wrote    → llm_output
    {"t": "tool_call", "name": string, "args": object, "id": string}   a call by the model     → tool_call
    {"t": "tool_result", "name": string, "text": string, "id": string, "error": string}        → tool_response

`id` pairs a call with its result, `error` is what a failed tool said in place of `text`; both may be left out.
Other members, of a run and of an event, are read over: a recording knows more than a replay needs.
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sidecar.errors import ConfigError, JsonError
from sidecar.model.crossing import Boundary
from sidecar.model.strict_json import Json, compact, parse

MAX_LINE_BYTES: Final = 16 << 20  # one run; a line without an end must not fill the memory
MAX_RUNS: Final = 100_000  # all are held in memory, to be grouped by suite
MAX_PROBLEMS: Final = 20  # that are told at once: a file of another kind is wrong on every line
_GZIP: Final = b"\x1f\x8b"  # RFC 1952, section 2.3.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One recorded crossing. `text` is what crossed; of a tool call, its arguments as JSON."""

    boundary: Boundary
    text: str
    tool: str = ""
    call_id: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recorded run of an agent."""

    id: str
    suite: str
    model: str
    events: tuple[Event, ...]

    @property
    def tools(self) -> frozenset[str]:
        """The tools that the run called or heard of."""
        return frozenset(event.tool for event in self.events if event.tool)


def read_runs(paths: Iterable[Path], limit: int | None = None) -> list[Run]:
    """Return all runs of all files, in order, or the first `limit` of them.

    Raises `ConfigError` with file and line of what is no run. Nothing of a recording is quoted.
    """
    runs: list[Run] = []
    problems: list[str] = []
    for path in paths:
        for number, line in _numbered(path):
            if len(problems) >= MAX_PROBLEMS or (limit is not None and len(runs) >= limit):
                break
            if len(runs) >= MAX_RUNS:
                raise ConfigError([f"{path}:{number}: more than {MAX_RUNS} runs: replay fewer files, or use --limit"])
            try:
                runs.append(run(line))
            except ValueError as error:
                problems.append(f"{path}:{number}: {error}")
    if not runs and not problems:
        problems.append("no runs: name a file with one run per line")
    if problems:
        raise ConfigError(problems)
    return runs


def run(line: str) -> Run:
    """Return the run that one line records. Raises `ValueError` that says what is wrong and where."""
    try:
        recorded = parse(line)
    except JsonError as error:
        raise ValueError(f"{error.reason}: {error}") from None
    if not isinstance(recorded, Mapping):
        raise ValueError("a run must be a JSON object")  # noqa: TRY004 - of the value, not of the argument
    events = recorded.get("events")
    if not isinstance(events, list):
        raise ValueError("events must be a list")  # noqa: TRY004 - of the value, not of the argument
    return Run(
        id=_string(recorded, "id", "a run"),
        suite=_string(recorded, "suite", "a run", default=""),
        model=_string(recorded, "model", "a run", default=""),
        events=tuple(_event(event, f"events/{index}") for index, event in enumerate(events)),
    )


def _event(event: Json, where: str) -> Event:
    if not isinstance(event, Mapping):
        raise ValueError(f"{where} must be an object")  # noqa: TRY004 - of the value, not of the argument
    match event.get("t"):
        case "user":
            return Event(boundary=Boundary.USER_INPUT, text=_string(event, "text", where))
        case "llm":
            return Event(boundary=Boundary.LLM_OUTPUT, text=_string(event, "text", where))
        case "tool_call":
            return _call(event, where)
        case "tool_result":
            return _result(event, where)
        case _:
            raise ValueError(f"{where}/t must be user, llm, tool_call or tool_result")


def _call(event: Mapping[str, Json], where: str) -> Event:
    arguments = event.get("args")
    if not isinstance(arguments, Mapping):
        raise ValueError(f"{where}/args must be an object")  # noqa: TRY004 - of the value, not of the argument
    return Event(
        boundary=Boundary.TOOL_CALL,
        text=compact(arguments),
        tool=_string(event, "name", where),
        call_id=_string(event, "id", where, default=""),
    )


def _result(event: Mapping[str, Json], where: str) -> Event:
    error = _string(event, "error", where, default="")
    return Event(
        boundary=Boundary.TOOL_RESPONSE,
        # What the agent read: a failed tool's error, where it had nothing else to say.
        text=_string(event, "text", where, default=error or None) or error,
        tool=_string(event, "name", where),
        call_id=_string(event, "id", where, default=""),
        failed=bool(error),
    )


def _string(members: Mapping[str, Json], name: str, where: str, *, default: str | None = None) -> str:
    value = members.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise ValueError(f"{where}/{name} must be a string")  # noqa: TRY004 - of the value, not of the argument
    return value


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that are not blank, with their numbers. Raises `ConfigError`."""
    number = 0
    try:
        with path.open("rb") as raw, _plain(raw) as file:
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    raise ConfigError([f"{path}:{number}: longer than {MAX_LINE_BYTES} bytes"])
                if line.strip():
                    yield number, line.decode()
    except UnicodeDecodeError:
        raise ConfigError([f"{path}:{number}: not UTF-8"]) from None
    except (EOFError, gzip.BadGzipFile):
        raise ConfigError([f"{path}: the gzip file is cut off or damaged"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None


def _plain(raw: BinaryIO) -> "BinaryIO | gzip.GzipFile":
    """Return the file, uncompressed where it begins as gzip does."""
    magic = raw.read(len(_GZIP))
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if magic == _GZIP else raw
