"""A pack's prices.yaml: what models and tools cost, and what else is known of models.

A model is named `provider/model`; `*` stands for any characters, and the most specific entry of a pack counts. Of
several packs the dearest price counts: what is reserved for a call is never less than what it may cost. A model
without a price is one whose cost nobody knows: where money is limited, it is not called.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import Field

from sidecar.model.limits import ModelEntry, Prices
from sidecar.model.pattern import Pattern
from sidecar.model.price import Price
from sidecar.policy.document import Document
from sidecar.policy.files import MAX_LIST, ToolName

MAX_MODELS: Final = 1_000  # per pack
MAX_USD: Final = 1_000_000

_Usd = Annotated[float, Field(ge=0, le=MAX_USD)]
_ModelName = Annotated[str, Field(pattern=r"^[^\s\x00-\x1f\x7f]{0,256}/[^\s\x00-\x1f\x7f]{1,256}$")]


class ModelPart(Document):
    """One model. Prices are US dollars for a million tokens; `fallback` are models to use instead, the best first."""

    input_usd: _Usd
    output_usd: _Usd
    region: Annotated[str, Field(max_length=64)] = ""
    fallback: Annotated[tuple[_ModelName, ...], Field(max_length=MAX_LIST)] = ()


class PricesFile(Document):
    """prices.yaml. A tool's price is for one call; where the catalogue tells one as well, the dearer counts."""

    models: Annotated[Mapping[_ModelName, ModelPart], Field(max_length=MAX_MODELS)] = {}
    tools: Annotated[Mapping[ToolName, _Usd], Field(max_length=10 * MAX_MODELS)] = {}

    @property
    def named_tools(self) -> list[tuple[tuple[str | int, ...], str]]:
        """The tools that are named without `*`, each with its place."""
        return [(("tools", tool), tool) for tool in self.tools if "*" not in tool]


def combine(files: Sequence[PricesFile]) -> Prices:
    """Return the sum of all packs: never cheaper than any of them."""
    return Prices(
        models=tuple(tuple(_entry(name, part) for name, part in f.models.items()) for f in files if f.models),
        tools=tuple(tuple((Pattern(name), usd) for name, usd in f.tools.items()) for f in files if f.tools),
    )


def _entry(name: str, part: ModelPart) -> ModelEntry:
    price = Price(part.input_usd, part.output_usd)
    return ModelEntry(name=Pattern(name), price=price, region=part.region, fallback=part.fallback)
