"""May this tool have the values behind the tokens?

The last question of a tool call: every check before it, the rules, a person who is asked and the record see tokens.
Only a tool that the policy names under `reveal_to` of a kind gets values of that kind back, in the strings of its
arguments; a token that the vault does not know stays text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sidecar.checks.base import Ports
from sidecar.checks.drawers import own
from sidecar.content.rewriting import Path, pieces, rewrite
from sidecar.model.crossing import Crossing
from sidecar.model.strict_json import pointer
from sidecar.model.tokens import Forms
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow
from sidecar.stores.base import Vault

MAX_FINDINGS = 20  # places of one call that are told


def build(ports: Ports) -> "RevealCheck":
    """Return the check, over the vault and what the policy reveals to whom."""
    by_tool: dict[str, set[str]] = {}
    for entity, tools in ports.policy.privacy.reveal_to.items():
        for tool in tools:
            by_tool.setdefault(tool, set()).add(entity)
    return RevealCheck(ports.vault, {tool: Forms(entities) for tool, entities in by_tool.items()})


@dataclass(frozen=True, slots=True)
class RevealCheck:
    """Hands on what leaves for the tool; `forms` finds, for each tool, the tokens of the kinds that it may have."""

    vault: Vault
    forms: Mapping[str, Forms]
    name: str = "reveal"

    async def __call__(self, crossing: Crossing) -> Answer:
        forms = self.forms.get(crossing.tool)
        if forms is None:
            return allow(self.name)
        texts = {p.path: p.text for p in pieces(crossing.body) if not (p.is_name or p.is_number)}
        asked = {path: found for path, text in texts.items() if (found := {one.token for one in forms.find(text)})}
        values = await self.vault.values(own(crossing), frozenset().union(*asked.values()), crossing.at)
        places = [path for path, tokens in asked.items() if not tokens.isdisjoint(values)]
        if not places:
            return allow(self.name)
        revealed = rewrite(crossing.body, {path: forms.replaced(texts[path], values) for path in places}, {})
        return Answer(tuple(map(self._finding, places[:MAX_FINDINGS])), replace(crossing, revealed=revealed))

    def _finding(self, path: Path) -> Finding:
        return Finding(
            check=self.name,
            decision=Decision.REDACT,
            reason="value_revealed",
            message="the tool gets the value that the token stands for",
            path=pointer(path),
            severity=Severity.INFO,
        )
