"""The public vectors of `aat_vectors` that are about tools and arguments: the draft's steps 3n, 4o, 4p and 6b."""

from collections.abc import Mapping

from sidecar.model.strict_json import Json
from tests.identity.aat_building import (
    ANY,
    PERMIT,
    READ,
    SEARCH,
    SPRING,
    WHOLE,
    Call,
    Tools,
    Vector,
    c,
    grown,
    vector,
)
from tests.identity.crafting import Claims

DENIED, NOT_GRANTED, WIDER, MALFORMED = "argument_denied", "tool_not_granted", "scope_args_widened", "scope_malformed"


def is_(value: Json) -> Claims:
    return c("exact", value=value)


def number(**bounds: Json) -> Claims:
    return c("range", **bounds)


def every(*parts: Json) -> Claims:
    return c("all", constraints=list(parts))


def some(*parts: Json) -> Claims:
    return c("any", constraints=list(parts))


def optional(constraint: Mapping[str, Json]) -> Claims:
    return {**constraint, "optional": True}


def derived(name: str, shows: str, parent: Tools, child: Tools, call: Call, expected: str = PERMIT) -> Vector:
    """Return a row on a root and one link. What the chain does not refuse, its scope refuses at the call."""
    late = expected in {DENIED, NOT_GRANTED}
    step = {PERMIT: "", MALFORMED: "3n/4o", WIDER: "4p"}.get(expected, "6b")
    return vector(name, shows, grown(parent, child), call, expected, step, at_call=expected if late else "")


def alone(name: str, shows: str, tools: Tools, call: Call, expected: str = PERMIT) -> Vector:
    """Return a row on a root that is shown alone."""
    late = expected in {DENIED, NOT_GRANTED}
    step = "" if expected == PERMIT else "6b" if late else "3n/4o"
    return vector(name, shows, grown(tools), call, expected, step, at_call=expected if late else "")


# ---- the last link is a closed world ---------------------------------------------------------------------


def at_the_end(name: str, shows: str, call: Call, expected: str, links: int = 3) -> Vector:
    step = "" if expected == PERMIT else "6b"
    return vector(name, shows, WHOLE[:links], call, expected, step, at_call=expected if step else "")


CLOSED = [
    at_the_end("J.9.1", "an argument that nobody named", ("read", {"file": SPRING, "mode": "r"}), DENIED),
    at_the_end("J.9.2", "an argument is not there", ("read", {}), DENIED),
    at_the_end("J.9.3", "a tool that the last link dropped", SEARCH, NOT_GRANTED),
    at_the_end("J.9.4", "the beginning of a chain is a chain", SEARCH, PERMIT, 2),
]

# ---- all and any -----------------------------------------------------------------------------------------

LOW, HIGH = number(min=0), number(max=100)
KINDS = some(is_("pdf"), is_("csv"), is_("xlsx"))
EXPORT: Tools = {"export": {"kind": KINDS, "most": every(HIGH, LOW)}}


def exported(name: str, shows: str, child: Claims, expected: str = PERMIT, **call: Json) -> Vector:
    args: Claims = {"kind": some(is_("pdf")), "most": every(HIGH, LOW), **child}
    return derived(name, shows, EXPORT, {"export": args}, ("export", {"kind": "pdf", "most": 10, **call}), expected)


TWO = some(is_("pdf"), is_("csv"))
STRICTER = every(HIGH, LOW, number(min=1))
PARTS = [
    exported("J.15.1", "one obligation more", {"most": STRICTER}),
    exported("J.15.2", "one obligation less", {"most": every(HIGH)}, WIDER),
    exported("J.15.3", "one part stands under two", {"most": every(number(min=10, max=50))}),
    derived(
        "J.15.4",
        "one value stands under anything, twice",
        {"export": {"kind": ANY, "most": every(ANY, ANY)}},
        {"export": {"kind": ANY, "most": every(is_(5))}},
        ("export", {"kind": "pdf", "most": 5}),
    ),
    exported("J.15.5", "one part is wider", {"most": every(number(max=200), LOW)}, WIDER),
    exported("J.15.6", "each part is held at the call", {"most": STRICTER}, DENIED, most=0),
    exported("J.16.1", "one alternative less", {"kind": TWO}),
    exported("J.16.2", "another alternative", {"kind": some(is_("pdf"), is_("docx"))}, WIDER),
    exported("J.16.3", "no alternative at all", {"kind": some()}, MALFORMED),
    exported("J.16.4", "the call takes an alternative", {"kind": TWO}, kind="csv"),
    exported("J.16.5", "the call takes one that was dropped", {"kind": TWO}, DENIED, kind="xlsx"),
    derived(
        "J.16.6",
        "a value stands under a list among alternatives",
        {"export": {"kind": some(c("one_of", values=["pdf", "csv"]), is_("xlsx")), "most": ANY}},
        {"export": {"kind": some(is_("pdf")), "most": ANY}},
        ("export", {"kind": "pdf", "most": 3}),
    ),
    exported("J.18.1", "`all` under `any`, though narrower", {"kind": every(is_("pdf"))}, WIDER),
    derived(
        "J.18.2",
        "an alternative less, within `all`",
        {"export": {"kind": every(KINDS), "most": ANY}},
        {"export": {"kind": every(some(is_("pdf"))), "most": ANY}},
        ("export", {"kind": "pdf", "most": 3}),
    ),
    derived(
        "J.8.4",
        "a range under `all`, though narrower",
        {"export": {"most": every(LOW, HIGH)}},
        {"export": {"most": number(min=10, max=50)}},
        ("export", {"most": 20}),
        WIDER,
    ),
]

