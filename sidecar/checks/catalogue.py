"""Is this a tool that the rule packs know?"""

from dataclasses import dataclass

from sidecar.checks.base import Ports
from sidecar.model.crossing import Crossing
from sidecar.model.verdict import Answer, Finding, Severity, allow
from sidecar.policy.catalogue import Catalogue


def build(ports: Ports) -> "CatalogueCheck":
    """Return the check, over the catalogue of the policy."""
    return CatalogueCheck(ports.policy.catalogue)


@dataclass(frozen=True, slots=True)
class CatalogueCheck:
    """Denies a tool that the catalogue lacks, or asks a person where the packs say so."""

    catalogue: Catalogue
    name: str = "catalogue"

    async def __call__(self, crossing: Crossing) -> Answer:
        if self.catalogue.find(crossing.tool) is not None:
            return allow(self.name)
        finding = Finding(
            check=self.name,
            decision=self.catalogue.unknown,
            reason="unknown_tool",
            message="no rule pack knows this tool: use one that is known, or have it added to a tools.yaml",
            severity=Severity.HIGH,
        )
        return Answer((finding,))
