"""From directories to one policy, or to everything that is wrong with them.

Packs are read, then their documents, then what one document says of another: the schemas that tools name, the tools
that rules name. Every step goes as far as it can, so that one look at the problems is enough.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from sidecar.errors import ConfigError
from sidecar.policy import autonomy, injections, instructions, limits, prices, shapes, takes, tasks
from sidecar.policy.catalogue import Catalogue, PackTools, Tool
from sidecar.policy.entities import KNOWN
from sidecar.policy.facts import Fact, FactSet
from sidecar.policy.files import ToolPart, seconds
from sidecar.policy.packs import LoadedPack, read_pack
from sidecar.policy.policy import Pack, Policy
from sidecar.policy.privacy import combine
from sidecar.policy.rule_compiler import RuleCompiler
from sidecar.policy.rules import Rule, RuleSet
from sidecar.policy.schemas import Schema

MAX_PACKS = 50  # of one policy


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
    speaking = [(pack, _pack_tools(pack, schemas, problems)) for pack in packs if pack.tools is not None]
    catalogue = Catalogue([tools for _, tools in speaking])
    compiler = RuleCompiler(
        catalogue=catalogue,
        own={pack.head.name: tools for pack, tools in speaking},
        documents={schema.name: pack.documents for pack in packs for schema in pack.schemas.values()},
        remembered={pack.head.name: tuple(pack.rules.facts) for pack in packs if pack.rules is not None},
        complete=all(pack.tools is not None for pack in packs if "tools.yaml" in pack.files.files),
    )
    for pack in packs:
        _know_revealed(pack, catalogue, problems)
        _know_taken(pack, packs, problems)
        _know_labels(pack, packs, problems)
        _know_limited(pack, catalogue, problems)
    rules = [rule for pack in packs for rule in _rules(pack, compiler, problems)]
    facts = [fact for pack in packs for fact in _facts(pack, compiler, problems)]
    loaded = tuple(Pack(name=p.head.name, version=p.head.version, digest=p.files.digest) for p in packs)
    return Policy(
        version=_version(loaded),
        packs=loaded,
        catalogue=catalogue,
        rules=RuleSet(rules) if not problems else RuleSet(),
        facts=FactSet(facts) if not problems else FactSet(),
        privacy=combine([pack.privacy for pack in packs if pack.privacy is not None]),
        injections=injections.combine([pack.injections for pack in packs if pack.injections is not None]),
        instructions=instructions.combine([pack.instructions for pack in packs if pack.instructions is not None]),
        limits=limits.combine([pack.limits for pack in packs if pack.limits is not None]),
        autonomy=autonomy.combine([pack.autonomy for pack in packs if pack.autonomy is not None]),
        tasks=tasks.combine([pack.tasks for pack in packs if pack.tasks is not None]),
        prices=prices.combine([pack.prices for pack in packs if pack.prices is not None]),
        schemas=schemas,
        vocabulary=_vocabulary(packs),
    )


def _know_revealed(pack: LoadedPack, catalogue: Catalogue, problems: list[str]) -> None:
    """Add to `problems` each tool that values are revealed to and that no pack knows."""
    for entity, part in (pack.privacy.entities if pack.privacy else {}).items():
        for tool in part.reveal_to if isinstance(part.reveal_to, tuple) else ():
            if catalogue.find(tool) is None:
                line = pack.privacy_node.find(("entities", entity, "reveal_to")) if pack.privacy_node else 1
                place = f"{pack.files.path('privacy.yaml')}:{line}"
                problems.append(f"{place}: entities.{entity}.reveal_to: the tool `{tool}` is in no tools.yaml")


def _know_taken(pack: LoadedPack, packs: Sequence[LoadedPack], problems: list[str]) -> None:
    """Add to `problems` each kind that an argument takes and that nothing finds: nobody would get it."""
    own = {each.entity for one in packs if one.privacy for each in one.privacy.recognizers if each.enabled}
    for name, part in (pack.tools.tools if pack.tools else {}).items():
        for kinds in (part.takes or {}).values():
            if unknown := sorted(set(kinds) - KNOWN - own):
                line = pack.tools_node.find(("tools", name, "takes")) if pack.tools_node else 1
                place = f"{pack.files.path('tools.yaml')}:{line}"
                problems.append(f"{place}: tools.{name}.takes: no recognizer finds `{'`, `'.join(unknown)}`")


def _know_labels(pack: LoadedPack, packs: Sequence[LoadedPack], problems: list[str]) -> None:
    """Add to `problems` each label that residency applies to and that nothing gives: no kind of datum and no tool."""
    files = [each.privacy for each in packs if each.privacy]
    given = {part.label for file in files for part in file.entities.values()}
    given |= {label for each in packs if each.tools for tool in each.tools.tools.values() for label in tool.reads}
    for index, rule in enumerate(pack.privacy.residency if pack.privacy else ()):
        for label in rule.applies_to:
            if label not in given:
                line = pack.privacy_node.find(("residency", index, "applies_to")) if pack.privacy_node else 1
                place = f"{pack.files.path('privacy.yaml')}:{line}"
                problems.append(
                    f"{place}: residency[{index}].applies_to: no entity and no tool has the label `{label}`"
                )


def _know_limited(pack: LoadedPack, catalogue: Catalogue, problems: list[str]) -> None:
    """Add to `problems` each tool that is limited, priced or part of a task and that no pack knows."""
    for file, part, node in (
        ("limits.yaml", pack.limits, pack.limits_node),
        ("prices.yaml", pack.prices, pack.prices_node),
        ("tasks.yaml", pack.tasks, pack.tasks_node),
    ):
        for place, tool in part.named_tools if part and node else ():
            if catalogue.find(tool) is None:
                line = node.find(place) if node else 1
                where = f"{place[0]}[{place[1]}].tool" if file == "limits.yaml" else ".".join(map(str, place))
                problems.append(f"{pack.files.path(file)}:{line}: {where}: the tool `{tool}` is in no tools.yaml")


def _schema_names(packs: Sequence[LoadedPack]) -> dict[str, Schema]:
    """Return every schema as `pack/name`, and as `name` where no other pack has it."""
    found = {f"{pack.head.name}/{name}": schema for pack in packs for name, schema in pack.schemas.items()}
    bare = [name for pack in packs for name in pack.schemas]
    short = {name: schema for pack in packs for name, schema in pack.schemas.items() if bare.count(name) == 1}
    return {**found, **short}


def _pack_tools(pack: LoadedPack, schemas: Mapping[str, Schema], problems: list[str]) -> PackTools:
    assert pack.tools is not None  # noqa: S101 - the caller's condition, for mypy
    tools = []
    for name, part in pack.tools.tools.items():
        found: dict[str, Schema | None] = {}
        for key, wanted in (("arguments", part.arguments), ("result", part.result)):
            found[key] = None if wanted is None else pack.schemas.get(wanted) or schemas.get(_full(pack, wanted))
            if wanted is not None and found[key] is None and f"{wanted}.json" not in pack.documents:
                line = pack.tools_node.find(("tools", name, key)) if pack.tools_node else 1
                place = f"{pack.files.path('tools.yaml')}:{line}"
                problems.append(f"{place}: tools.{name}.{key}: expected the name of a file schemas/{wanted}.json")
        tools.append(_tool(name, part, found["arguments"], found["result"]))
    return PackTools(tools, pack.tools.unknown)


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


def _rules(pack: LoadedPack, compiler: RuleCompiler, problems: list[str]) -> list[Rule]:
    if pack.rules is None or pack.rules_node is None:
        return []
    return compiler.rules(pack.head.name, pack.rules, pack.rules_node, pack.files.path("rules.yaml"), problems)


def _facts(pack: LoadedPack, compiler: RuleCompiler, problems: list[str]) -> list[Fact]:
    if pack.rules is None or pack.rules_node is None:
        return []
    return compiler.facts(pack.head.name, pack.rules, pack.rules_node, pack.files.path("rules.yaml"), problems)


def _version(packs: Sequence[Pack]) -> str:
    total = hashlib.sha256()
    for pack in packs:
        total.update(f"{pack.name} {pack.digest}\n".encode())
    return f"sha256:{total.hexdigest()}"


def _vocabulary(packs: Sequence[LoadedPack]) -> frozenset[str]:
    tools = [name for pack in packs if pack.tools is not None for name in pack.tools.tools]
    properties = [shapes.names(document) for pack in packs for document in pack.documents.values()]
    return frozenset(tools).union(*properties)
