"""`Breakers` in a dictionary, and through its `Keep` in a file."""

import json
import secrets
from collections.abc import Sequence
from typing import Final

from sidecar.errors import OverloadError
from sidecar.model.circuit import CLOSED, Breaker, Circuit, Gate, entered, reported, withdrawn
from sidecar.model.strict_json import compact
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.ports_limits import Entered
from sidecar.stores.rates import SECOND_NS, nanoseconds

CIRCUITS: Final = "circuit"  # the room
MAX_CIRCUITS: Final = 10_000  # that are not as if nothing had ever failed; then those that are closed make room
_SEED_OCTETS: Final = 8

_Place = tuple[str, str]  # target and name


class MemoryBreakers:
    """At most `capacity` circuits. `seed` makes the jitter: another one for each process, so that fleets spread."""

    def __init__(self, keep: Keep = NOWHERE, capacity: int = MAX_CIRCUITS, seed: str = "") -> None:
        self._keep = keep
        self._capacity = capacity
        self._seed = seed or secrets.token_hex(_SEED_OCTETS)
        self._circuits: dict[_Place, Circuit] = {}

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(CIRCUITS):
            target, name = json.loads(row.key)
            failed, opened, until, probes, good = json.loads(row.value)
            out = tuple((holder, lease) for holder, lease in probes)
            self._circuits[target, name] = Circuit(tuple(failed), opened, until, out, good)

    async def enter(self, gates: Sequence[Gate], holder: str, at: float) -> Entered:
        now = nanoseconds(at)
        entries = [(gate, entered(self._at(gate), gate.breaker, now, holder, self._of(gate))) for gate in gates]
        longest = max((entry.wait_ns for _, entry in entries), default=0)
        for gate, entry in entries:
            if not (longest and entry.is_probe):  # a probe that another gate stops is none
                self._put(gate, entry.circuit, at)
        if longest:
            return Entered(wait_s=longest / SECOND_NS)
        return Entered(probes=tuple(gate for gate, entry in entries if entry.is_probe))

    async def closed(self, gates: Sequence[Gate], at: float) -> bool:
        now = nanoseconds(at)
        return not any(entered(self._at(gate), gate.breaker, now, "", self._of(gate)).wait_ns for gate in gates)

    async def report(self, gates: Sequence[Gate], holder: str, at: float, *, went_well: bool) -> None:
        now = nanoseconds(at)
        for gate in gates:
            known = self._at(gate)
            self._put(gate, reported(known, gate.breaker, now, (holder, went_well), self._of(gate)), at)

    async def withdraw(self, gates: Sequence[Gate], holder: str) -> None:
        for gate in gates:
            circuit = withdrawn(self._at(gate), holder)
            self._put(gate, circuit, circuit.until / SECOND_NS)

    def _at(self, gate: Gate) -> Circuit:
        return self._circuits.get((gate.target, gate.name), CLOSED)

    def _of(self, gate: Gate) -> str:
        return f"{self._seed} {gate.target} {gate.name}"

    def _put(self, gate: Gate, circuit: Circuit, at: float) -> None:
        place = (gate.target, gate.name)
        if circuit == self._at(gate):
            return
        key = compact(place)
        if circuit == CLOSED:
            self._circuits.pop(place, None)
            self._keep.drop(CIRCUITS, key)
            return
        if place not in self._circuits and len(self._circuits) >= self._capacity:
            self._make_room()
        self._circuits[place] = circuit
        value = compact([circuit.failed, circuit.opened, circuit.until, circuit.probes, circuit.good])
        self._keep.put(CIRCUITS, Row(key, value, _over(circuit, gate.breaker, at)))

    def _make_room(self) -> None:
        for place in [place for place, circuit in self._circuits.items() if not circuit.opened]:
            del self._circuits[place]
            self._keep.drop(CIRCUITS, compact(place))
        if len(self._circuits) >= self._capacity:
            raise OverloadError("no more failures can be counted: wait until some are over", reason="breakers_full")


def _over(circuit: Circuit, breaker: Breaker, at: float) -> float:
    """Return from when on nobody needs to know: nothing is open, and what has failed is too long ago."""
    latest = max((circuit.until, *circuit.failed, *(lease for _, lease in circuit.probes)))
    return max(at, latest / SECOND_NS) + (breaker.most_ns + breaker.within_ns) / SECOND_NS
