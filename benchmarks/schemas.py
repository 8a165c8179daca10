"""What the shape of a payload costs: our schemas beside `jsonschema`, each value judged by both in turn.

Two schemas: a tool's arguments of 20 properties, and an A2A message of 15 parts in each version of the protocol. The
refused ones have a fault in the middle, and so hold the explanation, which is `jsonschema`'s.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial

from jsonschema.validators import validator_for
from measure import FULL, QUICK, Row, options, report, rows, side_by_side

from sidecar.model.strict_json import Json
from sidecar.policy.schemas import Schema, compile_schema
from sidecar.protocols.a2a.reading import SCHEMAS

PROPERTIES, PARTS = 20, 15
TOOL: Mapping[str, Json] = {
    "type": "object",
    "properties": {f"p{i}": {"type": ("string", "integer")[i % 2], "maxLength": 40} for i in range(PROPERTIES)},
    "required": ["p0", "p1"],
    "additionalProperties": False,
}


def arguments(fault: Json) -> Json:
    """Return arguments for TOOL, with `fault` for a property in the middle."""
    return {f"p{i}": (f"text {i}", i)[i % 2] for i in range(PROPERTIES)} | {f"p{PROPERTIES // 2}": fault}


def old(fault: Json) -> Json:
    """Return a message of A2A 0.3 with `fault` for a text in the middle."""
    parts = [{"kind": "text", "text": fault if i == PARTS // 2 else f"part {i}"} for i in range(PARTS)]
    return {"kind": "message", "messageId": "m", "role": "user", "contextId": "c", "parts": parts}


def new(fault: Json) -> Json:
    """Return a message of A2A 1.0 with `fault` for a text in the middle."""
    parts = [{"text": fault if i == PARTS // 2 else f"part {i}"} for i in range(PARTS)]
    return {"messageId": "m", "role": "ROLE_USER", "contextId": "c", "parts": parts}


def calls(document: Mapping[str, Json], value: Json, *, valid: bool) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """Return what is timed: both engines on `value`, once both have been seen to agree on it."""
    schema = compile_schema(document, name="benchmark")
    plain = validator_for(document)(document)
    assert (not schema.problems(value)) is plain.is_valid(value) is valid
    return {"sidecar": partial(_judged, schema, value), "jsonschema": partial(_listed, plain.iter_errors, value)}


async def _judged(schema: Schema, value: Json) -> object:
    return schema.problems(value)


async def _listed(errors: Callable[[Json], object], value: Json) -> object:
    found = errors(value)
    return list(found) if isinstance(found, Iterator) else found


async def measured(rounds: int) -> list[Row]:
    """Return the rows of every schema, allowed and refused."""
    table = {
        "tool, 20 properties": (TOOL, arguments),
        "A2A 0.3, 15 parts": (SCHEMAS["0.3/message"], old),
        "A2A 1.0, 15 parts": (SCHEMAS["1.0/message"], new),
    }
    found: list[Row] = []
    for title, (document, make) in table.items():
        for fault, outcome in (("text", "allowed"), ([7], "refused")):
            times = await side_by_side(calls(document, make(fault), valid=fault == "text"), rounds)
            named = {f"{title}, {outcome}: {engine}": taken for engine, taken in times.items()}
            found += rows(named, against=f"{title}, {outcome}: jsonschema")
    return found


def main() -> None:
    """Measure and report."""
    chosen = options("What the shape of a payload costs, beside jsonschema.")
    report(asyncio.run(measured(QUICK if chosen.quick else FULL)), "python benchmarks/schemas.py", chosen.json)


if __name__ == "__main__":
    main()
