"""What is judged: one payload at one boundary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sidecar.errors import SessionError
from sidecar.model.chain import VerifiedChain
from sidecar.model.circuit import Gate
from sidecar.model.long_json import writing
from sidecar.model.scope import HIGHEST_AUTONOMY
from sidecar.model.session import Session
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json, compact

MAX_MESSAGES: Final = 10_000  # of one prompt; four megabytes on the wire can hold two million empty ones


class Boundary(StrEnum):
    """A place where trust changes."""

    USER_INPUT = "user_input"
    LLM_REQUEST = "llm_request"
    LLM_OUTPUT = "llm_output"
    TOOL_CALL = "tool_call"
    TOOL_RESPONSE = "tool_response"
    A2A_MESSAGE = "a2a_message"


class Direction(StrEnum):
    """Which way an A2A message goes, seen from this agent."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Outcome(StrEnum):
    """How a call to a tool or a model went, as the caller reports it."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"


@dataclass(frozen=True, kw_only=True)  # without slots: it is copied as one dictionary, in a fifth of the time
class Crossing:
    """One payload at one boundary. Built by `server.convert`, then never changed, only replaced.

    `body` is what crosses: a string for text, otherwise the JSON value. A caller's JSON arrives in `raw`
    and becomes `body` in the check `form`, once; `asked` stays what it was then, whatever is rewritten later. `at` is
    the only clock: seconds since the epoch, read once when the request came in. `session` is attached by the check
    `session`; no later check runs without it; with it comes `autonomy`, the level that its agent has earned and its
    scope allows.
    `origins` tell where the sink arguments of a tool call come from, `is_asked` whether the user spoke of what the tool
    does, `is_ordered` whether a stranger's text orders just this call, `is_urged` whether one speaks of what an unasked
    call does, or names what it is done with.
    `labels` are what detection found in the body (`pii`, `pci`); a check that finds any hands them onward.
    `bare` are those of them that cross as they were found, where rules of residency ask.
    `revealed` is the body with the values that a tool gets back for tokens: it leaves in the place of `body`, and
    nobody else ever sees it.
    `approved` are the places of instructions in a prompt that a rule pack approves, and their digests.
    `removed` is what was taken out of the body as meant for the model behind the reader's back, in plain words: it does
    not cross, and whatever stands there is known to be a stranger's.
    `ends` are where the parts of a text end that a model wrote, once a check has rewritten them.
    `ahead` is by how many seconds `at` is ahead of the time that has passed, where the machine's clock was set so.
    `reserved` names what was taken from budgets for it, `micro_usd` what it costs, in millionths of a US dollar.
    `digest` is of what is called, `is_repeat` whether this very call was let through before: it is free;
    it `stands` where the policy of now did so, without a person's consent. `probes` are the breakers that wait for how
    it goes. `outcome` is how a call went, `closed` what the call was about that a report
    ends (tool, provider, model), where it ended one.
    `sender` is what an inbound message's `tokens` and `proof` proved, `card` the peer's Agent Card as it came.
    """

    boundary: Boundary
    session_id: str
    at: float
    body: Json = None
    is_json: bool = False
    raw: str | None = field(default=None, repr=False)
    session: Session | None = None
    autonomy: int = HIGHEST_AUTONOMY
    tool: str = ""
    call_id: str = ""
    schema: str = ""
    provider: str = ""
    model: str = ""
    peer: str = ""
    direction: Direction | None = None
    tokens: tuple[str, ...] = field(default=(), repr=False)
    proof: str = field(default="", repr=False)
    sender: VerifiedChain | None = None
    card: str = field(default="", repr=False)
    card_verified: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    max_output_tokens: int = 0
    approval_id: str = ""
    reserved: str = ""
    digest: str = ""
    is_repeat: bool = False
    stands: bool = False
    probes: tuple[Gate, ...] = ()
    outcome: Outcome | None = None
    closed: tuple[str, str, str] | None = None
    micro_usd: int = 0
    labels: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    asked: Json = field(default=None, repr=False)
    origins: Mapping[str, str] = field(default_factory=dict)
    is_asked: bool = False
    is_ordered: bool = False
    is_urged: bool = False
    revealed: Json = field(default=None, repr=False)
    approved: tuple[tuple[int, str], ...] = ()
    ahead: float = 0.0
    ends: tuple[int, ...] = ()
    removed: tuple[str, ...] = field(default=(), repr=False)

    # The body as it leaves, once somebody asked for it. It belongs to this very value: `replace` starts anew.
    _written: str | None = field(init=False, default=None, repr=False, compare=False)

    @property
    def steady(self) -> float:
        """The time that limits count by: as `at`, and never further than time has passed while the process lived."""
        return self.at - self.ahead

    @property
    def payload(self) -> str:
        """The body as it leaves: text as it is, JSON written anew from the value that was checked, once."""
        if not self.is_json and isinstance(self.body, str):
            return self.body
        if self._written is None:
            object.__setattr__(self, "_written", compact(self.body))
        return self._written or ""

    @property
    def takes_long(self) -> bool:
        """Whether to write the payload may take long: a call's arguments are bounded more closely than the rest."""
        return self._written is None and self.is_json and self.boundary is not Boundary.TOOL_CALL

    def writing(self) -> Steps[None]:
        """Write the payload, which is there from then on."""
        object.__setattr__(self, "_written", (yield from writing(self.body)))

    @property
    def outgoing(self) -> str:
        """What leaves: the payload, or the same with values in the place of tokens where the receiver may have them."""
        return self.payload if self.revealed is None else compact(self.revealed)

    @property
    def holds_nul(self) -> bool:
        """Whether a string or a name in the body holds U+0000, which some runtimes take for the end of a string."""
        return "\0" in self.payload or "\\u0000" in self.payload

    def behind(self, session: Session, autonomy: int = HIGHEST_AUTONOMY) -> "Crossing":
        """Return this crossing with the session that stands behind it, and how much that may do alone.

        Every call passes here, and `replace` takes ten times as long: it looks up each field by its name.
        """
        return self._changed({"session": session, "autonomy": autonomy})

    def read(self, body: Json) -> "Crossing":
        """Return this crossing with what its raw JSON says."""
        return self._changed({"body": body, "asked": body, "raw": None, "_written": None})

    def holding(self, text: str, at: float | None = None) -> "Crossing":
        """Return this crossing with another text as its body, `at` another time if given."""
        return self._changed({"body": text, "_written": None, "at": self.at if at is None else at})

    def traced(self, origins: Mapping[str, str], *, asked: bool, ordered: bool, urged: bool) -> "Crossing":
        """Return this crossing with where its arguments come from, and who spoke of what it does."""
        spoken = {"is_asked": asked, "is_ordered": ordered, "is_urged": urged}
        return self._changed({"origins": origins, **spoken})

    def called(self, digest: str, *, is_repeat: bool, stands: bool = False) -> "Crossing":
        """Return this crossing with the digest of what is called, and whether it was let through before."""
        return self._changed({"digest": digest, "is_repeat": is_repeat, "stands": stands})

    def paid(self, reserved: str, micro_usd: int) -> "Crossing":
        """Return this crossing with what names its payment, and what it costs."""
        return self._changed({"reserved": reserved, "micro_usd": micro_usd})

    def _changed(self, changes: Mapping[str, object]) -> "Crossing":
        """Return a copy with other values of some fields, which are none of the body's: so it is still as written."""
        onward = object.__new__(Crossing)
        vars(onward).update(vars(self), **changes)  # past `frozen`
        return onward

    @property
    def proven(self) -> Session:
        """The session, for checks that stand behind the check `session` in their row.

        Raises `SessionError` where that check did not run: no row may lack it.
        """
        if self.session is None:
            raise SessionError("no session was proven")
        return self.session
