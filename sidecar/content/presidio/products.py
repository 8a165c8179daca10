"""Names of people that are names of programs, too, and of methods: `a Cassandra node`, `Dijkstra's algorithm`.

Somebody may well be called so, and people fix builds and restart clusters: what a sentence is about tells nothing. So
such a word is a program only where grammar leaves nobody: before what only programs have and behind an article, in a
row with other programs, as that in which something is written. Where the text has the word in a longer name
(`Julia Brandt`), it is hers everywhere.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import listed

KINDS: Final = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "NRP"})
REACH: Final = 80  # characters before and behind a word that are looked at

_NAMES: Final = listed("ada alexa athena buck cassandra cypress hudson jackson julia pascal ruby travis")
# Words that stand with such a name in what a model calls one.
_BESIDE: Final = listed(
    """
    to and or with in on for the upgrade mock install use using run let write pin set update node nodes cluster
    tests test plugin jenkins kafka hadoop maven docker selenium kernel fork queries gem
    """
)
_OTHERS = (  # programs that nobody is called as
    r"(?:Jenkins|Kafka|Hadoop|Redis|Postgres(?:QL)?|MySQL|MongoDB|ScyllaDB|Selenium|Playwright|Docker|Kubernetes|Maven"
    r"|Gradle|Python|JavaScript|TypeScript|Kotlin|MATLAB|Matlab|Gson|Solr|Elasticsearch|CircleCI|GitLab|GitHub|Rails"
    r"|Django|Flask|Haskell|Perl|PHP|Bazel|Fortran|COBOL|Jupyter)"
)
_ARTICLE: Final = re.compile(r"(?i:\b(?:an?|the|this|that|our|your|each|every|any|some|no|new|old|all))[ ]\Z")
_THING: Final = re.compile(
    r"[ ](?:nodes?|clusters?|rings?|keyspaces?|replicas?|tables?|quer(?:y|ies)|tests?|specs?|suites?|librar(?:y|ies)"
    r"|gems?|kernels?|plugins?|forks?|compilers?|interpreters?|runtimes?|modules?|packages?|scripts?|pipelines?|builds?"
    r"|skills?|annotations?|drivers?|versions?|dependenc(?:y|ies)|syntax)(?![\w-])"
)
_BEHIND_OTHER: Final = re.compile(rf"\b{_OTHERS}(?:,? and|,? or|,? to|,? and from)[ ]\Z")
_VERSION: Final = re.compile(r"[ ]v?\d{1,3}(?:\.\d{1,3}){1,2}(?![\w%])|[ ](?:packages|macros|code) (?:are|is|can)\b")
_COMPARED: Final = re.compile(
    rf"[ ](?:is|was|runs|feels|looks) [a-z]{{2,16}}(?: [a-z]{{2,12}})? (?:than|as|like) {_OTHERS}\b"
)
_SOMEBODY: Final = re.compile(
    r",? (?:from|if|who|whose|is|was|will|can|said|says|asked|told|wrote|[a-z]{2,}ed)(?![\w-])"
)
_BEFORE_OTHER: Final = re.compile(
    rf"(?:,? and|,? or|,? to|,? and from|, (?:R|C|C\+\+|Go|Rust|{_OTHERS})(?: and|,))[ ]{_OTHERS}\b"
)
_RUNS: Final = re.compile(
    r"[ ](?:compacts|caches the|(?:de)?seriali[sz]es|segfaults|compiles (?:the (?:function|code|module|method)|to))"
    r"(?![\w-])"
)
_WRITTEN: Final = re.compile(
    r"(?i:\b(?:re)?(?:written|write|wrote|writing|implemented|implement|coded|coding|programmed|programming)\b"
    r"[\w ]{0,24}|\b(?:arrays?|dictionary|functions?|loop|script|macro|struct|module|string|regex)\b[\w ]{0,12})"
    r"[ ]in[ ]\Z"
)
_WORKED: Final = re.compile(r"(?i:\b(?:mock|stub|(?:de)?seriali[sz]e|parse)\b[\w ]{0,32}) (?:with|using)[ ]\Z")
_UPGRADED: Final = re.compile(r"(?i:\b(?:upgrade|downgrade|pin|install) )\Z")
_RELEASE: Final = re.compile(
    r"[\w ]{0,24}\b(?:(?:minor|major|patch) (?:version|release)|\d+\.\d+|docker|npm|pip)\b", re.IGNORECASE
)
# Behind a name: what it makes of it is a method, whoever found it.
_METHOD: Final = re.compile(
    r"(?:['\u2019]s)? (?:algorithms?|theorems?|lemma|filters?|chains?|classifiers?|transforms?|distributions?|blur"
    r"|completeness|equations?|inequality|heuristic|matri(?:x|ces)|smoothing|elimination)(?![\w-])"
)
_WORD: Final = re.compile(r"[^\W\d_]+")


def without_products(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return `spans` of `text` without what is a program's or a method's name where it stands."""
    kept = [span for span in spans if span.entity not in KINDS or not _is_method(text, span)]
    suspects = [span for span in kept if span.entity in KINDS and _names(text, span)]
    if not suspects:
        return kept
    longer = set(_longer(text, kept))
    gone = {span for span in suspects if longer.isdisjoint(_names(text, span)) and _are_programs(text, span)}
    return [span for span in kept if span not in gone]


def _is_method(text: str, span: Span) -> bool:
    """Whether what is named is one word, or two with a hyphen, right before what a method is."""
    return " " not in text[span.start : span.end] and _METHOD.match(text, span.end) is not None


def _names(text: str, span: Span) -> Collection[str]:
    """Return the names in `span` that programs have; none where it holds a word that is no part of such."""
    words = [word.lower() for word in _WORD.findall(text[span.start : span.end])]
    if any(word not in _NAMES and word not in _BESIDE for word in words):
        return ()
    return [word for word in words if word in _NAMES]


def _longer(text: str, spans: Sequence[Span]) -> Iterator[str]:
    """Yield the words of names of people that hold more than a program's name."""
    for span in spans:
        words = [word.lower() for word in _WORD.findall(text[span.start : span.end])]
        if span.entity == "PERSON" and len(words) > 1 and not all(word in _NAMES or word in _BESIDE for word in words):
            yield from words


def _are_programs(text: str, span: Span) -> bool:
    words = _WORD.finditer(text, span.start, span.end)
    return all(_is_program(text, *word.span()) for word in words if word[0].lower() in _NAMES)


def _is_program(text: str, start: int, end: int) -> bool:
    """Whether grammar tells that `text[start:end]` is a program."""
    least, most = max(0, start - REACH), min(len(text), end + REACH)
    if _ARTICLE.search(text, least, start) and _THING.match(text, end, most):
        return True
    if _VERSION.match(text, end) or _COMPARED.match(text, end, most):
        return True
    if _SOMEBODY.match(text, end, most):
        return False
    if _BEHIND_OTHER.search(text, least, start) or _BEFORE_OTHER.match(text, end, most):
        return True
    if _RUNS.match(text, end, most) or _WRITTEN.search(text, least, start) or _WORKED.search(text, least, start):
        return True
    return _UPGRADED.search(text, least, start) is not None and _RELEASE.match(text, end, most) is not None
