"""Rule packs and crossings for tests."""

from collections.abc import Mapping
from pathlib import Path

from sidecar.errors import ConfigError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.session import Session
from sidecar.model.strict_json import Json
from sidecar.policy.load import load
from sidecar.policy.policy import Policy
from tests.chains import NOW, chain

CHAIN = chain(["a", "b"], user="ann", agents=["planner", "clerk"])
SESSION = Session(
    id="ses_1", chain=CHAIN, scope=CHAIN.scope, opened_at=NOW, expires_at=NOW + 60, task_type="support", residency="EU"
)


def written(directory: Path, files: Mapping[str, str | bytes], *, name: str = "try") -> Path:
    """Write a pack called `name` with `files` into `directory`/`name`, and return that."""
    home = directory / name
    for file, text in {"pack.yaml": f"name: {name}\nversion: 1.0.0\n", **files}.items():
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    return home


def loaded(directory: Path, files: Mapping[str, str | bytes]) -> Policy:
    """Return the policy of one pack with `files`."""
    return load([written(directory, files)])


def problems(*directories: Path) -> list[str]:
    """Return what is wrong with the packs, each with the path down to the pack's name left out."""
    try:
        load(directories)
    except ConfigError as error:
        return [problem.replace(f"{directories[0].parent}/", "") for problem in error.problems]
    return []


def crossing(boundary: Boundary, body: Json = "", *, tool: str = "", at: float = NOW + 5) -> Crossing:
    """Return a crossing of SESSION, five seconds after it was opened."""
    is_json = not isinstance(body, str)
    return Crossing(boundary=boundary, session_id="h", at=at, body=body, is_json=is_json, session=SESSION, tool=tool)