# ---- the other types -------------------------------------------------------------------------------------

PUBLISH: Claims = {
    "mark": c("not_one_of", excluded=["secret", "internal"]),
    "labels": c("contains", required=["public"]),
    "roles": c("subset", allowed=["reader", "editor", "admin"]),
    "most": number(min=0, max=100),
}
POST: Claims = {"mark": "public", "labels": ["public"], "roles": ["reader"], "most": 10}


def published(name: str, shows: str, child: Claims, expected: str = PERMIT, **call: Json) -> Vector:
    parent, below = {"publish": PUBLISH}, {"publish": {**PUBLISH, **child}}
    return derived(name, shows, parent, below, ("publish", {**POST, **call}), expected)


ABOVE_ZERO = number(min=0, max=100, min_inclusive=False)
TYPES = [
    published("J.17.1", "one exclusion more", {"mark": c("not_one_of", excluded=["secret", "internal", "held"])}),
    published("J.17.2", "one exclusion less", {"mark": c("not_one_of", excluded=["secret"])}, WIDER),
    published(
        "J.17.3",
        "one label more is required",
        {"labels": c("contains", required=["public", "read"])},
        labels=["public", "read"],
    ),
    published("J.17.4", "no label is required any more", {"labels": c("contains", required=[])}, WIDER),
    published("J.17.5", "one role less", {"roles": c("subset", allowed=["reader", "editor"])}),
    published("J.17.6", "one role more", {"roles": c("subset", allowed=["reader", "editor", "admin", "owner"])}, WIDER),
    published("J.17.7", "the bound itself is taken out", {"most": ABOVE_ZERO}),
    derived(
        "J.17.8",
        "the bound itself is put back in",
        {"publish": {**PUBLISH, "most": ABOVE_ZERO}},
        {"publish": PUBLISH},
        ("publish", POST),
        WIDER,
    ),
]

# ---- what a root may write -------------------------------------------------------------------------------

ACCOUNT: Tools = {"account": {"id": ANY}}
BEYOND = 2**53
WRITTEN = [
    derived("J.8.1", "an argument is named where none was", {"read": {}}, {"read": {"file": is_(SPRING)}}, READ),
    alone("J.8.2", "no argument is named: any may come", {"read": {}}, ("read", {"file": SPRING, "mode": "r"})),
    alone("J.8.3", "a type that nobody knows", {"read": {"file": c("none_such")}}, READ, "scope_unknown_type"),
]
WRITTEN_LATER = [
    alone(
        "J.8.5",
        "the same at a tool that is not called",
        {"read": {"file": ANY}, "export": {"kind": c("none_such")}},
        READ,
        "scope_unknown_type",
    ),
    alone(
        "J.8.6",
        "bounds that cross",
        {"read": {"file": ANY}, "export": {"most": number(min=10, max=5)}},
        READ,
        MALFORMED,
    ),
    vector(
        "J.8.7",
        "a number that no double holds",
        grown(ACCOUNT),
        ("account", {"id": BEYOND + 1}),
        "pop_invalid",  # the proof is read before the call is judged, and holds the number
        "6b",
    ),
    vector(
        "J.8.8",
        "a number beyond the safe ones that a double holds",
        grown(ACCOUNT),
        ("account", {"id": BEYOND + 2}),
        "pop_invalid",
        stricter="2.6, strict JSON: integers to 2^53-1",
    ),
    alone(
        "J.8.9",
        "such a number in a constraint",
        {"read": {"file": ANY}, "account": {"id": number(max=BEYOND + 1)}},
        READ,
        "token_json_number",
    ),
    alone("J.21.7", "no obligation at all", {"read": {"file": every()}}, READ, MALFORMED),
    alone("J.21.11", "`all` of no list", {"read": {"file": c("all", constraints=ANY)}}, READ, MALFORMED),
    alone(
        "J.21.12",
        "a bound by another name is no bound",
        {"read": {"file": ANY, "most": number(maximum=10)}},
        ("read", {"file": SPRING, "most": 1000}),
        "scope_unknown_member",
    ),
]

