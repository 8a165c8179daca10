"""What the name of a field or of a column says its value is, and whether a value can be that.

A name counts however it is written (`lastName`, `LAST_NAME`, `Last Name`). Some are as often of a thing (`name`,
`customer`): those count where a column beside them is of a person, too, and a value of theirs is a first and a last
name.
"""

import re
from collections.abc import Sequence
from typing import Final

from sidecar.content.recognizers.cues import listed
from sidecar.content.recognizers.secret_values import is_strong_password
from sidecar.content.recognizers.small_passwords import is_small_password

ACCENTS: Final = str.maketrans("éèêñçãõ", "eeencao")
_PLAIN = re.compile(r"[\W_]+")

NAMES: Final = listed(
    """
    firstname lastname givenname familyname forename forenames surname middlename maidenname birthname fname lname
    firstnames lastnames namefirst namelast namegiven namefamily legalname preferredname
    vorname nachname familienname geburtsname prenom nomdefamille cognome apellido apellidos sobrenome primeironome
    voornaam achternaam
    """
)
# Only beside one of `NAMES`, or beside another column of a person.
BESIDE: Final = listed("first last middle given family nom nombre nombres nome sn")
_WEAK: Final = BESIDE | listed(
    """
    name fullname displayname customer customername client clientname patient patientname guest guestname employee
    employeename contact contactname contactperson holder accountholder cardholder holdername accountholdername
    cardholdername owner ownername member membername student studentname passenger passengername traveler traveller
    tenant landlord applicant beneficiary recipient recipientname sender sendername payee payer assignee reporter
    requester attendee participant person who manager supervisor doctor physician spouse emergencycontact nextofkin
    visitor visitorname candidate candidatename author signedby approvedby user naam isim imie nimi namn navn
    """
)
# Columns that end in `name`, and are of things.
_OF_THINGS: Final = listed(
    """
    file host user product item table column field class function display domain brand company business org
    organization organisation project app application service server db database event image package path tag variable
    method module node pod process key nick screen account group role team dept department category store shop bank
    school course book song artist title label country city street model vendor supplier client rule policy job task
    step stage branch repo repository container bucket queue topic index schema namespace cluster region zone
    """
)
_SECRETS: Final = listed(
    "secret password passwd passphrase pwd kennwort passwort contraseña contrasena senha wachtwoord"
)
_TOWNS: Final = listed(
    """
    city town country village hometown birthplace placeofbirth cityofbirth countryofbirth homecity residence
    billingcity shippingcity cityname countryname ville pays stadt ort wohnort geburtsort land ciudad pais citta
    paese cidade plaats woonplaats
    """
)
_ADDRESSES: Final = listed(
    """
    address streetaddress street addressline addressline1 address1 homeaddress postaladdress mailingaddress
    billingaddress shippingaddress deliveryaddress residentialaddress fulladdress streetname anschrift adresse
    strasse straße direccion domicilio indirizzo endereco adres straat
    """
)
_PASSPORTS: Final = listed("passport passportno passportnumber passportnum passportnr passportid travelpassport")
_LICENSES: Final = listed(
    """
    dl dlno dlnumber driverlicense driverslicense driverlicence driverslicence drivinglicense drivinglicence
    driverlicensenumber driverslicensenumber drivinglicencenumber driverlicenseno driverslicenseno licenseno
    """
)
_ACCOUNTS: Final = listed(
    "accountnumber accountno accountnum acctno acctnumber bankaccount bankaccountnumber routing routingnumber aba"
)
_SOCIALS: Final = listed("ssn socialsecurity socialsecuritynumber socialsecurityno ssnnumber")
_PHONES: Final = listed(
    """
    phone phonenumber telephone telephonenumber tel mobile mobilenumber mobilephone cell cellphone fax homephone
    workphone phoneno mobileno telefon handy telefono movil celular telefone gsm
    """
)
_MAILS: Final = listed("email emailaddress mail emails correo")
_BORN: Final = listed("dob dateofbirth birthdate birthday born geburtsdatum age gender sex nationality")
_OTHERS: Final = listed("nhs nhsnumber nhsno ni nino nationalinsurance iban card cardnumber creditcard mrn nationalid")
# Columns of what only people have.
_PERSONAL: Final = NAMES | _PASSPORTS | _LICENSES | _SOCIALS | _PHONES | _MAILS | _BORN | _OTHERS | _ADDRESSES | _TOWNS

