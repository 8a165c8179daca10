"""One pack's documents, each valid in itself; what they say of each other and of other packs comes in load.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from sidecar.errors import ConfigError, JsonError
from sidecar.model import strict_json
from sidecar.model.strict_json import Json
from sidecar.policy import shapes
from sidecar.policy.autonomy import AutonomyFile
from sidecar.policy.cases import CaseFile
from sidecar.policy.document import Read, read
from sidecar.policy.files import PackFile, RulesFile, ToolsFile
from sidecar.policy.injections import InjectionsFile
from sidecar.policy.instructions import InstructionsFile
from sidecar.policy.limits import LimitsFile
from sidecar.policy.prices import PricesFile
from sidecar.policy.privacy import PrivacyFile
from sidecar.policy.reading import PackFiles, read_files
from sidecar.policy.schemas import Schema, compile_schema
from sidecar.policy.tasks import TasksFile

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """One pack; `documents` are the schemas by file name, as JSON."""

    files: PackFiles
    head: PackFile
    tools: Read[ToolsFile] | None = None
    rules: Read[RulesFile] | None = None
    privacy: Read[PrivacyFile] | None = None
    injections: Read[InjectionsFile] | None = None
    instructions: Read[InstructionsFile] | None = None
    limits: Read[LimitsFile] | None = None
    prices: Read[PricesFile] | None = None
    autonomy: Read[AutonomyFile] | None = None
    tasks: Read[TasksFile] | None = None
    cases: Mapping[str, CaseFile] = field(default_factory=dict)
    documents: Mapping[str, Json] = field(default_factory=dict)
    schemas: Mapping[str, Schema] = field(default_factory=dict)


def read_pack(directory: Path, problems: list[str]) -> LoadedPack | None:
    """Return the pack in `directory`; what is wrong with its files is added to `problems`."""
    files = read_files(directory, problems)
    if "pack.yaml" not in files.files:
        problems.append(f"{files.path('pack.yaml')}: is required")
        return None
    head = _read(files, "pack.yaml", PackFile, problems)
    if head is None:
        return None
    documents = _documents(files, problems)
    return LoadedPack(
        files=files,
        head=head.said,
        tools=_read(files, "tools.yaml", ToolsFile, problems),
        rules=_read(files, "rules.yaml", RulesFile, problems),
        privacy=_read(files, "privacy.yaml", PrivacyFile, problems),
        injections=_read(files, "injections.yaml", InjectionsFile, problems),
        instructions=_read(files, "instructions.yaml", InstructionsFile, problems),
        limits=_read(files, "limits.yaml", LimitsFile, problems),
        prices=_read(files, "prices.yaml", PricesFile, problems),
        autonomy=_read(files, "autonomy.yaml", AutonomyFile, problems),
        tasks=_read(files, "tasks.yaml", TasksFile, problems),
        cases=_cases(files, problems),
        documents=documents,
        schemas=_schemas(files, head.said.name, documents, problems),
    )


def _read(files: PackFiles, name: str, model: type[M], problems: list[str]) -> Read[M] | None:
    return read(files.files[name], files.path(name), model, problems) if name in files.files else None


def _cases(files: PackFiles, problems: list[str]) -> dict[str, CaseFile]:
    names = sorted(name for name in files.files if name.startswith("tests/"))
    found = [(name, _read(files, name, CaseFile, problems)) for name in names]
    return {name: cases.said for name, cases in found if cases is not None}


def _documents(files: PackFiles, problems: list[str]) -> dict[str, Json]:
    """Return the JSON in schemas/, by file name, as a `$ref` from one to another has it."""
    documents: dict[str, Json] = {}
    for name in sorted(name for name in files.files if name.startswith("schemas/")):
        try:
            documents[name.removeprefix("schemas/")] = strict_json.parse(files.files[name].decode("utf-8"))
        except UnicodeDecodeError:
            problems.append(f"{files.path(name)}: expected UTF-8")
        except JsonError as error:
            problems.append(f"{files.path(name)}: expected JSON: {error}")
    return documents


def _schemas(files: PackFiles, pack: str, documents: Mapping[str, Json], problems: list[str]) -> dict[str, Schema]:
    schemas: dict[str, Schema] = {}
    for file, document in documents.items():
        name = file.removesuffix(".json")
        alone = all(reference.startswith("#") for reference in shapes.references(document))
        try:
            schemas[name] = compile_schema(document, name=f"{pack}/{name}", documents={} if alone else documents)
        except ConfigError as error:
            problems.extend(f"{files.path(f'schemas/{file}')}: {problem}" for problem in error.problems)
    return schemas
