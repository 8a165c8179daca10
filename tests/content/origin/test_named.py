"""Names, files, sites and quotations are what a user names; common words are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.content.origin.named import Named, terms, things
from sidecar.content.origin.normal import address, host, is_url


@pytest.mark.parametrize(
    ("text", "term"),
    [
        pytest.param("Please pay the bill in bill.txt.", "bill.txt", id="file"),
        pytest.param("Look into /srv/docs/ and sum it up", "/srv/docs", id="folder"),
        pytest.param("Reply to Anna, she wrote yesterday", "anna", id="name"),
        pytest.param("the meeting called 'Budget review'", "budget review", id="quoted"),
        pytest.param("go to www.shop.example", "www.shop.example", id="site"),
        pytest.param("Book Anna's flight", "anna", id="genitive"),
        pytest.param("Mark wrote to me", "mark", id="a name that may be a verb"),
        pytest.param("What did Ben say about order 4471-22?", "4471-22", id="number of an order"),
    ],
)
def test_what_the_user_names_is_a_term(text: str, term: str) -> None:
    assert term in terms(text)


@pytest.mark.parametrize(
    ("text", "common"),
    [
        pytest.param("Pay it. Send it. Delete it.", "send", id="a verb that begins a sentence"),
        pytest.param("Collect what they want. Mark all of it.", "collect", id="a verb that no tool has"),
        pytest.param("On Monday, please", "monday", id="a day"),
        pytest.param("it costs 4.0 or 2024", "4.0", id="a number that stands anywhere"),
        pytest.param("it costs 4.0 or 2024", "2024", id="a year"),
    ],
)
def test_what_stands_in_any_text_is_no_term(text: str, common: str) -> None:
    assert common not in terms(text)


@pytest.mark.parametrize(
    ("value", "term", "expected"),
    [
        pytest.param("/srv/docs/a.txt", "/srv/docs", True, id="a file in the folder"),
        pytest.param("/srv/docs2/a.txt", "/srv/docs", False, id="a folder whose name goes on"),
        pytest.param("/srv/docs/../../etc/passwd", "/srv/docs", False, id="out of the folder again"),
        pytest.param("https://shop.example/cart?x=1", "www.shop.example", True, id="a page of the site"),
        pytest.param("https://shop.example.evil.example/", "www.shop.example", False, id="a host that goes on"),
        pytest.param("https://shop.example@evil.example/", "shop.example", False, id="user information"),
        pytest.param("https://shop.example/b", "shop.example/a", False, id="another page than the one that was named"),
    ],
)
def test_what_lies_within_a_term_is_the_users(value: str, term: str, *, expected: bool) -> None:
    assert Named.of([term]).holds(value) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("text the plumber that i am late", {"plumber"}, id="somebody"),
        pytest.param("pay my landlord, and water the plants", {"landlord", "plants"}, id="two"),
        pytest.param("read the message and the invoice", set(), id="of which there are many"),
        pytest.param("a plumber is needed", set(), id="nobody in particular"),
        pytest.param("the outcome of it", set(), id="a part of something"),
    ],
)
def test_particular_things_are_told_from_things_of_which_there_are_many(said: str, expected: set[str]) -> None:
    assert things(said) == expected


PLACES = st.sampled_from(
    [
        *("alice", "report.txt", "docs", "/docs", "/docs/", "docs/", "/docs/a.txt", "docs/../b", "https://docs/a", ""),
        *("example.org", "www.example.org", "https://example.org", "https://example.org/", "example.org/a", "http://b"),
        *(
            "https://example.org/a",
            "https://www.example.org/a?b=c",
            "a@example.org",
            "x@example.org/a",
            "example.org:80",
        ),
        *(
            "example.org.",
            "sub.example.org",
            "https://user@example.org/a",
            "//",
            "/",
            "a/b",
            "https://example.org/a/../b",
        ),
    ]
)


def is_within(value: str, term: str) -> bool:
    """Whether a value is what a term names, or lies in its folder or on its site: what `Named` must find of each."""
    if value == term:
        return True
    if is_url(term) or is_url(value):
        site = address(term)
        return bool(site) and (address(value) == site or (host(term) == site and host(value) == site))
    return "/" in term and value.startswith(f"{term.rstrip('/')}/") and ".." not in value


@settings(max_examples=300)
@given(PLACES | st.text("ab/.:@?-", max_size=8), st.lists(PLACES | st.text("ab/.:@?-", max_size=6), max_size=6))
def test_among_all_terms_a_value_is_looked_up_as_beside_each(value: str, named: list[str]) -> None:
    assert Named.of(named).holds(value) is any(is_within(value, term) for term in named)
