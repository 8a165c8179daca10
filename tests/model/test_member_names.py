from sidecar.model.member_names import ORDINARY
from sidecar.model.strict_json import known_part


def test_names_that_everybody_uses_are_identifiers_and_lead_to_a_place() -> None:
    assert known_part("/customer/emails/0/address", ORDINARY) == "/customer/emails/0/address"
    assert known_part("/customer/Ann/email", ORDINARY) == "/customer"
    assert all(name.isidentifier() and len(name) <= 20 for name in ORDINARY)
