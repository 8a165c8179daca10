"""Texts that are written so that a search fails are read, and every character of the reading knows its place."""

import base64
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sidecar.content.detection import Span
from sidecar.content.normal import MAX_VIEWS, encodings, views
from sidecar.content.normal.view import Edit, View
from sidecar.content.recognizers import OWN

CARD = "4111 1111 1111 1111"
MAIL = "ada@example.org"


def readings(text: str) -> list[str]:
    return [view.text for view in views(text)]


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        pytest.param("4111\u200b1111\u20601111\ufeff1111", CARD.replace(" ", ""), id="zero-width"),
        pytest.param("ad\u202ea@exa\u00admple.o\u2066rg", MAIL, id="direction and soft hyphen"),
        pytest.param("a\U000e0061d\ufe0fa@example.org", MAIL, id="tags and variation selectors"),
        pytest.param("4\u03361\u03361\u03361\u0336", "4111", id="struck through"),
        pytest.param("\uff14\uff11\uff11\uff11 1111 1111 1111", CARD, id="full-width"),
        pytest.param("\u0664\u0661\u0661\u0661 1111 1111 1111", CARD, id="Arabic digits"),
        pytest.param("\U0001d7d2\U0001d7cf\U0001d7cf\U0001d7cf 1111 1111 1111", CARD, id="mathematical"),
        pytest.param("\u2463\u2460\u2460\u2460 1111 1111 1111", CARD, id="circled"),
        pytest.param("\u0430d\u0430@\u0435x\u0430m\u0440le.org", MAIL, id="Cyrillic"),
        pytest.param("ad\u03b1@example.\u03bfrg", MAIL, id="Greek"),
        pytest.param("4lll llll 1111 111I", CARD, id="letters for digits"),
        pytest.param("4lll llll 1111 1111. I said so", f"{CARD}. I said so", id="letters for digits, and a sentence"),
        pytest.param("ada%40example%2Eorg", MAIL, id="URL-encoding"),
        pytest.param("jos%C3%A9%40example.org", "jos\u00e9@example.org", id="URL-encoded UTF-8"),
        pytest.param("ada&#64;example&period;org", MAIL, id="entities"),
        pytest.param("\\u0061da\\x40example.org", MAIL, id="escapes"),
        pytest.param(" ".join(CARD.replace(" ", "")), CARD.replace(" ", ""), id="spaced"),
        pytest.param("1.2.3.4.5.6.7.8.9", "123456789", id="dotted"),
        pytest.param("1 2 3 - 4 5 - 6 7 8 9", "123-45-6789", id="spaced, with hyphens"),
        pytest.param(" ".join(MAIL), MAIL, id="spaced address"),
        pytest.param("ada (at) example [dot] org", MAIL, id="spelled in brackets"),
        pytest.param("ada at example dot org", MAIL, id="spelled"),
        pytest.param("4111<b>1111</b><!-- x -->1111<i>1111", CARD.replace(" ", ""), id="tags of markup"),
        pytest.param("4111 <b>1111</b> 1111 1111", CARD, id="a tag behind a space"),
        pytest.param("4111** **1111** `1111` 1111", CARD, id="emphasis"),
        pytest.param("ada`@`example.org", MAIL, id="code"),
        pytest.param("ada<br>@example.org", MAIL, id="a line before the sign"),
        pytest.param("ada@<p>example.org", MAIL, id="and behind it"),
        pytest.param("4111<br>1111", "41111111", id="lines of a number"),
        pytest.param("4111\xa01111\u20091111\u202f1111", CARD, id="spaces of typography"),
        pytest.param("a\xa0d\xa0a\xa0@\xa0example.org", "a d a @\xa0example.org", id="spelled with them"),
        pytest.param("\u202egro.elpmaxe@ada\u202c", MAIL, id="shown from right to left"),
        pytest.param("so \u202e1111 1111 1111 1114", f"so {CARD}", id="so to the end"),
        pytest.param("ada%2540example.org", MAIL, id="URL-encoded twice"),
        pytest.param("10[.]0 [dot] 7(dot)1", "10.0.7.1", id="a machine, spelled"),
        pytest.param("ada(at)10[.]0[.]7[.]1", "ada@10.0.7.1", id="an address at a machine"),
        pytest.param("536-90\n-4399", "536-90-4399", id="a line's end before a hyphen"),
        pytest.param("4111 1111\n1111 1111", "4111 11111111 1111", id="a line's end"),
        pytest.param("ada\uff20example\u3002org", MAIL, id="the full stop of Chinese"),
        pytest.param("ada\ufe6bexample\u2024org", MAIL, id="small forms"),
        pytest.param("\u2477\u2474\u2474\u2474 1111", "4111 1111", id="digits in brackets"),
        pytest.param("\u248b\u2488\u2488\u2488 1111", "4111 1111", id="digits with full stops"),
        pytest.param("\u0420\u0422 77 79 97 \u0421", "PT 77 79 97 C", id="Cyrillic groups of a number"),
        pytest.param("\\064\\061\\061\\061", "4111", id="octal escapes"),
        pytest.param("\\000034\\000031\\000031\\000031", "4111", id="escapes of CSS"),
        pytest.param("%2B1+212+555%2D0100", "+1 212 555-0100", id="a query"),
        pytest.param("41&ZeroWidthSpace;11", "4111", id="long entities"),
        pytest.param("ada_at_example_dot_org", MAIL, id="spelled with underscores"),
        pytest.param("ada @ example . org", MAIL, id="spaces around signs"),
        pytest.param("ada -at- example -dot- org", MAIL, id="spelled with hyphens and spaces"),
        pytest.param("ada arroba example punto org", MAIL, id="spelled in Spanish"),
        pytest.param("ada \u00e4t example punkt org", MAIL, id="spelled in German"),
        pytest.param("ada, at-sign, example.org", MAIL, id="the sign's name"),
        pytest.param("| ada | @ | example.org |", f"| {MAIL} |", id="in cells"),
        pytest.param("ada\n@example.org", MAIL, id="a line's end before the sign"),
        pytest.param("ada@\r\n  example.org", MAIL, id="a line's end behind the sign"),
        pytest.param("ada@example.\norg", MAIL, id="a line's end before its last part"),
        pytest.param("card:\n1. 4111\n2. 1111\n3. 1111", "card:\n411111111111", id="items of a list"),
        pytest.param("ssn\n 7) 536\n 8) 90\n 9) 4399\nx", "ssn\n 536 90 4399\nx", id="items of another list"),
        pytest.param("ada\\@example\\.org", MAIL, id="escaped punctuation"),
        pytest.param("|".join(MAIL), MAIL, id="a sign of columns between all"),
        pytest.param(" - ".join("12345"), "12345", id="spaced hyphens between all"),
        pytest.param(".".join(MAIL), MAIL, id="dots between all, and a dot"),
        pytest.param("[4111](https://a.example)1111[1111](#)1111", CARD.replace(" ", ""), id="links"),
        pytest.param("41[](x)11 [1111](#y)", "4111 1111", id="empty links"),
        pytest.param("4111![](i.png)1111", "41111111", id="a picture"),
        pytest.param("[b]4111[/b][b]1111", "[b]41111111", id="BBCode"),
        pytest.param("\\textbf{4111}\\textbf{1111}", "\\textbf{41111111}", id="LaTeX"),
        pytest.param('"4111" + "1111"', '"41111111"', id="strings of a program"),
        pytest.param("41<span style='" + "color:red;" * 20 + "'>11", "4111", id="a tag that is long"),
        pytest.param("&#60;b&#62;4111&#60;/b&#62;1111", "<b>41111111", id="markup in entities"),
        pytest.param("<i>A</i><i> </i><i>1</i><i> </i><i>2", "<i>A 1 2", id="a space in markup of its own"),
    ],
)
def test_what_is_hidden_is_read(text: str, reading: str) -> None:
    assert reading in readings(text)
    assert all(text[view.starts[0] : view.ends[-1]] for view in views(text))


