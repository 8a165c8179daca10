"""How targets are compared (RFC 9449, section 4.3; RFC 3986, section 6.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.identity.holders.dpop import is_target, normalised

SAME = [
    ("https://a.example/x", "HTTPS://A.Example:443/x"),
    ("https://a.example/x", "https://a.example/./y/../x"),
    ("https://a.example/x", "https://a.example/%78"),
    ("https://a.example/%2F", "https://a.example/%2f"),
    ("https://a.example/x", "https://a.example/x?query#fragment"),
    ("https://a.example/", "https://a.example"),
    ("https://a.example/x/", "https://a.example/x/."),
    ("https://a.example/", "https://a.example/x/.."),
    ("https://a.example/", "https://a.example/../../x/.."),
    ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ("http://a.example:80/", "http://a.example"),
]
OTHER = [
    ("https://a.example/x", "https://a.example/x/"),
    ("https://a.example/x", "https://a.example/X"),
    ("https://a.example/x", "https://a.example:8443/x"),
    ("https://a.example/x", "http://a.example/x"),
    ("https://a.example/x/y", "https://a.example/x%2Fy"),
    ("https://a.example/x", "https://a.example//x"),
    ("https://a.example/x", "https://evil@a.example/x"),
    ("https://a.example/x", "https://a.example./x"),
]
NONE = ["", "x", "urn:a:b", "ftp://a.example/", "https:///x", "https://a.example:x/", "https://a.example:99999/",
        "https://a%2eexample/", "https://a.example/ x", "https://a.example\\x", "https://ä.example/", "https://[::1/",
        "https://a.example/\x00", "//a.example/", "https://a.example/{x}"]  # fmt: skip


@pytest.mark.parametrize(("ours", "named"), SAME)
def test_one_target_in_two_spellings(ours: str, named: str) -> None:
    assert is_target(named, frozenset({ours, "https://other.example/"}))
    assert is_target(ours, frozenset({named}))


@pytest.mark.parametrize(("ours", "named"), OTHER)
def test_two_targets(ours: str, named: str) -> None:
    assert not is_target(named, frozenset({ours}))


@pytest.mark.parametrize("uri", NONE)
def test_what_is_no_target(uri: str) -> None:
    assert normalised(uri) == ""
    assert not is_target(uri, frozenset({"https://a.example/"}))


def test_an_audience_that_is_no_url_is_compared_as_it_stands() -> None:
    assert is_target("urn:us", frozenset({"urn:us"}))
    assert not is_target("URN:us", frozenset({"urn:us"}))


@given(st.text() | st.text(alphabet="https:/.%2Fa@[]?#\\").map("https://".__add__))
def test_any_text_is_read_or_refused_and_reading_again_changes_nothing(text: str) -> None:
    once = normalised(text)
    assert not once or normalised(once) == once
