"""What people who ask for something say in other words, where the same words in a stranger's text order nothing.

`Kim should be able to read the budget` asks to share it; on a page it tells who reads what. So these are looked for in
the user's own words alone, beside `PHRASES`. Of verbs that everybody has his own of, what stands behind them tells:
what is stuck, popped or thrown `on` a list is added, `off` it or `out of` it removed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sidecar.content.origin.acts import PHRASES, SUM
from sidecar.content.origin.readers import IRREGULAR

_SOME: Final = r"(?:\S+ ){1,5}?"
_MAYBE: Final = r"(?:\S+ ){0,5}?"
_OTHERS: Final = r"(?!(?:i|we|you|me|us)\b)(?:\S+ ){1,4}?"  # who is not the user
# Where somebody who asks for something has a verb.
_DO: Final = (
    r"(?:\A\W*|[,:(-] |\b(?:and|then|please|pls|you|to|also|just|i'll|let's|we'll|kindly|now|or|but|so|simply|could|"
    r"can|would|should|must|go ahead and) )"
)
_DAY: Final = r"(?:\S+ ){0,5}?(?:\d|at|on|for|this|next|tomorrow|today|tonight|\w+day)\b"
_OWNED: Final = r"(?:the|my|our|#|\S+'s)"
_GROUP: Final = (  # what people are in
    rf"(?:#\S+|{_OWNED} (?:[\w-]+ ){{0,2}}?(?:channel|group|team|room|chat|call|loop|club|course|project|workspace|"
    r"board|class|thread|space)\b)"
)
_LIST: Final = rf"(?:there|{_OWNED} (?:[\w-]+ ){{0,2}}?(?:list|diary|calendar|agenda|notes?|plan|schedule|menu))\b"
_TEXT: Final = (  # out of which something is read
    r"(?:\S+ ){0,3}?(?:letters?|e-?mails?|mails?|messages?|files?|reports?|texts?|notes?|documents?|pages?|tables?|"
    r"articles?|pdfs?|threads?|it|that|this)\b"
)
_SITE: Final = (  # off which something is read
    r"(?:of )?(?:\S+ ){1,4}?(?:websites?|sites?|web|internet|pages?|profiles?|receipts?|invoices?|labels?|signs?)\b"
)
_HAS_TO: Final = r"(?:should|must|needs? to|ha(?:s|ve) to|ought to)"
_PLACE: Final = r"(?:room|slot|table|seat|spot|desk|place|appointment|car|bike|flight|train|ticket)s?\b"
_RECORD: Final = (  # where what is known of somebody or something stands, and is written anew
    rf"(?:there\b|{_OWNED} (?:[\w-]+ ){{0,2}}?(?:profile|record|details|settings|master data|page|website|site|"
    r"section)\b)"
)
_BOARD: Final = rf"{_OWNED} (?:[\w-]+ ){{0,2}}?(?:notice-?board|board|wall|blog|website|site)\b"
# Who confirms, declines or settles something tells somebody: by what, with whom, or that he himself comes.
_TELLING: Final = (
    r"(?:re-?confirm|confirm|acknowledge|accept|decline|agree(?: to| on| with)?|refuse|reject|approve|deny|cancel|"
    r"call off|clarify|explain|describe|outline|promise|propose|suggest|thank|apologi[sz]e|object|complain|rsvp)"
)
_MEDIUM: Final = (
    r"(?:return )?(?:(?:an? |the )?(?:\w+ )?(?:e-?mail|mail|message|text|sms|chat|dm|letter|post|reply|fax|slack|"
    r"teams|whatsapp|signal)\b|writing\b)"
)
_BY: Final = (
    r"(?:(?!(?:that|which|who|whom|whose|came|sent|received|mailed|confirmed|me|us)\b)\S+ ){0,6}?"
    rf"(?:by|via|per|in|over|on) {_MEDIUM}"
)
_COMING: Final = (
    r"(?:attendance|participation|presence|coming|arrival|receipt|acceptance|interest)\b"
    r"(?! (?:\S+ ){0,5}?to (?:me|us)\b)"
)
_SOMEBODY: Final = (  # by name
    r"(?!(?:the|my|our|his|her|its|their|this|that|these|those|it|an?|all|every|each)\b|\S+'s\b)\S+ "
)
_SETTLING: Final = (
    r"(?:(?:re-?confirm|confirm|agree|settle|clarify|fix|arrange|coordinate|discuss|check|sort out|work out|clear up)"
    r" (?:(?!(?:that|which|who|what|where|when|to|for|me|us)\b)\S+ ){0,5}?with)"
)
_NO_ONE: Final = (  # with whom nothing is settled
    r"(?!(?:(?:the|my|our|his|her|their|an?|this|that|its) )?(?:[\w-]+ )?(?:calendar|diary|agenda|notes?|lists?|files?|"
    r"table|plan|schedule|book|budget|records?|contract|me|us|him|it|them|code|pin|password|card|data)s?\b)"
)
_READING: Final = r"(?:see|view|read|edit|access|use|open|write to|comment on)\b"
_ASKED: Final = {
    "send": (
        rf"{_DO}(?:chase|nag|nudge|pester|prod|ping|phone|hit up) \S",
        rf"{_DO}(?:put|stick|pin|pop|get|throw) {_SOME}(?:up )?(?:in|on|into|to) #",
        rf"{_DO}put (?!(?:everyone|everybody|all|both|him|her|them|me|us)\b){_SOME}(?:up )?(?:in|into|on|to) {_GROUP}",
        rf"check with {_NO_ONE}{_OTHERS}(?:if|whether|about)\b",
        rf"{_DO}{_TELLING} {_BY}",
        rf"{_DO}{_SETTLING} {_NO_ONE}\S",
        rf"{_DO}(?:re-?confirm|confirm|acknowledge) (?:(?:my|our|his|her|their|\S+'s|the) )?{_COMING}",
        r"confirm(?: \w+)? that (?:i|we|my|our|(?:it|this|that|\S+) suits)\b",
        rf"{_DO}(?:assure|reassure|rsvp|inquire|enquire)\b(?! me\b| us\b)",
        rf"{_DO}update {_SOMEBODY}(?:\S+ )?(?:on|about)\b",
        "reach out to",
        "get hold of",
        f"(?:make|keep) {_OTHERS}aware",
        rf"point {_OTHERS}to\b",
        f"put {_OTHERS}in the picture",
        (
            rf"(?:see|make sure|ensure)(?: to it)?(?: that)? {_OTHERS}(?:gets?|receives?|hears?|knows?|learns?|(?:is|"
            rf"are) told)\b"
        ),
        rf"say (?:yes|no|that|so)\b(?! {_MAYBE}to me\b)",
    ),
    "return": (
        rf"(?:give|get|send|pay|hand|transfer|bring|refund) {_OTHERS}back\b",
        rf"(?:should|must|needs? to|is to) (?:get|have|receive) {_SOME}back\b",
        r"make (?:it|this|things) (?:right|good|up) (?:with|to|for)\b",
        rf"make {_OTHERS}whole\b",
        r"made whole\b",
    ),
    "delete": (
        rf"{_DO}(?:scrap|strike|scratch|axe|ditch|nix|oust|scrub|bin|uninvite|trash) (?!(?:an?|some)\b)\S",
        rf"{_DO}skip (?:my|our|\S+'s)\b",
        rf"{_DO}(?:(?:clean|clear) (?:out|away)|take (?:down|off|away)|free up|unsend|unpost|undo|sign {_SOME}out) \S",
        r"(?:can|may) go(?=[.,;!]|\Z)",
        (
            rf"{_DO}(?:take|get|kick|throw|chuck|boot|pull|leave|cut|pluck|yank|turf|drop) {_SOME}out of "
            rf"(?!{_TEXT})\S"
        ),
        (
            rf"{_DO}(?:take|get(?! {_SOME}off {_SITE})|kick|throw|chuck|pull|keep|leave|cross|x|tick|scratch|strike|"
            rf"rub) {_SOME}off (?:of )?(?:there|it|{_OWNED})"
        ),
        rf"{_DO}(?:cross|scratch|strike|rub|x) (?:off|out)\b",
        rf"{_DO}(?:strike|scratch|cut|kick|boot|throw|ban) {_SOME}from {_OWNED}",
        (
            r"(?:(?:isn't|aren't|not) (?:needed|wanted|required)|no need for|(?:won't|will not) be needing) "
            r"[^?]{0,60}?\b(?:any ?more|any longer|after all)\b"
        ),
        r"no longer (?:sell|offer|use|carry) (?:the|my|our|this|that)\b",
        r"ha(?:s|ve) no (?:business|place) (?:in|on|at) \S",
        rf"take {_OTHERS}away\b",
        (
            rf"(?:(?:don't|do not) (?:want|need)|have no (?:use|need) (?:for|of)) (?:the|my|our|this|"
            rf"that) {_MAYBE}(?:any ?more|any longer)\b"
        ),
        r"no longer (?:want|need) (?:the|my|our|this|that)\b",
        r"take (?:it|this) out of\b",
        r"(?:scrap|ditch|axe|bin|nix) (?:the|my|our|this|that|it|all|both)\b",
        rf"(?:shouldn't|should not|must not|mustn't) (?:have|keep) {_MAYBE}access\b",
    ),
    "admit": (
        rf"(?:{_HAS_TO}|belongs?) (?:also |all |both )?(?:be |go |come |get )?(?:in|into|on|onto) {_GROUP}",
        rf"{_DO}(?:get|bring|put|let|take|have) {_OTHERS}(?:(?:into|onto|in on|join) {_GROUP}|on board\b|aboard\b)",
        rf"(?:put|leave) {_OTHERS}in charge\b|takes? charge of\b|hand {_GROUP} {_MAYBE}to\b",
        rf"(?:is|are) missing (?:from|in|on) {_GROUP}",
        rf"open up {_SOME}(?:for|to)\b",
        rf"(?:get|bring|put|let) (?!(?:it|this|that|the|an?)\b){_OTHERS}(?:into|onto) (?:the|our|my)\b",
        f"let {_OTHERS}{_READING}",
        f"(?:should|must|needs? to|ought to) be able to {_READING}",
        r"(?:needs?|should (?:have|get)|gets?) access to\b",
        r"(?:i|we) want in on\b|(?:put|count|mark) (?:me|us|him|her|them|\S+) (?:down|in) for\b",
        r"(?:joins|is joining|belongs in|belongs to) (?:the|our|my)\b",
    ),
    "enter": (
        rf"{_DO}(?:stick|pop|throw|chuck|slap|bung|put|get|squeeze|slot|drop) {_SOME}(?:in|into|on|onto|to) {_LIST}",
        rf"(?:{_HAS_TO}|belongs?) (?:also |all |both )?(?:be |go |come |get )?(?:in|into|on|onto) {_LIST}",
    ),
    "create": (
        r"(?:open|start|set) (?:up )?(?:an?|another|one) (?:new )?\S",
        r"name (?:it|her|him|them) \S",
        r"(?:note|memo) to self\b|\A\W*(?:note|memo|reminder)\W? \S|keep (?:a )?(?:record|note|track) of\b",
        rf"{_DO}(?:keep|hang on to|hold on to|remember) (?:this|that|these|\S+'s) (?:number|address|name|mail|code)\b",
        r"(?:put|count|mark|pencil|jot) (?:me|us|him|her|them|\S+) (?:down|in) for\b|(?:i|we) want in on\b",
        (
            r"(?:i'm taking|we're taking|i'd like|i'd love|i want|i need|i'll take) (?:\S+ ){1,6}?"
            r"off(?=[.,;!]|\Z| (?:in|from|next|please)\b)"
        ),
        rf"{_DO}open (?:up )?(?:an?|another) \S",
        rf"{_DO}(?:draw up|whip up|put together|throw together|knock up) \S",
        rf"{_DO}(?:wake|rouse) (?:me|us)\b",
        r"(?:have|need|want) to (?:be|get) up (?:by|at|before)\b",
        rf"(?:file|open|raise|lodge|log|submit|put in|report) {_MAYBE}(?:ticket|bug|issue|case|claim|complaint)\b",
        rf"pencil {_SOME}in\b",
        r"pencil in\b",
        rf"(?:jot|note|write|take) {_MAYBE}down\b",
        rf"block (?:off |out )?{_SOME}for\b",
        rf"have {_OTHERS}(?:come|visit|drop by|look at)\b",
    ),
    "pay": (
        rf"{_DO}(?:chip in|throw in|fork out|cough up|contribute|shell out) {_MAYBE}\d",
        rf"{_DO}(?:put|get|shift|slip|push|pop|bung|pass|hand|move) (?!me\b|us\b)(?:\S+ ){{0,4}}?{SUM}",
        rf"{_DO}(?:put|shift|push|move) (?:over )?\d[\d.,]* (?:over )?(?:in|into|to|towards?) {_OWNED}",
        (
            rf"{_DO}(?:cover|foot|pick up|clear|square|sort out|take care of|see to|even up) {_MAYBE}(?:tab|bill|"
            r"invoice|rent|share|half|debts?|dues|costs?|fees?|owe)\b"
        ),
        r"owe .{1,60}\b(?:settle|square|clear|sort|fix|pay|send)\b",
        r"(?:square|settle|even) (?:up )?(?:with|my|the|our)\b|go (?:halves|dutch|fifty-fifty)\b",
        rf"(?:give|send|hand|get) {_OTHERS}what(?:ever)? {_SOME}(?:costs?|is worth|comes to)\b",
        f"let {_OTHERS}have {_MAYBE}{SUM}",
        r"(?:is|are) owed\b",
        r"(?:square|settle|get even) (?:up )?with\b",
        rf"owe {_OTHERS}{SUM}.{{1,20}}\b(?:settle|square|clear)",
        rf"(?:gets?|receives?) {SUM} from (?:me|us)\b",
        rf"clear (?:the|my|our|his|her|their|that) {_MAYBE}(?:invoice|bill|debt)\b",
    ),
    "lock": (rf"put {_SOME}on ice\b", rf"make sure (?:nobody|no one) {_SOME}(?:use|access|open)"),
    "stop": (
        rf"put {_SOME}on ice\b",
        rf"make sure (?:nobody|no one) {_SOME}(?:use|access|open)",
        r"(?:don't|do not|stop) (?:pay|charge|bill|send|renew)(?:ing)? .{1,60}?(?:any ?more|any longer|from now on)\b",
    ),
    "upload": (
        rf"{_DO}(?:put|hang|stick|pin) up (?:an?|the|my|our|this|that) \S",
        rf"{_DO}(?:put|hang|stick|pin|get|post) {_SOME}(?:up )?(?:on|onto|to) {_BOARD}",
        f"(?:get|bring|put) {_SOME}(?:out|up)(?=[.,;!]|$)",
        rf"get {_OTHERS}up (?:to|on) (?:the|my|our)\b",
        rf"release (?!me\b){_SOME}(?:article|post|draft|page|version)\b",
        rf"(?:put|bring|get|take) {_SOME}(?:online|live)\b",
        r"(?:can|should|may|must|is to) go (?:live|online|public)\b",
        rf"make {_SOME}public\b",
        rf"put {_SOME}(?:in|into|on) (?:the|our|my) (?:\w+ )?(?:folder|drive|site|wiki|page|cloud)\b",
    ),
    "change": (
        (
            rf"{_HAS_TO} (?:now |rather |only |also )?(?:be called|cost|read|say|be at|go (?:to|out)|"
            r"be (?:at|on|from|\d)|(?:start|begin|end|happen|take place|run) (?:at|on|in|from|\d))"
        ),
        r"(?:i|we|he|she|they) (?:have |has |'ve |just )?(?:moved|relocated) (?:to|into)\b",
        r"(?:name|surname|address|number|mail|email|title) is \S.{0,60}\bnow\b|goes by \S",
        r"(?:outdated|out of date|wrong|no longer (?:right|valid|current))\b.{0,60}\b(?:should be|it's|it is)\b",
        rf"instead(?: of {_SOME}|[.,;!]|\Z)",
        rf"{_DO}(?:turn|change) {_SOME}(?:into|to) \S",
        rf"give {_SOME}a (?:\S+ )?name\b",
        rf"{_DO}(?:knock|take|cut|shave|slash) (?:\S+ )?(?:\S*%|percent|per cent|{SUM}) off\b",
        rf"{_DO}(?:mark|put|bring|bump|drop) {_SOME}(?:up|down) (?:to|by) ",
        rf"{_DO}(?:put|write|enter|add|insert|place|work|set|fill) {_SOME}(?:in|into|on|onto|to) {_RECORD}",
        rf"{_DO}make {_SOME}(?:earlier|later|cheaper|dearer|shorter|longer|bigger|smaller)\b",
        rf"(?:live|work|be reached) (?:at|in|under) {_SOME}(?:now|from now on)\b",
        rf"name (?:the|this|that|my|it) {_SOME}\S+\.[a-z]{{2,5}}\b",
        rf"call {_SOME}instead\b",
        (
            rf"(?:use|take|put|have) {_SOME}(?:as|down as|for) (?:my|our|his|her|their|the) {_MAYBE}(?:from now on|now|"
            rf"in future)\b"
        ),
        rf"put {_SOME}down as\b",
        r"from now on (?:my|our|his|her|their|the)\b",
        r"belongs? (?:in|into|on|under) \S",
        rf"{_DO}put {_SOME}(?:in|into) (?:the )?(?:folder|archive|directory|drawer)\b",
        r"(?:my|our|his|her|their|\S+'s) new (?:\S+ ){1,3}?is\b",
        r"(?:turn|dial|crank|bring|push) (?:\S+ ){1,4}?(?:up|down) to \d",
    ),
    "book": (
        rf"{_DO}(?:block|grab|snag|nab|secure|bag) {_DAY}",
        rf"{_DO}(?:take|get|hold|keep) (?:\S+ ){{1,4}}?{_PLACE}",
        r"get (?:me|us|him|her|them|\S+) in (?:with|at)\b|fix (?:me|us|\S+) up with\b",
        rf"(?:need|want|'d like) (?:somewhere|an? {_PLACE}|seats|rooms|tables?)\b",
        r"get (?:me|us|him|her|them) (?:on|onto)\b",
        rf"{_DO}fly (?:me|us) (?:to|from|out|back|home)\b",
        r"(?:need|want|'d like) an? (?:ride|lift|cab|taxi)\b",
        r"(?:i|we)(?:'d like| want| need|'d love) to (?:stay|fly|travel|eat|dine|sleep) (?:at|with|on|in)\b",
        rf"{_DO}take the (?:\w+(?:er|est)|first|second|last|other|best) (?:one|of)\b",
        r"(?:i'll|we'll|i will|we will) (?:fly|stay|travel) (?:with|at|on)\b",
    ),
    "buy": (
        r"could (?:use|do with) (?:\w+ )?(?:more|another)\b",
        r"stock up on\b",
        r"get (?:(?:me|us) )?(?:\w+ )?(?:more|another)\b(?! (?:\w+ )?(?:info|information|details)\b)",
    ),
}
# Where a verb stands is looked up once, and not once for each of what begins with one.
_VERB: Final = re.compile(_DO)
_DOING: Final = {
    act: re.compile("|".join(each.removeprefix(_DO) for each in said if each.startswith(_DO)) or r"(?!)")
    for act, said in _ASKED.items()
}
_FOR: Final = {
    act: re.compile(rf"\b(?:{'|'.join(each for each in said if not each.startswith(_DO)) or '(?!)'})")
    for act, said in _ASKED.items()
}
_SAID: Final = {act: re.compile(rf"\b(?:{said})") for act, said in PHRASES.items()}


def _any(some: Mapping[str, re.Pattern[str]]) -> re.Pattern[str]:
    """Return what is found where one of these is: most sentences hold none, and are searched once."""
    return re.compile("|".join(f"(?:{each.pattern})" for each in some.values()))


_ANY_SAID: Final = _any(_SAID)
_ANY_FOR: Final = _any(_FOR)
_ANY_DOING: Final = _any(_DOING)
# What may or must be done to a thing, or become of it, is wanted: `her account can be closed`, `it may come down`.
_BECOMING: Final = re.compile(
    r"(?<!\bi)(?<!\bwe)(?<!\byou) (?:can|may|should|must|shall|needs? to|ha(?:s|ve) to|ought to|(?:is|are) to) "
    r"(?:(?:now|also|all|both|please|finally|then|\w+ly) ){0,2}(?:(?P<is_done>be|get) )?"
    r"(?!(?:be|get|stay|remain|keep|have|not|know|see|hear|read|able|i|we|you)\b)(?P<verb>\w{2,})"
)
# Who has somebody's request fulfilled has done what it says, as if he said to follow it.
_FULFILLED: Final = re.compile(
    r"\b(?:fulfill?|achieve|grant|meet|honou?r|satisfy|address|act on) (?:it\b(?=[.?!]|\Z)|"
    r"(?:his|her|their|\w+'s) (?:\w+ )?(?:requests?|wish(?:es)?|issues?)\b)"
)
# What somebody asked for is ordered by who says to do so.
_DO_SO: Final = re.compile(
    r"\basked (?:me|us)(?: (?!to\b)\S+){0,5}? to (?=[^?]{3,300}?[.;,] (?:and |so |could you |can you )?(?:please )?"
    r"(?:do|see to|arrange|take care of) (?:that|it|so|this)\b)"
)
# What is written into something is no letter: `write the offers into a file`, `collect the prices in a new document`.
_KEEPER: Final = r"(?:documents?|docs?|files?|notes?|notebook|spreadsheets?|memo|folder|database)\b"
_PAPER: Final = rf"(?:{_KEEPER}|(?:table|lists?|sheet|page|checklist|report|summary|overview|log|plan)\b)"
_NEW: Final = rf"(?:an?|another|one) (?:[\w-]+ )??(?:new|separate|fresh|blank|empty) (?:[\w-]+ ){{0,2}}?{_PAPER}"
_CALLED: Final = rf"(?:an?|another|one) (?:[\w-]+ ){{0,2}}?{_PAPER} (?:called|named|titled|['\"`])"
_INTO: Final = (
    rf"(?:(?:in|as|to|on) (?:{_NEW}|{_CALLED})|(?:into|onto) (?:{_NEW}|{_CALLED}|(?:[\w'-]+ ){{1,3}}?{_KEEPER})|"
    rf"as an? (?:[\w-]+ )?{_KEEPER})"
)
_WHAT: Final = r"(?:\S*[^\s.!?] ){1,24}?"
_WRITTEN: Final = re.compile(
    r"\bwrite(?: down| up)?(?! (?:to|back|him|her|them|me|us|an? (?:\w+ ){0,2}(?:e-?mail|mail|message|letter|text|"
    rf"reply|answer|comment|review|post))\b)(?= {_WHAT}{_INTO})"
    r"|\b(?:collect|gather|compile|list|type(?: up)?|draft|describe|outline|sum up|summari[sz]e|jot(?: down)?|"
    rf"put together)(?= {_WHAT}(?:{_INTO}|in an? (?:[\w-]+ )?{_KEEPER}))"
    r"|\b(?:i|we)(?:'d like| would like| want| need)(?= an? (?:[\w-]+ ){0,2}?"
    r"(?:document|doc|file|note|spreadsheet|memo) (?:with|of|that|which|for|called|named|titled|about)\b)"
)
_QUESTION: Final = re.compile(
    r"\W*(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|am|do|does|did|has|have|had|find|"
    r"check(?! with\b|[^.]{1,120}?\band (?:then )?(?:re-?confirm|confirm)\b)|"
    r"look|show|"
    r"see (?:if|whether|who|what)|tell me|list|read|summari[sz]e)\b"
)


def fulfils(request: str) -> bool:
    """Return whether a folded request says to fulfil what somebody else asks for."""
    return _FULFILLED.search(request) is not None


def taken_up(text: str) -> str:
    """Return a folded request with what somebody asked for as what the user asks for, where he says to do so.

    And what he has written into something as what he has noted.
    """
    return _WRITTEN.sub("note", _DO_SO.sub(" asks. please ", text))


def becoming(sentence: str) -> Iterator[tuple[str, bool]]:
    """Yield the verbs of what a folded sentence wants of a thing, and whether somebody is to do it to that."""
    for found in _BECOMING.finditer(sentence):
        yield IRREGULAR.get(found["verb"], found["verb"]), found["is_done"] is not None


def asked_in(sentence: str) -> frozenset[str]:
    """Return the pseudo stems of the acts that a folded sentence of a request asks for in more than one word."""
    found = [act for act, said in _SAID.items() if said.search(sentence)] if _ANY_SAID.search(sentence) else []
    if not _QUESTION.match(sentence):
        if _ANY_FOR.search(sentence):
            found += [act for act, said in _FOR.items() if said.search(sentence)]
        ends = [match.end() for match in _VERB.finditer(sentence)]
        if places := [at for at in ends if _ANY_DOING.match(sentence, at)]:
            found += [act for act, said in _DOING.items() if any(said.match(sentence, at) for at in places)]
    return frozenset(f"#{act}" for act in found)
