"""Numbers that something unusual stands between are read as one, and lists, tables, dates and amounts are not."""

import time

import pytest

from sidecar.content.detection import Span
from sidecar.content.normal import views
from sidecar.content.normal.pulled import MAX_RUNS, pulled
from sidecar.content.recognizers import OWN


def found(text: str, entity: str) -> set[str]:
    """Return what of `text` is found as `entity` in any reading."""
    inside = [(view, span) for view in views(text) for own in OWN for span in own.find(view.text)]
    sent: list[Span] = [view.sent(span) for view, span in inside]
    return {text[span.start : span.end] for span in sent if span.entity == entity and span.score >= 0.4}


@pytest.mark.parametrize(
    ("entity", "before", "written"),
    [
        pytest.param("CREDIT_CARD", "", "4111\u20221111\u20221111\u20221111", id="a card in its groups"),
        pytest.param("CREDIT_CARD", "my card ", "4111|1111|1111|1111", id="a card in columns, said to be one"),
        pytest.param("CREDIT_CARD", "card: ", "41, 11, 11, 11, 11, 11, 11, 11", id="a card in pairs"),
        pytest.param(
            "CREDIT_CARD", "card: ", "<td>411</td>\n<td>111</td>\n<td>111</td>\n<td>111</td>\n<td>1111"[4:], id="cells"
        ),
        pytest.param("IBAN_CODE", "IBAN: ", "DE/8937/0400/4405/3201/3000", id="an account, from its letters"),
        pytest.param("IBAN_CODE", "IBAN: ", "DE89_3704_0044_0532_0130_00", id="an account"),
        pytest.param("IBAN_CODE", "IBAN: ", "DE89\n3704 0044 0532 0130 00", id="an account over two lines"),
        pytest.param("PHONE_NUMBER", "call ", "212~555~0100", id="a telephone number"),
        pytest.param("PHONE_NUMBER", "call +", "49#30#901820", id="one from abroad"),
        pytest.param(
            "CREDIT_CARD", '{"p1": "', '4111", "p2": "1111", "p3": "1111", "p4": "1111', id="a card in members"
        ),
        pytest.param("CREDIT_CARD", "", "4111', '1111', '1111', '1111", id="a card in an array"),
        pytest.param("CREDIT_CARD", "", "4111</td>\n<td>1111</td>\n<td>1111</td>\n<td>1111", id="a card in cells"),
        pytest.param(
            "CREDIT_CARD",
            "<td>1</td><td>",
            "4111</td><td>1111</td><td>1111</td><td>1111",
            id="a card in cells behind another",
        ),
        pytest.param("IBAN_CODE", "", 'DE89", "3704", "0044", "0532", "0130", "00', id="an account in an array"),
        pytest.param("IBAN_CODE", "", "DE89,3704,0044,0532,0130,00", id="an account in cells"),
        pytest.param("PHONE_NUMBER", 'call ["', '4930", "9018", "20', id="a telephone number in an array"),
        pytest.param("IP_ADDRESS", "the server ", "10*20*30*40", id="a machine"),
        pytest.param("IP_ADDRESS", "host: ", "10, 20, 30, 40", id="a machine, as a list"),
    ],
)
def test_a_number_is_found_through_what_stands_between_its_groups(entity: str, before: str, written: str) -> None:
    text = f"Note. {before}{written} and no more of it"

    assert written.removeprefix("+") in {one.removeprefix("+") for one in found(text, entity)}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("rows 4111, 1111, 1111, 1111 were read", id="a list of numbers"),
        pytest.param("| 4111 | 1111 | 1111 | 1111 |", id="a row of a table"),
        pytest.param('{"a": "4111", "b": "1111", "c": "1111", "d": "1112"}', id="members that prove nothing"),
        pytest.param('{"a": 4111, "b": 1111, "c": 1111, "d": 1111}', id="numbers of an object"),
        pytest.param('orders ["4930", "9018", "2011"] are open', id="an array of numbers"),
        pytest.param("<td>1</td><td>4111</td><td>1111</td><td>1111</td><td>1112</td>", id="cells of a row"),
        pytest.param("<td>9</td>\n<td>4111</td>\n<td>1111</td>\n<td>1111</td>\n<td>1112</td>", id="cells in lines"),
        pytest.param("DE88,3704,0044,0532,0130,00", id="cells that prove nothing"),
        pytest.param("call on 2024/05/06 at 10:30:45", id="a date and a time"),
        pytest.param("call me on 06/05/2024", id="a date the other way round"),
        pytest.param("charge 12,345,678.90 to the customer", id="an amount"),
        pytest.param("call the rooms 1201, 1202, 1203 please", id="rooms"),
        pytest.param("release 10, 20, 30, 40", id="four numbers of nothing"),
        pytest.param("my card is 4111 1111 1111 1111", id="a card as it is written"),
        pytest.param("SSN 536-90-4399, IBAN DE89 3704 0044 0532 0130 00", id="other numbers as they are written"),
        pytest.param("call +1 (212) 555-0100 or 212.555.0100", id="telephone numbers as they are written"),
        pytest.param("call 12; 34", id="too short"),
        pytest.param("pay " + " / ".join(["12345678"] * 5), id="too long"),
    ],
)
def test_what_is_no_number_or_written_as_usual_needs_no_other_reading(text: str) -> None:
    assert list(pulled(text)) == []


def test_only_what_is_near_is_read_anew() -> None:
    text = "Ada. " * 100 + "my card is 4111|1111|1111|1111." + " Ada." * 100
    (view,) = views(text)

    assert len(view.text) < 120
    assert text[view.first :].startswith("|1111|1111|1111")


def test_one_text_has_so_many_and_no_more() -> None:
    assert len(list(pulled("card 4111~1111~1111~1111 is one. " * (2 * MAX_RUNS)))) == MAX_RUNS


@pytest.mark.parametrize(
    "piece", ["1|", "12|", "<a 1", "1 & ", "12 - ", "card 1~", "A1_", "1](", "1[b]", "1\\ab{", "<td>1</td>\n"]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()

    list(views(text))

    assert time.process_time() - start < 2.0
