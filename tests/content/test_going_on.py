"""A datum that is longer than a part is found to its end, and no further."""

import base64
import random
import textwrap

import pytest

from sidecar.content.detection import Span
from sidecar.content.going_on import GoingOn
from sidecar.content.parts import RUN_OF_FORMS, Part, parts
from sidecar.content.reading import MAX_PART
from sidecar.content.recognizers import secret_forms

CHANCE = random.Random(4)  # noqa: S311 - for a test
BODY = "\n".join(textwrap.wrap(base64.b64encode(CHANCE.randbytes(1200)).decode(), 64)) + "\n9zQ="
BEGIN, END = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
KEY = f"{BEGIN}\n{BODY}\n{END}"
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"RS256","typ":"JWT"}', b'{"sub":"' + b"someone" * 150 + b'"}', CHANCE.randbytes(512))
)


def crossed(text: str) -> str:
    """Return `text` with all that is found in its parts taken out, each part looked at by itself."""
    out: list[str] = []
    going_on = GoingOn()
    for part in parts(text, RUN_OF_FORMS):
        window = text[part.window_start : part.window_end]
        gone = {
            at
            for span in going_on.found(text, part, list(secret_forms.find(window)))
            for at in range(span.start, span.end)
        }
        out += [text[at] for at in range(part.start, part.end) if at not in gone]
    return "".join(out)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(KEY, id="a key"),
        pytest.param(KEY.replace("\n", "\\n"), id="in the escapes of a program"),
        pytest.param(KEY.replace("\n", ""), id="in one line"),
        pytest.param(textwrap.indent(KEY, "    "), id="indented"),
        pytest.param(textwrap.indent(KEY, "> "), id="quoted"),
        pytest.param(textwrap.indent(KEY, "# "), id="commented"),
        pytest.param(KEY.replace("\n", '"\n    "'), id="in strings"),
        pytest.param(
            KEY.replace(BEGIN, f"{BEGIN}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A1B\n"), id="encrypted"
        ),
        pytest.param(
            f"{BEGIN.replace('RSA', 'PGP').replace('KEY', 'KEY BLOCK')}\nVersion: GnuPG v2\n\n{BODY}\n=njUN\n"
            f"{END.replace('RSA', 'PGP').replace('KEY', 'KEY BLOCK')}",
            id="of PGP",
        ),
        pytest.param(f"{BEGIN}\n{BODY}", id="whose end is missing"),
        pytest.param(JWT, id="a token"),
    ],
)
@pytest.mark.parametrize("before", ["", "Here it is: ", "so it is " * 31, "x" * 290 + " "], ids=len)
@pytest.mark.parametrize("after", ["", "\nIt is yours. Keep it.", "\n\nIt is so."], ids=len)
def test_nothing_of_it_crosses_and_all_around_it_does(key: str, before: str, after: str) -> None:
    left = crossed(before + key + after)

    assert left.startswith(before)
    assert left.endswith(after.lstrip())
    assert [at for at in range(len(key) - 8) if key[at : at + 8].isalnum() and key[at : at + 8] in left] == []


def test_what_is_no_key_crosses() -> None:
    said = f"A key begins with {BEGIN}, and that is all that there is to say about it, for now and for ever.\nOK then."
    quoted = f"{BEGIN}\n{BODY[:260]}\nThat is the beginning. Then it goes on for a while, as it must:\n\n{BODY}"

    digest = "9fceb02d0ae598e95dc970b74767f19372d61af8"
    named = f"{BEGIN}, said Ada Lovelace to Charles Babbage in London.\n{digest} is the commit."

    assert crossed(said).endswith("\nOK then.")
    assert crossed(named) == f"{digest} is the commit."
    assert crossed(quoted).endswith(f"it goes on for a while, as it must:\n\n{BODY}")


def test_a_key_of_signs_goes_on_to_its_end() -> None:
    key = "sk-" + "a-b_c_" * 300

    assert crossed(f"Take {key}, please. It is yours.") == "Take , please. It is yours."


def test_what_ends_behind_its_part_ends_there() -> None:
    text = "a" * MAX_PART + "b" * 100 + ". It is so."
    going_on = GoingOn()
    first, second, *_ = parts(text, RUN_OF_FORMS)
    phrase = [Span(MAX_PART - 4, MAX_PART + 9, "ROOM", 1.0)]

    found = going_on.found(text, first, phrase), going_on.found(text, second, [])

    assert [(span.start, span.end) for row in found for span in row] == [
        (MAX_PART - 4, MAX_PART),
        (MAX_PART, MAX_PART + 9),
    ]


def test_what_goes_on_goes_through_parts_that_are_shorter() -> None:
    text = "a" * 30
    going_on = GoingOn()
    some = [Part(0, 10, 0, 28, 0), Part(10, 20, 10, 20, 10), Part(20, 30, 20, 30, 22)]

    found = [going_on.found(text, part, [Span(8, 25, "ROOM", 1.0)][: 1 - n]) for n, part in enumerate(some[:2])]
    found.append(going_on.found(text, some[2], []))

    assert [(s.start, s.end) for row in found for s in row] == [(8, 10), (10, 20), (22, 25)]


def test_what_begins_in_the_next_part_takes_nothing_away_that_stands_before_it_there() -> None:
    text = "a b here is 12345 and more"
    first, second = Part(0, 4, 0, 20, 0), Part(4, len(text), 0, len(text), 4)
    number = Span(12, 17, "CREDIT_CARD", 1.0)
    going_on = GoingOn()

    assert going_on.found(text, first, [number]) == ()
    assert going_on.found(text, second, [number]) == (number,)
