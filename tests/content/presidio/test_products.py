"""A program that is called as people are is no person where grammar leaves nobody."""

import time

import pytest

from sidecar.content.detection import Span
from sidecar.content.presidio.products import without_products


def left(text: str, *values: str, entity: str = "PERSON") -> list[str]:
    spans = [Span(text.index(value), text.index(value) + len(value), entity, 0.85) for value in values]
    return [text[span.start : span.end] for span in without_products(text, spans)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("An Athena query is cheap.", "Athena", id="what it is of, behind an article"),
        pytest.param("A Cassandra node joins the ring.", "Cassandra node", id="with what it is"),
        pytest.param("Upgrade Jackson to the next major version.", "Upgrade Jackson", id="with what is done"),
        pytest.param("Let us go from Travis to Jenkins.", "Travis", id="before another program"),
        pytest.param("Let us go from Travis to Jenkins.", "Travis to Jenkins", id="with another program"),
        pytest.param("Kafka, Hadoop and Cassandra share it.", "Cassandra", id="behind another program"),
        pytest.param("Mock the calls with Cypress.", "Cypress", id="what it is done with"),
        pytest.param("It is written in Ruby.", "Ruby", id="what it is written in"),
        pytest.param("We rewrote the solver in Julia.", "Julia", id="was written anew in"),
        pytest.param("How do I sort an array in Julia?", "Julia", id="a thing of programs in it"),
        pytest.param("Julia 1.10 is out.", "Julia", id="a release"),
        pytest.param("Ruby is slower than Python here.", "Ruby", id="compared with a program"),
        pytest.param("Julia, R and Python are taught.", "Julia", id="a row of three"),
        pytest.param("Julia packages are small.", "Julia", id="what only programs have, in the plural"),
        pytest.param("Here Julia compiles the function.", "Julia", id="what programs alone do"),
        pytest.param("Dijkstra's algorithm is quick.", "Dijkstra", id="a method"),
        pytest.param("It is a Kalman filter.", "Kalman", id="a method of a name"),
    ],
)
@pytest.mark.parametrize("entity", ["PERSON", "LOCATION", "ORGANIZATION", "NRP"])
def test_a_program_is_nobody(text: str, value: str, entity: str) -> None:
    assert left(text, value, entity=entity) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("Cassandra is late.", "Cassandra", id="of nothing"),
        pytest.param("Julia merges the compiler fix.", "Julia", id="who does something"),
        pytest.param("Travis broke the CI again.", "Travis", id="who did something"),
        pytest.param("The compiler was changed by Ada.", "Ada", id="by whom it is done"),
        pytest.param("Ask for Travis pipeline rights.", "Travis", id="no article"),
        pytest.param("Please grant Cassandra read rights on the cluster.", "Cassandra", id="to whom it is given"),
        pytest.param("Nice kernel, Julia!", "Julia", id="who is spoken to"),
        pytest.param("Travis: CI is red.", "Travis", id="who writes in a chat"),
        pytest.param("Ruby, Priya and Travis met.", "Travis", id="in a row with others"),
        pytest.param("I wrote the pipeline with Ada.", "Ada", id="with whom it is written"),
        pytest.param("Julia packages the parcels.", "Julia", id="who does what is such a word, too"),
        pytest.param("Ruby is taller than Priya.", "Ruby", id="compared with somebody"),
        pytest.param("Julia 5 minutes ago left.", "Julia", id="before a number that is no release"),
        pytest.param("I met a friend in Julia Street.", "Julia", id="a place"),
        pytest.param("Using Python, Julia solved it.", "Julia", id="behind another program, and no row"),
        pytest.param("Ask for Jenkins or Travis if it fails.", "Travis", id="a row that goes on with somebody"),
        pytest.param("Upgrade Julia to a window seat.", "Julia", id="whose seat it is"),
        pytest.param("The Jackson Pollock module is new.", "Jackson Pollock", id="a longer name"),
        pytest.param("Kalman, who is here, has a filter.", "Kalman", id="a method that is further away"),
    ],
)
def test_somebody_stays_somebody(text: str, value: str) -> None:
    assert left(text, value) == [value]


def test_who_has_a_longer_name_in_the_text_is_no_program() -> None:
    text = "The Julia kernel is slow. Julia Brandt is new."

    assert left(text, "Julia", "Julia Brandt") == ["Julia", "Julia Brandt"]
    assert left(text, "Julia") == []


def test_a_telephone_number_is_not_looked_at() -> None:
    assert left("A Cassandra node", "Cassandra", entity="PHONE_NUMBER") == ["Cassandra"]


@pytest.mark.parametrize("piece", ["Ruby ", "Ruby, ", "write in ", "the Ruby gems ", "mock Ruby "])
def test_no_text_makes_it_slow(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    spans = [Span(at, at + 4, "PERSON", 0.85) for at in range(0, len(text) - 4, len(piece))]
    start = time.process_time()

    without_products(text, spans)

    assert time.process_time() - start < 3.0
