"""What somebody does for a living, where it stands beside a name: in brackets, behind a comma, on a line of its own."""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span

ENTITIES: Final = frozenset({"TITLE"})
REPLACES: Final = ENTITIES

WEAK: Final = 0.5

_HEADS = (
    r"accountant|actor|actress|actuary|administrator|advis[eo]r|agent|analyst|anchor|architect|artist|assembler|assistant|associate"
    r"|attendant|attorney|auditor|author|baker|barber|bookkeeper|broker|builder|buyer|captain|carpenter|cashier|chef|chemist|chief"
    r"|cleaner|clerk|coach|collector|consultant|contractor|controller|cook|coordinator|counsel|counselor|courier|dentist|designer"
    r"|detective|developer|director|dispatcher|distributor|doctor|draftsman|driver|economist|editor|educator|electrician|engineer"
    r"|estimator|examiner|executive|farmer|firefighter|fitter|foreman|geologist|guard|guide|hairdresser|handler|head|inspector"
    r"|installer|instructor|interpreter|investigator|janitor|journalist|judge|laborer|lawyer|lead|lecturer|librarian|lineman|machinist"
    r"|manager|mason|mechanic|merchandiser|midwife|model|musician|nurse|nutritionist|officer|operator|optician|orderly|packager|painter"
    r"|paralegal|paramedic|partner|pharmacist|photographer|physician|physicist|pilot|planner|plasterer|platemaker|plumber|president|principal"
    r"|printer|producer|professor|programmer|psychologist|realtor|receptionist|recruiter|repairer|repairman|reporter|representative"
    r"|researcher|roofer|salesperson|scientist|secretary|setter|sociologist|specialist|stylist|superintendent|supervisor|surgeon"
    r"|surveyor|tailor|teacher|technician|technologist|teller|tester|therapist|trader|trainer|translator|treasurer|tutor|underwriter"
    r"|veterinarian|waiter|waitress|welder|worker|writer"
)
_WORDS = r"(?:[^\W\d_][\w'\u2019/-]{0,24},?[ ]){0,5}"
_JOB = rf"(?P<job>{_WORDS}(?:{_HEADS})(?:[ ](?:of|for|in)(?:[ ][^\W\d_][\w'\u2019-]{{0,24}}){{1,4}})?)"
_PLACES = re.compile(
    rf"(?:(?<=[^\W\d_][ ]\()(?P<a>{_WORDS}(?:{_HEADS}))(?=\))"  # Ada Lovelace (Risk Analyst)
    rf"|(?<=[^\W\d_],[ ]the[ ])(?P<b>{_WORDS}(?:{_HEADS}))(?=[,:;])"  # Ada Lovelace, the Risk Analyst,
    rf"|(?<=[^\W\d_][ ][\u2014\u2013-][ ])(?P<c>{_WORDS}(?:{_HEADS}))(?=[ ](?:at|for|with)\b|[ ]?[,\n]|$)"  # Ada - Risk Analyst at
    rf"|^[ \t]{{0,4}}(?P<d>(?-i:[A-Z])(?:[\w'\u2019/-]{{0,24}},?[ ]{_WORDS})?(?:{_HEADS}))(?=[ \t]*(?:$|[|\u2014\u2013])))",  # a line of its own
    re.IGNORECASE | re.MULTILINE,
)


def find(text: str) -> Iterator[Span]:
    """Yield the occupations in `text` that stand beside names."""
    for match in _PLACES.finditer(text):
        yield Span(*match.span(match.lastgroup or 0), "TITLE", WEAK)
