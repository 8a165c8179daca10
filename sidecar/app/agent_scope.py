"""The scope that no session of this agent goes beyond, from its file."""

from pathlib import Path

from sidecar.errors import SidecarError
from sidecar.model.scope import Scope
from sidecar.model.scope import parse as parse_scope
from sidecar.model.strict_json import parse


def agent_scope(path: Path | None, problems: list[str]) -> Scope | None:
    """Return the scope in the file at `path`, None where there is none; what is wrong with it goes to `problems`."""
    if path is None:
        return None
    try:
        return parse_scope(parse(path.read_text(encoding="utf-8")))
    except OSError as error:
        problems.append(f"identity.agent_scope: `{path}`: {error.strerror}")
    except UnicodeDecodeError:
        problems.append(f"identity.agent_scope: `{path}`: not UTF-8")
    except SidecarError as error:
        problems.append(f"identity.agent_scope: `{path}`: {error.reason}: {error}")
    return None
