"""What every table of the settings is made of."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]
OptionalPath = Annotated[Path | None, BeforeValidator(lambda value: value or None)]  # an empty string is none
LanguageCode = Annotated[str, Field(pattern="^[a-z]{2,3}$")]  # ISO 639, as spaCy has it
ModelName = Annotated[str, Field(min_length=1)]  # an installed spaCy package, or a path
EntryPoint = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$")]  # package.module:Class
PackName = Annotated[str, "a bundled pack's name, or a folder: what holds a slash"]


class Section(BaseModel):
    """A table of the file: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
