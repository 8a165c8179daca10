"""`Breakers` in a dictionary, and through its `Keep` in a file.

What packs or tokens name has a circuit of its own. Of names that only callers know there is no end: so many have one of
their own, and whatever comes while they are remembered shares one, so that nobody fills the store by making names up.
"""

import json
import secrets
from collections.abc import Sequence
from typing import Final

from sidecar.errors import OverloadError
from sidecar.model.circuit import CLOSED, Breaker, Circuit, Gate, entered, reported, withdrawn
from sidecar.model.strict_json import compact
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.ports_limits import Entered
from sidecar.stores.rates import SECOND_NS, SWEEP_S, nanoseconds

CIRCUITS: Final = "circuit"  # the room
MAX_CIRCUITS: Final = 10_000  # that are not as if nothing had ever failed; then those that are closed make room
MAX_UNKNOWN: Final = 1_000  # of names that only callers know
OTHERS: Final = ""  # the name of the one that further ones share
_SEED_OCTETS: Final = 8

_Place = tuple[str, str]  # target and name


class MemoryBreakers:
    """At most `capacity` circuits. `seed` makes the jitter: another one for each process, so that fleets spread."""

    def __init__(self, keep: Keep = NOWHERE, capacity: int = MAX_CIRCUITS, seed: str = "") -> None:
        self._keep = keep
        self._capacity = capacity
        self._seed = seed or secrets.token_hex(_SEED_OCTETS)
        self._circuits: dict[_Place, Circuit] = {}
        self._unknown: dict[_Place, float] = {}  # those that only callers named, and until when they matter
        self._swept = -SWEEP_S

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(CIRCUITS):
            target, name = json.loads(row.key)
            failed, opened, until, probes, good, *unknown = json.loads(row.value)
            out = tuple((holder, lease) for holder, lease in probes)
            self._circuits[target, name] = Circuit(tuple(failed), opened, until, out, good)
            if any(unknown):
                self._unknown[target, name] = row.until

    async def enter(self, gates: Sequence[Gate], holder: str, at: float) -> Entered:
        now = nanoseconds(at)
        entries = [(gate, entered(self._at(gate), gate.breaker, now, holder, self._of(gate))) for gate in gates]
        longest = max((entry.wait_ns for _, entry in entries), default=0)
        for gate, entry in entries:
            if not (longest and entry.is_probe):  # what another gate stops is not out
                self._put(gate, entry.circuit, at)
        if longest:
            is_full = all(entry.is_full for _, entry in entries if entry.wait_ns)
            return Entered(wait_s=longest / SECOND_NS, is_full=is_full)
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
        return self._circuits.get(self._place(gate), CLOSED)

    def _place(self, gate: Gate) -> _Place:
        """Return where the circuit of `gate` is: its own place, or that of all others."""
        place = (gate.target, gate.name)
        if gate.is_known or place in self._circuits or len(self._unknown) < MAX_UNKNOWN:
            return place
        return (gate.target, OTHERS)

    def _of(self, gate: Gate) -> str:
        return f"{self._seed} {gate.target} {gate.name}"

    def _put(self, gate: Gate, circuit: Circuit, at: float) -> None:
        if circuit == self._at(gate):
            return
        if not gate.is_known:
            self._sweep(at)
        place = self._place(gate)
        if circuit == CLOSED:
            self._drop(place)
            return
        if place not in self._circuits and len(self._circuits) >= self._capacity:
            self._make_room()
        self._circuits[place] = circuit
        over, is_unknown = _over(circuit, gate.breaker, at), not gate.is_known and place[1] != OTHERS
        if is_unknown:
            self._unknown[place] = over
        else:
            self._unknown.pop(place, None)
        told = circuit.opened, circuit.until, circuit.probes, circuit.good, int(is_unknown)
        self._keep.put(CIRCUITS, Row(compact(place), compact([circuit.failed, *told]), over))

    def _sweep(self, at: float) -> None:
        """Forget those of made-up names that matter no more, where there are too many."""
        if len(self._unknown) >= MAX_UNKNOWN and at - self._swept >= SWEEP_S:
            self._swept = at
            for place in [place for place, over in self._unknown.items() if over <= at]:
                self._drop(place)

    def _drop(self, place: _Place) -> None:
        self._circuits.pop(place, None)
        self._unknown.pop(place, None)
        self._keep.drop(CIRCUITS, compact(place))

    def _make_room(self) -> None:
        for place in [place for place, circuit in self._circuits.items() if not circuit.opened]:
            self._drop(place)
        if len(self._circuits) >= self._capacity:
            raise OverloadError("no more failures can be counted: wait until some are over", reason="breakers_full")


def _over(circuit: Circuit, breaker: Breaker, at: float) -> float:
    """Return from when on nobody needs to know: nothing is open, and what has failed is too long ago."""
    latest = max((circuit.until, *circuit.failed, *(lease for _, lease in circuit.probes)))
    return max(at, latest / SECOND_NS) + (breaker.most_ns + breaker.within_ns) / SECOND_NS
