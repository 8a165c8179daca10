import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sidecar.content.detection import Span
from sidecar.content.worker.frames import (
    FOUND,
    HEADER,
    MAX_BYTES,
    Found,
    Request,
    framed,
    length,
    request_from_bytes,
    request_to_bytes,
    spans_of,
)


@given(st.lists(st.text(st.characters())))
def test_any_text_arrives_as_it_was_sent(texts: list[str]) -> None:
    frame = framed(request_to_bytes(Request(texts=texts, entities=["A"])))

    assert length(frame[: HEADER.size]) == len(frame) - HEADER.size
    assert request_from_bytes(frame[HEADER.size :]) == Request(texts=texts, entities=["A"], edges=[])


def test_a_lone_surrogate_arrives_too() -> None:
    assert request_from_bytes(request_to_bytes(Request(texts=["a\ud800b"]))).texts == ["a\ud800b"]


def test_a_frame_that_is_too_long_is_not_read() -> None:
    assert length(HEADER.pack(MAX_BYTES)) == MAX_BYTES
    with pytest.raises(ValueError, match="too long"):
        length(HEADER.pack(MAX_BYTES + 1))


def test_findings_arrive_as_they_were_sent() -> None:
    sent = Found(spans=(((0, 2, "PERSON", 0.85),), ()))

    assert spans_of(FOUND.validate_json(FOUND.dump_json(sent)), ["Ada", ""]) == ((Span(0, 2, "PERSON", 0.85),), ())


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(Found(failed="ValueError"), id="a failure"),
        pytest.param(Found(spans=()), id="no answer for a text"),
        pytest.param(Found(spans=((), ())), id="an answer too many"),
        pytest.param(Found(spans=(((0, 4, "PERSON", 1.0),),)), id="beyond the text"),
        pytest.param(Found(spans=(((-1, 2, "PERSON", 1.0),),)), id="before the text"),
        pytest.param(Found(spans=(((2, 2, "PERSON", 1.0),),)), id="of no length"),
    ],
)
def test_an_answer_that_fits_no_question_is_none(found: Found) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        spans_of(found, ["Ada"])


@pytest.mark.parametrize("body", [pytest.param(b"", id="nothing"), pytest.param(b'{"spans":[[[0]]]}', id="a stump")])
def test_an_answer_is_read_strictly(body: bytes) -> None:
    with pytest.raises(ValidationError):
        FOUND.validate_json(body)
