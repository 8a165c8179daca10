"""Where a part of what a model writes ends: at the same places for all checks, so that their parts are the same."""

from sidecar.content.parts import RUN_OF_FORMS, RUN_OF_NAMES, Within, within
from sidecar.model.crossing import Boundary, Crossing
from sidecar.policy.entities import NAMED
from sidecar.policy.privacy import Privacy


def run_of(privacy: Privacy) -> int:
    """Return the run of small words that ends a part: longer where names are looked for, which need their context."""
    return RUN_OF_NAMES if NAMED & privacy.at(Boundary.LLM_OUTPUT).keys() else RUN_OF_FORMS


def unended(privacy: Privacy) -> Within:
    """Return where no part ends: within the terms of the packs' deny lists, which would be found in halves."""
    return within(term for recognizer in privacy.written for term in recognizer.deny_list)


def is_written_by_a_model(crossing: Crossing) -> bool:
    """Whether the crossing's body is free text that a model wrote: what can come as a stream."""
    return crossing.boundary is Boundary.LLM_OUTPUT and not crossing.is_json and isinstance(crossing.body, str)
