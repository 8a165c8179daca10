"""What a small model names is kept where it is a name, and dropped where programs, forms and courts say it."""

import pytest

from sidecar.content.detection import Span
from sidecar.content.named import refined


def named(text: str, value: str, entity: str) -> list[tuple[str, str]]:
    start = text.index(value)
    spans = refined(text, [Span(start, start + len(value), entity, 0.85)])
    return [(span.entity, text[span.start : span.end]) for span in spans]


@pytest.mark.parametrize(
    ("text", "value", "entity", "kept"),
    [
        pytest.param("Ada went home.", "Ada", "PERSON", [("PERSON", "Ada")], id="a name"),
        pytest.param("from Paris.", "Paris.", "LOCATION", [("LOCATION", "Paris")], id="a full stop"),
        pytest.param(
            "Ada Bell\nInvoice",
            "Ada Bell\nInvoice",
            "PERSON",
            [("PERSON", "Ada Bell")],
            id="a line's end",
        ),
        pytest.param("since 3 May 2024", "3 May 2024", "DATE_TIME", [("DATE_TIME", "3 May 2024")], id="a day"),
        pytest.param("for 3 years", "3 years", "DATE_TIME", [], id="a duration"),
        pytest.param("today", "today", "DATE_TIME", [], id="a relative day"),
        pytest.param("the S3 bucket", "S3", "PERSON", [], id="a product"),
        pytest.param("in EKS there is", "EKS", "ORGANIZATION", [], id="an abbreviation"),
        pytest.param("state is CLOSED now", "CLOSED", "PERSON", [], id="a constant"),
        pytest.param("Then exc is raised", "exc", "PERSON", [], id="a small word"),
        pytest.param("i know ada", "ada", "PERSON", [("PERSON", "ada")], id="a text in small letters"),
        pytest.param("I live in ESPOO now", "ESPOO", "LOCATION", [], id="five capitals"),
        pytest.param(
            "I live in TAMPERE now", "TAMPERE", "LOCATION", [("LOCATION", "TAMPERE")], id="a town in capitals"
        ),
        pytest.param("set User_Id now", "User_Id", "PERSON", [], id="an identifier"),
        pytest.param("java.util.Map.of", "Map", "PERSON", [], id="a class"),
        pytest.param("new HashMap()", "HashMap", "PERSON", [], id="camel case"),
        pytest.param("Kim(x)", "Kim", "PERSON", [], id="a call"),
        pytest.param("see src/Max/a.py", "Max", "PERSON", [], id="a path"),
        pytest.param("Plaintiff: Bell", "Plaintiff", "ORGANIZATION", [], id="a label"),
        pytest.param("the Superior Court", "the Superior Court", "ORGANIZATION", [], id="a public body"),
    ],
)
def test_only_names_are_kept(text: str, value: str, entity: str, kept: list[tuple[str, str]]) -> None:
    assert named(text, value, entity) == kept


def test_a_person_is_found_at_every_place() -> None:
    text = "Bell said no. Then Ada Bell left, and Ada.Bell@x wrote to Ada's aunt. The bell rang."
    start = text.index("Ada Bell")
    spans = refined(text, [], [Span(start, start + 8, "PERSON", 0.85)])

    assert [(s.start, text[s.start : s.end]) for s in spans] == [
        (0, "Bell"),
        (text.index("Ada's"), "Ada"),
    ]
