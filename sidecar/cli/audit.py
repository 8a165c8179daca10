"""`sidecar audit`: what was judged, and whether the record of it still stands."""

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from sidecar.audit import export, query
from sidecar.audit.chain import Record, told
from sidecar.audit.costs import Payer
from sidecar.audit.costs import costs as sums
from sidecar.audit.key import key_path, load_key
from sidecar.audit.query import DEFAULT_LIMIT, EVERYTHING, POLL_SECONDS, AuditReader, Filter
from sidecar.cli.options import Config, Lines
from sidecar.cli.screen import printable
from sidecar.config import load_settings
from sidecar.errors import ConfigError, UnavailableError
from sidecar.model.verdict import Decision

app = typer.Typer(help="Read the audit log, verify that it is whole, hand it on.", no_args_is_help=True)

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGO: Final = re.compile(r"([0-9]{1,9})([smhdw])", re.ASCII)
_STYLES: Final = {
    Decision.ALLOW: "green",
    Decision.REDACT: "yellow",
    Decision.REQUIRE_APPROVAL: "magenta",
    Decision.DENY: "red",
}
WIDE: Final = 140  # characters: on a narrower terminal a table would cut ids into pieces, and lines go on
_TICK: Final = 1000  # records between two steps of the progress bar


class Format(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


class AtLeast(StrEnum):
    """Decisions by their names."""

    ALLOW = "allow"
    REDACT = "redact"
    REQUIRE_APPROVAL = "require_approval"
    DENY = "deny"


Db = Annotated[Path | None, typer.Option("--db", help="The log; audit.path of the settings where not given.")]
Key = Annotated[Path | None, typer.Option("--key", help="The audit key; `audit.key` beside the log where not given.")]
Since = Annotated[str, typer.Option(help="A moment (ISO 8601; UTC where it names no zone), or 90s, 15m, 1h, 7d.")]
Until = Annotated[str, typer.Option(help="As --since; the moment itself is not included.")]


@app.command()
def tail(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    count: Annotated[int, typer.Option("-n", min=0, help="How many records.")] = 20,
    as_json: Lines = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Show the newest records, oldest first."""
    path, _ = _place(db, None, config)
    show = _shower(as_json=as_json)
    with AuditReader(path) as reader, contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        after = reader.newest()
        _each(show, reader.last(EVERYTHING, count))
        while follow:
            time.sleep(POLL_SECONDS)
            until = reader.newest()
            _each(show, reader.select(EVERYTHING, after=after, until=until))
            after = until


@app.command("query")
def query_(
    *,
    session: Annotated[str, typer.Option(help="A session's id, or its handle.")] = "",
    subject: Annotated[str, typer.Option(help="The person or system at the root, in clear or as a pseudonym.")] = "",
    agent: Annotated[str, typer.Option(help="The caller.")] = "",
    tool: Annotated[str, typer.Option(help="The tool, known to the policy or not.")] = "",
    at_least: Annotated[AtLeast, typer.Option(help="The mildest decision to show.")] = AtLeast.ALLOW,
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, help="How many records, the oldest first.")] = DEFAULT_LIMIT,
    as_json: Lines = False,
    db: Db = None,
    key: Key = None,
    config: Config = None,
) -> None:
    """Show the records that match."""
    path, place = _place(db, key, config)
    now = time.time()
    which = Filter(
        session=session,
        subject=subject,
        agent=agent,
        tool=tool,
        at_least=Decision[at_least.name],
        since=_moment(since, now),
        until=_moment(until, now),
    )
    with AuditReader(path, _optional_key(place)) as reader:
        found = _noted(islice(reader.select(which), limit))
        console = _console()
        if as_json or not sys.stdout.isatty() or console.width < WIDE:
            _each(_shower(as_json=as_json), found)
        else:
            console.print(_table(found))


@app.command()
def show(
    record: Annotated[str, typer.Argument(help="The `record_id` of a verdict, or a record's number in the log.")],
    *,
    db: Db = None,
    config: Config = None,
) -> None:
    """Show one record whole, as JSON. Exit code 1 where the log has none of this name."""
    path, _ = _place(db, None, config)
    with AuditReader(path) as reader, _readable():
        if (found := reader.one(record)) is None:
            typer.echo("error: no record of this name: give a whole record_id, or a number as `query` shows", err=True)
            raise typer.Exit(1)
        typer.echo(json.dumps(json.loads(export.json_line(found)), indent=2))


@app.command()
def costs(
    *,
    per: Annotated[Payer, typer.Option(help="By whom or what costs are summed.")] = Payer.SUBJECT,
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, the dearest first.")] = DEFAULT_LIMIT,
    as_json: Lines = False,
    db: Db = None,
    key: Key = None,
    config: Config = None,
) -> None:
    """Show who or what has cost the most: what models and tools cost by the prices of the rule packs."""
    path, place = _place(db, key, config)
    now = time.time()
    with AuditReader(path, _optional_key(place)) as reader:
        found = sums(reader.select(Filter(since=_moment(since, now), until=_moment(until, now))), per)
    if not found:
        typer.echo("note: nothing that has a price was used: see prices.yaml of the rule packs", err=True)
    for name, micro_usd in found[:limit]:
        usd = f"{micro_usd / 1_000_000:.6f}"
        typer.echo(json.dumps({str(per): name, "cost_usd": usd}) if as_json else f"{usd:>16}  {name}")


@app.command()
def verify(
    *,
    file: Annotated[Path | None, typer.Option(help="An export in jsonl, instead of the log: any part of one.")] = None,
    as_json: Lines = False,
    db: Db = None,
    key: Key = None,
    config: Config = None,
) -> None:
    """Verify every record, the order, the end and the indexes. Exit code 0: intact; 1: broken; 2: cannot be told.

    Of a file only what stands in it can be told: not what came before it, nor whether its end is missing.
    """
    path, place = _place(db, key, config)
    if file:
        with _text(file) as lines:
            result = query.verify_export(lines, load_key(place))
    else:
        with AuditReader(path):  # whether there is a log comes before whether there is its key
            audit_key = load_key(place)
        with _progress(path) as progress:
            result = query.verify(path, audit_key, progress)
    newest = {"hash": result.newest.hash, "sequence": result.newest.sequence} if result.newest else None
    found = result.found
    if as_json:
        broken = {"message": found.message, "sequence": found.sequence, "what": found.what} if found else None
        typer.echo(json.dumps({"break": broken, "intact": not found, "newest": newest, "records": result.records}))
    elif found:
        typer.secho(f"broken at record {found.sequence} ({found.what}): {found.message}", fg="red")
        typer.echo(f"{result.records} records before it are as they were written")
    else:
        typer.secho(f"intact: {result.records} records", fg="green")
        if result.newest:
            typer.echo(f"the newest: {result.newest.hash}")
    raise typer.Exit(1 if found else 0)


@app.command("export")
def export_(
    *,
    form: Annotated[
        Format, typer.Option("--format", help="jsonl can be verified by `verify --file`; csv is for reading.")
    ] = Format.JSONL,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new file, mode 0600; standard output where not given.")
    ] = None,
    since: Since = "",
    until: Until = "",
    db: Db = None,
    config: Config = None,
) -> None:
    """Write the records to a file or to standard output."""
    path, _ = _place(db, None, config)
    now = time.time()
    which = Filter(since=_moment(since, now), until=_moment(until, now))
    write = export.to_csv if form is Format.CSV else export.to_json_lines
    with AuditReader(path) as reader, _sink(out) as sink, _readable():
        count = write(reader.select(which), sink)
    if out:
        typer.echo(f"{count} records written to {out}", err=True)


def _place(db: Path | None, key: Path | None, config: Path | None) -> tuple[Path, Path]:
    """Return where the log and its key are. Raises `ConfigError` where the settings do not load."""
    if db:
        return db, key_path(db, key)
    settings = load_settings(config).audit
    return settings.path, key or key_path(settings.path, settings.key)


def _optional_key(place: Path) -> bytes | None:
    """Return the key, None where it is out of reach: then only what stands in the log itself can be looked up."""
    try:
        return load_key(place)
    except ConfigError:
        typer.echo(
            "note: without the audit key, subjects and unknown tools are found by their pseudonyms only", err=True
        )
        return None


def _moment(given: str, now: float) -> float | None:
    if not given:
        return None
    if match := _AGO.fullmatch(given):
        return now - int(match[1]) * _UNITS[match[2]]
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise typer.BadParameter("write 90s, 15m, 1h, 7d, or a moment such as 2026-01-31T12:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _each(show: Callable[[Record], None], records: Iterable[Record]) -> None:
    with _readable():
        for record in records:
            show(record)


def _noted(records: Iterable[Record]) -> Iterator[Record]:
    """Yield all; say so, beside what a script reads, where there is none."""
    some = False
    for record in records:
        some = True
        yield record
    if not some:
        typer.echo("note: no record matches", err=True)


def _shower(*, as_json: bool) -> Callable[[Record], None]:
    if as_json:
        return lambda record: print(export.json_line(record), flush=True)  # noqa: T201 - what the command is for
    console = _console()
    return lambda record: console.print(_line(record), soft_wrap=True)


def _line(record: Record) -> Text:
    sequence, at, decision, *rest = _cells(record)
    return Text("  ").join(
        [Text(sequence.rjust(6)), Text(at), _coloured(decision), *(Text(cell or "-") for cell in rest)]
    )


def _table(records: Iterable[Record]) -> Table:
    table = Table("#", "at", "decision", "boundary", "tool", "agent", "subject", "session", "reasons")
    with _readable():
        for record in records:
            sequence, at, decision, *rest = _cells(record)
            table.add_row(sequence, at, _coloured(decision), *(Text(cell) for cell in rest))
    return table


def _cells(record: Record) -> tuple[str, ...]:
    entry, _ = told(record)
    cells = (
        str(record.sequence),
        export.clock(entry.at),
        entry.decision.name.lower(),
        entry.boundary,
        entry.tool,
        record.agent,
        record.subject,
        record.session_id,
        " ".join(export.reasons(entry)),
    )
    return tuple(map(printable, cells))


def _coloured(decision: str) -> Text:
    return Text(decision.ljust(5), style=_STYLES[Decision[decision.upper()]])


def _console() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise UnavailableError(str(error)) from None


@contextlib.contextmanager
def _sink(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise UnavailableError(f"`{out}` cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def _text(file: Path) -> Iterator[TextIO]:
    try:
        with file.open(encoding="utf-8", errors="replace", newline="\n") as text:
            yield text
    except OSError as error:
        raise UnavailableError(f"`{file}` cannot be read: {error.strerror}") from None


@contextlib.contextmanager
def _progress(path: Path) -> Iterator[Callable[[int], None]]:
    """Yield what shows how far it is: a bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with AuditReader(path) as reader:
        total = reader.newest()
    columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("verifying", total=total)
        yield lambda done: bar.update(task, completed=done) if done % _TICK == 0 else None
