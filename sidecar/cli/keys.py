"""`sidecar keys`: whose keys are trusted, where they come from, how old they are, and what a fetch would change."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Final

import typer
from rich.markup import escape
from rich.table import Table

from sidecar.app.issuers import loaded_trust, record_path, trust
from sidecar.app.trust_record import as_json, recorded
from sidecar.cli.options import AsObject, Config
from sidecar.cli.screen import printable, screen
from sidecar.config import load_settings
from sidecar.errors import ConfigError
from sidecar.model.strict_json import Json
from sidecar.telemetry.fault import fault

MINUTE: Final = 60
HOUR: Final = 3600

app = typer.Typer(help="Show whose keys are trusted, and fetch them.", no_args_is_help=True)

Record = Mapping[str, Json]


@app.command()
def show(config: Config = None, *, as_object: AsObject = False) -> None:
    """Show the issuers and their keys as the sidecar last recorded them; nothing is fetched.

    Where no sidecar has run with these settings, files are read, and keys from elsewhere are not loaded. Exit code 1
    when an issuer's keys are not good.
    """
    settings = load_settings(config)
    at = time.time()
    told = _told(recorded(record_path(settings)))
    try:
        now = _issuers(as_json(trust(settings, fault).reports(), at))
    except (
        ConfigError
    ):  # such as a key file that broke while the sidecar runs: who looks here wants to know what it does
        names = {(one.name, one.issuer) for one in settings.identity.issuers}
        now = [one for one in told.values() if (one.get("name"), one.get("issuer")) in names]
        if len(now) != len(names):
            raise
    issuers = [_same(told, issuer) or issuer for issuer in now]
    if as_object:
        typer.echo(json.dumps({"at": int(at), "issuers": issuers}))
    else:
        screen().print(_table(issuers, at))
    _leave(issuers)


@app.command()
def refresh(config: Config = None, *, as_object: AsObject = False) -> None:
    """Fetch all keys now, with the sidecar's own code, and tell what is other than it last recorded.

    A running sidecar is not touched: it fetches by itself. Exit code 1 when an issuer's keys are not good.
    """
    settings = load_settings(config)
    made = asyncio.run(loaded_trust(settings, fault))
    told = _told(recorded(record_path(settings)))
    issuers = _issuers(as_json(made.reports(), time.time()))
    changes = [_change(_same(told, issuer), issuer) for issuer in issuers]
    if as_object:
        typer.echo(json.dumps({"at": int(time.time()), "issuers": changes}))
    else:
        for change in changes:
            _say(change)
    _leave(issuers)


def _issuers(record: Record) -> list[dict[str, Json]]:
    found = record.get("issuers")
    return [dict(one) for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def _told(record: Record) -> dict[tuple[Json, ...], dict[str, Json]]:
    return {_identity(one): one for one in _issuers(record)}


def _identity(issuer: Record) -> tuple[str, ...]:
    """Return what makes an issuer of two records the same: other settings are another one."""
    return tuple(str(issuer.get(member)) for member in ("name", "issuer", "source"))


def _same(told: Mapping[tuple[Json, ...], dict[str, Json]], issuer: Record) -> dict[str, Json] | None:
    return told.get(_identity(issuer))


def _keys(issuer: Record | None) -> list[Mapping[str, Json]]:
    found = (issuer or {}).get("keys")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def _change(before: Record | None, after: Record) -> dict[str, Json]:
    old, new = _keys(before), _keys(after)
    return {
        "name": after.get("name"),
        "source": after.get("source"),
        "health": after.get("health"),
        "recorded": before is not None,
        "added": [dict(key) for key in new if key not in old],
        "removed": [dict(key) for key in old if key not in new],
        "kept": len([key for key in new if key in old]),
        "refused": after.get("refused"),
    }


def _say(change: Record) -> None:
    state = change["health"] or "good"
    typer.echo(f"{change['name']}: {state}, from {change['source']}" + ("" if change["recorded"] else ", not recorded"))
    for mark, member in (("+", "added"), ("-", "removed")):
        keys = change[member]
        for key in keys if isinstance(keys, list) else ():
            typer.echo(f"  {mark} {_told_key(key)}")
    if change["kept"]:
        typer.echo(f"  {change['kept']} unchanged")
    refused = change["refused"]
    for name, reason in refused.items() if isinstance(refused, Mapping) else ():
        typer.echo(f"  ! {printable(name) or 'a key without an id'}: {reason}")


def _table(issuers: Sequence[Record], at: float) -> Table:
    table = Table("issuer", "keys from", "keys: id, thumbprint, alg", "age", "next fetch", "health")
    for issuer in issuers:
        keys = "\n".join(escape(_told_key(key)) for key in _keys(issuer)) or "none"
        due = _seconds(issuer.get("due_at"), at)
        table.add_row(
            escape(f"{issuer.get('name')}\n{issuer.get('issuer')}"),
            escape(str(issuer.get("source"))),
            keys,
            _span(None if (loaded := _seconds(issuer.get("loaded_at"), at)) is None else -loaded),
            "overdue" if due is not None and due < 0 else _span(due),
            escape(str(issuer.get("health") or "good")),
        )
    return table


def _told_key(key: Json) -> str:
    body = key if isinstance(key, Mapping) else {}
    name, thumbprint = printable(str(body.get("kid") or "")), str(body.get("thumbprint"))
    return " ".join(filter(None, (name if name != thumbprint else "", thumbprint, str(body.get("alg")))))


def _seconds(moment: Json, at: float) -> float | None:
    return moment - at if isinstance(moment, int) else None


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    return f"{whole // MINUTE} min" if whole < HOUR else f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


def _leave(issuers: Sequence[Record]) -> None:
    if any(issuer.get("health") for issuer in issuers):
        raise typer.Exit(1)
