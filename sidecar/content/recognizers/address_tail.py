"""What follows the street in an address: units, boxes, towns, states, postal codes, countries."""

import re
from typing import Final

from sidecar.content.recognizers.cues import listed
from sidecar.content.recognizers.gazetteer import COUNTRIES, COUNTRY_WORDS, MILITARY, STATE_NAMES, STATES, UNITS

MAX_PARTS: Final = 8
MAX_TOWN: Final = 4  # words: `Newcastle upon Tyne` has three

_UNITS = "|".join(sorted({re.escape(unit.rstrip(".")) for unit in UNITS}, key=lambda unit: (-len(unit), unit)))
UNIT: Final = re.compile(
    rf"(?:(?:{_UNITS})\.?[ ]?(?:no\.?|nr\.?|number|#)?[ ]?(?:\d{{1,5}}[a-z]?|[a-z](?:-?\d{{1,4}})?)|#[ ]?\d{{1,5}}"
    r"|\d{1,3}(?:st|nd|rd|th)[ ]floor)(?![^\W_])",
    re.IGNORECASE,
)
BOX: Final = re.compile(
    r"(?:p\.?[ ]?o\.?[ ]?box|post(?:al)?(?: office)? ?box|psc \d{1,5},? box|unit \d{1,5},? box|postfach"
    r"|apartado(?: de correos| postal)?|casilla|caixa postal|bo[îi]te postale|general delivery|locked bag|private bag)"
    r"(?:[ ](?:no\.?|nr\.?|#))?[ #:]{0,2}\d{1,6}(?![^\W_])",
    re.IGNORECASE,
)
MILITARY_POST: Final = re.compile(
    r"(?:(?:USS|USNS|USNV|USCGC|PSC|Unit|USAG)[ ][\w.'-]{1,30}(?:[ ][\w.'-]{1,30})?,?[ \n]{1,3})?"
    r"[AFD]PO,?[ ]A[AEP](?:[ ]\d{5}(?:-\d{4})?)?(?![^\W_])",
    re.IGNORECASE,
)
# What stands behind a house's number, a floor or a door, in the short forms of other languages.
BEHIND_NUMBER: Final = re.compile(
    r"(?:[ ]?(?:bis|ter|quater)|-[IVX]{1,4}|[ ][A-Ha-h](?=[ ]?,|[ ]?\n|[ ](?:\d|lgh)|\Z)"
    r"|[ ](?:hs|huis|bg|sous|rood|zwart|rez|boven|beneden)(?=,|\n|[ ]\d|\Z)|[ ]?/[ ]?\d{1,4}[A-Za-z]?"
    r"|[ ](?:m|lok)\.[ ]?\d{1,4})(?![^\W_])"
)
_SIDES = r"izq(?:da)?|izda|d(?:e?re?)?cha|dta|esq|dto|frente|fte|andar|piso|[a-h]"
_DOORS = (
    r"puerta|pta\.?|depto\.?|dpto\.?|departamento|sala|casa|loja|conjunto|cj\.?|bloco|bl\.|lgh|lok\.|m\.|portal|int\.?"
    r"|manzana|mz\.?|lote|lt\.?|torre"
)
_DOOR: Final = re.compile(
    rf"(?:\d{{1,2}}[ ]?[\u00ba\u00aa\u00b0o]\.?(?:[ ]?(?:{_SIDES})\.?)?|\d{{1,2}}(?:er|e|\u00e8me)[ ]\u00e9tage"
    r"|b(?:\u00e2timent|\u00e2t\.?|at\.)[ ]\w{1,3}|esc(?:alier|alera|\.)[ ]\w{1,3}"
    rf"|(?:{_DOORS})[ ](?:n[\u00ba\u00b0o.]{{1,2}}[ ]?)?(?:\d{{1,4}}[a-z]?|[a-h])"
    r"|bajo(?:[ ][a-h])?|planta baja|r/c|p\.?b\.?|ground floor|basement"
    r"|\d{1,2}(?:st|nd|rd|th)[ ](?:main|cross|block|phase|stage|street|lane))(?![^\W_])\.?",
    re.IGNORECASE,
)
_WORD_OF_NAME = r"(?-i:[^\W\d_a-z])[\w'\u2019.-]{0,24}"
_NAMES = rf"{_WORD_OF_NAME}(?:[ ](?:d[aeo]s?|del?|la|los|las|of|the|y|e|{_WORD_OF_NAME})){{0,4}}"
# A quarter, a district, and what an address is told to be near to.
_QUARTER: Final = re.compile(
    r"(?:col(?:onia|\.)|urb(?:anizaci\u00f3n|\.)|bairro|barrio|fracc(?:ionamiento|\.)|sector|sec\.|phase|block|stage"
    rf"|ward|pol\.|pol\u00edgono)[ ](?:\d{{1,4}}[a-z]?(?![^\W_])|{_NAMES})"
    rf"|(?:near|opp(?:osite|\.)?|behind|next to|beside|adj(?:acent to|\.))[ ]{_NAMES}",
    re.IGNORECASE,
)
_REGION: Final = re.compile(
    r"\([A-Z]{2}\)|(?i:cedex)(?![^\W_])|(?<=(?i:cedex)[ ])\d{1,2}(?![^\W_])"
)  # of Italy, of France
_CODE_WORD = r"(?:c\.?p\.?|cep|plz|pin(?:[ ]code)?|zip|\u3012)[ :]{0,2}(?:-[ ])?"
_CODE = (
    r"(?:[a-z]{1,2}-)?\d{5}-\d{3,4}|\d{5}[ ]\d{3}(?=\D)|\d{4}-\d{3}|[1-9]\d{2}[ ]\d{3}|[a-z]\d{4}(?:[a-z]{3})?"
    r"|[a-z]{1,2}\d[a-z\d]?[ ]?\d[a-z]{2}|[a-z]\d[a-z][ -]?\d[a-z]\d"
    r"|\d{4}[ ]?[A-Z]{2}|\d{3}[ ]\d{2}|\d{2}-\d{3}|\d{3}-\d{4}|(?:[a-z]{1,2}-)?\d{4,6}"
)
POSTAL: Final = re.compile(rf"(?:{_CODE_WORD})?(?:{_CODE})(?![^\W_])", re.IGNORECASE)
POSTAL_SAID: Final = re.compile(
    rf"(?<![^\W_])(?:zip(?:[ _-]?code)?|post(?:al)?[ _-]?code|plz|postleitzahl|pin ?code|cap|eircode)"
    rf"(?:[ ](?:is|no\.?))?[ :=#\"']{{1,3}}(?P<code>{_CODE}|\d{{3,7}})(?![^\W_])",
    re.IGNORECASE,
)
_COUNTRY = "|".join(sorted(map(re.escape, COUNTRIES), key=lambda name: (-len(name), name)))
COUNTRY_CODE: Final = re.compile(rf"(?:{_COUNTRY})[ ,]{{1,2}}(?={_CODE})", re.IGNORECASE)

