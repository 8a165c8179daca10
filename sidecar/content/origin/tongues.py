"""Is a sentence written in a tongue whose orders nobody here can tell, and which the user does not write?

`acts` knows the orders of seven languages. What a stranger says in another one may order anything, with all that
stands there. A tongue is told by its script, or by its small words: where two of them stand in a sentence, and more
than of the languages that are known. Tongues that share most of these count as one.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from sidecar.content.origin.normal import words

LEAST_WORDS: Final = 2  # small words of a tongue in a sentence
LEAST_LETTERS: Final = 6  # of another script
STEP: Final = 100  # characters, nearer than an order stands to its value
HALF: Final = 2

_KNOWN_WORDS: Final = (
    "the a an and or of to in on at for from with by is are was be it you your this that not as if please i we he she "
    "they my our his her its all can will must should do have has there here who what which when "
    "der die das und oder ein eine einen dem den des zu zum zur in im am an auf für mit von vom bei ist sind war nicht "
    "sie ich wir du ihr dein ihre es so wie wenn bitte alle auch nach vor um als noch nur "
    "el la los las un una unos y o de del al en con por para que no es son se su sus lo le tu usted mi como si todo "
    "todos antes esta este ya más "
    "le la les un une des et ou de du au aux en dans pour par sur avec que qui ne pas est sont ce cette vous votre vos "
    "nous je tu il elle se si tout tous avant plus "
    "il lo la i gli le un una e o di del della dei al alla da dal in nel con per su che non è sono si questo questa "
    "lei tu suo come se tutto tutti prima più "
    "o a os as um uma e ou de do da dos das no na em ao com por para que não é são se seu sua este esta você eu como "
    "todos antes mais "
    "de het een en of van te in op aan voor met door bij is zijn was niet u je jij uw dit dat deze die als alle naar "
    "om ook nog maar dan er"
)
_TONGUES: Final = {
    "north": "och att det som på är för inte med till den av har jag du ett om så från kan ska skall innan efter detta "
    "din ditt denna dessa alla vill måste någon något när var sedan också bara först redan vänligen "
    "og at er ikke til af jeg et fra skal før etter efter dette denne alle må noen noget når også bare først allerede "
    "venligst vennligst din dit ditt eller ved hos",
    "slavic": "w na z do się nie to jest że dla proszę oraz jak po przed od przez ten ta tego tej tym wszystkie który "
    "która które być są już ale lub tylko pod nad twój twoje tę mnie mi zanim też ją ich jej jego u a i o v se je "
    "pro není prosím aby jako tento tato toto "
    "všechny který která jsou už nebo jen ne ze s k za da su sve koji koja ovaj ovo nakon prije molim samo ali ili "
    "mora treba biti prosim pred tudi ter ki bo",
    "suomi": "ja on ei että se kun niin mutta myös ovat tämä tämän ole olla kaikki ennen jälkeen sinun sen kanssa "
    "tähän ole hyvä mukaan joka jotka vain tai jos ole",
    "eesti": "ja on ei et see kui aga ka oma enne pärast palun kõik selle siis või mis kes pole koos",
    "magyar": "a az és hogy nem van egy kérem kérjük minden után előtt ezt azt meg de csak vagy ennek ez is ha már még "
    "aki amely el ki le fel kell",
    "română": "și în la de nu este să cu care pentru vă rog după înainte toate acest această din pe al ale lui sunt "
    "mai dacă către prin înainte",
    "türkçe": "ve bir bu için ile de da değil olarak lütfen önce sonra tüm gibi daha var bana sana kadar olan şu her "
    "ya veya ki mi en çok",
    "baltic": "ir yra ne kad su iš į prašome visi visus prieš po šis ši tai kaip bet arba un uz ar no lai pirms pēc "
    "lūdzu visus šo tas kas vai",
    "melayu": "dan yang di ke dari untuk dengan ini itu tidak semua sebelum setelah tolong silakan kepada akan pada "
    "adalah atau sudah harus anda mohon",
    "việt": "và của là không cho với được các một này vui lòng trước sau tất cả đến trong khi hãy bạn người những từ",
    "shqip": "dhe në të për me nga është që një kjo ky ju lutem para pas gjithë ose nuk duhet",
    "tagalog": "ang ng sa mga na ay at para ito hindi kung lahat bago ka mo po",
    "swahili": "na ya wa kwa ni katika hii kabla baada yote tafadhali kwenye kama au la",
    "euskara": "eta da ez bat hau hori baino lehen guztiak mesedez du dira",
    "cymraeg": "yn y yr a i o ar ac mae cyn ar ôl os gwelwch yn dda pob hyn",
    "gaeilge": "agus an na ar le do go is bhfuil roimh tar éis gach seo sin más é do thoil",
}
MAX_TOLD: Final = 128  # sentences whose tongue is remembered: they may be long
_KNOWN: Final = frozenset(_KNOWN_WORDS.split())
_OF: Final = {tongue: frozenset(said.split()) for tongue, said in _TONGUES.items()}
_ALL: Final = frozenset().union(*_OF.values())
_SCRIPTS: Final = {  # by their letters
    "cyrillic": "\u0400-\u052f", "greek": "\u0370-\u03ff", "armenian": "\u0530-\u058f", "hebrew": "\u0590-\u05ff",
    "arabic": "\u0600-\u06ff", "indic": "\u0900-\u0dff", "thai": "\u0e00-\u0eff", "georgian": "\u10a0-\u10ff",
    "hangul": "\u1100-\u11ff\uac00-\ud7af", "han": "\u3040-\u30ff\u3400-\u9fff", "ethiopic": "\u1200-\u137f",
    "khmer": "\u1780-\u17ff", "burmese": "\u1000-\u109f",
}  # fmt: skip
_LETTERS: Final = {script: re.compile(f"[{letters}]") for script, letters in _SCRIPTS.items()}
_OTHER: Final = re.compile(f"[{''.join(_SCRIPTS.values())}]")
_ADDRESS: Final = re.compile(r"\S*[@/]\S*|\w+(?:\.\w+)+")  # its parts are words of no tongue
_SENTENCE: Final = re.compile(r"[^.!?;|。।]+(?:[.!?;|](?! )[^.!?;|。।]*)*")


def tongues(text: str) -> frozenset[str]:
    """Return which tongues a folded text has sentences in, beside those whose orders are known."""
    return frozenset(filter(None, (_tongue(each.group()) for each in _SENTENCE.finditer(text))))


def unread(text: str, known: frozenset[str]) -> Iterator[int]:
    """Yield where sentences of a folded text stand that are in a tongue that is not `known`, and on through them."""
    for found in _SENTENCE.finditer(text):
        tongue = _tongue(found.group())
        if tongue and tongue not in known:
            yield from range(found.start(), found.end(), STEP)


@lru_cache(MAX_TOLD)
def _tongue(sentence: str) -> str:
    """Return the tongue of a sentence, or nothing where it is one that is known, or cannot be told."""
    if others := len(_OTHER.findall(sentence)):
        if others >= LEAST_LETTERS and others * HALF > sum(map(str.isalpha, sentence)) - others:
            return max(_LETTERS, key=lambda script: len(_LETTERS[script].findall(sentence)))
        return ""
    said = [word for word in words(_ADDRESS.sub(" ", sentence)) if len(word) > 1 or word not in _KNOWN]
    if len(_ALL.intersection(said)) < LEAST_WORDS:
        return ""
    most, tongue = max((sum(word in own for word in said), tongue) for tongue, own in _OF.items())
    own = _OF[tongue]
    known = sum(word in _KNOWN and word not in own for word in said)
    is_one = (
        most > known and len(own.intersection(said)) >= LEAST_WORDS and not _KNOWN.issuperset(own.intersection(said))
    )
    return tongue if is_one else ""
