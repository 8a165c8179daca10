"""An e-mail address whose sign is a word is found, and what stands at a place with the name of a domain is none."""

import time

import pytest

from sidecar.content.normal import views
from sidecar.content.recognizers import contacts


def found(text: str) -> list[str]:
    inside = [view.sent(span) for view in views(text) for span in contacts.find(view.text)]
    return sorted({text[s.start : s.end] for s in inside if s.entity == "EMAIL_ADDRESS"})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("ask ada.byron at example.org for it", "ada.byron at example.org", id="joined words"),
        pytest.param("ada77 at mail.example.com", "ada77 at mail.example.com", id="digits behind it"),
        pytest.param("write to byron at example.co.uk.", "byron at example.co.uk", id="a word, and mail before it"),
        pytest.param("E-Mail: A.BYRON AT EXAMPLE.ORG", "A.BYRON AT EXAMPLE.ORG", id="in capitals"),
    ],
)
def test_an_address_is_found(text: str, address: str) -> None:
    assert found(text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("reach us at example.com, write to me at example.org", id="who is nobody's mailbox"),
        pytest.param("we met at example.com", id="a word, and no mail"),
        pytest.param("see main.py at example.com", id="a file"),
        pytest.param("release 2.1 at example.com", id="a release"),
        pytest.param("ada.byron at work", id="no domain"),
        pytest.param("ada.byron at example.com/path", id="an address of the web"),
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("piece", ["a at ", "a.b at ", "a.a.a.a.", "mail a at b.io "])
def test_no_text_makes_it_slow(piece: str) -> None:
    start = time.process_time()

    list(views(piece * (100_000 // len(piece))))

    assert time.process_time() - start < 3.0
