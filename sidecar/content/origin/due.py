"""Which sentences speak of a deed as due, though none of their verbs orders it?

Two ways. A sentence says that a deed is wanting, agreed on, or what something hangs on (`what is missing is a transfer
to …`, `closed only after the transfer`); or the one beside it says to see to what it speaks of (`please see to it`).
What counts there as a deed is a noun: `the removal of the folder`, `the forwarding`, of which the verb is found.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

BEFORE: Final = 2  # sentences in front of one that says to see to what was spoken of; the next one counts, too
SHORTEST: Final = 3  # letters of what is left of a noun
MAX_WISHES: Final = 512  # texts of which is remembered where they wish for something

_YOURS: Final = (
    r"(?:falls?|is left|leave (?:\w+ )?\w+|over|assigned|up|entrusted) (?:down )?(?:to|with|on):? you\b|your turn|"
    r"in your hands|(?:count(?:ing)?|rely(?:ing)?|depend(?:ing)?) on you\b"
)
_POINTS: Final = r"(?:things?|steps?|points?|items?|pieces?|matters?|tasks?|actions?|jobs?|issues?|requests?)"
_WANTING: Final = (
    r"missing|lack(?:s|ing)?|absent|incomplete|unfinished|undone|yet to|remains?|remaining|"
    r"outstanding|still open|left open|(?:is|are|was) (?:still )?left|all that (?:is )?(?:left|separates)|"
    r"on (?:the|your) (?:to-?do )?list|open " + _POINTS + r"|await(?:s|ed|ing)?|wait(?:s|ing)? (?:for|on)|overdue|"
    r"(?:for|from) (?:lack|want) of|(?:got|get|gotten) (?:round|around) to|not yet"
)
_AGREED: Final = (
    r"approv(?:e[sd]?|al)|authori[sz](?:e[sd]?|ation)|agree[ds]|consent(?:s|ed)?|cleared|sign(?:s|ed)? off|"
    r"green[ -]?light(?:ed|s)?|go-ahead|permission|permit(?:s|ted)|granted|okayed|ok'?d|sanctioned|endorsed|promised|"
    r"settled with|decided|no objections?|(?:speaks|stands|said) against|entitled to|in favou?r of"
)
_HANGING: Final = (
    r"depend(?:s|ing)? on|hinges? on|subject to|conditional on|pre-?(?:condition|requisite)|"
    r"only (?:\w+ ){0,4}?(?:after|once|when|with|upon|through|by)|without|"
    r"not (?:\w+ ){0,4}?(?:until|unless|before|without)|"
    r"(?:valid|completed?|closed|done|finished|settled|resolved|over) (?:after|once|when|with|upon)|"
    r"before (?:anything|everything|all) else|comes? first|stands? in the way|"
    r"no way (?:a?round|past)|calls? for|takes (?:only|just|no more|nothing)|"
    r"essential|crucial|vital|imperative|indispensable|part of (?:every|each|any)|there has been"
)
_LAST: Final = rf"(?:last|next|final|only|first|one|single|other|further|another) (?:\w+ )?{_POINTS}\b"
_BETTER: Final = (
    r"would (?:\w+ ){0,2}?(?:be (?:\w+ )?(?:good|nice|great|kind|wise|best|helpful|welcome|right)|help|settle|solve|"
    r"suffice|round|do)"
)
_SEEN_TO: Final = (
    r"see(?:ing)? to|(?:tak(?:e|ing) )?care of|go(?:ing)? ahead with|proceed with|carry(?:ing)? out|attend to|"
    r"make sure of|deal with|follow (?:up on|through with)|arrang(?:e|ing) for|put (?:in|into) effect|"
    r"without (?:delay|asking)"
)
# In the other languages for what `acts` knows orders.
_ELSEWHERE: Final = (
    r"fehl(?:t|en)|steh(?:t|en) (?:noch )?aus|aussteh\w+|noch offen|nötig|notwendig|erforderlich|genehmigt|freigegeben|"
    r"bewilligt|erst (?:nach|wenn|mit)|bitte|muss|müssen|soll(?:te)?n?|kümmer\w*|erledig\w*|veranlass\w*|"
    r"faltan?|pendientes?|necesari[oa]|requiere|requerid[oa]|aprobad[oa]|autorizad[oa]|s[oó]lo (?:después|tras|con)|"
    r"queda|debe|hay que|encárg\w+|ocúpa\w+|manque|reste|requise?|nécessaire|approuvée?|autorisée?|qu'après|en attente|"
    r"doit|il faut|veuillez|s'il (?:te|vous) pla[iî]t|merci de|manca|necessari[oa]|in sospeso|approvat[oa]|"
    r"autorizzat[oa]|solo dopo|occorre|per favore|pendente|necessári[oa]|aprovad[oa]|depois d[aeo]|por favor|"
    r"ontbreekt|openstaand|nodig|goedgekeurd|pas na|moet|graag"
)
_DUE: Final = re.compile(
    rf"\b(?:{_WANTING}|{_AGREED}|{_HANGING}|{_LAST}|{_BETTER}|{_SEEN_TO}|{_YOURS}|{_ELSEWHERE})(?!\w)"
)
_IT: Final = (
    r"(?:it|this|that|these|those|them|so|both|everything|the (?:above|same|rest|former|latter|matter|thing|task))\b"
)
_DONE: Final = (
    r"(?:done|made|sorted|settled|happen|happening|happens|carried|seen|taken|put|moving|going|started|"
    r"finished|completed|"
    r"executed|processed|performed|handled|arranged|implemented|through|over with|out of the way|off|in order|"
    r"into effect|doing|attention|action|dealt|attended)\b"
)
_SURELY: Final = (
    rf"(?:carry(?:ing)? {_IT} (?:out|through)|carry(?:ing)? out {_IT}|see(?:ing)? to (?:\w+ )?{_IT}|"
    rf"tak(?:e|ing) care of (?:\w+ )?{_IT}|go ahead with {_IT}|(?:get|have|make) {_IT} (?:\w+ )?{_DONE}|"
    r"kümmer\w* dich darum|kümmern sie sich darum|(?:erledig|mach|veranlass)\w* (?:das|es|dies)\b|"
    r"führ\w* (?:das|es) aus|encárg\w+ de (?:ello|eso|esto)|ocúpa(?:te|se) de|haz(?:lo)\b|hágalo|(?:t'en|"
    r"vous en|s'en) occuper|"
    r"occupe\w*[ -](?:t'|vous[ -])en|(?:fais|faites)-le|occupat[ei]ne|se ne occupi|fallo\b|faça (?:isso|isto)|"
    r"trat[ea] d(?:isso|isto)|cuide d(?:isso|isto)|regel het|doe (?:het|dit)|zorg (?:er|hier)voor)"
)
# Where something is asked of somebody, in front of a verb.
_ASKING: Final = (
    r"(?:^\s*|[:;,)\]>\"'*-]\s*|\b(?:please|pls|kindly|must|should|shall|could|would|can|will|to|you|and|just|also|now|"
    r"then|so|do|let's|simply|only|for|of|somebody|someone|\w+ly)\s+)"
)
_DOING: Final = (
    rf"(?:see(?:ing)? about (?:\w+ )?{_IT}|see (?:that )?{_IT} (?:\w+ )?{_DONE}|care of (?:\w+ )?{_IT}|"
    rf"(?:do|doing|sort|handl(?:e|ing)|execut(?:e|ing)|perform|complet(?:e|ing)|finish|process|arrang(?:e|ing)|settle|"
    rf"implement|fulfill?|launch|initiate|effect|organi[sz](?:e|ing)|manage|address|resolve|tackle|"
    rf"finali[sz]e|conclude|"
    rf"action|ensure|tick|clear) {_IT}|(?:deal|help(?: \w+)?|proceed|continue|go ahead|assist|start|begin|get on) with "
    rf"{_IT}|(?:attend|look|get round|get around) (?:after |into )?to {_IT}|look after {_IT}|act on {_IT}|"
    rf"follow (?:up on|through on|through with) {_IT}|(?:have|get|let|make|put|bring|wrap|push) {_IT} (?:\w+ )?"
    rf"(?:{_DONE}|so\b|up\b)|go ahead(?! (?:and|to)\b)|proceed\b(?! (?:to|along|with|straight)\b)|"
    r"do (?:the needful|what is necessary|your part)|finish the job|act accordingly)"
)
_STATE: Final = (
    r"(?:due|overdue|outstanding|pending|missing|still open|urgent|required|necessary|needed|mandatory|expected|owed|"
    r"obligatory|approved|authori[sz]ed|agreed|cleared|essential|unfinished|undone|incomplete|up to you|"
    r"your (?:job|turn|task))"
)
_TOLD: Final = re.compile(  # who will see to it himself: `we will gladly take care of it`
    r"\b(?:i|we|they|he|she|staff|team|who)(?:'ll|'d)?(?: (?:will|can|could|would|shall|may|might|also|then|always|"
    r"just|and|\w+ly))* ?\Z"
)
TOLD: Final = 40  # characters in which it stands
_BESIDE: Final = re.compile(
    rf"\b(?={_SURELY})|{_ASKING}(?={_DOING})"
    rf"|\b(?:it|this|that|these|those|both) (?:\w+ ){{0,3}}?(?:must|shall|should|needs?|ha(?:s|ve) to|(?:is|are) to|"
    rf"ought to|can now|may now|wants) (?:\w+ ){{0,3}}?{_DONE}"
    rf"|\b(?:it|this|that|these|those|both) (?:is|are|remains?|stays?|was|has been)(?: \w+){{0,2}}? {_STATE}\b"
    rf"|\b(?:{_YOURS})"
)
_MORE: Final = (  # words between an article and its noun
    r"(?:(?!(?:is|are|was|were|be|been|to|i|we|you|they|he|she|it|who|which|can|could|will|would|has|have|had)\b)"
    r"[\w'-]+ ){0,2}"
)
_NAMED: Final = re.compile(  # what stands in front of a noun, or where a clause begins
    r"(?:^\W*|[:;,(\"'*-] ?|\b(?:an?|the|this|that|these|those|one|another|any|some|my|your|his|her|its|our|their|"
    rf"\w+'s|of|for|by|with|after|upon|on|until|without|is|are|was|remains?|awaits?) {_MORE})\Z"
)
_NEW: Final = re.compile(rf"(?:^\W*|[:;(\"'*-] ?|\b(?:an?|one|another|any|some|several|two) {_MORE})\Z")
_TO: Final = re.compile(r" (?:to|for|that (?:says|reads|tells))\b")
# Nothing is ordered by a wish, but something is wanted for an address in it: `it would be handy if … got the list`.
_FINE: Final = (
    r"(?:handy|nice|good|great|helpful|useful|best|better|ideal|lovely|kind|perfect|easier|easiest|wonderful|super|"
    r"brilliant|fantastic|grand|welcome|glad|happy|pleased|delighted|thankful|practical|convenient|sensible|wise|"
    r"relieved|sweet|cool|awesome|splendid)\b"
)
_WISHED: Final = re.compile(
    rf"\b(?:would|could|might)(?: \w+){{0,3}}? be (?:\w+ ){{0,2}}?{_FINE}|'d be (?:\w+ ){{0,2}}?{_FINE}"
    r"|\b(?:would|might|could) (?:\w+ )?(?:help|mean a lot|make (?:\w+ ){1,3}?(?:easier|better|happy|smoother))\b"
    r"|\b(?:i|we) (?:do |only |just |really )?(?:wish|hope)\b|\b(?:would|'d) (?:\w+ )?(?:love|hope)\b"
    r"|\b(?:ideally|preferably|hopefully|if possible)\b"
    r"|\b(?:can|could|may|might|shall|should|will|would|don't forget|do not forget|think of|mind) \S{0,64}\w@\w"
    r"|@(?:[\w-]{1,63}\.){1,6}\w{2,24}[,)]? (?:(?:still|also|really|only|just|then) ){0,2}(?:needs?|lacks?|misses|"
    r"awaits?|expects?|hopes?|wants?|asks?|asked|would|should|could|"
    r"(?:is|are) (?:still )?(?:waiting|missing|without|hoping)|"
    r"(?:has|have) not\b|hasn't|haven't|waits)\b"
)
# What is there already where it is `the mail`, and is made where it is `a mail`, or `the mail to` somebody.
_THING_WORDS: Final = (
    "mail email message text note record plan form page site website webpage link url story article blog bill rent "
    "access role member participant collaborator owner ownership password key account credential login script command "
    "cart order permission post comment review contact answer reply sign star store shop log set fix wire tip charge "
    "deposit money view"
)
THINGS: Final = frozenset(each for word in _THING_WORDS.split() for each in (word, f"{word}s")) | {
    "replies",
    "stories",
}
NAMED: Final = 48  # characters in which it stands
# How nouns for acts end, and what stands there in their verb.
_ENDINGS: Final = (
    ("ification", "if"), ("scription", "scrib"), ("ssion", "t"), ("nsion", "nd"), ("ication", ""), ("istration", "ist"),
    ("ion", ""), ("ure", ""), ("ance", ""), ("ence", ""), ("ery", "er"),
)  # fmt: skip
_IRREGULAR: Final = {  # `removal`, not `signal`
    "publication": "publish", "response": "respond", "entry": "ent", "entries": "ent", "sale": "sell", "denial": "den",
    **{f"{verb}al": verb for verb in ("remov", "renew", "approv", "refus", "withdraw", "dismiss", "rent", "revers")},
}  # fmt: skip
# What other languages call what tools do, where `acts` has no verb that begins like it.
_NOUNS: Final = {
    "send": "nachricht nachrichten mitteilung beitrag antwort weitergabe versand mensaje correo envío respuesta "
    "courriel envoi réponse messaggio invio risposta mensagem envio resposta bericht antwoord",
    "pay": "kauf spende achat acquisto betaling aankoop",
    "delete": "absage cancelación anulación annulation suppression cancellazione cancelamento annulering",
    "create": "eintrag anlage creación création creazione criação alta aanmaak",
    "book": "buchung anmietung location boeking",
    "admit": "einladung aufnahme invitación invito convite uitnodiging",
    "browse": "aufruf",
    "change": "änderung cambio changement wijziging",
    "upload": "publicación veröffentlichung pubblicazione publicação",
    "close": "schließung schliessung chiusura sluiting",
}
_ACTS: Final = {noun: f"#{act}" for act, nouns in _NOUNS.items() for noun in nouns.split()}


def due(sentences: Sequence[str]) -> tuple[bool, ...]:
    """Return of each of the folded sentences of a text whether a deed that it names is due."""
    found = [_DUE.search(each) is not None for each in sentences]
    for n, each in enumerate(sentences):
        asked = (match.end() for match in _BESIDE.finditer(each))
        if any(not _TOLD.search(each, max(at - TOLD, 0), at) for at in asked):
            beside = slice(max(n - BEFORE, 0), n + 2)
            found[beside] = [True] * len(found[beside])
    return tuple(found)


@lru_cache(MAX_WISHES)
def wishes(text: str) -> tuple[int, ...]:
    """Return where a folded text wishes for something, or tells that an address is still without something."""
    return tuple(found.start() for found in _WISHED.finditer(text))


def is_named(sentence: str, at: int, word: str, *, is_thing: bool = False) -> bool:
    """Return whether the word at this offset of a sentence is a noun for a deed, by what stands beside it: `the order`.

    What is also a thing, as `is_thing` tells or everybody knows, must be one that is not there yet.
    """
    if word.endswith("ing"):
        return True
    if word.endswith("ed"):
        return False
    is_new = not (is_thing or word in THINGS) or _TO.match(sentence, at + len(word)) is not None
    return (_NAMED if is_new else _NEW).search(sentence, max(at - NAMED, 0), at) is not None


@lru_cache(maxsize=2_048)
def verbs(word: str) -> tuple[str, ...]:
    """Return how the verb may begin that a folded noun was made of, `delet` of `deletion`; of others, nothing.

    For other languages' nouns it is the pseudo stem of an act, see `acts`.
    """
    if word in _ACTS:
        return (_ACTS[word],)
    noun = word.removesuffix("s")
    if known := _IRREGULAR.get(word) or _IRREGULAR.get(noun):
        return (known,)
    for ending, verb in _ENDINGS:
        if noun.endswith(ending) and len(noun) - len(ending) >= SHORTEST:
            return (noun.removesuffix(ending) + verb,)
    return ()
