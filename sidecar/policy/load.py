"""From directories to one policy, or to everything that is wrong with them.

Packs are read, then their documents, then what one document says of another: the schemas that tools name, the tools
that rules name. Every step goes as far as it can, so that one look at the problems is enough.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError
from sidecar.policy import autonomy, injections, instructions, limits, prices, shapes, takes, tasks
from sidecar.policy.catalogue import Catalogue, PackTools, Tool
from sidecar.policy.document import Read
from sidecar.policy.entities import KNOWN
from sidecar.policy.facts import FactSet
from sidecar.policy.files import ToolPart, ToolsFile, seconds
from sidecar.policy.packs import LoadedPack, read_pack
from sidecar.policy.policy import Pack, Policy
from sidecar.policy.privacy import combine
from sidecar.policy.rule_compiler import RuleCompiler
from sidecar.policy.rules import RuleSet
from sidecar.policy.schemas import Schema

MAX_PACKS: Final = 50  # of one policy


def load(directories: Sequence[Path]) -> Policy:
    """Return the policy of the packs in `directories`, in their order.

    Raises `ConfigError` with all problems of all packs, each as `file:line: what was expected`.
    """
    problems: list[str] = []
    packs = read_packs(directories, problems)
    policy = combined(packs, problems)
    if problems:
        raise ConfigError(problems)
    return policy


def read_packs(directories: Sequence[Path], problems: list[str]) -> tuple[LoadedPack, ...]:
    """Return the packs in `directories`; what is wrong with any of them is added to `problems`."""
    if len(directories) > MAX_PACKS:
        problems.append(f"expected at most {MAX_PACKS} rule packs")
    read = [read_pack(directory, problems) for directory in directories[:MAX_PACKS]]
    packs = tuple(pack for pack in read if pack is not None)
    names = [pack.head.name for pack in packs]
    for pack in packs:
        place = pack.files.path("pack.yaml")
        if names.count(pack.head.name) > 1:
            problems.append(f"{place}: the name `{pack.head.name}` is taken by another pack")
        lacking = [need for need in pack.head.needs if need not in names]
        problems.extend(f"{place}: needs the pack `{need}`: load it, too" for need in lacking)
    return packs


def combined(packs: Sequence[LoadedPack], problems: list[str]) -> Policy:
    """Return what `packs` say together; what is wrong between their documents is added to `problems`."""
    schemas = _schema_names(packs)
    speaking = [(pack, _pack_tools(pack, pack.tools, schemas, problems)) for pack in packs if pack.tools]
    catalogue = Catalogue([tools for _, tools in speaking])
    compiler = RuleCompiler(
        catalogue=catalogue,
        own={pack.head.name: tools for pack, tools in speaking},
        documents={schema.name: pack.documents for pack in packs for schema in pack.schemas.values()},
        remembered={pack.head.name: tuple(pack.rules.said.facts) for pack in packs if pack.rules is not None},
        complete=all(pack.tools is not None for pack in packs if "tools.yaml" in pack.files.files),
    )
    for pack in packs:
        _know_revealed(pack, catalogue, problems)
        _know_taken(pack, packs, problems)
        _know_labels(pack, packs, problems)
        _know_limited(pack, catalogue, problems)
    ruled = [(pack.head.name, pack.rules) for pack in packs if pack.rules]
    rules = [rule for name, file in ruled for rule in compiler.rules(name, file, problems)]
    facts = [fact for name, file in ruled for fact in compiler.facts(name, file, problems)]
    loaded = tuple(Pack(name=p.head.name, version=p.head.version, digest=p.files.digest) for p in packs)
    return Policy(
        version=_version(loaded),
        packs=loaded,
        catalogue=catalogue,
        rules=RuleSet(rules) if not problems else RuleSet(),
        facts=FactSet(facts) if not problems else FactSet(),
        privacy=combine([pack.privacy.said for pack in packs if pack.privacy]),
        injections=injections.combine([pack.injections.said for pack in packs if pack.injections]),
        instructions=instructions.combine([pack.instructions.said for pack in packs if pack.instructions]),
        limits=limits.combine([pack.limits.said for pack in packs if pack.limits]),
        autonomy=autonomy.combine([pack.autonomy.said for pack in packs if pack.autonomy]),
        tasks=tasks.combine([pack.tasks.said for pack in packs if pack.tasks]),
        prices=prices.combine([pack.prices.said for pack in packs if pack.prices]),
        schemas=schemas,
        vocabulary=_vocabulary(packs),
    )


def _know_revealed(pack: LoadedPack, catalogue: Catalogue, problems: list[str]) -> None:
    """Add to `problems` each tool that values are revealed to and that no pack knows."""
    if pack.privacy is None:
        return
    for entity, part in pack.privacy.said.entities.items():
        for tool in part.reveal_to if isinstance(part.reveal_to, tuple) else ():
            if catalogue.find(tool) is None:
                place = pack.privacy.place("entities", entity, "reveal_to")
                problems.append(f"{place}: entities.{entity}.reveal_to: the tool `{tool}` is in no tools.yaml")


def _know_taken(pack: LoadedPack, packs: Sequence[LoadedPack], problems: list[str]) -> None:
    """Add to `problems` each kind that an argument takes and that nothing finds: nobody would get it."""
    if pack.tools is None:
        return
    own = {each.entity for one in packs if one.privacy for each in one.privacy.said.recognizers if each.enabled}
    for name, part in pack.tools.said.tools.items():
        for kinds in (part.takes or {}).values():
            if unknown := sorted(set(kinds) - KNOWN - own):
                place = pack.tools.place("tools", name, "takes")
                problems.append(f"{place}: tools.{name}.takes: no recognizer finds `{'`, `'.join(unknown)}`")


def _know_labels(pack: LoadedPack, packs: Sequence[LoadedPack], problems: list[str]) -> None:
    """Add to `problems` each label that residency applies to and that nothing gives: no kind of datum and no tool."""
    if pack.privacy is None:
        return
    files = [each.privacy.said for each in packs if each.privacy]
    given = {part.label for file in files for part in file.entities.values()}
    given |= {label for each in packs if each.tools for tool in each.tools.said.tools.values() for label in tool.reads}
    for index, rule in enumerate(pack.privacy.said.residency):
        for label in rule.applies_to:
            if label not in given:
                place = pack.privacy.place("residency", index, "applies_to")
                problems.append(
                    f"{place}: residency[{index}].applies_to: no entity and no tool has the label `{label}`"
                )


def _know_limited(pack: LoadedPack, catalogue: Catalogue, problems: list[str]) -> None:
    """Add to `problems` each tool that is limited, priced or part of a task and that no pack knows."""
    for file in (pack.limits, pack.prices, pack.tasks):
        if file is None:
            continue
        for path, tool in file.said.named_tools:
            if catalogue.find(tool) is None:
                where = f"{path[0]}[{path[1]}].tool" if file is pack.limits else ".".join(map(str, path))
                problems.append(f"{file.place(*path)}: {where}: the tool `{tool}` is in no tools.yaml")


def _schema_names(packs: Sequence[LoadedPack]) -> dict[str, Schema]:
    """Return every schema as `pack/name`, and as `name` where no other pack has it."""
    found = {f"{pack.head.name}/{name}": schema for pack in packs for name, schema in pack.schemas.items()}
    bare = [name for pack in packs for name in pack.schemas]
    short = {name: schema for pack in packs for name, schema in pack.schemas.items() if bare.count(name) == 1}
    return {**found, **short}


def _pack_tools(
    pack: LoadedPack, file: Read[ToolsFile], schemas: Mapping[str, Schema], problems: list[str]
) -> PackTools:
    tools = []
    for name, part in file.said.tools.items():
        found: dict[str, Schema | None] = {}
        for key, wanted in (("arguments", part.arguments), ("result", part.result)):
            found[key] = None if wanted is None else pack.schemas.get(wanted) or schemas.get(_full(pack, wanted))
            if wanted is not None and found[key] is None and f"{wanted}.json" not in pack.documents:
                place = file.place("tools", name, key)
                problems.append(f"{place}: tools.{name}.{key}: expected the name of a file schemas/{wanted}.json")
        tools.append(_tool(name, part, found["arguments"], found["result"]))
    return PackTools(tools, file.said.unknown)


def _full(pack: LoadedPack, name: str) -> str:
    return name if "/" in name else f"{pack.head.name}/{name}"


def _tool(name: str, part: ToolPart, arguments: Schema | None, result: Schema | None) -> Tool:
    only_reads = {str(effect) for effect in part.effects} <= {"read"}
    return Tool(
        name=name,
        description=part.description,
        effects=tuple(sorted({str(effect) for effect in part.effects})),
        reversible=only_reads if part.reversible is None else part.reversible,
        trust=part.trust,
        reads=tuple(sorted(set(part.reads))),
        arguments=arguments,
        result=result,
        format=part.format,
        sinks=part.sinks,
        vouches=part.vouches,
        resolves=part.resolves,
        takes=None if part.takes is None else {at: frozenset(kinds) for at, kinds in part.takes.items()},
        declares=takes.of_schema(arguments.document) if arguments is not None else {},
        cost_usd=part.cost_usd,
        region=part.region,
        timeout=None if part.timeout is None else seconds(part.timeout),
        fallback=part.fallback,
    )


def _version(packs: Sequence[Pack]) -> str:
    total = hashlib.sha256()
    for pack in packs:
        total.update(f"{pack.name} {pack.digest}\n".encode())
    return f"sha256:{total.hexdigest()}"


def _vocabulary(packs: Sequence[LoadedPack]) -> frozenset[str]:
    tools = [name for pack in packs if pack.tools is not None for name in pack.tools.said.tools]
    properties = [shapes.names(document) for pack in packs for document in pack.documents.values()]
    return frozenset(tools).union(*properties)
