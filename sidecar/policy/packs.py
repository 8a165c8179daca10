"""One pack's documents, each valid in itself; what they say of each other and of other packs comes in load.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sidecar.errors import ConfigError, JsonError
from sidecar.model import strict_json
from sidecar.model.strict_json import Json
from sidecar.policy import shapes
from sidecar.policy.autonomy import AutonomyFile
from sidecar.policy.cases import CaseFile
from sidecar.policy.document import Node, fit, parse, tree
from sidecar.policy.files import PackFile, RulesFile, ToolsFile
from sidecar.policy.injections import InjectionsFile
from sidecar.policy.instructions import InstructionsFile
from sidecar.policy.limits import LimitsFile
from sidecar.policy.prices import PricesFile
from sidecar.policy.privacy import PrivacyFile
from sidecar.policy.reading import PackFiles, read_files
from sidecar.policy.schemas import Schema, compile_schema
from sidecar.policy.tasks import TasksFile


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """One pack. The nodes have the lines of their files; `documents` are the schemas by file name, as JSON."""

    files: PackFiles
    head: PackFile
    tools: ToolsFile | None = None
    tools_node: Node | None = None
    rules: RulesFile | None = None
    rules_node: Node | None = None
    privacy: PrivacyFile | None = None
    privacy_node: Node | None = None
    injections: InjectionsFile | None = None
    instructions: InstructionsFile | None = None
    limits: LimitsFile | None = None
    limits_node: Node | None = None
    prices: PricesFile | None = None
    prices_node: Node | None = None
    autonomy: AutonomyFile | None = None
    tasks: TasksFile | None = None
    tasks_node: Node | None = None
    cases: Mapping[str, CaseFile] = field(default_factory=dict)
    documents: Mapping[str, Json] = field(default_factory=dict)
    schemas: Mapping[str, Schema] = field(default_factory=dict)


def read_pack(directory: Path, problems: list[str]) -> LoadedPack | None:
    """Return the pack in `directory`; what is wrong with its files is added to `problems`."""
    files = read_files(directory, problems)
    if "pack.yaml" not in files.files:
        problems.append(f"{files.path('pack.yaml')}: is required")
        return None
    head = parse(files.files["pack.yaml"], files.path("pack.yaml"), PackFile, problems)
    if head is None:
        return None
    tools_node, rules_node = _tree(files, "tools.yaml", problems), _tree(files, "rules.yaml", problems)
    privacy_node = _tree(files, "privacy.yaml", problems)
    injections = _tree(files, "injections.yaml", problems)
    instructions = _tree(files, "instructions.yaml", problems)
    limits, prices = _tree(files, "limits.yaml", problems), _tree(files, "prices.yaml", problems)
    tasks, autonomy = _tree(files, "tasks.yaml", problems), _tree(files, "autonomy.yaml", problems)
    documents = _documents(files, problems)
    return LoadedPack(
        files=files,
        head=head,
        tools=fit(tools_node, files.path("tools.yaml"), ToolsFile, problems) if tools_node else None,
        tools_node=tools_node,
        rules=fit(rules_node, files.path("rules.yaml"), RulesFile, problems) if rules_node else None,
        rules_node=rules_node,
        privacy=fit(privacy_node, files.path("privacy.yaml"), PrivacyFile, problems) if privacy_node else None,
        privacy_node=privacy_node,
        injections=fit(injections, files.path("injections.yaml"), InjectionsFile, problems) if injections else None,
        instructions=fit(instructions, files.path("instructions.yaml"), InstructionsFile, problems)
        if instructions
        else None,
        limits=fit(limits, files.path("limits.yaml"), LimitsFile, problems) if limits else None,
        limits_node=limits,
        prices=fit(prices, files.path("prices.yaml"), PricesFile, problems) if prices else None,
        prices_node=prices,
        autonomy=fit(autonomy, files.path("autonomy.yaml"), AutonomyFile, problems) if autonomy else None,
        tasks=fit(tasks, files.path("tasks.yaml"), TasksFile, problems) if tasks else None,
        tasks_node=tasks,
        cases=_cases(files, problems),
        documents=documents,
        schemas=_schemas(files, head.name, documents, problems),
    )


def _tree(files: PackFiles, name: str, problems: list[str]) -> Node | None:
    return tree(files.files[name], files.path(name), problems) if name in files.files else None


def _cases(files: PackFiles, problems: list[str]) -> dict[str, CaseFile]:
    names = sorted(name for name in files.files if name.startswith("tests/"))
    read = [(name, parse(files.files[name], files.path(name), CaseFile, problems)) for name in names]
    return {name: cases for name, cases in read if cases is not None}


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
