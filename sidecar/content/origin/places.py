"""Where in a passage does a value stand, and what does the passage order about it?"""

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

from sidecar.content.origin.normal import (
    LONGEST_DATE,
    address,
    date_places,
    dates,
    emails,
    host,
    identifier,
    identifiers,
    is_url,
    keys,
    number,
    number_places,
    words,
)
from sidecar.content.origin.speech import BEFORE, BEHIND, ORDER, Order, acts, is_order, stem

DEBIT: Final = "direct debit"  # pays, though none of its words does
BY_TEXT: Final = frozenset({"pay"})  # what is done as the thing itself says
ACCORDINGLY: Final = "accordingly"  # with this word whatever is done is, but for what nobody leaves to a text
ONLY_SUM: Final = "sum"  # the thing tells what is paid, and not to whom
_LEFT_SUM: Final = frozenset({ONLY_SUM})
_NEVER: Final = frozenset({"delete", "secure", "send", "admit"})
MAX_PLACES: Final = 16  # of one value in one passage that are looked at
SENTENCE: Final = 120  # characters behind a value in which its sentence ends
PHRASE: Final = 4  # words of a value that is a text of its own
ACCOUNT: Final = 14  # characters of the key of an account's number
MAX_PAYEES: Final = 128  # accounts and addresses that are told apart; the number of one account has some parts
LONGEST_THING: Final = 60  # characters of what a request has in other words
SHORT: Final = 2  # digits of a number that stands in many texts
LONGEST_ROW: Final = 96  # characters of one row of a table
MAX_IDENTIFIER: Final = 64  # characters of an identifier whose other writings are looked for

