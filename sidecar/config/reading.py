"""The settings are read: a TOML file, then `SIDECAR_*` from the environment on top. An unknown key is an error.

`SIDECAR_SERVER__SOCKET` is `socket` in `[server]`. All that is wrong is reported together.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource

from sidecar.config.section import PackName
from sidecar.config.settings import PREFIX, Settings
from sidecar.errors import ConfigError

MAX_CONFIG_BYTES: Final = 1 << 20
# Names with our prefix that are not settings: where the file is, and where the client library looks.
RESERVED: Final = frozenset({"SIDECAR_CONFIG", "SIDECAR_ADDRESS"})
# Kubernetes puts these into every container beside a Service named `sidecar`; they are not typing errors.
SERVICE_LINKS: Final = re.compile(r"SIDECAR_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP)(_\w+)?)?)")


class _Environment(EnvSettingsSource):
    """pydantic's own reading of variables, of a given environment instead of the process's."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._names.items()}


def load_settings(path: Path | None = None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the TOML file at `path` (or of $SIDECAR_CONFIG) and of `SIDECAR_*`.

    Relative paths in the file are taken from the file's folder. Raises `ConfigError` with every problem.
    """
    names = dict(os.environ) if environment is None else environment
    source = path or (Path(names["SIDECAR_CONFIG"]) if names.get("SIDECAR_CONFIG") else None)
    values = {} if source is None else _anchored(_toml(source), source.parent)
    problems = list(_unknown_names(names))
    try:
        above = _Environment(names)()
        settings = Settings(**_over(values, above))
    except ValidationError as error:
        problems += [f"{_place(e['loc'], above, source)}: {_told(e['msg'], e['type'])}" for e in error.errors()]
    except ValueError:
        problems.append("environment: a SIDECAR_ variable of a table or list is not JSON")
    else:
        if not problems:
            return settings
    raise ConfigError(problems)


def _place(loc: tuple[str | int, ...], above: Mapping[str, Any], source: Path | None) -> str:
    """Return where a setting was set: the variable's name where it is one of `above`, else its place in the file."""
    found: object = above
    for depth, key in enumerate(loc):
        if not isinstance(found, Mapping):
            return f"environment: {PREFIX}{'__'.join(str(step).upper() for step in loc[:depth])}"
        if key not in found:
            break
        found = found[key]
    else:
        return f"environment: {PREFIX}{'__'.join(str(step).upper() for step in loc)}"
    return f"{source or 'settings'}: {'.'.join(map(str, loc))}"


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with what `above` sets put over it, table by table."""
    merged = dict(below)
    for key, value in above.items():
        held = merged.get(key)
        merged[key] = _over(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return merged


def _told(message: str, kind: str) -> str:
    return "unknown key" if kind == "extra_forbidden" else message.removeprefix("Value error, ")


def _toml(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError([f"{path}: larger than {MAX_CONFIG_BYTES} bytes"])
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: not UTF-8"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None


def _anchored(values: dict[str, object], folder: Path) -> dict[str, object]:
    """Return `values` with each relative path of a known setting taken from `folder`.

    What has a slash keeps one: without, `./mine` would be the name of a pack that comes along.
    """
    anchored = _anchor(Settings, values, folder)
    assert isinstance(anchored, dict)  # noqa: S101 - a table stays a table
    return anchored


def _anchor(kind: object, value: object, folder: Path) -> object:
    if (
        isinstance(value, str)
        and value
        and (kind is Path or Path in get_args(kind) or (kind == PackName and "/" in value))
    ):
        joined = str(folder / value)
        return joined if "/" in joined else f"./{joined}"
    table = next((one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, BaseModel)), None)
    if isinstance(value, dict) and table:
        fields = table.model_fields
        return {k: _anchor(fields[k].annotation, v, folder) if k in fields else v for k, v in value.items()}
    if isinstance(value, list):
        inner = next((arg for arg in get_args(kind) if arg is not Ellipsis), None)
        return [_anchor(inner, item, folder) for item in value]
    return value


def _unknown_names(environment: Mapping[str, str]) -> Iterator[str]:
    """Tell of each SIDECAR_ variable that names no table; keys within a table are pydantic's to refuse."""
    for name in sorted(environment):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper in RESERVED or SERVICE_LINKS.fullmatch(upper):
            continue
        table = upper.removeprefix(PREFIX).split("__")[0].lower()
        if table not in Settings.model_fields:
            yield f"environment: {name}: unknown key"
