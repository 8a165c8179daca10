"""What can be a number is told by its digits, and nothing that is one is left out."""

import phonenumbers
import pytest

from sidecar.content.recognizers.dialling import PLAIN, region
from sidecar.content.recognizers.phones import REGIONS

FORMATS = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@pytest.mark.parametrize("name", REGIONS)
def test_whatever_is_a_number_could_be_dialled(name: str) -> None:
    known = region(name)
    kinds = phonenumbers.PhoneNumberType.values()
    numbers = [made for kind in kinds if (made := phonenumbers.example_number_for_type(name, kind))]
    written = [phonenumbers.format_number(number, form) for number in numbers for form in FORMATS]

    assert written
    for each in written:
        digits = "".join(filter(str.isdigit, each))
        assert PLAIN.fullmatch(each.lstrip("+"))
        assert known.rewrites or known.dials(digits), each


@pytest.mark.parametrize("digits", ["411141114111411", "123412341234", "000000000"])
def test_most_rows_of_digits_could_not(digits: str) -> None:
    assert [name for name in ("US", "CA") if region(name).dials(digits)] == []