def cards(text: str) -> set[str]:
    found = [view.sent(span) for view in views(text) for own in OWN for span in own.find(view.text)]
    return {text[span.start : span.end] for span in found if span.entity == "CREDIT_CARD"}


@pytest.mark.parametrize(
    ("encoded", "cover"),
    [
        pytest.param(*pair, id=name)
        for name, pair in {
            "Base64": (base64.b64encode(f"my card is {CARD}".encode()).decode(), slice(12, None)),
            "before its end": (base64.b64encode(f"my card is {CARD}, and so on".encode()).decode(), slice(12, 40)),
            "padded": (base64.b64encode(f"my card is {CARD} now".encode()).decode(), slice(12, 40)),
            "of URLs": (
                base64.urlsafe_b64encode(f"my card is {CARD}?>".encode()).decode().rstrip("="),
                slice(12, 40),
            ),
            "twice": (
                base64.b64encode(base64.b64encode(f"my card, then {CARD} and more".encode())).decode(),
                slice(20, 60),
            ),
            "hexadecimal": (f"my card is {CARD}!".encode().hex(), slice(22, -2)),
            "in pairs": (f"my card is {CARD}!".encode().hex(" "), slice(33, -3)),
            "alone": (CARD.encode().hex(), slice(None)),
            "alone, with hyphens": (CARD.encode().hex("-"), slice(None)),
            "as in C": (" ".join(f"0x{octet:02x}" for octet in CARD.encode()), slice(None)),
            "as in C, in a list": (", ".join(f"0x{o:02x}" for o in f"no {CARD} no".encode()), slice(18, -18)),
            "with what is not seen": ("\u200b".join(CARD).encode().hex(" "), slice(None)),
            "far behind": (base64.b64encode(b"text " * 30 + CARD.encode()).decode(), slice(200, None)),
            "a character cut before it": (
                base64.b64encode("\u20ac".encode()[1:] + f"my card is {CARD}".encode()).decode(),
                slice(16, None),
            ),
            "characters of several octets": (
                base64.b64encode(f"\u20ac\u20ac\u20ac {CARD} x".encode()).decode(),
                slice(12, 40),
            ),
            "a cut right behind it": (
                base64.b64encode(f" cards: {CARD}".encode() + "\xe4".encode()[:1]).decode(),
                slice(8, None),
            ),
        }.items()
    ],
)
def test_what_is_found_in_an_encoded_run_takes_no_more_of_it_than_holds_it(encoded: str, cover: slice) -> None:
    assert cards(f"see cc {encoded} there") == {encoded[cover]}


