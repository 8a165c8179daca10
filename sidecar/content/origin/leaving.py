"""What does a request leave to somebody else's words: what is done, with what, where it goes, to whom?"""

import re
from typing import Final

# Somebody else said what is to be done, with what, or where: the user leaves it to those words.
_SAYING: Final = (
    r"asks?|asked|wants?|wanted|wish(?:es|ed)?|suggest(?:s|ed)?|propos(?:es|ed)|describ(?:es|ed)|recommend(?:s|ed)?|"
    r"mention(?:s|ed)?|wrote|writes?|said|says|sent|mailed|messaged|posted|linked|listed|lists|shared|request(?:s|ed)?|"
    r"needs?|needed|offer(?:s|ed)?|demand(?:s|ed)?|order(?:s|ed)"
)
_TOLD_OF: Final = (  # by a letter, with which something is done
    r"reference|amount|sum|figure|value|price|quantity|quantities|number|date|time|day|hour|code|name|title|detail|data|"
    r"measurement|measure|dose|size|plate|policy|wording|text"
)
_LEFT: Final = re.compile(
    r"\b(?:what|whatever|as|how much|how many) (?!(?:i|we|you|is|are|was|were|has|have|had)\b)[\w'-]+(?: [\w'-]+)? "
    r"(?!need)\w{3,}ed\b|"
    rf"\b(?:that|which|as|what|where|when|how|whom?)\s+(?:\S*[^\s.!?]\s+){{0,4}}?(?:{_SAYING})\b"
    r"|\b(?:the|his|her|their|its) (?:\w+ ){0,2}?(?:address|number|date|time|code|name|place|day|account) "
    r"(?:in|from|on|that|given|he|she|they)\b"
    rf"|\b(?:the|his|her|their|its|all) (?:[\w-]+,? (?:and )?){{0,4}}?(?:{_TOLD_OF})s? "
    r"(?:(?:that|which) (?:(?:is|are|stands?) )?)?"
    r"(?:given|named|stated|mentioned|specified|quoted|listed|requested|shown|written|noted|told|contained|(?:he|she|"
    r"they) (?:gives?|gave|names?|named|states?|stated|mentions?|mentioned|tells?|told)|in|from)\b"
    r"|\b(?:that|which|whom?|what|where|when) (?!i\b|we\b)(?:\w+'d|\w+ would) (?:like|love|prefer)\b"
    r"|\bthe new (?:\w+ (?:and|or) )?(?:address|number|date|time|name|place|day|account|hour|price|rate)\b"
    r"|(?<!\bi )(?<!\bwe )\b(?:mailed|wrote|sent|gave|messaged|texted|posted|told|asked|requested|proposed|suggested|"
    r"linked|attached)\b"
)
# Where somebody says that something goes by post.
_WHERE: Final = re.compile(
    r"\b(?:where|whom?) (?:to\b|(?:it|this|that|they|she|he) (?:should|must|has to|is to|goes|needs?|wants?))"
    r"|\b(?:address|place) (?:that |which )?(?:(?:he|she|they|(?:mr|ms|mrs|dr)\.? \w+|\w+) )?"
    r"(?:gives?|gave|names?|named|mentions?|mentioned|wants?|told|wrote|sent|is in|stands in|from|in|on)\b"
)
# To which address something goes, as somebody tells it: `with his private address`.
_ADDRESS: Final = re.compile(
    r"\b(?:to|with|at|under|for|into) (?:his|her|their|the|an?) (?:[\w'-]+ ){0,2}?(?:address(?:es)?|e-?mail)\b"
    r"|\b(?:(?:who|whom)(?:ever)?|(?:colleague|friend|person|guest|neighbou?r|partner|wife|husband|assistant|accountant|"
    r"doctor|architect|lawyer|client|customer|supplier|tenant|member|player|speaker|contact|candidate|somebody|someone|"
    r"one|man|woman|son|daughter|brother|sister|mother|father)) (?:he|she|they|(?!to\b|the\b|i\b|we\b|you\b)\w+) "
    r"(?:names?|named|mentions?|mentioned|recommends?|recommended|suggests?|suggested|proposes?|proposed|asks? for|"
    r"asked for|wants?|wanted|writes of|wrote of|would like)\b"
)
# Somebody whom the user calls by what he is: `with her midwife`, `to the accountant`.
_ROLE: Final = re.compile(
    r"\b(?:to|with|for|tell|inform|invite|ask|let) (?:the|our|my|his|her|their|\w+'s) (?:new )?([^\W\d_]{4,})\b"
)
# How many of something there are that all are meant.
_NUMBERS: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_COUNTED: Final = re.compile(
    rf"\b(?:the|these|those|our|his|her|their|all|both)(?: the)? ({'|'.join(_NUMBERS)}|[2-9]|1\d)\b"
)
# Into which account is left to a text: `the IBAN is in`, `the account that she gives`.
_ACCOUNT: Final = re.compile(
    r"\b(?:ibans?|accounts?|bank (?:details|data|connection)|details)\b[^.!?;]{0,40}"
    r"\b(?:in|on|from|at|by|behind|he|she|they|given|named|below)\b"
)


def leaves(text: str) -> bool:
    """Return whether a folded request leaves some of it to what somebody else said."""
    return _LEFT.search(text) is not None


def leaves_where(text: str) -> bool:
    """Return whether a folded request leaves it to what somebody said where something goes by post."""
    return _WHERE.search(text) is not None


def leaves_address(request: str) -> bool:
    """Return whether a folded request speaks of an address to which something goes, and does not say which."""
    return _ADDRESS.search(request) is not None


def roles(request: str) -> frozenset[str]:
    """Return by which words a folded request calls those for whom something is, as what they are: `midwife`."""
    return frozenset(_ROLE.findall(request))


def counted(request: str) -> frozenset[int]:
    """Return how many of something a folded request speaks of, all of which are meant."""
    return frozenset(_NUMBERS.get(each) or int(each) for each in _COUNTED.findall(request))


def leaves_account(request: str) -> bool:
    """Return whether a folded request leaves it to some text into which account something is paid."""
    return _ACCOUNT.search(request) is not None
