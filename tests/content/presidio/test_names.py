"""What a small model names is kept where it is a name, and dropped where programs, forms and courts say it."""

import pytest

from sidecar.content.detection import Span
from sidecar.content.presidio.names import disowned, refined


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
        pytest.param("Use Grafana daily", "Grafana", "PERSON", [], id="a program"),
        pytest.param("Windows Server 2022 is", "Server 2022", "ORGANIZATION", [], id="a program and its release"),
        pytest.param("Kafka lag is 12", "Kafka", "PERSON", [], id="a broker"),
        pytest.param(
            "Franz Kafka wrote", "Franz Kafka", "PERSON", [("PERSON", "Franz Kafka")], id="who it is named after"
        ),
        pytest.param("Use Terraform now", "Use Terraform", "PERSON", [], id="to use a program"),
        pytest.param("moved from Backlog to", "Backlog", "LOCATION", [], id="a column of a board"),
        pytest.param("ticket OPS-4821 blocks", "OPS-4821", "NRP", [], id="a ticket"),
        pytest.param("The M3 Max has", "Max", "PERSON", [], id="a model's grade"),
        pytest.param("Pixel 9 Pro", "Pro", "PERSON", [], id="a telephone's grade"),
        pytest.param("Model Q-40 Pro, new", "Model Q-40 Pro", "PERSON", [], id="a model and its number"),
        pytest.param(
            "Ada Bell Q-40 says", "Ada Bell Q-40", "PERSON", [("PERSON", "Ada Bell")], id="who stands before one"
        ),
        pytest.param("evicted: node ip", "node", "LOCATION", [], id="a machine"),
        pytest.param("Dear Sir or Madam,", "Madam", "PERSON", [], id="nobody in particular"),
        pytest.param("ask Max", "Max", "PERSON", [("PERSON", "Max")], id="who is called so"),
        pytest.param("In room 12 Max waits", "Max", "PERSON", [("PERSON", "Max")], id="somebody behind a number"),
        pytest.param("Cache-Control: no-store", "Cache-Control", "ORGANIZATION", [], id="a header"),
        pytest.param(
            "Hewlett-Packard sells",
            "Hewlett-Packard",
            "ORGANIZATION",
            [("ORGANIZATION", "Hewlett-Packard")],
            id="no header",
        ),
        pytest.param("ask Cassandra", "Cassandra", "PERSON", [("PERSON", "Cassandra")], id="a program and a name"),
        pytest.param("ask Redis Bell", "Redis Bell", "PERSON", [("PERSON", "Redis Bell")], id="more than a program"),
        pytest.param("on 03.05.2024", "03.05.2024", "DATE_TIME", [("DATE_TIME", "03.05.2024")], id="a day with dots"),
        pytest.param("Gradle 8.5.1 is", "Gradle 8.5.1", "DATE_TIME", [], id="a release is no day"),
        pytest.param("driver 535.129.03", "535.129.03", "DATE_TIME", [], id="a long release"),
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
        pytest.param(
            "ask Fatima McAllister", "Fatima McAllister", "PERSON", [("PERSON", "Fatima McAllister")], id="Mc"
        ),
        pytest.param("| Guest | Room |", "Guest", "PERSON", [], id="the head of a table"),
        pytest.param("on Windows 11 now", "Windows 11", "LOCATION", [], id="a release"),
        pytest.param("see Markt 50", "Markt 50", "DATE_TIME", [], id="no month"),
        pytest.param("reference INV-2026", "INV-2026", "DATE_TIME", [], id="a reference"),
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


@pytest.mark.parametrize(
    ("entity", "form", "kept"),
    [
        pytest.param("PERSON", "STREET_ADDRESS", False, id="no person in an address"),
        pytest.param("ORGANIZATION", "STREET_ADDRESS", False, id="no company in an address"),
        pytest.param("LOCATION", "STREET_ADDRESS", True, id="a town in an address"),
        pytest.param("ORGANIZATION", "PERSON", False, id="no company in a person"),
        pytest.param("PERSON", "ORGANIZATION", True, id="a person in a company"),
    ],
)
def test_what_is_a_part_of_a_form_is_nothing_else(entity: str, form: str, kept: bool) -> None:  # noqa: FBT001 - a row of the table
    text = "at 12 Isaac Lodge Street and further"
    spans = refined(text, [Span(6, 17, entity, 0.85)], [Span(3, 24, form, 0.8)])

    assert [(s.start, s.end) for s in spans if s.entity == entity and s.score > 0.8] == ([(6, 17)] if kept else [])


@pytest.mark.parametrize(
    ("text", "entity", "kept"),
    [
        pytest.param("Ada Lovelace's", "PERSON", "Ada Lovelace", id="what is hers"),
        pytest.param("Ada Lovelace\u2019s", "PERSON", "Ada Lovelace", id="as it is printed"),
        pytest.param("ADA LOVELACE'S", "PERSON", "ADA LOVELACE", id="in capitals"),
        pytest.param("O'Sullivan", "PERSON", "O'Sullivan", id="a name with the sign"),
        pytest.param("Lloyd's", "ORGANIZATION", "Lloyd's", id="a company"),
    ],
)
def test_a_name_is_the_same_without_the_s_of_its_owner(text: str, entity: str, kept: str) -> None:
    (span,) = disowned(text, [Span(0, len(text), entity, 0.85)])

    assert text[span.start : span.end] == kept
