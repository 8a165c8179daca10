"""Where is a rule pack? A directory as given, or one of the packs that come along."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError

# An installed wheel carries the packs in the package; in the repository they stand beside it.
_PLACES: Final = (Path(str(files("sidecar"))) / "rules", Path(str(files("sidecar"))).parent / "rules")


def resolve(name_or_path: str) -> Path:
    """Return the directory of the pack: the bundled one of that name, else the path. Raises `ConfigError`.

    A name without a slash never means a directory at hand: what a pack is must not depend on where one stands.
    """
    if "/" not in name_or_path and "\\" not in name_or_path and name_or_path not in {"", ".", ".."}:
        for place in _PLACES:
            if (place / name_or_path / "pack.yaml").is_file():
                return place / name_or_path
    elif (Path(name_or_path) / "pack.yaml").is_file():
        return Path(name_or_path)
    known = ", ".join(f"`{name}`" for name in bundled())
    if (Path(name_or_path) / "pack.yaml").is_file():
        known += f"; the folder here is `./{name_or_path}`"
    raise ConfigError([f"no rule pack at `{name_or_path}`: name a path with a slash, or one of ours ({known})"])


def resolved(names: Iterable[str], problems: list[str]) -> list[Path]:
    """Return the directories of the packs, in their order; each that is not there is added to `problems`."""
    found: list[Path] = []
    for name in names:
        try:
            found.append(resolve(name))
        except ConfigError as error:
            problems += error.problems
    return found


def bundled() -> tuple[str, ...]:
    """Return the names of the packs that come along."""
    found = {path.parent.name for place in _PLACES for path in place.glob("*/pack.yaml")}
    return tuple(sorted(found))
