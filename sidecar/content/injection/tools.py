"""Does the definition of a tool speak to the model of more than the tool?

A description is the word of whoever wrote it, and a model reads it as an instruction. It tells in imperatives what
the tool does, so an order alone is ordinary; hidden characters, veiled and encoded words, forged turns and what
scores far above the ordinary are not. Nor is what no tool has a use for, however politely it is put: to overrule the
user, to come before or instead of all other tools, to be handed the conversation or the keys of the machine.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sidecar.content.injection.scoring import Reader
from sidecar.content.injection.signals import Signal, signals
from sidecar.model.injection import Kind
from sidecar.model.strict_json import Json

ORDERING: Final = 0.85  # score of a passage, read as data: definitions in use stay below
OVERRULING: Final = 0.6  # the same, read as a request: what a person would not ask either
TELLING: Final = 0.4  # the same, where it overrules or poses as more than text: no definition has to
KEEPING: Final = 0.05  # the same, where something is to be kept from the user: no definition has to do that either
ANY: Final = 0.5  # of what is hidden: nothing in a definition has to be
MAX_TEXTS: Final = 5_000  # of one definition


_WHO: Final = r"(?:the |your |its )?(?:end[- ])?(?:users?|customers?|persons?|humans?|operators?|people)\b"
_BEYOND: Final = re.compile(
    rf"(?i)\b(?:even (?:if|when|though)|whatever|no matter what|regardless of (?:what|whether)) {_WHO}"
    rf"|\binstead of (?:the (?:one|account|address|value)s? (?:of|from|given by) {_WHO}|theirs\b|the user's)"
    r"|\b(?:do not|don't|never|must not|without) (?:ever )?(?:mention|reveal|disclos)(?:e|ing)?\b"
    r"[^.\n]{0,40}\b(?:this (?:tool|note|step|field|parameter|instruction)|was used)\b"
    r"|\b(?:before|prior to) (?:calling|using|running) any (?:other )?tool|\binstead of (?:all |any )?other tools?\b"
    r"|\b(?:do not|don't|never) (?:use|call) (?:the |any )?other [a-z]{0,12} ?tools?\b"
    r"|\b(?:send|pass|include|attach|put|append|forward|with|provide)\b[^.\n]{0,20}"
    r"\b(?:whole|entire|full|complete) (?:chat|conversation|message|system)(?: (?:history|prompt|log))?\b"
    r"|~/\.(?:ssh|aws|gnupg|netrc|kube)\b|\bid_(?:rsa|ed25519|ecdsa)\b|/etc/(?:passwd|shadow)\b"
)  # what no tool has a use for

_SIGNS: Final = frozenset({"overrules", "turn_tags"})
_KEPT: Final = "secretly"


def flaws(definition: Json) -> tuple[Kind, ...]:
    """Return what of the texts in `definition`, its names included, is meant for the model: each kind once."""
    found: dict[Kind, None] = {}
    for count, text in enumerate(_texts(definition)):
        if count == MAX_TEXTS:
            break
        found |= dict.fromkeys(_kinds(text))
    return tuple(found)


def _kinds(text: str) -> Iterator[Kind]:
    if _BEYOND.search(text):
        yield Kind.INSTRUCTIONS
    for reader, least in ((Reader.DATA, ORDERING), (Reader.REQUEST, OVERRULING)):
        for signal in signals(text, reader):
            if signal.kind is Kind.HIDDEN_CHARACTERS or signal.score >= _least(signal, least):
                yield signal.kind


def _least(signal: Signal, ordering: float) -> float:
    if signal.kind is not Kind.INSTRUCTIONS:
        return ANY
    signs = signal.detail.split(", ")
    if _KEPT in signs:
        return KEEPING
    return ordering if _SIGNS.isdisjoint(signs) else TELLING


def _texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for name, member in value.items():
                yield name
                yield from _texts(member)
        case list():
            for item in value:
                yield from _texts(item)
        case _:
            return
