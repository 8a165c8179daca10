"""Lines that are things of their own end a part; those of an address, a name, a key, a talk do not."""

import pytest

from sidecar.content.parts import RUN_OF_NAMES, parts, within


def cut(text: str) -> list[str]:
    return [text[part.start : part.end] for part in parts(text, RUN_OF_NAMES)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param('{\n  "who": "Ada",\n  "where": "Leeds"\n}', 4, id="JSON"),
        pytest.param("total = f(Ada)\nreturn total", 2, id="a call"),
        pytest.param("Ada <b>\n<i> Leeds", 2, id="markup"),
        pytest.param("sent=Ada took=4ms\nsent=Eva took=7ms", 2, id="settings"),
        pytest.param("Ada 4111\n1111 Eva", 1, id="digits on both sides"),
        pytest.param("2024-11-02 Ada 1\n2024-11-02 Eva 2", 2, id="but for a date"),
        pytest.param("2024-11-02 Ada\n2024-11-02 Eva", 2, id="records with dates"),
        pytest.param('{\n  "c1": "4012",\n  "c2": "8888"\n}', 2, id="a number over members of JSON"),
        pytest.param("[\n  5555,\n  5555\n]", 2, id="a number over an array in lines"),
        pytest.param("<td>4012</td>\n<td>8888</td>", 1, id="a number over cells"),
        pytest.param('card = "4012" + \\\n  "8888"', 1, id="a number over strings that are joined"),
        pytest.param('"IBAN": "GB82",\n"b": "WEST",\n"c": "1234"', 1, id="an account over members"),
        pytest.param("Charged to 5555\n5555\n5555", 1, id="groups that are alike"),
        pytest.param('"a": "of 4012",\n"who": "Ada",\n"c": "8888"', 2, id="a name between numbers"),
        pytest.param("took 1.5 s Ada\n[2024-11-02] Eva", 2, id="a date in brackets"),
        pytest.param("WARN Ada went\nINFO Eva came", 2, id="levels"),
        pytest.param("1) Ada\n2) Eva\n3) **Zoe**", 3, id="a list with numbers"),
        pytest.param("1. 4111\n2. 1111", 1, id="a number in a list"),
        pytest.param("Order of Ada\nOrder of Eva", 2, id="lines that begin alike"),
        pytest.param("Ada Lovelace\nPhone: 020 7946 0018", 2, id="a label"),
        pytest.param("who: Ada\nwhere: Leeds", 2, id="labels in small letters"),
        pytest.param("Ada: hi\nEva: hi\nAda: ho", 1, id="a talk"),
        pytest.param("[09:14] Ada: hi\n[09:15] Eva: hi", 1, id="a talk with times"),
        pytest.param("Ada Lovelace\n12 High Street\nLeeds LS1 4AP", 1, id="an address"),
        pytest.param("it was seen by our dear friend Ada\nLovelace of Leeds", 1, id="a name over a line's end"),
        pytest.param("ada\n@example.org", 1, id="an address of mail over a line's end"),
        pytest.param("-----BEGIN KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES", 1, id="headers of a key"),
        pytest.param("call +44\n(20) 7946 0018", 1, id="a number over a line's end"),
        pytest.param("Ada, who called from Leeds today, which is far", 2, id="a clause"),
        pytest.param("Ada, who called", 1, id="a short clause"),
        pytest.param("Ada Lovelace and Charles Babbage, James Carter", 1, id="a list of names"),
    ],
)
def test_a_part_ends_with_a_line_that_is_a_thing_of_its_own(text: str, count: int) -> None:
    assert len(cut(text)) == count


def test_where_somebody_looks_for_more_than_words_only_sentences_and_items_end_a_part() -> None:
    text = 'phase: "Ada",\n"where": "Leeds", which Ada of York and Eva of Bath saw\n- 7'

    found = [text[part.start : part.end] for part in parts(text, RUN_OF_NAMES, unended=within((), is_wide=True))]

    assert found == [text[:-3], "- 7"]
    assert len(cut(text)) > len(found)


def test_a_line_that_begins_before_its_part_is_known_by_its_indentation() -> None:
    text = "It is so.\n    Ada of Leeds\n    Ada of York"

    assert cut(text) == ["It is so.\n    ", "Ada of Leeds\n    ", "Ada of York"]
