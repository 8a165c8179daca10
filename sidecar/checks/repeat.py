"""Was this very call let through before?

Who did not get an answer asks again, under the call's own id: that is free, and is answered as the first was, for
nothing is counted and nothing taken a second time. It is free until the call is reported, and so often only: an agent
that makes a call again and again, under one id, is no client that lost an answer. Another call under an id that is in
use is refused: a report could not say which of them it is of.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.checks.base import Ports
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.stores.ports_ledger import Call, Known, Ledger

DIGITS: Final = 32
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))  # made once: to make one takes a while
_KINDS: Final = {Boundary.TOOL_CALL: "t", Boundary.LLM_REQUEST: "m", Boundary.A2A_MESSAGE: "a"}
KINDS: Final = {**_KINDS, Boundary.TOOL_RESPONSE: "t", Boundary.LLM_OUTPUT: "m"}


def build(ports: Ports) -> "RepeatCheck":
    """Return the check over the calls that are open."""
    return RepeatCheck(ports.stores.ledger, ports.policy.version)


@dataclass(frozen=True, slots=True)
class RepeatCheck:
    """Marks a repeat, and gives each call that has an id the digest that it is told apart by.

    `version` is the policy's: under another one a repeat is judged anew.
    """

    ledger: Ledger
    version: str = ""
    name: str = "repeat"

    async def __call__(self, crossing: Crossing) -> Answer:
        if not crossing.call_id:
            return allow(self.name)
        digest = digest_of(crossing)
        match await self.ledger.known(crossing.proven.id, Call(id=call_name(crossing), digest=digest, by=self.version)):
            case Known.NEW:
                return allow(self.name, crossing.called(digest, is_repeat=False))
            case (Known.REPEAT | Known.SAME) as known:
                return allow(self.name, crossing.called(digest, is_repeat=True, stands=known is Known.SAME))
            case Known.TOO_OFTEN:
                message = "this call was asked for too often: make it, and report how it went"
                return deny(self.name, "call_repeated", message, severity=Severity.MEDIUM)
            case Known.OTHER:
                message = "this call_id is of another call: give each call an id of its own, and report how it went"
                return deny(self.name, "call_id_reused", message, severity=Severity.MEDIUM)


def call_name(crossing: Crossing) -> str:
    """Return what names the call in the ledger; a caller's id may be any text, and stands on disk."""
    if not crossing.call_id:
        return ""
    octets = crossing.call_id.encode("utf-8", "surrogatepass")
    return KINDS[crossing.boundary] + hashlib.sha256(octets).hexdigest()[:DIGITS]


def digest_of(crossing: Crossing) -> str:
    """Return the digest of what is called, and with what: the order of members says nothing."""
    if crossing.boundary is Boundary.TOOL_CALL:
        return digest_of_call(crossing.tool, crossing.body)
    # A prompt is long, and is written once for all who need it.
    called = [crossing.provider, crossing.model, crossing.peer, crossing.max_output_tokens]
    return _digest(json.dumps(called) + crossing.payload)


def digest_of_call(tool: str, arguments: Json) -> str:
    """Return the digest of a call of `tool`: neither the order of members nor how a number is written says anything."""
    written = _ENCODER.encode([tool, arguments])
    if ".0" in written or "e+" in written:  # 1.0 is 1, as for what a person consents to (RFC 8785)
        written = _ENCODER.encode([tool, _whole(arguments)])
    return _digest(written)


def _whole(value: Json) -> Json:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {name: _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value


def _digest(written: str) -> str:
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
