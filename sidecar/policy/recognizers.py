"""A recognizer of a pack, in the format of Presidio's own files: patterns, a deny list, words around them.

Its users' files say more than is needed here. What a recognizer is `enabled` for, its country and its languages are
read: it runs over every text, whatever language that may be in, with the context words of all its languages.
"""

import json
import warnings
from typing import Annotated, Final, Self

import regex  # type: ignore[import-untyped]  # it ships no types
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

MAX_PATTERNS: Final = 50  # per recognizer
MAX_WORDS: Final = 10_000  # in a deny list, and of context
MAX_LANGUAGES: Final = 50  # of one recognizer
MAX_CHARACTERS: Final = 10_000  # of one regular expression or word
CUSTOM: Final = "custom"
INSTALLED: Final = "installed"

Name = Annotated[str, Field(min_length=1, max_length=100)]
Entity = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
Score = Annotated[float, Field(ge=0, le=1)]
_Word = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
_Words = Annotated[tuple[_Word, ...], Field(max_length=MAX_WORDS)]
_Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PatternPart(_Part):
    """One regular expression, in the dialect of the `regex` module, and how sure a match is."""

    name: Name
    regex: _Word
    score: Score

    @field_validator("regex")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            with warnings.catch_warnings():  # on style; what counts is what Presidio makes of it
                warnings.simplefilter("ignore")
                regex.compile(value, regex.DOTALL | regex.MULTILINE | regex.IGNORECASE)
        except regex.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        return value


class LanguagePart(_Part):
    """One language of a recognizer, with its context words."""

    language: _Language
    context: _Words | None = None


class RecognizerPart(_Part):
    """One recognizer in Presidio's format: patterns, a deny list, or both.

    One that is `installed` is a Python class that the sidecar's configuration names; the pack counts on it.
    Presidio's own recognizers (`type: predefined`) need no entry: naming their kind in `entities` is enough.
    """

    name: Name
    supported_entity: Entity = ""  # where `supported_entities` does not say it
    supported_entities: Annotated[tuple[Entity, ...], Field(min_length=1, max_length=1)] | None = None
    supported_language: _Language | None = None
    supported_languages: (
        Annotated[tuple[_Language | LanguagePart, ...], Field(min_length=1, max_length=MAX_LANGUAGES)] | None
    ) = None
    enabled: bool = True
    country_code: Name | None = None
    type: str = CUSTOM
    patterns: Annotated[tuple[PatternPart, ...], Field(max_length=MAX_PATTERNS)] = ()
    deny_list: _Words = ()
    deny_list_score: Score = 1.0
    context: _Words = ()

    @field_validator("type")
    @classmethod
    def _custom(cls, value: str) -> str:
        if value not in {CUSTOM, INSTALLED}:
            raise ValueError(
                f"only `{CUSTOM}` and `{INSTALLED}`: what Presidio predefines is switched on by naming its kind in "
                "`entities`"
            )
        return value

    @model_validator(mode="after")
    def _finds_something(self) -> Self:
        if bool(self.supported_entity) == bool(self.supported_entities):
            raise ValueError("needs `supported_entity`, the kind that it finds, or `supported_entities` with that one")
        if self.supported_language and self.supported_languages:
            raise ValueError("has `supported_language` and `supported_languages`: leave one of them out")
        if self.type == INSTALLED and self.model_fields_set - {
            *("name", "supported_entity", "supported_entities", "type", "enabled")
        }:
            raise ValueError("what is `installed` has a name and the kind that it finds, and nothing more here")
        if self.type == CUSTOM and not self.patterns and not self.deny_list:
            raise ValueError("needs `patterns` or a `deny_list`")
        return self

    @property
    def entity(self) -> str:
        """The kind that it finds."""
        return self.supported_entities[0] if self.supported_entities else self.supported_entity

    @property
    def words(self) -> tuple[str, ...]:
        """The context words of all its languages."""
        by_language = [part.context or () for part in self.supported_languages or () if isinstance(part, LanguagePart)]
        return tuple(dict.fromkeys(word for some in (self.context, *by_language) for word in some))

    def as_presidio(self) -> str:
        """Return the arguments of Presidio's PatternRecognizer.from_dict, as canonical JSON."""
        kept = {"name", "patterns", "deny_list", "deny_list_score"}
        values = self.model_dump(include=kept, exclude_defaults=True)
        said = {"supported_entity": self.entity, "supported_language": "en"}
        context = {"context": self.words} if self.words else {}
        return json.dumps(values | said | context, sort_keys=True, ensure_ascii=False)