@pytest.mark.parametrize("cut", range(4))
def test_a_run_whose_beginning_was_cut_off_is_read_all_the_same(cut: int) -> None:
    prose = f"The build was fine, and the card is {CARD}, and so on.".encode()
    encoded = base64.b64encode(prose).decode()

    assert cards(encoded[cut:] + " there") == {encoded[48:76]}


@pytest.mark.parametrize(("cut", "left"), [(0, 1), (1, 0), (1, 1)])
def test_of_hexadecimal_digits_a_cut_may_go_through_a_pair(cut: int, left: int) -> None:
    prose = f"The build was fine, and the card is {CARD}, and so on.".encode().hex()

    assert cards(prose[cut : len(prose) - left]) == {CARD.encode().hex()}


@pytest.mark.parametrize(
    "text",
    [
        "Plain prose, with 12 numbers, user_id, a_b_c and **bold** words.",
        "for i in range(10): x[i] = y * 2  # a < b and c > d",
        "550e8400-e29b-41d4-a716-446655440000 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "Москва и Санкт-Петербург. Αθήνα. Crème brûlée, naïve, 東京.",
        "100% sure & 5 < 6; C:\\Users\\x",
        "AAAAAAAAAAAAAAAAAAAAAAAA internationalization",
        "| 1 | 23 | 456 |\n|106.31.73.20|",
        "x = y()\n@app.route",
        "def f() -> None:\n    pass\n\n@click.group\n",
        "scores: [5, 4, 3, 5, 5], x[i], a[0](b), C:\\temp\\new, [docs](https://a.example/b), see.",
        "She left Oslo in March 2013. I would rather stay.",
        "rejected (trace=7e3cd65e)\n2025-11-09T16:23:49.001Z INFO port 5432\n10:42:29 retried 3\n2025-11-09 16:24 ok",
        "trace b87ac2aad53e of",
        "<tr><td>Eva</td><td>ada@example.org</td></tr>",
        "Omar Lund,omar@example.org,12 Elm Street,Leipzig\nKwame Berg,kwame@example.org,7 Elm Street,Porto\n",
    ],
)
def test_an_honest_text_has_no_other_reading(text: str) -> None:
    assert readings(text) == []


ODD = st.text(st.sampled_from("a1 .@-%40&#;\u200b\u0430\uff11\u0664*_`<b>/\n\\x\u00e9=QUJD"), max_size=60)


@given(ODD)
@example("%E2%82%AC&#x110000;\\ud800")
def test_each_character_of_a_reading_has_a_place_and_places_are_in_order(text: str) -> None:
    for view in views(text):
        assert len(view.text) == len(view.starts) == len(view.ends)
        assert all(0 <= start < end <= len(text) for start, end in zip(view.starts, view.ends, strict=True))
        assert list(view.starts) == sorted(view.starts)
        assert list(view.ends) == sorted(view.ends)


@given(st.text("abc", min_size=1, max_size=20), st.data())
def test_a_span_of_an_edited_view_covers_what_it_was_made_of(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    view = View.of(text).edited([Edit(start, end, "xy")])

    assert view.text == text[:start] + "xy" + text[end:]
    assert view.sent(Span(start, start + 1, "E", 1.0)) == Span(start, end, "E", 1.0)
    if end < len(text):
        assert view.sent(Span(start + 2, start + 3, "E", 1.0)) == Span(end, end + 1, "E", 1.0)


@pytest.mark.parametrize(
    "piece",
    [
        "%41",
        "&#65;",
        "QUJDREVGR0hJ ",
        "1 ",
        "1.",
        "a ",
        "<b>",
        "1*",
        "_",
        "\u200b",
        "\u0430a ",
        "l1",
        "4a",
        " at ",
        "dot ",
        "[at]",
    ],
)
def test_no_text_is_read_slowly_or_without_end(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()

    assert len(list(views(text))) <= MAX_VIEWS
    assert time.process_time() - start < 2.0


def test_no_more_runs_are_decoded_than_are_named() -> None:
    run = base64.b64encode(b"a text of its own").decode()

    assert len(list(encodings.decoded(" ".join([run] * (encodings.MAX_RUNS + 9))))) == encodings.MAX_RUNS


def test_half_of_a_pair_is_no_character() -> None:
    assert list(encodings.unescaped(r"\ud83d and \u{110000} and \u0041")) == [Edit(26, 32, "A")]
