"""The page an auditor reads first: which checks guard which boundary, in order.

To add a boundary, add a row. To add a check, write it in `checks/` and name its `build` in the rows it
belongs to. What is cheap and denies comes before what is dear and rewrites; what a rule or a person is
shown comes after what redacts. What is paid for comes after that, and what was paid is settled first; `reveal` alone
comes after all of them. Every row begins with `session`: without one, nothing else is asked.
"""

from collections.abc import Mapping
from typing import Final

from sidecar.checks import (
    autonomy,
    budget,
    card,
    carried,
    catalogue,
    circuit,
    data_classes,
    foreign_tokens,
    form,
    injection,
    instructions,
    loop,
    origin,
    passthrough,
    peer_tokens,
    personal_data,
    rate,
    repeat,
    residency,
    reveal,
    rules,
    schema,
    scope,
    sender,
    session,
    size,
    task,
)
from sidecar.checks.base import Check, CheckFactory, Ports
from sidecar.model.crossing import Boundary

# fmt: off
BOUNDARIES: Final[Mapping[Boundary, tuple[CheckFactory, ...]]] = {
    Boundary.USER_INPUT: (
        session.build, size.build, rate.build, injection.build, personal_data.build, rules.build,
    ),
    Boundary.LLM_REQUEST: (
        session.build, size.build, repeat.build, rate.build, loop.build, circuit.build, instructions.build,
        passthrough.build, personal_data.build, rules.build, residency.build, budget.build,
    ),
    Boundary.LLM_OUTPUT: (
        session.build, budget.build, circuit.build, size.build, form.build, schema.build, injection.build,
        personal_data.build, rules.build,
    ),
    Boundary.TOOL_CALL: (
        session.build, size.build, form.build, repeat.build, rate.build, loop.build, circuit.build, scope.build,
        passthrough.build, catalogue.build, schema.build, personal_data.build, data_classes.build, origin.build,
        rules.build, residency.build, autonomy.build, budget.build, reveal.build,
    ),
    Boundary.TOOL_RESPONSE: (
        session.build, budget.build, circuit.build, size.build, loop.build, scope.build, catalogue.build, form.build,
        schema.build, injection.build, foreign_tokens.build, personal_data.build, data_classes.build, rules.build,
    ),
    Boundary.A2A_MESSAGE: (
        session.build, size.build, form.build, rate.build, loop.build, carried.build, card.build, sender.build,
        passthrough.build, schema.build, task.build, injection.build, peer_tokens.build, personal_data.build,
        data_classes.build, rules.build, residency.build, budget.build,
    ),
}
# fmt: on


def build_rows(ports: Ports) -> Mapping[Boundary, tuple[Check, ...]]:
    """Return every row's checks, built from `ports`."""
    return {boundary: tuple(build(ports) for build in row) for boundary, row in BOUNDARIES.items()}
