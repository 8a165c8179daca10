"""Where a part of what a model writes ends: at the same places for all checks, so that their parts are the same."""

import re
from collections.abc import Sequence
from typing import Final

from sidecar.content.detection import Detector, Extended
from sidecar.content.parts import RUN_OF_FORMS, RUN_OF_NAMES, within
from sidecar.content.reading import Within
from sidecar.model.crossing import Boundary, Crossing
from sidecar.policy.entities import NAMED
from sidecar.policy.privacy import Privacy

# What may match white space: any sign that is no other, and escapes but for those of word signs and of marks.
_WIDE: Final = re.compile(r"\s|\.|\[\^|\\[^\w.+*?(){}|/^$\[\]-]|\\[^\WwdbBAZS]")
_ESCAPED: Final = re.compile(r"\\[\\.]")


def run_of(privacy: Privacy) -> int:
    """Return the run of small words that ends a part: longer where names are looked for, which need their context."""
    return RUN_OF_NAMES if NAMED & privacy.at(Boundary.LLM_OUTPUT).keys() else RUN_OF_FORMS


def unended(privacy: Privacy, detector: Detector | None) -> Within:
    """Return where no part ends: within the terms of the packs' deny lists, which would be found in halves.

    Where a pattern may hold a space, or a class finds what it likes, no more than sentences end a part.
    """
    patterns = (pattern.regex for recognizer in privacy.written for pattern in recognizer.patterns)
    is_wide = bool(installed(detector)) or any(_WIDE.search(_ESCAPED.sub("", pattern)) for pattern in patterns)
    return within((term for recognizer in privacy.written for term in recognizer.deny_list), is_wide=is_wide)


def installed(detector: Detector | None) -> Sequence[str]:
    """Return the classes of somebody's own that `detector` was made with."""
    return detector.wanted.installed if isinstance(detector, Extended) else ()


def is_written_by_a_model(crossing: Crossing) -> bool:
    """Whether the crossing's body is free text that a model wrote: what can come as a stream."""
    return crossing.boundary is Boundary.LLM_OUTPUT and not crossing.is_json and isinstance(crossing.body, str)