_KINDS: Final = {
    name: kind
    for kind, names in (
        ("PASSWORD", _SECRETS),
        ("LOCATION", _TOWNS),
        ("STREET_ADDRESS", _ADDRESSES),
        ("US_PASSPORT", _PASSPORTS),
        ("US_DRIVER_LICENSE", _LICENSES),
        ("US_BANK_NUMBER", _ACCOUNTS),
        ("US_SSN", _SOCIALS),
        ("PHONE_NUMBER", _PHONES),
    )
    for name in names
}
KINDS: Final = frozenset({*_KINDS.values(), "PERSON"})
# What a text holds, in small letters, that has such a column: else no table is looked for.
HINTS: Final = (
    *("name", "surname", "apellido", "cognome", "nachname", "sobrenome", "achternaam", "prénom", "prenom"),
    *("pass", "pwd", "kennwort", "contrase", "senha", "wachtwoord"),
    *("city", "town", "country", "address", "street", "phone", "mobile", "tel", "licen", "account", "ssn", "social"),
    *("patient", "customer", "client", "guest", "employee", "holder", "email", "e-mail", "dob", "birth", "born"),
    *("routing", "secret", "stadt", "ville", "ciudad", "adres", "anschrift", "vendor", "contact", "dl", "nhs", "iban"),
)

PART: Final = r"[^\W\d_a-z][^\W\d_]*(?:['\u2019-][^\W\d_]+)*"
_PARTICLE = "(?:van|von|der|den|de|del|della|di|da|dos|al|el|bin|ibn|ter|ten|le|la|zu)"
NAME: Final = rf"(?:{_PARTICLE}[ ]){{0,2}}{PART}(?:[ ](?:[A-Z]\.|(?:{_PARTICLE}[ ]){{0,2}}{PART})){{0,3}}"
_WHOLE = re.compile(NAME)
_TURNED = re.compile(rf"{NAME},[ ]{NAME}")  # `Lovelace, Ada`
# What stands in such a place, and is nobody's name: types, states, and the names of fields.
_NOBODY: Final = listed(
    """
    string text str varchar char charfield textfield integer int number optional required none null nil true false
    unknown undefined empty any object field column label input value first last middle name surname missing
    default redacted hidden yes no not n_a na tbd todo example test invalid valid unique index models meta type types
    you your enter please the is must should this
    """
)
# What is no person, but stands where one may: companies, posts, the names of other fields.
_COMPANY: Final = listed(
    """
    inc inc. ltd ltd. llc gmbh ag corp corp. co co. company group team department bank services service solutions
    systems labs support office center centre store shop university college school hospital clinic and of for bot
    admin administrator user account guest customer client patient contact city country state street road address
    phone mobile email logistics insurance analytics foundation association industries international partners
    reporter officer manager engineer director assistant analyst specialist coordinator representative attorney clerk
    agent technician consultant supervisor nurse physician secretary president chair editor developer architect
    operator accountant lead head senior junior chief certified registered licensed deputy vice
    """
)
_PLACE = re.compile(
    r"[^\W\d_a-z][^\W\d_]*(?:['\u2019.-]?[ ]?(?:de|del|da|do|la|le|les|of|the|upon|on|sur|am|an|der"
    r"|[^\W\d_a-z][^\W\d_]*)){0,5}"
)
_NO_PLACE: Final = listed(
    """
    remote room building floor office online hq various home header bin desk shelf name string str text none null true
    false unknown any all other city country town code state required optional
    """
)
_STREET = re.compile(r"(?=.*[^\W\d_]{2})(?=.*(?:\d|[ ]))[^\s@<>={}][^@<>={}]{4,160}")
_CALLED = r"(?=(?:\D*\d){7,15}\D*\Z)(?!\d{4}-\d\d-\d\d)[+(]?\d[\d ()./-]{5,22}\d(?:[ ,]*(?:x|ext)\.?[ ]?\d{1,5})?"
_VALUES: Final = {
    "US_PASSPORT": re.compile(r"[A-Z]{0,2}\d{6,9}[A-Z]?"),
    "US_DRIVER_LICENSE": re.compile(r"(?=(?:.*\d){4})[A-Z0-9][A-Z0-9 -]{3,22}[A-Z0-9]"),
    "US_BANK_NUMBER": re.compile(r"\d{6,17}"),
    "US_SSN": re.compile(r"(?!000|666)\d{3}[ -]?\d\d[ -]?\d{4}"),
    "PHONE_NUMBER": re.compile(_CALLED),
}  # fmt: skip


