"""Postal addresses are found whole, in the orders of several countries, and streets are told from prose."""

import pytest

from sidecar.content.recognizers import addresses


def found(text: str) -> list[str]:
    spans = sorted(addresses.find(text), key=lambda span: span.start)
    return [text[span.start : span.end] for span in spans if span.score >= 0.4]


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("12 Elm Street", id="number and street"),
        pytest.param("1234 N Oak St., Springfield, IL 62704", id="United States"),
        pytest.param("12 Elm Street, Apt. 4B, Springfield, IL 62704-1234, USA", id="with a unit and the country"),
        pytest.param("12 Elm Street\nApt. 4B\nSpringfield, IL 62704", id="three lines"),
        pytest.param("P.O. Box 123, Springfield, IL 62704", id="a box"),
        pytest.param("PSC 1234, Box 567\nAPO AE 09498", id="a military box"),
        pytest.param("221B Baker Street, London NW1 6XE", id="United Kingdom"),
        pytest.param("100 Queen Street West, Toronto, ON M5H 2N2, Canada", id="Canada"),
        pytest.param("Lindenstraße 4, 10969 Berlin", id="Germany"),
        pytest.param("rue Monge 7, 75005 Paris, France", id="France, street first"),
        pytest.param("7 rue Monge, 75005 Paris", id="France"),
        pytest.param("Via Garibaldi 12, 16124 Genova", id="Italy"),
        pytest.param("Calle Mayor 5, 28013 Madrid, Spain", id="Spain"),
        pytest.param("ul. Długa 15, 00-238 Warszawa", id="Poland"),
        pytest.param("Keizersgracht 21, 1015 CD Amsterdam", id="Netherlands"),
        pytest.param("Storgatan 3, 114 55 Stockholm, Sweden", id="Sweden"),
        pytest.param("Flat 4, 41 Queens Gardens, London SW6 2AB", id="a flat before the house"),
        pytest.param("No. 41, Nehru Nagar, Pune 411001", id="India"),
        pytest.param("447 Oak Hill Lane, Boise, ID 83702", id="two kinds of street"),
        pytest.param("Am Markt 5, 50667 Köln", id="Germany, no kind of street"),
        pytest.param("corner of Elm Street and 5th Avenue", id="a corner"),
    ],
)
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("Send it to ", ". Thanks."), ("Address:\n", "\n\nPhone: none")]
)
def test_an_address_is_found_whole(address: str, before: str, after: str) -> None:
    assert found(before + address + after) == [address]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("He has 50 court cases and 3 drive failures.", id="words of other meanings"),
        pytest.param("On 12 March 2024 we met 5 people in Paris.", id="a day"),
        pytest.param("at com.example.Main.run(Main.java:42)", id="a stack trace"),
        pytest.param("The S3 bucket in us-east-1 holds 3 TB of road data.", id="clouds"),
        pytest.param("user_id = 42; block 7 of 9", id="code"),
        pytest.param("Version 2.3.1 Build 77 is out.", id="a release"),
        pytest.param("Case 2022-CRIM-2952\nPlaintiff", id="a case"),
        pytest.param("Article 50 of the Treaty", id="an article"),
        pytest.param("a 2001 American film", id="a film"),
        pytest.param("rooms 3 to 5 are free via email", id="small words"),
        pytest.param("AAPL 150 Call 20 Put", id="shares"),
    ],
)
def test_prose_and_code_are_no_address(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("said", ["ZIP: 62704", "postcode 6280 AB", "The postal code is 394 13."])
def test_a_postal_code_alone_is_found_where_it_is_said(said: str) -> None:
    assert found(said)


@pytest.mark.parametrize("after", [" with two cats", '"}', " in spring", " now", "<br>"])
@pytest.mark.parametrize("address", ["Via Garibaldi 12, 16124 Genova", "7 rue Monge, 75005 Paris"])
def test_a_town_behind_its_code_is_a_part_of_the_address(address: str, after: str) -> None:
    assert found(f"lives at {address}{after}") == [address]


def test_a_sentence_behind_a_code_is_no_town() -> None:
    assert found("12 Elm Street, Austin, TX 78701 Please call first") == ["12 Elm Street, Austin, TX 78701"]
