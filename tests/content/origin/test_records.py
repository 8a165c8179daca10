"""What the fields of one record tell of each other: whom it names besides, and whether it is the one that is meant."""

import pytest

from sidecar.content.origin.deeds import deed
from sidecar.content.origin.places import MAX_PAYEES, is_only_one, payees
from sidecar.content.origin.said import Asked, Said
from sidecar.content.origin.trail import Trail
from sidecar.model.origin import Origin
from sidecar.model.steps import finished

PAYEE = "DE89370400440532013000"
OTHER = "EE382200221020145685"
BILL = f"Please pay 98.70 to {PAYEE}."


def payee_of(*said: tuple[int, str], query: str, user: str = "Pay Quibble's bill for the roof.") -> Origin:
    """Return where the payee comes from when a look-up with `query` finds these texts, each of a record."""
    trail = Trail()
    trail.user(user)
    reading = finished(trail.asking({"query": query}, deed("search_mail")))
    trail.add([Said(text=text, origin=Origin.UNTRUSTED, record=at) for at, text in said], reading)
    return finished(trail.tracing(PAYEE, deed("send_money", frozenset({"money"}))))


@pytest.mark.parametrize(
    ("said", "query", "expected"),
    [
        pytest.param([(0, f"Quibble: {BILL}")], "quibble roof", Origin.REFERRED, id="looked for in the user's words"),
        pytest.param([(0, f"Quibble: {BILL}")], "quibble floor", Origin.UNTRUSTED, id="in a word that he did not use"),
        pytest.param([(0, "Quibble"), (0, BILL)], "quibble", Origin.REFERRED, id="named in another field"),
        pytest.param([(0, "Quibble"), (0, BILL), (1, "Hi")], "quibble", Origin.REFERRED, id="one record of several"),
        pytest.param([(0, "Quibble"), (1, BILL)], "quibble", Origin.UNTRUSTED, id="another record than the one named"),
        pytest.param([(0, f"Quibble {OTHER}"), (0, BILL)], "quibble", Origin.UNTRUSTED, id="a second payee beside it"),
        pytest.param([(0, "Quibble a@b.example"), (0, BILL)], "quibble", Origin.REFERRED, id="an address pays nobody"),
    ],
)
def test_a_bill_is_paid_where_the_user_meant_its_record(
    said: list[tuple[int, str]], query: str, expected: Origin
) -> None:
    assert payee_of(*said, query=query) is expected


def test_of_too_many_payees_none_is_the_only_one() -> None:
    many = " and ".join(f"DE{at:02}370400440532013000" for at in range(MAX_PAYEES + 1)).casefold()
    assert len(payees(many)) > MAX_PAYEES
    assert not is_only_one(98.7, payees(many))
    assert payee_of((0, f"Quibble {many}"), (0, BILL), query="quibble") is Origin.UNTRUSTED


@pytest.mark.parametrize(
    ("value", "said", "expected"),
    [
        pytest.param(PAYEE.casefold(), f"to {PAYEE}", True, id="the only account"),
        pytest.param(98.7, f"to {PAYEE}", True, id="a sum beside it"),
        pytest.param("a@b.example", "to a@b.example", True, id="the only address"),
        pytest.param("a@b.example", f"to a@b.example or {PAYEE}", False, id="an address beside an account"),
        pytest.param("a@b.example", "to a@b.example or c@b.example", False, id="one of two addresses"),
        pytest.param(98.7, "to nobody", False, id="nobody is named"),
    ],
)
def test_what_is_paid_names_one_payee(value: str | float, said: str, *, expected: bool) -> None:
    assert is_only_one(value, payees(said.casefold())) is expected


@pytest.mark.parametrize(
    ("user", "text", "expected"),
    [
        pytest.param(
            "Pay her back, to the account in her note.", BILL, Origin.REFERRED, id="she says into which account"
        ),
        pytest.param("Pay her back.", BILL, Origin.SUSPICIOUS, id="the user leaves no account to her"),
        pytest.param(
            "Pay her back, to the account in her note.", f"{BILL} Or {OTHER}.", Origin.SUSPICIOUS, id="one of two"
        ),
        pytest.param(
            "Pay her back, to the account in her note.", f"{BILL} See x.example/y.", Origin.SUSPICIOUS, id="a link, too"
        ),
        pytest.param("Read her note.", BILL, Origin.SUSPICIOUS, id="nothing is paid"),
    ],
)
def test_an_order_that_the_user_expects_is_not_suspicious(user: str, text: str, expected: Origin) -> None:
    trail = Trail()
    trail.user(f"Ida Quibble wrote me a note. {user}")
    said = [Said(text="Ida Quibble", origin=Origin.TRUSTED), Said(text=text, origin=Origin.SUSPICIOUS)]
    trail.add(said, Asked(is_referred=True))
    assert finished(trail.tracing(PAYEE, deed("send_money", frozenset({"money"})))) is expected