def plain(name: str) -> str:
    """Return a field's name in small letters, without what stands between its words."""
    return _PLAIN.sub("", name).lower().translate(ACCENTS)


def kinds(names: Sequence[str]) -> dict[int, str]:
    """Return the kinds of the columns of these names, by number; `*PERSON` is one that a whole name only counts in."""
    columns = [plain(name) for name in names]
    found = {at: _KINDS[name] for at, name in enumerate(columns) if name in _KINDS}
    found |= {at: "PERSON" for at, name in enumerate(columns) if name in NAMES}
    if any(name in NAMES for name in columns):
        found |= {at: "PERSON" for at, name in enumerate(columns) if name in BESIDE}
    if any(name in _PERSONAL for name in columns):
        found |= {at: "*PERSON" for at, name in enumerate(columns) if _is_weak(name) and at not in found}
    return found


def _is_weak(name: str) -> bool:
    return name in _WEAK or (name.endswith("name") and name.removesuffix("name") not in _OF_THINGS)


def fits(kind: str, value: str) -> bool:
    """Whether `value`, without what is around it, can be of `kind`, as `kinds` says it."""
    match kind:
        case "PERSON":
            return is_name(value)
        case "*PERSON":
            return is_whole_name(value)
        case "PASSWORD":
            return is_small_password(value) or is_strong_password(value)
        case "LOCATION":
            return is_place(value)
        case "STREET_ADDRESS":
            return is_street(value)
    return _VALUES[kind].fullmatch(value) is not None


def is_name(value: str) -> bool:
    """Whether `value` is written as a name is, or as the parts of one."""
    low = value.lower()
    return (
        len(value) > 1
        and plain(value) not in NAMES
        and _NOBODY.isdisjoint(low.split())
        and bool(_WHOLE.fullmatch(value))
    )


def is_whole_name(value: str) -> bool:
    """Whether `value` is a first and a last name, in either order, and neither a company's nor a field's."""
    words = value.lower().replace(",", " ").split()
    is_written = _WHOLE.fullmatch(value) or _TURNED.fullmatch(value)
    return bool(is_written) and len(words) > 1 and (_NOBODY | _COMPANY).isdisjoint(words)


def is_place(value: str) -> bool:
    """Whether `value` is written as a town's or a country's name is."""
    return len(value) > 2 and _PLACE.fullmatch(value) is not None and _NO_PLACE.isdisjoint(value.lower().split())  # noqa: PLR2004 - a code


def is_street(value: str) -> bool:
    """Whether `value` can be a street, or a whole address: words, and a number or several words with capitals."""
    if not _STREET.fullmatch(value) or "://" in value or not any(map(str.isupper, value)):
        return False
    words = value.split()
    return len(words) > 1 and (any(map(str.isdigit, value)) or sum(word[0].isupper() for word in words) > 1)
