"""Why a value breaks its schema, by `jsonschema`, in a bounded number of steps.

`jsonschema` walks schema and value in Python: it would run patterns through `re`, which backtracks without
end, compare items pair by pair, and follow nested alternatives as often as they can be combined. Here every
keyword counts as a step, and so do the members that it looks at and the messages that it makes; patterns and
equal items are left to the engine that decides; and where the steps run out, what was found so far is the
explanation. An explanation never changes a decision.
"""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from itertools import islice
from typing import Final, Protocol

import jsonschema_rs
from jsonschema import ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from referencing.jsonschema import SchemaRegistry

from sidecar.model.strict_json import Json
from sidecar.policy import schema_words
from sidecar.policy.schema_dialects import DRAFTS
from sidecar.policy.schema_patterns import matches

MAX_STEPS: Final = 5_000  # about 20 ms
CHARACTERS_PER_STEP: Final = 200  # of a message: `jsonschema` writes the refused value into each, which takes as long
MEMBERS_PER_STEP: Final = 10  # of a list or an object: each is looked at, even where the schema asks nothing of it

Reason = tuple[tuple[str | int, ...], str]


class Walker(Protocol):
    """What keywords need of a validator of `jsonschema`."""

    def descend(
        self, instance: Json, schema: Json, path: str | int | None = None, schema_path: str | int | None = None
    ) -> Iterator[ValidationError]:
        """Return the errors of `instance` under another schema."""

    def iter_errors(self, instance: Json) -> Iterator[ValidationError]:
        """Return the errors of `instance`."""


Keyword = Callable[[Walker, Json, Json, Mapping[str, Json]], Iterator[ValidationError] | None]


class _UnexplainedError(Exception):
    """No more steps, or a keyword that is not explained here."""


class _WordedError(ValidationError):
    """An error whose message is of our own words, and so holds nothing of the value."""


class _Steps:
    """How many steps are left."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise _UnexplainedError


_steps: ContextVar[_Steps] = ContextVar("steps")


def walker(draft: str, schema: Json, registry: SchemaRegistry) -> Walker:
    """Return what explains refusals by `schema`. `draft` is a URI of DRAFTS, `registry` holds what it refers to."""
    made: Walker = _CLASSES[draft](schema, registry=registry)
    return made


def reasons(by: Walker, value: Json, *, most: int, steps: int = MAX_STEPS) -> tuple[Reason, ...]:
    """Return at most `most` reasons why `value` is refused, as path and words; empty where none is found."""
    found: list[Reason] = []
    token = _steps.set(_Steps(steps))
    try:
        for error in islice(by.iter_errors(value), most):
            found.append(_reason(error))  # noqa: PERF401 - what was found before the steps ran out must stay
    except Exception:  # noqa: BLE001, S110 - the value is refused already; words are a courtesy
        pass
    finally:
        _steps.reset(token)
    return tuple(dict.fromkeys(found))


def _reason(error: ValidationError) -> Reason:
    # Of several forms, the words of the one that came nearest help most.
    best = best_match([error]) or error
    path = tuple(best.absolute_path)
    if isinstance(best, _WordedError):
        return path, best.message
    if not isinstance(best.validator, str):
        return path, schema_words.words("falseSchema", None)
    asked: Json = best.validator_value  # type: ignore[assignment]  # set, as `validator` is
    return path, schema_words.words(best.validator, asked)


def _required(_by: Walker, required: Json, instance: Json, _schema: Json) -> Iterator[ValidationError]:
    if isinstance(instance, dict) and isinstance(required, list):
        for name in required:
            if name not in instance:
                yield _WordedError(schema_words.missing(name))


def _properties(by: Walker, properties: Json, instance: Json, _schema: Json) -> Iterator[ValidationError]:
    if not isinstance(instance, dict) or not isinstance(properties, dict):
        return
    for name, subschema in properties.items():
        if name not in instance:
            continue
        if subschema is False:  # `descend` would leave out where
            yield _WordedError(schema_words.words("falseSchema", None), path=[name])
        else:
            yield from by.descend(instance[name], subschema, path=name, schema_path=name)


def _dependencies(by: Walker, dependent: Json, instance: Json, _schema: Json) -> Iterator[ValidationError]:
    if not isinstance(instance, dict) or not isinstance(dependent, dict):
        return
    for trigger, needed in dependent.items():
        if trigger not in instance:
            continue
        if not isinstance(needed, list | str):
            yield from by.descend(instance, needed, schema_path=trigger)
            continue
        for name in [needed] if isinstance(needed, str) else needed:
            if name not in instance:
                yield _WordedError(schema_words.beside(name, trigger))


def _pattern(_by: Walker, pattern: Json, instance: Json, _schema: Json) -> Iterator[ValidationError]:
    if isinstance(instance, str) and isinstance(pattern, str) and not matches(pattern, instance):
        yield _WordedError(schema_words.words("pattern", pattern))


def _pattern_properties(by: Walker, patterns: Json, instance: Json, _schema: Json) -> Iterator[ValidationError]:
    if not isinstance(instance, dict) or not isinstance(patterns, dict):
        return
    for pattern, subschema in patterns.items():
        for name, member in instance.items():
            if matches(pattern, name):
                yield from by.descend(member, subschema, path=name, schema_path=pattern)


def _additional(by: Walker, allowed: Json, instance: Json, schema: Mapping[str, Json]) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    known, patterns = schema.get("properties"), schema.get("patternProperties")
    known = known if isinstance(known, dict) else {}
    patterns = patterns if isinstance(patterns, dict) else {}
    for name, member in instance.items():
        if name in known or any(matches(pattern, name) for pattern in patterns):
            continue
        if allowed is False:
            yield _WordedError(schema_words.unknown_member(known))
            return
        yield from by.descend(member, allowed, path=name)


def _property_names(by: Walker, allowed: Json, instance: Json, _schema: Json) -> Iterator[ValidationError]:
    if isinstance(instance, dict) and any(next(by.descend(name, allowed), None) for name in instance):
        yield _WordedError(schema_words.words("propertyNames", None))


def _unique(_by: Walker, unique: Json, instance: Json, _schema: Json) -> Iterator[ValidationError]:
    if unique is True and not _UNIQUE.is_valid(instance):
        yield _WordedError(schema_words.words("uniqueItems", None))


def _unexplained(_by: Walker, _value: Json, _instance: Json, _schema: Json) -> None:
    raise _UnexplainedError


_UNIQUE: Final = jsonschema_rs.Draft202012Validator({"uniqueItems": True})

_OWN: Final[Mapping[str, Keyword]] = {
    "required": _required,
    "properties": _properties,
    "dependencies": _dependencies,
    "dependentRequired": _dependencies,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _property_names,
    "uniqueItems": _unique,
    "unevaluatedItems": _unexplained,
    "unevaluatedProperties": _unexplained,
}


def _counted(keyword: Keyword) -> Keyword:
    def counted(by: Walker, value: Json, instance: Json, schema: Mapping[str, Json]) -> Iterator[ValidationError]:
        steps = _steps.get()
        steps.spend(1 + (len(instance) // MEMBERS_PER_STEP if isinstance(instance, list | dict) else 0))
        for error in keyword(by, value, instance, schema) or ():
            steps.spend(len(error.message) // CHARACTERS_PER_STEP)
            yield error

    return counted


_CLASSES: Final = {
    uri: extend(  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        draft, {name: _counted(_OWN.get(name, known)) for name, known in draft.VALIDATORS.items()}
    )
    for uri, draft in DRAFTS.items()
}
