"""May this tool have the values behind the tokens, and does it understand what it gets?

The last question of a tool call: every check before it, the rules, a person who is asked and the record see tokens.
Only a tool that the policy names under `reveal_to` of a kind gets values of that kind back, in the strings of its
arguments; a token that the vault does not know stays text.

Arguments that were rewritten are held against the tool's schema once more, as they leave: a token or a redaction in the
place of a number that the tool needs would only make it fail, or do something else.
"""

from dataclasses import dataclass, field, replace

from sidecar.checks.base import Ports
from sidecar.checks.revealing import Revealing
from sidecar.content.rewriting import Path
from sidecar.model.crossing import Crossing
from sidecar.model.strict_json import Json, pointer
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow
from sidecar.policy.catalogue import Catalogue

MAX_FINDINGS = 20  # places of one call that are told
BROKEN = "what may not go to this tool was replaced, and its schema does not allow that: leave it out"


def build(ports: Ports) -> "RevealCheck":
    """Return the check, over the vault, what the policy reveals to whom, and the tools' schemas."""
    return RevealCheck(Revealing.at_last(ports), ports.policy.catalogue)


@dataclass(frozen=True, slots=True)
class RevealCheck:
    """Hands on what leaves for the tool."""

    revealing: Revealing
    catalogue: Catalogue = field(default_factory=Catalogue)
    name: str = "reveal"

    async def __call__(self, crossing: Crossing) -> Answer:
        revealed = await self.revealing.revealed(crossing)
        leaving = crossing.body if revealed is None else revealed.body
        if leaving is not crossing.asked and (broken := self._broken(crossing.tool, leaving)):
            return Answer(broken)
        await self.revealing.lend(crossing, leaving)
        if revealed is None:
            return allow(self.name)
        findings = tuple(map(self._finding, revealed.places[:MAX_FINDINGS]))
        return Answer(findings, replace(crossing, revealed=revealed.body))

    def _broken(self, name: str, leaving: Json) -> tuple[Finding, ...]:
        tool = self.catalogue.find(name)
        problems = tool.arguments.problems(leaving) if tool and tool.arguments else ()
        return tuple(
            Finding(
                check=self.name,
                decision=Decision.DENY,
                reason="argument_invalid",
                message=BROKEN,
                path=problem.path,
                severity=Severity.MEDIUM,
            )
            for problem in problems
        )

    def _finding(self, path: Path) -> Finding:
        return Finding(
            check=self.name,
            decision=Decision.REDACT,
            reason="value_revealed",
            message="the tool gets the value that the token stands for",
            path=pointer(path),
            severity=Severity.INFO,
        )
