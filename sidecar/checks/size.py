"""Is the payload small enough to be looked at?

What every later check costs grows with the payload, so that this comes before anything is parsed.
"""

from dataclasses import dataclass

from sidecar.checks.base import Ports, Sizes
from sidecar.model.crossing import MAX_MESSAGES, Boundary, Crossing
from sidecar.model.measure import characters
from sidecar.model.verdict import Answer, allow, deny


def build(ports: Ports) -> "SizeCheck":
    """Return the check, with the limits of the settings."""
    return SizeCheck(ports.sizes)


@dataclass(frozen=True, slots=True)
class SizeCheck:
    """Denies more messages than any prompt has, and more characters than the limit.

    Characters of JSON as it arrived, otherwise of all strings in the body.
    """

    sizes: Sizes
    name: str = "size"

    async def __call__(self, crossing: Crossing) -> Answer:
        if isinstance(crossing.body, list) and len(crossing.body) > MAX_MESSAGES:
            return deny(self.name, "too_many_messages", f"must have at most {MAX_MESSAGES} messages: send fewer")
        limit = self.sizes.arguments if crossing.boundary is Boundary.TOOL_CALL else self.sizes.text
        size = characters(crossing.body, stop=limit) if crossing.raw is None else len(crossing.raw)
        if size > limit:
            return deny(self.name, "payload_too_large", f"must have at most {limit} characters: send less")
        return allow(self.name)