_GAP = re.compile(
    r"[ \t\xa0]*(?:\([^()\n]{1,30}\)[ \t]*)?(?:[,;|/?\u2013-]{1,4}[ \t]*)?(?:\r?\n[ \t]*){0,2}(?:[,?|]{1,4}[ \t]*)?"
)
_WORD = r"[^\W\d_]++(?:['\u2019.-][^\W\d_]++)*+(?!\d)"
_WORDS = re.compile(rf"{_WORD}(?:(?:(?<=\bst)\.|(?<=\b[^\W\d_])\.)?[ ]{{1,2}}{_WORD}){{0,6}}", re.IGNORECASE)
_SMALL: Final = listed(
    """
    of the and am an de la le du des del di da do dos das der den upon on under u ob nad pod sur sous en im bei v
    na y e et auf in
    """
)
# What begins something else: `Room 4, No. 12 Mill Road`, and in the line below an address `Tel. 12`, `Order 12`.
_NUMBERED: Final = frozenset({"No", "Nr"})
_LABELS: Final = listed(
    """
    tel telephone phone fax mobile mob cell call email e-mail mail web website url order invoice ref reference date
    account customer contact attn attention vat iban bic dear hello hi from to cc subject re total amount delivery
    dob id passport ssn telefon handy téléphone teléfono telefono tél
    """
)
_ENDED = re.compile(
    r"[ \t]*(?:$|[,.;?!|()\n\"'}\]</-]|\d|(?:with|in|since|on|for|until|from|at|by|near|which|where|this|next|last|as"
    r"|because|tomorrow|today|yesterday|now|and (?:my|the|his|her|our|their|call|can|is|was))\b)"
)
_BEFORE_TOWN = re.compile(
    r"(?<![^\W_])(?:(?:[A-Z]{1,2}-)?\d{4,5}(?:[ ][A-Z]{2})?|\d{4}-\d{3}|\d{3}[ ]\d{2}|\d{2}-\d{3})[ ]{1,2}\Z"
)  # `20121 Milano`
_CODE_REACH: Final = 14  # characters of such a code
_STATE_BEFORE: Final = 4  # characters before it, where a state may stand: `TX 78701`


