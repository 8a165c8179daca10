"""One issuer's keys over time: what a fetch changes, and what it must not (identity-spec 2.13).

A fetch that fails takes nothing away until the set is too old. One that succeeds takes away at once what it no longer
holds. What looks like an attack is refused and told: a bundle that goes back in its sequence, an id that comes back
with another key, a set with private keys.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.identity.keys import KeySet

PRIVATE: Final = "key_private_or_symmetric"
EMPTY: Final = "bundle_empty"
REUSED: Final = "key_ambiguous"
NOT_LOADED: Final = "trust_not_loaded"
STALE: Final = "jwks_stale"
UNAVAILABLE: Final = "jwks_unavailable"
NOTHING: Final = KeySet(keys=())

# Why a fetch failed for good; these are what a request is told where no set was ever loaded (2.13).
UNUSABLE: Final = frozenset(
    {"jwks_malformed", "jwks_too_large", "jwks_fetch_refused", "discovery_issuer_mismatch", PRIVATE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """When keys are fetched again, and how old they may get. Times in seconds."""

    interval: float = 300.0
    jitter: float = 0.2  # of the interval, either way: a fleet must not ask all at once
    shortest: float = 60.0  # what a source may ask for with `max-age`, or a bundle with its hint
    longest: float = 3600.0
    max_stale: float = 3600.0
    back_off: float = 1.0  # after a failure, doubled each time
    longest_back_off: float = 60.0
    unknown_interval: float = 30.0  # between fetches because of a key id that nobody knows
    unknown_ttl: float = 60.0  # how long such an id is remembered
    unknown_entries: int = 256
    wait: float = 0.2  # of a request, for a fetch that may bring its key


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What one fetch brought. Times in seconds.

    `max_age` is how long the source says that it is good; `again` when to look again, whatever the settings say.
    `named` is the URL of the key set, where the issuer's metadata named it.
    """

    keys: KeySet
    max_age: float | None = None
    again: float | None = None
    sequence: int | None = None
    named: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One issuer's keys as they stand. Times are monotonic seconds.

    `health` tells what was wrong with the newest fetch; empty where nothing was. `withheld` is why none of the keys may
    be used, whatever their age. `known` maps the ids of the newest set to thumbprints, also of keys not accepted.
    `max_age`, `again` and `named` are as in what was fetched last.
    """

    keys: KeySet = NOTHING
    max_age: float | None = None
    again: float | None = None
    loaded_at: float | None = None
    sequence: int | None = None
    health: str = ""
    withheld: str = ""
    failures: int = 0
    known: Mapping[str, str] = field(default_factory=dict)
    named: str = ""

    def refused(self, at: float, max_stale: float) -> str:
        """Return why no key may be used at `at`; empty where they may."""
        if self.withheld:
            reason = self.withheld
        elif self.loaded_at is None:
            reason = self.health if self.health in UNUSABLE else NOT_LOADED
        else:
            reason = STALE if at - self.loaded_at >= max_stale else ""
        return reason

    def pause(self, refresh: Refresh, chance: float) -> float:
        """Return the seconds until the next fetch. `chance` is in [0, 1)."""
        if self.failures:
            doublings = min(self.failures - 1, 16)  # far beyond the longest; a float has an end
            seconds = min(refresh.back_off * 2.0**doublings, refresh.longest_back_off)
        elif self.again is not None:
            seconds = self.again
        elif self.max_age is not None:
            seconds = min(max(self.max_age, refresh.shortest), refresh.longest)
        else:
            seconds = refresh.interval
        return seconds * (1.0 + refresh.jitter * (2.0 * chance - 1.0))


def succeeded(before: Generation, fetched: Fetched, at: float) -> Generation:
    """Return what `fetched` makes of `before`.

    An id keeps the key that it had until a set came without the id; another key under it is refused before that.
    """
    if before.sequence is not None and (fetched.sequence is None or fetched.sequence < before.sequence):
        return failed(before, "bundle_rollback")
    offered = fetched.keys.keys
    reused = {key.key_id for key in offered if before.known.get(key.key_id, key.thumbprint) != key.thumbprint}
    named = {key.key_id: before.known.get(key.key_id, key.thumbprint) for key in offered if key.key_id}
    # An id that is there, but whose key cannot be used this time, is no gap.
    named |= {name: before.known[name] for name in fetched.keys.refused if name in before.known}
    reason = "" if offered else EMPTY
    return Generation(
        keys=without(fetched.keys, reused),
        max_age=fetched.max_age,
        again=fetched.again,
        loaded_at=at,
        sequence=fetched.sequence,
        health=REUSED if reused else "",
        withheld=reason,
        known=named,
        named=fetched.named,
    )


def failed(before: Generation, reason: str) -> Generation:
    """Return what a fetch that failed makes of `before`: the keys stay, except where private ones were published."""
    if reason == PRIVATE:
        return replace(before, keys=NOTHING, health=reason, withheld=reason, failures=before.failures + 1)
    return replace(before, health=reason, failures=before.failures + 1)


def without(keys: KeySet, ids: Collection[str]) -> KeySet:
    """Return `keys` without those of `ids`, which could be taken for others."""
    kept = tuple(key for key in keys.keys if key.key_id not in ids)
    return KeySet(keys=kept, refused={**keys.refused, **dict.fromkeys(ids, REUSED)})


def differences(before: KeySet, after: KeySet) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the thumbprints that came and those that went, sorted."""
    old = {(key.key_id, key.thumbprint) for key in before.keys}
    new = {(key.key_id, key.thumbprint) for key in after.keys}
    return tuple(sorted(print_ for _, print_ in new - old)), tuple(sorted(print_ for _, print_ in old - new))
