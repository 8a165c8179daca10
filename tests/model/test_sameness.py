import pytest

from sidecar.model.sameness import plain, sameness


@pytest.mark.parametrize(
    ("entity", "one", "other"),
    [
        pytest.param("PERSON", "Ada Lovelace", "ADA  LOVELACE", id="case and spaces"),
        pytest.param("PERSON", "Zo\u00eb", "Zoe\u0308", id="composed and decomposed"),
        pytest.param("PERSON", "Ada", "\uff21\uff44\uff41", id="full width"),
        pytest.param("PERSON", "Ada", "A\u200bda", id="zero width"),
        pytest.param("PERSON", "Ada", "Ada,", id="punctuation beside it"),
        pytest.param("CREDIT_CARD", "4111 1111 1111 1111", "4111-1111-1111-1111", id="digits in groups"),
        pytest.param("IBAN_CODE", "GB82 WEST 1234 5698 7654 32", "gb82west12345698765432", id="IBAN"),
        pytest.param("US_SSN", "536-90-4399", "536904399", id="SSN"),
        pytest.param("EMAIL_ADDRESS", "Ada@Example.org", "ada@example.org", id="address"),
        pytest.param("PHONE_NUMBER", "+44 20 7946 0018", "0044 (0)20 7946-0018", id="telephone"),
        pytest.param("PHONE_NUMBER", "(415) 555-0132", "1-415-555-0132", id="telephone in North America"),
        pytest.param("CREDIT_CARD", "4111 1111 1111 1111", "4111</td><td>1111</td>\n<td>1111</td><td>1111", id="cells"),
        pytest.param("CREDIT_CARD", "4111 1111 1111 1111", "4111&nbsp;1111&#8203;1111 &#49;111", id="entities"),
        pytest.param("CREDIT_CARD", "4111 1111 1111 1111", "%34111%201111%201111%201111", id="an address's escapes"),
        pytest.param("US_SSN", "536-90-4399", r"5\u00336-90-43\x399", id="a program's escapes"),
        pytest.param("EMAIL_ADDRESS", "ada@example.org", "ada&#64;<b>example</b>.org", id="address in markup"),
        pytest.param("EMAIL_ADDRESS", "ada@example.org", "ada%40example.org", id="address in an address"),
        pytest.param("PERSON", "Lovelace, Ada", "Ada Lovelace", id="the family name first"),
        pytest.param("PERSON", "LOVELACE, Ada K.", "Ada K Lovelace", id="with an initial"),
        pytest.param("PHONE_NUMBER", "+1 415 555 0132, ext. 7", "+1 (415) 555-0132,,7", id="pauses"),
        pytest.param("PHONE_NUMBER", "+1 415 555 0132 ext. 7", "+1 (415) 555-0132 x7", id="extension"),
    ],
)
def test_two_spellings_of_one_value_are_the_same(entity: str, one: str, other: str) -> None:
    assert sameness(entity, one).exact == sameness(entity, other).exact


@pytest.mark.parametrize(
    ("entity", "one", "other"),
    [
        pytest.param("IP_ADDRESS", "1.23.4.5", "12.3.4.5", id="dots that part numbers"),
        pytest.param("DATE_TIME", "1 12", "11 2", id="spaces that part numbers"),
        pytest.param("API_KEY", "aB1", "Ab1", id="a secret's case"),
        pytest.param("PASSWORD", "pass word", "password", id="a secret's space"),
        pytest.param("CRYPTO", "1BvB", "1bvb", id="a wallet"),
        pytest.param("PHONE_NUMBER", "+44 20 7946 0018", "+49 20 7946 0018", id="countries"),
        pytest.param("PHONE_NUMBER", "+1 415 555 0132 x7", "+1 415 555 0132 x8", id="extensions"),
        pytest.param("PERSON", "Ada Love", "Adal Ove", id="names"),
        pytest.param("PERSON", "Ada, Lovelace", "Ada Lovelace", id="names in the other order"),
        pytest.param("PERSON", "Lovelace, PhD", "PhD Lovelace", id="a degree"),
        pytest.param("ORGANIZATION", "Love, Ada", "Ada Love", id="companies"),
        pytest.param("US_SSN", "---", "...", id="nothing to compare"),
        pytest.param("EMAIL_ADDRESS", "ad%61@example.org", "ada@example.org", id="a sign that an address may hold"),
        pytest.param("API_KEY", "a&amp;b", "a&b", id="a secret's entities"),
        pytest.param("PERSON", "Ada<br>Lovelace", "AdaLovelace", id="names in lines"),
    ],
)
def test_two_values_are_never_the_same(entity: str, one: str, other: str) -> None:
    assert sameness(entity, one).exact != sameness(entity, other).exact


def test_a_number_without_its_country_may_be_that_of_one_with() -> None:
    national, international = sameness("PHONE_NUMBER", "020 7946 0018"), sameness("PHONE_NUMBER", "+44 20 7946 0018")

    assert national.loose == international.loose
    assert (national.is_loose, international.is_loose) == (True, False)


@pytest.mark.parametrize(
    ("entity", "value", "read"),
    [
        pytest.param("CREDIT_CARD", "4111</td><td>1111</td><td>1111</td><td>1111", "4111111111111111", id="cells"),
        pytest.param("CREDIT_CARD", "4111\u200b1111&nbsp;1111-1111", "41111111\xa01111-1111", id="what nobody sees"),
        pytest.param("IBAN_CODE", "DE89&#32;3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00", id="an account"),
        pytest.param("EMAIL_ADDRESS", "ada%40example.org", "ada@example.org", id="an address"),
        pytest.param("EMAIL_ADDRESS", "ad%61@example.org", "ad%61@example.org", id="an address with a sign"),
        pytest.param("TICKET", "T%41-<7>", "T%41-<7>", id="a kind of somebody's own"),
        pytest.param("PASSWORD", "1234567&amp;8", "1234567&amp;8", id="a secret"),
        pytest.param("US_SSN", r"\ud83d1234567", r"\ud83d1234567", id="half of a pair"),
        pytest.param("PERSON", "Zo&euml;", "Zo&euml;", id="a name"),
    ],
)
def test_a_number_is_given_back_as_a_reader_takes_it(entity: str, value: str, read: str) -> None:
    assert plain(entity, value) == read
