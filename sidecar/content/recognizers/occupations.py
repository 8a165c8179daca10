"""What somebody does for a living, where it stands beside a name: in brackets, behind a comma, on a line of its own."""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span

ENTITIES: Final = frozenset({"TITLE"})
REPLACES: Final = ENTITIES

WEAK: Final = 0.5

_HEADS = (
    r"accountant|actor|actress|actuary|administrator|advis[eo]r|agent|analyst|anchor|architect|artist|assembler"
    r"|assistant|associate"
    r"|attendant|attorney|auditor|author|baker|barber|bookkeeper|broker|builder|buyer|captain|carpenter|cashier|chef"
    r"|chemist|chief"
    r"|cleaner|clerk|coach|collector|consultant|contractor|controller|cook|coordinator|counsel|counselor|courier"
    r"|dentist|designer"
    r"|detective|developer|director|dispatcher|distributor|doctor|draftsman|driver|economist|editor|educator"
    r"|electrician|engineer"
    r"|estimator|examiner|executive|farmer|firefighter|fitter|foreman|geologist|guard|guide|hairdresser|handler|head"
    r"|inspector"
    r"|installer|instructor|interpreter|investigator|janitor|journalist|judge|laborer|lawyer|lead|lecturer|librarian"
    r"|lineman|machinist"
    r"|manager|mason|mechanic|merchandiser|midwife|model|musician|nurse|nutritionist|officer|operator|optician"
    r"|orderly|packager|painter"
    r"|paralegal|paramedic|partner|pharmacist|photographer|physician|physicist|pilot|planner|plasterer|platemaker"
    r"|plumber|president|principal"
    r"|printer|producer|professor|programmer|psychologist|realtor|receptionist|recruiter|repairer|repairman|reporter"
    r"|representative"
    r"|researcher|roofer|salesperson|scientist|secretary|setter|sociologist|specialist|stylist|superintendent"
    r"|supervisor|surgeon"
    r"|surveyor|tailor|teacher|technician|technologist|teller|tester|therapist|trader|trainer|translator|treasurer"
    r"|tutor|underwriter"
    r"|veterinarian|waiter|waitress|welder|worker|writer"
)
_WORDS = r"(?:[^\W\d_][\w'\u2019/-]{0,24},?[ ]){0,5}"
_JOB = rf"{_WORDS}(?:{_HEADS})"
_BESIDE = (
    re.compile(rf"\((?P<job>{_JOB})\)", re.IGNORECASE),  # Ada Lovelace (Risk Analyst)
    re.compile(rf", the (?P<job>{_JOB})(?=[,:;])", re.IGNORECASE),  # Ada Lovelace, the Risk Analyst,
    re.compile(
        rf" [\u2014\u2013-] (?P<job>{_JOB})(?=[ ](?:at|for|with)\b|[ ]?[,\n]|\Z)", re.IGNORECASE
    ),  # Ada - Risk Analyst at
)
_LINE = re.compile(
    rf"(?P<job>(?-i:[A-Z])(?:[\w'\u2019/-]{{0,24}},?[ ]{_WORDS})?(?:{_HEADS}))[ \t]*(?:[|\u2014\u2013].*)?",
    re.IGNORECASE,
)
LONGEST: Final = 80  # characters of a line


def find(text: str) -> Iterator[Span]:
    """Yield the occupations in `text` that stand beside names."""
    for pattern in _BESIDE:
        for match in pattern.finditer(text):
            if text[match.start() - 1 : match.start()].strip() or match[0][0] in "( ":
                yield Span(*match.span("job"), "TITLE", WEAK)
    start = 0
    for line in text.split("\n"):
        stripped = line.strip()
        named = _LINE.fullmatch(stripped) if len(line) <= LONGEST else None
        if named:
            begin = start + line.index(stripped)
            yield Span(begin, begin + named.end("job"), "TITLE", WEAK)
        start += len(line) + 1