_NAMING: Final = ("e:", "u:", "i:")  # keys of what an order can be about
_PLAIN: Final = re.compile(r"[^a-z0-9]")
_IBAN: Final = re.compile(r"[a-z]{2}\d{2}")
_DIGITS: Final = re.compile(r"\d+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_RUNS: Final = re.compile(r"(\d+)|([^\W\d_]+)|.", re.DOTALL)
# A sum behind one of these words is what a bill comes to, as bills have it in some languages.
_TOTAL: Final = re.compile(
    r"\b(?:(?:grand |sub)?totale?|total amount|amount due|balance due|gesamt(?:betrag|summe)?|endbetrag|summe|"
    r"rechnungsbetrag|importe|montant|totaal)"
    r"(?: due| payable| \(?(?:incl\.?|inkl\.?|including|excl\.?) \w+\)?| ttc| à payer| a pagar)?[^\w\s]?\s{0,4}"
    r"(?:(?:eur|usd|gbp|chf|euros?|dollars?|pounds?|[$€£])[^\w\s]?\s?)?(?=\d)"
)
# Short numbers behind what bears them: `issue 7`, `issues 7 and 9`, and `the seat 7` where it counts nothing.
_BEARERS: Final = (
    "id|nr|no|number|nummer|issue|ticket|task|case|pull request|pr|mr|merge request|request|order|invoice|event|file|"
    "document|message|mail|e-?mail|record|entry|item|product|account|user|transaction"
)
_SHORT_ONE: Final = rf"\d{{1,{SHORT}}}"
_ARTICLES: Final = "the|this|that|my|our|de[rnm]|die|das|les?|las?|el|los|il|gli|os|as|het"
_JOINING: Final = (  # words that may stand behind a number that counts nothing
    "and|or|to|from|in|on|at|for|as|of|und|oder|von|vom|im|zu|bei|y|o|en|del?|al|con|para|et|ou|du|des|dans|à|e|di|da|do|"
    "van"
)
_COUNTING: Final = rf"(?! (?!(?:{_JOINING}) )\w)"
_BEARING: Final = re.compile(
    rf"(?:#|\b(?:{_BEARERS})s?\W{{1,3}}|\b(?:{_ARTICLES}) [^\W\d_][\w-]{{2,23}} (?={_SHORT_ONE}\b{_COUNTING}))"
    rf"({_SHORT_ONE}(?:(?:,? (?:and|or|&|und|et|y|e|en) |, ?)#?{_SHORT_ONE}(?!\d)){{0,{MAX_PLACES}}})\b"
)
_SHORT_NUMBER: Final = re.compile(r"\d+")
# A number behind one of these is what a payment is told by, and no account.
_REFERENCE: Final = re.compile(
    r"\b(?:ref(?:erence|erenz|erencia)?|référence|riferimento|kenmerk|betalingskenmerk|(?:verwendungs)?zweck|customer|"
    r"client|invoice|bill|contract|policy|member(?:ship)?|case|kunden|rechnungs|vertrags|facture|factura|fattura|factuur)"
    r"[ -]?(?:no|nr|num|number|nummer|numéro|número|id|code)?\W{1,4}\Z"
)
# What somebody is sent to show that he reads his own mail, and how it looks.
_ONCE: Final = re.compile(
    r"\b(?:otp|(?:m|sms)?tan|pass ?code|one[- ]time (?:password|code|pin)|(?:verification|security|confirmation|"
    r"approval|login|log-in|sign-in|authentication|access) (?:code|pin))\b[^.!?]*\Z"
)
_CODE: Final = re.compile(r"\d{4,8}|[a-z0-9]{4,8}")
BEARING: Final = 40  # characters in which it stands
# Who makes one pays.
_PAYMENT: Final = re.compile(
    r"\b(?:make|create|set up|arrange|schedule|start|open|establish|place|put in|enter|submit|add) "
    r"(?:(?:an?|the|this|that|another|new|monthly|weekly|regular|bank) ){0,3}"
    r"(?:standing orders?|direct debits?|payments?|transfers?)\b"
)
_OF_SOMEBODY: Final = re.compile(r"\b(?:my|the|an?|his|her|its|their|your|our|this|that) \w+")  # no verb: `my rent`
_LIES: Final = re.compile(  # where something is, and nothing else: `you find the bill in`
    r"\s*(?:\w+ ){0,3}?(?:(?:is|are|it's|lies?|stands?|comes?)\b|(?:find|see|have) (?:it|them|the \w+)\b|\w+:)"
    r"(?: (?:attached|here|saved|called|in|under|at|as|to|with|my|the|our|their|file|folder|mail))*\W*"
)
_IS_SUM: Final = r"(?:amount|sum|total|price|costs?|fee|figure|value|rate|difference|balance|money|share|half|part)\b"
_SUM_LIES: Final = re.compile(rf"\W*(?:and |but )?(?:\S+ ){{0,5}}?{_IS_SUM}")
# Who is paid is said, and how much is left open: `transfer Noor what it costs at`, `the amount … to Noor`.
_HOW_MUCH: Final = rf"(?:(?:what|whatever|how much|as much)\b|(?:the|an?|his|her|their|its|my|our) (?:\S+ )?{_IS_SUM})"
_COSTS: Final = re.compile(
    rf"\b(?:what|whatever|how much|as much)\b[^.!?]{{0,80}}?\b(?:costs?|worth|sells? for|goes for|comes? to|"
    rf"amounts? to|priced)\b|\b(?:the|an?|his|her|their|its|my|our) (?:\S+ )?{_IS_SUM}"
)
_WHOM: Final = re.compile(
    r"\b(?:pay|transfer|send|wire|give|refund|reimburse|repay|remit|owe)\s+"
    rf"(?!(?:what|whatever|how|as|it|that|all|for|back|out|off|the (?:\S+ )?{_IS_SUM})(?:\s|\b))"
    rf"(?:[^\s.!?]+\s+){{1,4}}?{_HOW_MUCH}"
    r"|\b(?:transfer|send|wire|give|remit|pay)\b[^.!?]{0,120}?\bto "
    r"(?!(?:the|that|this|an?|its?|my|our|be|pay|see|find)\b)\w"
)
_SENTENCE_END: Final = re.compile(r"[.!?](?= )")


def holds(text: str, value: str) -> bool:
    """Return whether a folded text holds the value, not as a part of longer words."""
    return next(_places(text, value), -1) >= 0


def ordered(value: str | float, text: str, found: Sequence[Order], lines: Sequence[int] = ()) -> frozenset[str]:
    """Return the stems of what is ordered around the value; where its place cannot be told, anywhere in the text.

    `found` are all orders of the text, `lines` the offsets at which lines begin.
    What is ordered behind the value's sentence or line counts too (`… is the account. Pay it`), unless it names an
    account or an address of its own.
    """
    if not found:
        return frozenset()
    if isinstance(value, str) and len(words(value)) >= PHRASE:  # what it says itself is no order about it
        near = [(at - BEFORE, at - 1, at - 1) for at, end in _spans(value, text)]
    else:
        near = [(at - BEFORE, _sentence_end(text, end, lines), end + BEHIND) for at, end in _spans(value, text)]
    if not near:
        return frozenset().union(*(stems for _, stems in found))

    def is_about_it(start: int) -> bool:
        return any(
            first <= start <= end or (end < start <= last and _is_bare(text, start)) for first, end, last in near
        )

    return frozenset().union(*(stems for start, stems in found if is_about_it(start)))


def named_in_order(value: str | float, text: str, found: Sequence[Order]) -> frozenset[str]:
    """Return the stems of the orders that name the value themselves: they stand before it in its own sentence.

    A short number is named only where something bears it: `close issue 7`.
    """
    if not found:
        return frozenset()
    is_short = not isinstance(value, str) and len(str(value)) <= SHORT
    borne = (span for span in _borne(text) if text[slice(*span)] == str(value))
    near = _first(borne) if is_short else _spans(value, text)
    named = (
        stems
        for start, stems in found
        if any(at - BEFORE <= start <= at and not _SENTENCE_END.search(text, start, at) for at, _ in near)
    )
    return frozenset().union(*named)


def together(value: str | float, others: Iterable[str | float], text: str) -> bool:
    """Return whether a sentence of a folded text has the value and one of the others, or is so near that it may."""
    near = [_sentence_around(text, at, end) for at, end in _spans(value, text)]
    return any(first <= at <= last for other in others if near for at, _ in _spans(other, text) for first, last in near)


def is_followed_by(value: str | float, text: str, places: Sequence[int]) -> bool:
    """Return whether one of these places of a folded text stands in the sentence behind one that has the value."""
    for _, end in _spans(value, text) if places else ():
        here = _SENTENCE_END.search(text, end, end + BEFORE)
        last = _SENTENCE_END.search(text, here.end(), here.end() + BEFORE) if here else None
        if here and any(here.start() <= at <= (last.start() if last else here.end() + BEFORE) for at in places):
            return True
    return False


def _sentence_around(text: str, at: int, end: int) -> tuple[int, int]:
    first, last = max(at - BEFORE, 0), end + BEFORE
    begins = [match.end() for match in _SENTENCE_END.finditer(text, first, at)]
    ends = _SENTENCE_END.search(text, end, last)
    return (begins[-1] if begins else first), (ends.start() if ends else last)


def numbers_borne(text: str) -> frozenset[str]:
    """Return the short numbers that a folded text has as those of something: `issue 7`, `#7`."""
    return frozenset(text[slice(*span)] for span in _borne(text))


def _borne(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the short numbers of something stand."""
    for found in _BEARING.finditer(text):
        yield from (each.span() for each in _SHORT_NUMBER.finditer(text, *found.span(1)))


def payees(text: str) -> frozenset[str]:
    """Return the keys of the accounts and e-mail addresses in a folded text."""
    accounts = {key for key in identifiers(text) if is_account(key)}
    return _whole(accounts) | {f"e:{each}" for each in emails(text)}


def accounts(text: str) -> list[str]:
    """Return the accounts in a folded text, without separators; of one that numbers follow, it and what it may be."""
    if sum(map(str.isdigit, text)) < ACCOUNT // 2:
        return []
    return [key[2:] for key in dict.fromkeys(identifiers(text)) if is_account(key)]


def sentences_of(text: str, lines: Sequence[int], found: Sequence[Order]) -> set[int]:
    """Return where the sentences and lines of a folded text begin in which these orders are."""
    begins = [0, *lines, *(match.end() for match in _SENTENCE_END.finditer(text))] if found else []
    return {max(at for at in begins if at <= start) for start, _ in found}


def is_in_sentence(value: str | float, text: str, found: Sequence[Order], lines: Sequence[int]) -> bool:
    """Return whether one of these orders stands in a sentence, or in a line, of a folded text that has the value."""
    here = sentences_of(text, lines, [(at, ()) for at, _ in _spans(value, text)])
    return not here.isdisjoint(sentences_of(text, lines, found))


def is_only_one(value: str | float, named: AbstractSet[str]) -> bool:
    """Return whether one account or address is named, and the value is just this, or none itself.

    Where accounts are named, nobody is paid by an address.
    """
    if len(named) > MAX_PAYEES:
        return False
    accounts = _whole({key for key in named if key.startswith("i:")}) or named
    if isinstance(value, str) and (is_url(value) or "@" in value or identifier(value)):
        return accounts == {f"e:{value}" if "@" in value else identifier(value)}
    return len(accounts) == 1


def _whole(accounts: AbstractSet[str]) -> frozenset[str]:
    """Return the keys without those of parts of others, unless there are too many to be one."""
    if len(accounts) > MAX_PAYEES:
        return frozenset(accounts)
    return frozenset(key for key in accounts if not any(key != other and key[2:] in other for other in accounts))


def is_only_like_it(value: str, text: str) -> bool:
    """Return whether no other text in a folded one is written like this value, which has digits: no second offer.

    An account in the writing of banks is never told by how it is written.
    """
    if len(value) > MAX_IDENTIFIER or not any(map(str.isdigit, value)) or _IBAN.match(value):
        return False
    return {found.group() for found in _written_like(value).finditer(text)} <= {value}


def is_in_row(value: str | float, text: str, lines: Sequence[int]) -> bool:
    """Return whether a value stands in a short line of a folded text that is written like another one, as in a table.

    `lines` are the offsets at which lines begin.
    """
    begins = [0, *(at for at in lines if at)]
    rows = [text[at:end].strip() for at, end in zip(begins, [*begins[1:], len(text)], strict=True)]
    held = [row for row in rows if len(row) <= LONGEST_ROW]
    forms = [_DIGITS.sub("0", _LETTERS.sub("a", row)) for row in held]
    return any(forms.count(form) > 1 and bool(_spans(value, row)) for form, row in zip(forms, held, strict=True))


@lru_cache(maxsize=256)
def _written_like(value: str) -> re.Pattern[str]:
    written = _RUNS.sub(lambda run: r"\d+" if run[1] else r"[^\W\d_]+" if run[2] else re.escape(run[0]), value)
    return re.compile(rf"(?<!\w){written}(?!\w)")


def is_other_sum(value: str | float, text: str) -> bool:
    """Return whether a folded text names its total, and the value is another number."""
    key = number(value)
    totals = [match.end() for match in _TOTAL.finditer(text)] if key else []
    named = {found for (start, _), found in _numbers(text) if start in totals}
    return bool(named) and key not in named


def is_reference(value: str | float, text: str) -> bool:
    """Return whether a value stands in a folded text only as what a payment is told by: `reference: 4711-22/9`.

    What is long enough for an account's number is one, whatever stands before it.
    """
    if not isinstance(value, str) or "@" in value or not (key := identifier(value)) or is_account(key):
        return False
    found = _spans(value, text)
    return bool(found) and all(_REFERENCE.search(text, max(at - BEARING, 0), at) for at, _ in found)


def is_code(value: str | float, text: str) -> bool:
    """Return whether a value stands in a folded text only as a code that is used once: `your one-time code: 481220`."""
    if not _CODE.fullmatch(str(value)):
        return False
    found = _spans(value, text)
    return bool(found) and all(_ONCE.search(text, max(at - BEARING, 0), at) for at, _ in found)


def is_account(key: str) -> bool:
    """Return whether the key of an identifier is one of an account's number."""
    return len(key) >= ACCOUNT and sum(map(str.isdigit, key)) > len(key) // 2


def wanted_of(said: str, thing: str) -> frozenset[str]:
    """Return the acts that a folded request wants done with `thing`: those of the last verb before it, or its words.

    Only bills are paid as they say. Whoever wants a thing sent, booked or bought leaves nothing to what stands in it.
    """
    at = next(_places(said, thing), -1)
    if at < 0 and len(thing) <= LONGEST_THING:
        at = min((next(_places(said, word), -1) for word in words(thing)), default=-1)
    if at < 0:
        return frozenset()
    *before, start = (0, *(match.end() for match in _SENTENCE_END.finditer(said, 0, at)))
    is_sum = False
    if before and _LIES.fullmatch(said, start, at):
        is_sum = _SUM_LIES.match(said, start, at) is not None
        start, at = before[-1], start  # it only says where the thing of the sentence before is
    done = _OF_SOMEBODY.sub(" ", _PAYMENT.sub(" pay ", said[start:at]))
    verbs = [acts({stem(word)}) for word in words(done) if is_order(word)]
    left = BY_TEXT & verbs[-1] if verbs and "buy" not in verbs[-1] else frozenset[str]()
    is_sum = is_sum or (not left and _SUM_LIES.match(said, start, at) is not None)  # `you'll find the sum in`
    end = _SENTENCE_END.search(said, at)
    clause = said[start : end.start() if end else len(said)]
    is_whom = _WHOM.search(clause) and _COSTS.search(clause)
    return _LEFT_SUM if is_sum or is_whom or (left and accounts(clause)) else left


def left_to(said: str, thing: str) -> frozenset[str]:
    """Return the acts that a folded request leaves to what stands in `thing`, which it named before."""
    at = next(_places(said, thing), -1)
    behind = said.find(ACCORDINGLY, at) if at >= 0 else -1
    if behind < 0:
        return frozenset()
    start = max((match.end() for match in _SENTENCE_END.finditer(said, 0, behind)), default=0)
    return acts(stem(words(match[1])[0]) for match in ORDER.finditer(said[start:behind].strip())) - _NEVER


def _spans(value: str | float, text: str) -> list[tuple[int, int]]:
    """Return where the value stands in a folded text, however it is written there."""
    if not isinstance(value, str):
        key = number(value)
        return _first(span for span, found in _numbers(text) if found == key)
    forms = [value, address(value), host(value)] if is_url(value) else [value]
    for form in forms:
        if found := _first((at, at + len(form)) for at in _places(text, form)):
            return found
    if len(value) <= LONGEST_DATE and (days := set(dates(value))):
        return _first(span for span, found in date_places(text) if found in days)
    if not identifier(value):
        return []
    spaced = "[ ./-]?".join(map(re.escape, _PLAIN.sub("", value)[:MAX_IDENTIFIER]))
    return _first(match.span() for match in re.finditer(spaced, text))


@lru_cache(64)
def _numbers(text: str) -> tuple[tuple[tuple[int, int], str], ...]:
    return tuple(number_places(text))


def _first(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    return [span for span, _ in zip(spans, range(MAX_PLACES), strict=False)]


def _is_bare(text: str, start: int) -> bool:
    """Return whether what is ordered at `start` names no account and no address: then it is about what came before."""
    return not any(key[:2] in _NAMING for key in keys(text[start : start + BEHIND]))


def _sentence_end(text: str, at: int, lines: Sequence[int]) -> int:
    """Return where the sentence or the line around `at` ends, or BEHIND characters on where it is a long one."""
    found = _SENTENCE_END.search(text, at, at + SENTENCE)
    end = found.start() if found else len(text) if len(text) - at <= SENTENCE else at + BEHIND
    return min([end, *(line - 1 for line in lines[bisect(lines, at) :][:1])])


def _places(text: str, value: str) -> Iterator[int]:
    at = text.find(value) if value else -1
    while at >= 0:
        before, behind = text[at - 1 : at], text[at + len(value) : at + len(value) + 1]
        if not (_is_word(before) and _is_word(value[0])) and not (_is_word(behind) and _is_word(value[-1])):
            yield at
        at = text.find(value, at + 1)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