# ---- optional arguments, and those that nobody named -----------------------------------------------------

SHEET = is_("/sheets/plan")
FEW = number(max=200)
CLOSED_MAP: Claims = {"sheet": SHEET, "first": optional(FEW)}
OPEN_MAP: Claims = {**CLOSED_MAP, "last": optional(FEW), "*": ANY}
STYLED: Claims = {**OPEN_MAP, "style": is_("plain")}


def printed(name: str, shows: str, args: Claims, call: Claims, expected: str = PERMIT) -> Vector:
    return alone(name, shows, {"print": args}, ("print", call), expected)


def reprinted(name: str, shows: str, parent: Claims, child: Claims, call: Claims, expected: str = PERMIT) -> Vector:
    return derived(name, shows, {"print": parent}, {"print": child}, ("print", call), expected)


PLAN: Claims = {"sheet": "/sheets/plan"}
ARGUMENTS = [
    printed("J.22.1", "what is optional is left out", OPEN_MAP, PLAN),
    printed("J.22.2", "what is optional comes, within its bounds", OPEN_MAP, {**PLAN, "first": 100}),
    printed("J.22.3", "and beyond them", OPEN_MAP, {**PLAN, "first": 500}, DENIED),
    printed("J.22.4", "an argument that `*` stands for", OPEN_MAP, {**PLAN, "style": "bold"}),
    printed("J.22.5", "what is required is left out", OPEN_MAP, {"first": 10}, DENIED),
    printed("J.22.6", "an argument that nothing stands for", CLOSED_MAP, {**PLAN, "style": "bold"}, DENIED),
    reprinted(
        "J.22.7",
        "what was optional is required",
        CLOSED_MAP,
        {"sheet": SHEET, "first": number(max=100)},
        {**PLAN, "first": 50},
    ),
    reprinted(
        "J.22.8", "what was required is optional", CLOSED_MAP, {**CLOSED_MAP, "sheet": optional(SHEET)}, PLAN, WIDER
    ),
    reprinted("J.22.9", "what was optional may not come", CLOSED_MAP, {"sheet": SHEET}, {**PLAN, "first": 10}, DENIED),
    reprinted("J.22.10", "and need not", CLOSED_MAP, {"sheet": SHEET}, PLAN),
    reprinted("J.22.11", "what is required is dropped", CLOSED_MAP, {"first": optional(FEW)}, {"first": 10}, WIDER),
    reprinted("J.22.12", "what `*` stood for is named", OPEN_MAP, STYLED, {**PLAN, "style": "bold"}, DENIED),
    reprinted("J.22.13", "and comes as it is named", OPEN_MAP, STYLED, {**PLAN, "style": "plain"}),
    reprinted("J.22.14", "`*` where there was none", CLOSED_MAP, {**CLOSED_MAP, "*": ANY}, PLAN, WIDER),
    reprinted("J.22.15", "an argument where none may come", CLOSED_MAP, {**CLOSED_MAP, "style": ANY}, PLAN, WIDER),
    reprinted(
        "J.22.16",
        "a bound is dropped beside `*`, which would bring it back without",
        OPEN_MAP,
        {"sheet": SHEET, "last": optional(FEW), "*": ANY},
        PLAN,
        WIDER,
    ),
    reprinted("J.22.17", "no name at all is `*`", {}, {"sheet": SHEET, "*": ANY}, {**PLAN, "first": 5}),
    printed("J.22.18", "optional within `all`", {"sheet": every(optional(SHEET))}, PLAN, "scope_unknown_member"),
    printed("J.22.19", "`*` is bounded", {"sheet": SHEET, "*": number(max=5)}, PLAN, MALFORMED),
    reprinted("J.22.20", "a new name is optional", OPEN_MAP, {**OPEN_MAP, "style": optional(is_("plain"))}, PLAN),
    reprinted(
        "J.22.21",
        "`*` is dropped",
        OPEN_MAP,
        {**CLOSED_MAP, "last": optional(FEW)},
        {**PLAN, "last": 20},
    ),
    reprinted(
        "J.22.22",
        "and nothing comes in its name",
        OPEN_MAP,
        {**CLOSED_MAP, "last": optional(FEW)},
        {**PLAN, "style": "bold"},
        DENIED,
    ),
    printed("J.22.23", "`*` is optional", {"sheet": SHEET, "*": optional(ANY)}, PLAN, MALFORMED),
]
EARLY = [*CLOSED, *PARTS, *TYPES, *WRITTEN]
LATER = [*WRITTEN_LATER, *ARGUMENTS]
