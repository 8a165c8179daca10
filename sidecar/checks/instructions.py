"""Are the instructions in this prompt approved ones?

Looked at as they came, before anything is rewritten. Where no pack has an instructions.yaml nothing is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sidecar.checks.base import Ports
from sidecar.model.crossing import Crossing
from sidecar.model.instructions import Instructions, digest_of, instructs
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow

_UNKNOWN = "these instructions are not approved: send approved ones, or have a pack approve them (instructions.yaml)"
_MISSING = "a layer of instructions is missing that each prompt must hold: send one of its approved texts, too"


def build(ports: Ports) -> "InstructionsCheck":
    """Return the check over what all packs approve."""
    return InstructionsCheck(ports.policy.instructions)


@dataclass(frozen=True, slots=True)
class InstructionsCheck:
    """Denies a prompt with instructions that nobody approved, and marks those that somebody did."""

    instructions: Instructions
    name: str = "instructions"

    async def __call__(self, crossing: Crossing) -> Answer:
        if not self.instructions.layers:
            return allow(self.name)
        found: list[Finding] = []
        held: set[str] = set()
        approved: list[tuple[int, str]] = []
        for place, role, text in _told(crossing):
            digest = digest_of(text)
            layers = self.instructions.layers_of(digest, role)
            held |= layers
            if layers:
                approved.append((place, digest))
            elif not found and text.strip():
                found.append(self._finding(_UNKNOWN, f"/{place}", reason="instructions_unapproved"))
        if self.instructions.required - held:
            found.append(self._finding(_MISSING, reason="instructions_missing"))
        onward = replace(crossing, approved=tuple(approved)) if approved else None
        return Answer(tuple(found), onward) if found else allow(self.name, onward)

    def _finding(self, message: str, path: str = "", *, reason: str) -> Finding:
        return Finding(
            check=self.name,
            decision=Decision.DENY if self.instructions.denies else Decision.ALLOW,
            reason=reason,
            message=message,
            path=path,
            severity=Severity.HIGH,
        )


def _told(crossing: Crossing) -> Iterator[tuple[int, str, str]]:
    """Yield the place, the role and the text of each message that instructs the model."""
    for place, message in enumerate(crossing.body if isinstance(crossing.body, list) else ()):
        if isinstance(message, dict) and instructs(role := str(message.get("role", ""))):
            yield place, role, str(message.get("content", ""))