def tail(text: str, at: int, *, is_lower: bool) -> tuple[int, int]:
    """Return where the address that reached `at` ends, and how many parts speak for it (a town alone does not)."""
    number = BEHIND_NUMBER.match(text, at) if text[at - 1 : at].isdigit() else None
    end, evidence, counts = number.end() if number else at, 0, 0
    for _ in range(MAX_PARTS):
        if region := _REGION.match(text, end + 1):
            end = region.end()
        gap = _GAP.match(text, end)
        start = gap.end() if gap else end
        if start == end and end > at:
            break
        gap_text = text[end:start]
        is_apart = counts > 0 or any(sign in gap_text for sign in "\n,?-\u2013")
        found = _part(text, start, is_lower=is_lower, is_apart=is_apart and gap_text.count("\n") <= 1)
        if not found:
            break
        end, counts = found
        evidence += counts
    return end, evidence


def _part(text: str, at: int, *, is_lower: bool, is_apart: bool) -> tuple[int, int] | None:
    for pattern in (_DOOR, UNIT, BOX, MILITARY_POST, POSTAL):
        if found := pattern.match(text, at):
            return found.end(), 1
    if is_apart and (quarter := _QUARTER.match(text, at)):
        return at + len(quarter[0].rstrip(".")), 1
    words = _WORDS.match(text, at)
    if not words:
        return None
    if known := _known(words[0]):
        return at + known, 1
    return _town(text, words, is_lower=is_lower, is_apart=is_apart)


_SHORT: Final = STATES | MILITARY
_LONG: Final = COUNTRIES | STATE_NAMES
_REGIONS: Final = frozenset(name.casefold() for name in _SHORT | _LONG)
_FIRST: Final = frozenset(name.split(" ")[0].rstrip(".") for name in _REGIONS)
_FIRST_TWO: Final = frozenset(" ".join(name.split(" ")[:2]).rstrip(".") for name in _REGIONS if " " in name)


def _known(words: str) -> int:
    """Return how many characters of `words` are a state or a country; most begin as none does, which costs little."""
    split = words.split(" ", COUNTRY_WORDS)
    if split[0].casefold().rstrip(".") not in _FIRST:
        return 0
    has_two = " ".join(split[:2]).casefold().rstrip(".") in _FIRST_TWO
    for count in range(min(len(split), COUNTRY_WORDS), 0, -1) if has_two else (1,):
        name = " ".join(split[:count])
        if count == 1 and name.rstrip(".") in _SHORT:
            return len(name)
        if name.casefold() in COUNTRIES or name.casefold().rstrip(".") in _LONG:
            return len(name.rstrip(".") if name.casefold() not in COUNTRIES else name)
    return 0


def _town(text: str, words: re.Match[str], *, is_lower: bool, is_apart: bool) -> tuple[int, int] | None:
    """Return where a town ends, without weight: capitalised words up to a comma, a line's end, a number, a country."""
    split = words[0].split(" ")
    count = 0
    while count < len(split) and not (count and _known(" ".join(split[count:]))):
        word = split[count]
        is_name = word[:1].isupper() or not word[:1].isascii() or is_lower
        if word and not is_name and not (count and word in _SMALL):
            break
        count += 1
    while count and split[count - 1] in _SMALL | {""}:
        count -= 1
    if not 0 < count <= MAX_TOWN or split[0] in _NUMBERED:
        return None
    if split[0].lower() in _LABELS and text[: words.start()].rstrip(" ")[-1:] == "\n":
        return None
    end = words.start() + len(" ".join(split[:count]).rstrip("."))
    follows = text[end : end + 1] == " " and _follows(text, end + 1)
    if not follows and not (is_apart and (_ENDED.match(text, end) or _is_behind_code(text, words.start()))):
        return None
    return end, 0


def _is_behind_code(text: str, at: int) -> bool:
    """Whether a postal code stands before `at` that is written before the town: no state before it."""
    code = _BEFORE_TOWN.search(text, max(0, at - _CODE_REACH), at)
    if not code:
        return False
    before = text[max(0, code.start() - _STATE_BEFORE) : code.start()].split()
    return not before or before[-1].strip(",.") not in STATES


def _follows(text: str, at: int) -> bool:
    """Whether a postal code, a state or a country stands at `at`: what comes before it is a town."""
    words = _WORDS.match(text, at)
    return _known(words[0]) > 0 if words else POSTAL.match(text, at) is not None
