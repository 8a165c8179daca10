"""Names and passwords are found where a form, a record or a table has a place for them, and what says so is not."""

import time

import pytest

from sidecar.content.recognizers import fields, tables

ROWS = "id,first_name,last_name\n1,Leila,Haddad\n2,Aiko,van Dijk\n"
EACH = ["Leila", "Haddad", "Aiko", "van Dijk"]


def found(text: str) -> list[str]:
    spans = {(span.start, span.end) for module in (fields, tables) for span in module.find(text)}
    return [text[start:end] for start, end in sorted(spans)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param('{"first_name": "Leila", "surname": "Haddad"}', ["Leila", "Haddad"], id="JSON"),
        pytest.param('{\\"lastName\\": \\"Haddad\\"}', ["Haddad"], id="JSON in JSON"),
        pytest.param("{'Nachname': 'Ünal'}", ["Ünal"], id="another language"),
        pytest.param("last_name: Haddad", ["Haddad"], id="a member and its value"),
        pytest.param("Last Name: van der Berg\nCity: Ulm", ["van der Berg", "Ulm"], id="a form"),
        pytest.param("**Surname:** O'Neil-Brand\n", ["O'Neil-Brand"], id="in bold"),
        pytest.param("customerFirstName=Leila&x=1", ["Leila"], id="whose it is"),
        pytest.param("<last_name>Haddad</last_name>", ["Haddad"], id="XML"),
        pytest.param('<ns:surname kind="x">Haddad</ns:surname>', ["Haddad"], id="XML with more"),
        pytest.param('{"apellido": "Haddad", "nombre": "Leila"}', ["Haddad", "Leila"], id="a word beside such a name"),
        pytest.param(ROWS, EACH, id="columns"),
        pytest.param(ROWS.replace(",", ";").replace("\n", "\r\n"), EACH, id="columns with another sign"),
        pytest.param('"First","Surname"\n"Leila","Haddad"', ["Leila", "Haddad"], id="columns in quotes"),
        pytest.param("| no | Prénom | Nom |\n|--|:-:|--|\n| 1 | Leila | Haddad |", ["Leila", "Haddad"], id="Markdown"),
        pytest.param("user\tpassword\nann\tsunflower\nbob\t-", ["sunflower"], id="passwords in a column"),
        pytest.param(
            "<tr><th>Last Name</th><th>x</th></tr><tr><td>Haddad</td><td>Ulm</td></tr><tr><td> Ek </td><td></td></tr>",
            ["Haddad", "Ek"],
            id="HTML",
        ),
        pytest.param('{"account_holder": "Aiko van Dijk"}', ["Aiko van Dijk"], id="a role in JSON"),
        pytest.param('{"patient": "Haddad, Leila", "ward": 4}', ["Haddad, Leila"], id="the last name first"),
        pytest.param("Watchers: Aiko Ek, Leila Haddad", ["Aiko Ek", "Leila Haddad"], id="several"),
        pytest.param("contact.name = Aiko Ek\ncontact.city = Ulm", ["Aiko Ek", "Ulm"], id="members"),
        pytest.param("<name>Aiko Ek</name><email>x</email>", ["Aiko Ek"], id="an element beside another of a person"),
        pytest.param('"city": "Bad Tölz", "country": "Peru"', ["Bad Tölz", "Peru"], id="places"),
        pytest.param('{"address": "Level 4, 2 Kerr Parade"}', ["Level 4, 2 Kerr Parade"], id="an address in JSON"),
        pytest.param("Anschrift: Im Winkel 3, 89073 Ulm\n", ["Im Winkel 3, 89073 Ulm"], id="an address in a form"),
        pytest.param(
            "id,name,email,city\n1,Aiko Ek,a@b.io,Ulm\n2,Support Team,c@d.io,any",
            ["Aiko Ek", "Ulm"],
            id="a name beside an address",
        ),
        pytest.param(
            'name,address,phone\n"Aiko Ek","2 Kerr Parade, Ulm",5550100',
            ["Aiko Ek", "2 Kerr Parade, Ulm", "5550100"],
            id="a comma within quotes",
        ),
        pytest.param(
            "| Guest | Passport no. | DL | SSN | Account number |\n"
            "|-|-|-|-|-|\n|Ek, Aiko|X12345678|B1234567|123456789|87654321|",
            ["Ek, Aiko", "X12345678", "B1234567", "123456789", "87654321"],
            id="papers in columns",
        ),
        pytest.param("emp_id|emp_name|email\n4|Aiko Ek|a@b.io", ["Aiko Ek"], id="a column of names, whose ever"),
        pytest.param(
            "on_call:\n  - Aiko Ek\n  - Leila Haddad\nx:\n  - Blue Hill", ["Aiko Ek", "Leila Haddad"], id="a list"
        ),
        pytest.param(
            "<dt>Name</dt><dd>Aiko Ek</dd><dt>Born</dt><dd>1990</dd>",
            ["Aiko Ek"],
            id="a list of terms in HTML",
        ),
        pytest.param("Attendees: Aiko Ek (chair), Leila Haddad\n", ["Aiko Ek", "Leila Haddad"], id="with roles"),
        pytest.param("**Location:** Ulm, Peru\n", ["Ulm, Peru"], id="a town and its country"),
        pytest.param("Empfänger: Aiko Ek\n", ["Aiko Ek"], id="a role in another language"),
        pytest.param("user,password\nann,Sun#flower7\n", ["Sun#flower7"], id="a strong password in a column"),
    ],
)  # fmt: skip
def test_what_stands_in_its_place_is_found(text: str, values: list[str]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("last_name: Optional[str]", id="a type"),
        pytest.param("firstName: String,", id="a type with a name"),
        pytest.param('{"last_name": "Required"}', id="a state"),
        pytest.param('"last_name": "Last name is required"', id="a message"),
        pytest.param("last_name = user.last_name", id="a member"),
        pytest.param("lname = Lname", id="another name of it"),
        pytest.param("first_name = models.CharField(max_length=30)", id="a call"),
        pytest.param('{"nom": "Table", "last": "Page"}', id="words without such a name"),
        pytest.param("first_name,last_name", id="a header alone"),
        pytest.param("select first_name, last_name from users\nWhere Name, Other Name", id="a statement"),
        pytest.param("'password',\n'primary',\n'process',", id="a list of a program"),
        pytest.param("name,price\nHammer,20\n", id="wares"),
        pytest.param("file_name,email\nBlue Hill,a@b.io", id="a column of names of files"),
        pytest.param("<dt>Name</dt><dd>Claw Hammer</dd><dt>Price</dt><dd>20</dd>", id="a list of terms of wares"),
        pytest.param("Location: Remote\n", id="no place"),
        pytest.param("name,price\nClaw Hammer,20\n", id="wares of two words"),
        pytest.param('{"customer": "Kerr Logistics"}', id="a company"),
        pytest.param("Reporter: Certified Court Reporter\n", id="a post"),
        pytest.param('"reporter": "Jenkins"', id="one name"),
        pytest.param("ip address: Not Assigned 5", id="an address of a machine"),
        pytest.param('"address": "0x7ffd3c"', id="an address in memory"),
        pytest.param("email address: Please Enter 5 Signs", id="an address of mail"),
        pytest.param('"city": "string", "country": "US"', id="a type, a code"),
        pytest.param("phone,size\n2024-01-31,4\n12,3\n", id="a date, a count"),
        pytest.param("last_name,x\n1,2,3\nHaddad,2\n", id="rows of another length"),
        pytest.param("password_hint,x\nsunflower,2\n", id="what is said of one"),
        pytest.param("surname, " * 500 + "\nHaddad" + ", " * 500, id="a line that is too long"),
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "piece",
    [
        "first_name: ",
        "first name ",
        "| name ",
        "<first_name>",
        "<td>name</td>",
        "</tr>",
        "surname: Ada Bob Cy ",
        '"nom": "A" ',
        "holder: Ada Bob, ",
        "address: Aa 1 ",
        "city: Aa ",
        "name,address,phone\n",
        '"a,',
    ],
)
def test_no_text_makes_it_slow(piece: str) -> None:
    start = time.process_time()

    fields_of = list(fields.find(piece * (100_000 // len(piece)) + "surname: Ek"))

    assert time.process_time() - start < 2.0
    assert fields_of
