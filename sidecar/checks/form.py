"""Is the payload one well-formed value of the kind that it claims to be?

A caller's JSON is parsed here, once and strictly; what later checks see and what crosses is the value that was read,
written anew. Nobody behind the sidecar reads the text that came in.

A tool's answer may hold integers of 64 bits, which a model reads as they are written. A call may not: a person agrees
to it, and a limit counts it, by RFC 8785's form, and a tool that reads numbers as doubles would do something else than
was judged. Such a number goes into a call as a string.

What a tool answers that answers in JSON, by the catalogue, is read as JSON also where the caller says that it is text:
what most agents hold of an answer is a string.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.checks.base import Ports
from sidecar.content.turns import walked
from sidecar.errors import JsonError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.long_json import SHORT, reading
from sidecar.model.strict_json import Json, parse
from sidecar.model.verdict import Answer, allow, deny
from sidecar.policy.catalogue import Catalogue

OBJECTS: Final = frozenset({Boundary.TOOL_CALL, Boundary.A2A_MESSAGE})


def build(ports: Ports) -> "FormCheck":
    """Return the check, with the depth of the settings."""
    return FormCheck(ports.sizes.depth, ports.policy.catalogue)


@dataclass(frozen=True, slots=True)
class FormCheck:
    """Denies what is not one JSON value that every parser reads alike; hands the value on. Text is as it is."""

    depth: int
    catalogue: Catalogue = field(default_factory=Catalogue)
    name: str = "form"

    async def __call__(self, crossing: Crossing) -> Answer:
        raw = crossing.raw
        if raw is None:
            return await self._text(crossing)
        if not raw and crossing.boundary is Boundary.TOOL_CALL:
            raw = "{}"  # the contract: arguments that are not set are none
        try:
            wide = crossing.boundary is Boundary.TOOL_RESPONSE
            body = (
                parse(raw, max_depth=self.depth, wide=wide) if len(raw) <= SHORT else await self._long(raw, wide=wide)
            )
        except JsonError as error:
            return deny(self.name, error.reason, f"{error}: send one strict JSON value")
        if crossing.boundary in OBJECTS and not isinstance(body, dict):
            return deny(self.name, "json_not_object", "must be a JSON object")
        return allow(self.name, crossing.read(body))

    async def _text(self, crossing: Crossing) -> Answer:
        """Hand on a text as what it is. What should be JSON and is none stays a text, which `schema` denies."""
        text = crossing.body
        tool = self.catalogue.find(crossing.tool) if crossing.boundary is Boundary.TOOL_RESPONSE else None
        if tool is None or not tool.answers_in_json or not isinstance(text, str):
            return allow(self.name)
        answer = await self(replace(crossing, raw=text, is_json=True))
        return answer if answer.onward else allow(self.name)

    async def _long(self, raw: str, *, wide: bool) -> Json:
        return await walked(reading(raw, max_depth=self.depth, wide=wide))
