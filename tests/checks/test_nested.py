"""What becomes of personal data in JSON that stands in a text."""

import json

from sidecar.checks.personal_hits import Hit, Written, fitting, replaced
from sidecar.content.detection import Span
from sidecar.content.places import Place
from sidecar.content.rewriting import Piece
from sidecar.model.operator import Operator

MASK = Operator.MASK


def test_an_escape_within_json_is_redacted_where_a_mask_would_tear_it() -> None:
    text = r'{"a": "4111\u00201111", "b": "4111 1111"}'
    hits = [
        Hit(Place(Piece((), text)), Span(text.index(value), text.index(value) + len(value), "CREDIT_CARD", 1.0), MASK)
        for value in (r"4111\u00201111", "4111 1111")
    ]

    whole = replaced(text, fitting(text, tuple(hits)), Written(b""))

    assert json.loads(whole) == {"a": "<CREDIT_CARD>", "b": "**** 1111"}
    assert [hit.operator for hit in fitting(f"see {text}", tuple(hits))] == [MASK, MASK]
