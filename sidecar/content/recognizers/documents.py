"""Numbers that only the words before them tell: passports, licences, identity cards, cases, accounts, vehicles.

`Passport: U1`, `my driver's license number is 2`, a question whose answer follows. A value has at least two digits and
is no date. Without such words nothing is found: these numbers have too many forms to be known by them.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds

ENTITIES: Final = frozenset(
    {"PASSPORT", "DRIVER_LICENSE", "NATIONAL_ID", "LICENSE_NUMBER", "CASE_NUMBER", "MEDICAL_RECORD", "VEHICLE"}
    | {"US_PASSPORT", "US_DRIVER_LICENSE", "US_BANK_NUMBER"}
)
REPLACES: Final = ENTITIES

FORM: Final = 0.7
WEAK: Final = 0.4
LEAST: Final = 4  # letters and digits of a value
MIN_DIGITS: Final = 2
MIN_LONG: Final = 9  # letters and digits of a value that has a digit, and else capitals

_CUE = re.compile(
    r"(?<![^\W_])(?:"
    r"(?P<PASSPORT>(?:travel document|passports?))"
    r"|(?P<DRIVER_LICENSE>(?:driv(?:er'?s?|er\u2019s|ing)[ -]?(?:licen[cs]es?|permit)|DL))"
    r"|(?P<NATIONAL_ID>(?:national (?:id(?:entity|entification)?|insurance)(?: card)?|identity card|id card|NINO?"
    r"|NRIC|DNI|CPF|CURP|CNP"
    r"|BSN|PESEL|citizen(?:ship)? (?:id|card)|resident(?:ce)? (?:id|permit)|tax(?:payer)? (?:id|reference"
    r"|identification)))"
    r"|(?P<CASE_NUMBER>(?:(?:civil|criminal|court)? ?(?:case|docket)|cause|index|file|matter))(?=[ :]{0,2}(?:no|num"
    r"|#|:|id|\d))"
    r"|(?P<LICENSE_NUMBER>(?:(?:state )?bar|(?:notary|medical|nursing|professional|business|dea"
    r"|pilot)? ?(?:licen[cs]e|registration)|DEA|NPI))"
    r"|(?P<MEDICAL_RECORD>(?:MRN|medical record|patient (?:id|record)|health (?:plan|insurance|card)"
    r"|member(?:ship)? id|policy|insurance))"
    r"|(?P<VEHICLE>(?:VIN|vehicle (?:id|identification|registration)|licen[cs]e plate|number plate|plate))"
    r"|(?P<US_BANK_NUMBER>(?:bank account|account|acct\.?|routing))"
    r")(?![^\W\d_])",
    re.IGNORECASE,
)
_GAP = re.compile(
    r"(?:[ ](?:with|bearing|bears|has)(?:[ ](?:the|a))?)?"
    r"(?:[ _(,-]{0,2}(?:(?:numbers?|no|num|nr|id|identification|card|code)\b|#)\.?){0,2}"
    r"(?:[^\n.!?:=#]{0,24}?\?\s{1,3}(?:A(?:nswer)?: )?|\s{0,2}(?:is|was|are|reads)?[ :=#(\"'`]{1,4})",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(?=[^\s\d]{0,12}\d)[^\W_]{1,20}(?:[-/:.][^\W_]{1,20}){0,5}(?:[ ]\d{2,6}(?![^\W_])){0,4}(?![^\W_]|@)"
)
_ACCOUNT = re.compile(r"\d{8,17}")  # of a bank: as long as no count of anything
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(?:19|20)\d\d|\d{1,2}:\d\d")
_BOTH: Final = {"PASSPORT": "US_PASSPORT", "DRIVER_LICENSE": "US_DRIVER_LICENSE"}
_STRICT: Final = frozenset(
    {"CASE_NUMBER", "LICENSE_NUMBER", "MEDICAL_RECORD", "US_BANK_NUMBER", "VEHICLE", "NATIONAL_ID"}
)
# Without one of them there is no cue.
_WORDS: Final = (
    "passport", "document", "licen", "permit", "dl", "national", "identity", "id ", "nino", "nin ", "nric",
    "dni", "cpf", "curp", "cnp", "bsn", "pesel", "citizen", "resident", "tax", "case", "docket", "cause", "index",
    "file", "matter", "bar ", "registration", "dea", "npi", "mrn", "medical", "patient", "health", "member",
    "policy", "insurance", "vin", "plate", "account", "acct", "routing",
)  # fmt: skip
_DIGIT = re.compile(r"\d")  # without one there is no value
_SAID = re.compile(r"number|no\b|num|nr|id\b|#|:|=", re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """Yield the numbers in `text` that words tell."""
    low = text.lower()
    if not holds(low, _WORDS) or _DIGIT.search(text) is None:
        return
    for cue in _CUE.finditer(text):
        entity = cue.lastgroup or ""
        gap = _GAP.match(text, cue.end())
        value = _VALUE.match(text, gap.end()) if gap else None
        if not gap or not value or not _is_value(value[0]):
            continue
        is_account = entity == "US_BANK_NUMBER" and _ACCOUNT.fullmatch(value[0])
        if entity in _STRICT and not (is_account or _SAID.search(cue[0] + gap[0])):
            continue
        yield Span(*value.span(), entity, FORM)
        if entity in _BOTH:
            yield Span(*value.span(), _BOTH[entity], FORM)
        elif entity == "LICENSE_NUMBER" and "licen" in cue[0].lower():  # it may be a driver's
            yield Span(*value.span(), "US_DRIVER_LICENSE", WEAK)


def _is_value(written: str) -> bool:
    letters, digits = sum(map(str.isalnum, written)), sum(map(str.isdigit, written))
    is_long = letters >= MIN_LONG and digits > 0 and written.isupper()  # `WDL` and what is drawn at random
    return letters >= LEAST and (digits >= MIN_DIGITS or is_long) and not _DATE.fullmatch(written)
