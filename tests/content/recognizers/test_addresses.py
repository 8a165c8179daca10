"""Postal addresses are found whole, in the orders of several countries, and streets are told from prose."""

import time

import pytest

from sidecar.content.detection import regions
from sidecar.content.recognizers import addresses


def found(text: str) -> list[str]:
    counting = [span for span in addresses.find(text) if span.score >= 0.4]
    return [text[span.start : span.end] for span in regions(counting, lambda _: 0)]


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
        pytest.param("Hauptstr. 4 b, 04109 Leipzig", id="Germany, a small letter behind the number"),
        pytest.param("Kerkstraat 12 hs, 1017 GP Amsterdam", id="Netherlands, the ground floor"),
        pytest.param("Oude Vest 12 hs\n2312 XS Leiden", id="Netherlands, no kind of street"),
        pytest.param("Laan van Poot 4, 2566 EB Den Haag", id="Netherlands, the kind of the street first"),
        pytest.param("Ivy Lodge, Mill Hill, Ripon, HG4 1AA", id="United Kingdom, a house without a number"),
        pytest.param("Orchard Cottage, Mill Hill, Ripon HG4 1AA", id="United Kingdom, the code behind the town"),
        pytest.param("Level 4, 20 Kerr Cct, Fitzroy VIC 3065", id="Australia, a level"),
        pytest.param("Flat No. 7, Maple Residency, 3rd Cross, Jayanagar, Mysuru - 570011", id="India, a building"),
        pytest.param("H.No. 4-1-93/B, M.G. Road, Nashik - 422001", id="India, an abbreviation"),
        pytest.param("Plot No 9, Sector 14, Gurgaon 122001", id="India, no street"),
        pytest.param("C-21, Maple Apartments, 12th Main, Mysuru 570 011", id="India, a flat by its letter"),
        pytest.param("#27, 3rd Floor,\nAnna Nagar,\nMadurai 625 020", id="India, lines"),
        pytest.param("corner of Elm Street and 5th Avenue", id="a corner"),
        pytest.param("Calle del Olmo 12, 2\u00ba B, 49001 Zamora", id="Spain, a floor and a door"),
        pytest.param("C/ Serrano, n\u00ba 25, piso 8, puerta 4\n11001 C\u00e1diz", id="Spain, in short forms"),
        pytest.param("Plaza Fleming 17, bajo A, 89190 Jerez de la Frontera", id="Spain, the ground floor"),
        pytest.param("Rua das Flores, 120, apto 403 - Vila Nova, Recife - PE, 50010-100", id="Brazil, a quarter"),
        pytest.param("Rua do Sol, 704 - Centro, Campinas - SP, CEP 13010-100", id="Brazil, a word before the code"),
        pytest.param("Av. Lima, n\u00ba 613\nFortaleza/CE\n60010-646\nBrasil", id="Brazil, in lines"),
        pytest.param("6-16-25 Sakuragaoka, Minato-ku, Tokyo 107-0052, Japan", id="Japan"),
        pytest.param("4 Chome-14-5 Kamimachi, Naka Ward, Yokohama, Kanagawa 231-0015", id="Japan, a block"),
        pytest.param("〒150-0043 東京都渋谷区道玄坂2-10-7", id="Japan, in Japanese"),
        pytest.param("京都府京都市左京区川端町5丁目4番26号", id="Japan, in Japanese numbers"),
        pytest.param("Room 432, Midori Heights, 2-8-6 Kitamachi, Nerima-ku, Tokyo 179-0081", id="Japan, a building"),
        pytest.param("Flat No. 660, Lotus Towers, Ring Road, Koramangala, Bengaluru 560034", id="India, a building"),
        pytest.param(
            "House No. 83-84/7, Ram Vihar, Opp. Bus Stand, Jaipur - 302001, Rajasthan", id="India, beside something"
        ),
        pytest.param("No. 38, 12th Cross, 6th Main, Indiranagar, Bengaluru 560 038, India", id="India, crosses"),
        pytest.param("69 bis, rue des Roses, appt 4, 59000 Lille CEDEX 09, France", id="France, again"),
        pytest.param("7 rue des Lilas, 3e \u00e9tage, 37000 Tours cedex", id="France, a floor"),
        pytest.param("Via Roma 38, 20121 Milano (MI)", id="Italy, a province"),
        pytest.param("Kerkstraat 77-II, 1017 KL Amsterdam", id="Netherlands, a floor"),
        pytest.param("ul. Polna 12 m. 4, 00-625 Warszawa", id="Poland, a flat"),
        pytest.param("Avenida Hidalgo #582, Col. Del Valle, C.P. 03100, Puebla, Pue", id="Mexico"),
        pytest.param("Rua do Carmo, 56, 2\u00ba Esq, 1200-093 Lisboa", id="Portugal"),
        pytest.param("Av. Rivadavia 6035, 5\u00ba A, C1406GLT Buenos Aires, Argentina", id="Argentina"),
        pytest.param("Unit 4/102 George Street, Fitzroy VIC 3065", id="Australia"),
        pytest.param("Storgatan 63 A, 223 51 Lund", id="Sweden, a stair"),
        pytest.param("Room 107, No. 154 Heping Lu, Haidian District, Beijing 100080, China", id="China"),
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
        pytest.param("pages 4-5-6 Tokyo, Kyoto, and Osaka are missing", id="pages"),
        pytest.param("2-3-1 Draw, Second Half, Extra Time", id="a score"),
        pytest.param("第3-2号の議事録は市区町村に送る", id="Japanese without a place"),
        pytest.param("Room 12, Bus 4, near Gate 7", id="a room"),
    ],
)
def test_prose_and_code_are_no_address(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("below", ["Tel. +49 30 901820", "Order 77-2231", "Fax 12"])
def test_what_begins_with_a_label_below_is_no_town(below: str) -> None:
    assert found(f"12 Elm Street, Austin, TX 78701\n{below}") == ["12 Elm Street, Austin, TX 78701"]


@pytest.mark.parametrize(
    "said", ["ZIP: 62704", "postcode 6280 AB", "The postal code is 394 13.", "zip_code: 62704", "Postleitzahl: 34117"]
)
def test_a_postal_code_alone_is_found_where_it_is_said(said: str) -> None:
    assert found(said)


@pytest.mark.parametrize("after", [" with two cats", '"}', " in spring", " now", "<br>"])
@pytest.mark.parametrize("address", ["Via Garibaldi 12, 16124 Genova", "7 rue Monge, 75005 Paris"])
def test_a_town_behind_its_code_is_a_part_of_the_address(address: str, after: str) -> None:
    assert found(f"lives at {address}{after}") == [address]


def test_a_sentence_behind_a_code_is_no_town() -> None:
    assert found("12 Elm Street, Austin, TX 78701 Please call first") == ["12 Elm Street, Austin, TX 78701"]


@pytest.mark.parametrize(
    "piece", ["1-2-3 Aa, ", "区市", "Flat 1, Aa ", "C/ ", "\u00ba 1 ", "Calle n\u00ba ", "Rua Aa, 1 - ", "St. "]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    start = time.process_time()

    list(addresses.find(text))

    assert time.process_time() - start < 2.0


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("property: Unit 4, 12 Kingsway, Perth WA 6000; rent", "Unit 4, 12 Kingsway, Perth WA 6000"),
        ("we met at noon, 12 Broadway, Apt 3B, Salem, OR 97301", "12 Broadway, Apt 3B, Salem, OR 97301"),
    ],
)
def test_a_state_and_a_code_tell_an_address_whose_street_has_no_kind(text: str, address: str) -> None:
    assert found(text) == [address]


@pytest.mark.parametrize("text", ["12 Apples, Ten Pears, OR 4 more", "item 12 Broadway, Salem, OR later"])
def test_a_number_and_a_name_are_no_address_without_a_code(text: str) -> None:
    assert not found(text)
