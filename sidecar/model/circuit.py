"""Is this worth trying? A breaker: closed until too many calls failed, then open, then half open for a few probes.

| state     | a call                          | a failure is reported           | a success is reported            |
|-----------|---------------------------------|---------------------------------|----------------------------------|
| closed    | passes                          | counts; the last one opens it   | changes nothing                  |
| open      | refused until `until`           | changes nothing                 | changes nothing                  |
| half open | passes as one of `probes`, else | of a probe: open again, for     | of a probe: counts; the last one |
|           | refused                         | longer; of others: nothing      | closes it; of others: nothing    |

A probe of which nothing is heard for as long as its lease has failed: silence is what a hanging tool looks like. Each
time that it opens anew it stays open for twice as long, up to `most_ns`, and a quarter of that at most as jitter, so
that many who wait for one tool do not come back at once. The jitter is made of a seed: the same for the same seed.

Who reports nothing tells a breaker nothing, unless it has a bound on what is out (`in_flight`): then a call is out
until it is reported, so many are out at once, and one that is out for as long as a lease has failed, as a probe has.

Times are nanoseconds since the epoch; a clock that goes back makes what is open stay open.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Final

JITTER: Final = 4  # a quarter of the time
_DIGITS: Final = 32
_STEPS: Final = 1 << 32
_MOST_DOUBLINGS: Final = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """What opens a circuit, and for how long. `lease_ns` is how long a probe may be out.

    `in_flight` is how many calls may be out before it opens; 0: nobody counts them, and silence says nothing.
    """

    failures: int
    within_ns: int
    open_for_ns: int
    most_ns: int
    probes: int
    lease_ns: int
    in_flight: int = 0

    def opened_for(self, times: int, seed: str) -> int:
        """Return how long it stays open after it has opened `times` in a row."""
        base = min(self.open_for_ns << min(times - 1, _MOST_DOUBLINGS), max(self.most_ns, self.open_for_ns))
        drawn = int.from_bytes(hashlib.sha256(f"{seed} {times}".encode()).digest()[:4], "big")
        return base + base * drawn // (_STEPS * JITTER)


@dataclass(frozen=True, slots=True)
class Gate:
    """The breaker before one tool, provider or model (`target`).

    `is_known` is whether somebody else than the caller has named it: of what callers make up there is no end.
    """

    target: str
    name: str
    breaker: Breaker
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Circuit:
    """One breaker's state. `opened` is how often in a row it has opened: 0 while it is closed.

    `failed` are the moments of the newest failures, `probes` who is out and until when, `good` the probes that came
    back well. Of a breaker that counts what is out, `probes` are all calls that are, also while it is closed.
    """

    failed: tuple[int, ...] = ()
    opened: int = 0
    until: int = 0
    probes: tuple[tuple[str, int], ...] = ()
    good: int = 0


CLOSED: Final = Circuit()


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a call: `wait_ns` is 0 where it passes, `is_probe` where something hangs on it.

    `is_full` is whether it waits for others that are out, and not for what has failed.
    """

    circuit: Circuit
    wait_ns: int = 0
    is_probe: bool = False
    is_full: bool = False


def holder(session_id: str, call_id: str) -> str:
    """Return what names a call among those that a breaker waits for; of calls without an id, a session has one."""
    return f"{session_id} {hashlib.sha256(call_id.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def entered(circuit: Circuit, breaker: Breaker, now: int, holder: str, seed: str) -> Entry:
    """Return whether the call `holder` may pass at `now`, and the circuit after it."""
    circuit = _without_silent(circuit, breaker, now, seed)
    if now < circuit.until and circuit.opened:
        return Entry(circuit, circuit.until - now)
    if not circuit.opened and not breaker.in_flight:
        return Entry(circuit)
    if len(circuit.probes) + circuit.good >= (breaker.probes if circuit.opened else breaker.in_flight):
        ends = min((lease for _, lease in circuit.probes), default=now)
        wait_ns = max(1, min(ends - now, breaker.open_for_ns))  # one that is out may be back long before
        return Entry(circuit, wait_ns, is_full=not circuit.opened)
    return Entry(replace(circuit, probes=(*circuit.probes, (holder, now + breaker.lease_ns))), is_probe=True)


def reported(circuit: Circuit, breaker: Breaker, now: int, report: tuple[str, bool], seed: str) -> Circuit:
    """Return the circuit after `report`: of which call, and whether it went well."""
    holder, went_well = report
    if not circuit.opened:
        back = _back(circuit, holder)
        return back if went_well else _failed(back, breaker, now, seed)
    if not any(name == holder for name, _ in circuit.probes):
        return circuit
    if not went_well:
        return _opened(circuit, breaker, now, seed)
    left = _back(circuit, holder)
    return CLOSED if left.good + 1 >= breaker.probes else replace(left, good=left.good + 1)


def withdrawn(circuit: Circuit, holder: str) -> Circuit:
    """Return the circuit without the newest call of `holder` that is out: it was not made after all."""
    places = [place for place, (name, _) in enumerate(circuit.probes) if name == holder]
    return _without(circuit, places[-1]) if places else circuit


def _back(circuit: Circuit, holder: str) -> Circuit:
    """Return the circuit after a report of `holder`: of calls that are not told apart it is of the oldest."""
    places = [place for place, (name, _) in enumerate(circuit.probes) if name == holder]
    return _without(circuit, places[0]) if places else circuit


def _without(circuit: Circuit, place: int) -> Circuit:
    return replace(circuit, probes=circuit.probes[:place] + circuit.probes[place + 1 :])


def _failed(circuit: Circuit, breaker: Breaker, now: int, seed: str) -> Circuit:
    recent = tuple(moment for moment in circuit.failed if moment > now - breaker.within_ns)
    if len(recent) + 1 >= breaker.failures:
        return _opened(circuit, breaker, now, seed)
    return replace(circuit, failed=(*recent, now))


def _opened(circuit: Circuit, breaker: Breaker, now: int, seed: str) -> Circuit:
    times = circuit.opened + 1
    return Circuit(opened=times, until=max(circuit.until, now + breaker.opened_for(times, seed)))


def _without_silent(circuit: Circuit, breaker: Breaker, now: int, seed: str) -> Circuit:
    silent = sorted(lease for _, lease in circuit.probes if lease <= now)
    if not silent:
        return circuit
    if circuit.opened:
        return _opened(circuit, breaker, silent[0], seed)
    circuit = replace(circuit, probes=tuple(one for one in circuit.probes if one[1] > now))
    for lease in silent:
        circuit = _failed(circuit, breaker, lease, seed)
        if circuit.opened:
            break
    return circuit
