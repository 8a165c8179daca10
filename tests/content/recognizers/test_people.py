"""People, what they do, how old they are and their papers: what words beside them tell."""

import pytest

from sidecar.content.recognizers import OWN


def found(text: str, entity: str) -> list[str]:
    told = (span for recognizer in OWN for span in recognizer.find(text) if span.entity == entity)
    return [text[start:end] for start, end in sorted({(span.start, span.end) for span in told})]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("Please ask Mr. Bell.", ["Bell"], id="a title"),
        pytest.param("Dr. Maria van der Berg called", ["Maria van der Berg"], id="particles"),
        pytest.param("my name is Zanele Dube.", ["Zanele Dube"], id="a name that is said"),
        pytest.param("Name: Łukasz Żak\nPhone: none", ["Łukasz Żak"], id="a form"),
        pytest.param("[09:14] Zuri: hi\n[09:15] Bot: hi\n[09:15] Ode: hm", ["Zuri", "Ode"], id="a chat"),
        pytest.param("10:00:01 Gateway: up", [], id="one line of that form"),
        pytest.param("add Zuri Ode (zuri@example.org)", ["Zuri Ode"], id="an address of mail behind it"),
        pytest.param("call Zuri Ode (+49 30 901820)", ["Zuri Ode"], id="a telephone number behind it"),
        pytest.param("Support Team <help@example.org>", [], id="a team's address"),
        pytest.param("It works.\n\nThanks,\nZuri", ["Zuri"], id="a short greeting"),
        pytest.param("Best, Zuri", ["Zuri"], id="a greeting on the same line"),
        pytest.param("Empfänger Zuri Ode.", ["Zuri Ode"], id="a role in another language"),
        pytest.param("Dear Noor,\n\nthanks", ["Noor"], id="a salutation"),
        pytest.param("See you.\n\nBest regards,\nPriya Nair", ["Priya Nair"], id="a signature"),
        pytest.param("Subject: Amina Dube\nAge: 40", ["Amina Dube"], id="who a report is about"),
        pytest.param("Subject: Handover\n\nThe keys are here", [], id="what a mail is about"),
        pytest.param("Prepared by: Jo Ek (Risk Analyst)", ["Jo Ek"], id="an author"),
        pytest.param("She named him Thabo.", ["Thabo"], id="named"),
        pytest.param("my name is zanele dube.", ["zanele dube"], id="in small letters"),
        pytest.param("Ingrid, can you call me?", ["Ingrid"], id="asked"),
        pytest.param("Then Milo Ek's address changed", ["Milo Ek"], id="an owner"),
        pytest.param("Noor Bakker\nBell Works\n12 Elm Street\nSpringfield, IL 62704", ["Noor Bakker"], id="a letter"),
        pytest.param("[10:32] Aoife Nair: hi\n[10:33] bot: hello", ["Aoife Nair"], id="a chat"),
        pytest.param('{"full_name": "Thandiwe Iyer", "name": "Blue Kettle"}', ["Thandiwe Iyer"], id="a field"),
        pytest.param('{"name": "Noor Iyer", "email": ""}', ["Noor Iyer"], id="a name with an address beside it"),
        pytest.param('{"to": "Noor Iyer", "address": ""}', ["Noor Iyer"], id="to whom, with an address beside it"),
        pytest.param('{"to": "Noor Iyer", "speed": 3}', [], id="a name of anything"),
        pytest.param(
            "<td>Zuri Ode</td><td>zuri@example.org</td>", ["Zuri Ode"], id="an address of mail in the next cell"
        ),
        pytest.param("4;Zuri Ode;zuri@example.org", ["Zuri Ode"], id="in the next column"),
        pytest.param("Booking is confirmed for Zuri Ode. Bye", ["Zuri Ode"], id="for whom something is booked"),
        pytest.param("Booking for Easter.", [], id="for when"),
        pytest.param("my colleague Zsofia Ek works here", ["Zsofia Ek"], id="a role"),
        pytest.param("the customer Support Team is here", [], id="a department"),
        pytest.param("It is from Paris. Who lives in it?", [], id="no name"),
        pytest.param("Dear Customer, Dear Sir or Madam, Dear Team,", [], id="nobody in particular"),
        pytest.param("He is an officer. I saw it.", [], id="the end of a sentence"),
        pytest.param("TO: File", [], id="a file"),
        pytest.param("name: user_id\nfrom: api", [], id="code"),
    ],
)
def test_people_are_found_by_the_words_beside_them(text: str, values: list[str]) -> None:
    assert found(text, "PERSON") == values


