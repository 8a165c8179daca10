"""Whatever anybody writes can be judged: no words of a user, a tool or a model make the look at origins fail.

The words are the readers' own, endings that they take off, and what stands where a word is expected and is none.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import sidecar.content.origin
from sidecar.checks.origin import OriginCheck, Remembering
from sidecar.checks.rules import RulesCheck
from sidecar.content.origin.trails import Trails
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json, compact
from sidecar.model.verdict import Decision, Finding, Verdict
from sidecar.policy.load import load
from sidecar.policy.policy import Policy
from tests.policy.packing import crossing, written

RULES = Path(__file__).parent.parent.parent / "rules"
READERS = sorted(Path(sidecar.content.origin.__file__).parent.rglob("*.py"))
KNOWN: list[str] = sorted(
    {word for file in READERS for word in re.findall(r"[^\W\d_]{1,14}", file.read_text(encoding="utf-8"))}
)
ENDINGS = ("ey", "ing", "ings", "ed", "er", "err", "s", "es", "y", "e", "'s", "-", "ss", "yyyy", "ly", "en", "ß", "İ")
ODD = (
    *(
        "anna@example.org",
        "x@",
        "@",
        "https://x.example/a?b=c",
        "http://",
        "www.e",
        "mailto:",
        "/home/x",
        "12.50",
        "$5",
    ),
    *(
        "YYYY-MM-DD",
        "2024-03-01",
        "#12",
        "R-17",
        "1.",
        "a)",
        "-",
        "*",
        "Re:",
        "PS:",
        '"',
        "'",
        "(",
        ")",
        "<b>",
        "{",
        "}",
    ),
    *("::", "...", "\n\n", "\r\n", "\t", "\u2028", "\u200b", "\u0301", "DE89370400440532013000"),
)
TOOLS = (
    "send_email",
    "pay_bill",
    "create_event",
    "delete_file",
    "yyyy",
    "e",
    "ss_ing",
    "post",
    "refund-order",
    "share",
)
SINKS = {"to": "email", "url": "url", "account": "account", "body": "text", "yyy": "text"}
EFFECTS = ("message", "money", "write", "delete", "account", "egress", "read")

BOUNDARIES = (Boundary.USER_INPUT, Boundary.TOOL_RESPONSE, Boundary.TOOL_CALL, Boundary.LLM_OUTPUT)
BETWEEN = (" ", " ", " ", ", ", ". ", ": ", "? ", "! ", "\n", "-", "_", "")
LONGEST = 25  # words of one text
CROSSINGS = 9
SESSIONS = 250  # of each seed; what failed in the field (`YYYY-MM-DD`) comes up in the first hundred
FOUND = Finding(check="test", decision=Decision.ALLOW, reason="seen")


@cache
def policy() -> Policy:
    tools = {
        tool: {"effects": [EFFECTS[n % len(EFFECTS)]], "sinks": SINKS, "format": ("text", "yaml")[n % 2]}
        for n, tool in enumerate(TOOLS)
    }
    with TemporaryDirectory() as folder:
        catalogue = written(Path(folder), {"tools.yaml": compact({"tools": tools})})  # JSON is YAML
        return load([RULES / "baseline", catalogue])


async def judged(crossings: Sequence[Crossing]) -> None:
    """Judge each call and remember all, as far as their origins are looked at."""
    trails = Trails()
    origins = OriginCheck(trails, policy().catalogue)
    rules = RulesCheck(policy().rules, policy().catalogue, trails)
    remembering = Remembering(trails, policy().catalogue, policy().facts)
    for each in crossings:
        now = each
        if now.boundary is Boundary.TOOL_CALL:
            now = (await origins(now)).onward or now
            await rules(now)
        await remembering.released(Verdict(crossing=now, findings=(FOUND,), policy_version=""))


def word(draw: random.Random) -> str:
    match draw.randrange(10):
        case 0 | 1 | 2 | 3 | 4:
            return draw.choice(KNOWN)
        case 5:
            return draw.choice(("", draw.choice(KNOWN))) + draw.choice(ENDINGS)
        case 6:
            return draw.choice("yesangdtlr") * draw.randrange(1, 9)
        case 7:
            return draw.choice(ODD)
        case 8:
            return draw.choice(TOOLS)
        case _:
            return chr(draw.randrange(1, 0xD800)) + str(draw.randrange(10 ** draw.randrange(1, 18)))


def text(draw: random.Random) -> str:
    return "".join(word(draw) + draw.choice(BETWEEN) for _ in range(draw.randrange(LONGEST)))


def crossed(draw: random.Random, number: int, boundary: Boundary, said: list[str]) -> Crossing:
    """Return a crossing of new words, or a call with words that were said, or weren't."""
    tool = "" if boundary in {Boundary.USER_INPUT, Boundary.LLM_OUTPUT} else draw.choice(TOOLS)
    if boundary is not Boundary.TOOL_CALL:
        said.append(text(draw))
        return replace(crossing(boundary, said[-1], tool=tool), call_id=str(number))
    arguments: dict[str, Json] = {}
    for name in draw.sample(tuple(SINKS), draw.randrange(len(SINKS))):
        whole = draw.choice((text(draw), *said))
        start = draw.randrange(len(whole) + 1)
        arguments[name] = whole[start : start + draw.randrange(40)]
    return replace(crossing(boundary, arguments, tool=tool), call_id=str(number))


def session(draw: random.Random) -> list[Crossing]:
    """Return what crosses in one: a user asks, anything follows, and a call is made."""
    some = draw.choices((*BOUNDARIES, Boundary.TOOL_CALL), k=draw.randrange(CROSSINGS))
    said: list[str] = []
    whole = (Boundary.USER_INPUT, *some, Boundary.TOOL_CALL)
    return [crossed(draw, number, each, said) for number, each in enumerate(whole)]


@pytest.mark.parametrize("seed", range(8))
async def test_any_words_can_be_judged(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - filling

    for _ in range(SESSIONS):
        await judged(session(draw))