@pytest.mark.parametrize(
    ("text", "entity", "values"),
    [
        pytest.param("a 34-year-old man", "AGE", ["34"], id="years old"),
        pytest.param("she turned 42", "AGE", ["42"], id="turned"),
        pytest.param("i'm 23 y/o.", "AGE", ["23"], id="short"),
        pytest.param("it was 64%", "AGE", [], id="a share"),
        pytest.param("he was 5 minutes late", "AGE", [], id="minutes"),
        pytest.param("DOB: 1990-02-03", "DATE_OF_BIRTH", ["1990-02-03"], id="a form"),
        pytest.param("She was born on 3 May 1990.", "DATE_OF_BIRTH", ["3 May 1990"], id="in words"),
        pytest.param("the report of 1990-02-03", "DATE_OF_BIRTH", [], id="another day"),
        pytest.param("on 21. April 1949.", "DATE_TIME", ["21. April 1949"], id="a day with a full stop"),
        pytest.param("at 2024-05-19T10:11:12.5Z.", "DATE_TIME", ["2024-05-19T10:11:12.5Z"], id="a moment"),
        pytest.param("Pilot License: AB-12345", "US_DRIVER_LICENSE", ["AB-12345"], id="a licence of some kind"),
        pytest.param("Passport: X12345678", "PASSPORT", ["X12345678"], id="passport"),
        pytest.param("my passport (no. X12345678)", "US_PASSPORT", ["X12345678"], id="a number in brackets"),
        pytest.param("passport, number X12345678", "US_PASSPORT", ["X12345678"], id="a number behind a comma"),
        pytest.param("a licence with the number D1234567", "US_DRIVER_LICENSE", ["D1234567"], id="a licence with one"),
        pytest.param("DL#: D1234567", "US_DRIVER_LICENSE", ["D1234567"], id="short, where a text begins"),
        pytest.param(
            "driver's licence WDLABCXYZ1QR", "US_DRIVER_LICENSE", ["WDLABCXYZ1QR"], id="one digit in capitals"
        ),
        pytest.param("passport: X12345678", "US_PASSPORT", ["X12345678"], id="passport, as Presidio calls it"),
        pytest.param("My driver's license number is D123-456", "DRIVER_LICENSE", ["D123-456"], id="driver"),
        pytest.param("Docket No. 4:23-cv-01234-ABC", "CASE_NUMBER", ["4:23-cv-01234-ABC"], id="docket"),
        pytest.param("in this case 12 people", "CASE_NUMBER", [], id="no case number"),
        pytest.param("National ID: AB123456C", "NATIONAL_ID", ["AB123456C"], id="identity"),
        pytest.param("the bank account number: 12345678", "US_BANK_NUMBER", ["12345678"], id="account"),
        pytest.param("your account 2024", "US_BANK_NUMBER", [], id="no account number"),
        pytest.param("Passport expires 2030-01-01", "PASSPORT", [], id="a day"),
        pytest.param("Ada Bell (Risk Analyst)\n", "TITLE", ["Risk Analyst"], id="in brackets"),
        pytest.param("Ada Bell\nSoftware Engineer\n", "TITLE", ["Software Engineer"], id="a line"),
        pytest.param("We hired an engineer and a manager today.", "TITLE", [], id="prose"),
        pytest.param("I work for Bell Works.", "ORGANIZATION", ["Bell Works"], id="employer"),
        pytest.param("Ada\n\nBell Works\n12 Elm Street", "ORGANIZATION", ["Bell Works"], id="above an address"),
        pytest.param("a tour of South Korea and Peru", "LOCATION", ["South Korea", "Peru"], id="countries"),
        pytest.param("She lives in Sankt Florian am Inn, I think", "LOCATION", ["Sankt Florian am Inn"], id="lives in"),
        pytest.param("ask us about the peru branch in Python", "LOCATION", [], id="no places"),
        pytest.param("the invoice of Bell & Sons Ltd. is open", "ORGANIZATION", ["Bell & Sons Ltd."], id="company"),
    ],
)
def test_what_belongs_to_a_person_is_found_by_words(text: str, entity: str, values: list[str]) -> None:
    assert found(text, entity) == values
