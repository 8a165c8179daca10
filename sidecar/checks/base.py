"""What a check is, and what checks may be built from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sidecar.content.detection import Detector
from sidecar.content.injection.inspecting import Inspector
from sidecar.content.origin.trails import Trails
from sidecar.identity.cards import NO_PINS, Pins
from sidecar.identity.holders.peers import PeerRule
from sidecar.identity.holders.proofs import IF_BOUND
from sidecar.identity.issuers.renewal import Renewed, not_renewed
from sidecar.identity.verifier import Verifier
from sidecar.model.crossing import Crossing
from sidecar.model.throttle import Throttle, throttle
from sidecar.model.verdict import Answer
from sidecar.policy.policy import Policy
from sidecar.stores.base import NO_VAULT, Proofs, Sightings, Stores, Vault


class Check(Protocol):
    """Judges one aspect of a crossing.

    A check looks at the crossing and at the ports it was built with, and at nothing else: no clock, no
    environment, no other check. Whatever it raises becomes a DENY.
    """

    @property
    def name(self) -> str:
        """The name that stands in findings, in the audit log and in metrics."""

    async def __call__(self, crossing: Crossing, /) -> Answer:
        """Answer for `crossing`, which the checks before this one have not denied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much one crossing may hold: characters of text and of JSON arguments, nesting of JSON."""

    text: int
    arguments: int
    depth: int


def never() -> bool:
    """Return that the clock was not set back: for trials, whose clock is their own."""
    return False


def on_time() -> float:
    """Return that the clock was not set ahead: for trials, whose clock is their own."""
    return 0.0


def unheard(_issued_at: float) -> None:
    """Take in nothing: for trials, as above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of other agents: whose keys are pinned, and what was seen of tokens and tasks.

    `since` is from when on proofs are remembered, in seconds since the epoch. `demand` says when a proof is asked for,
    `peers` which key belongs to which name. `throttle` counts the senders' credentials that failed, by session: the
    names of senders are theirs to choose.
    """

    sightings: Sightings
    pins: Pins = NO_PINS
    since: float = 0.0
    demand: str = IF_BOUND
    peers: tuple[PeerRule, ...] = ()
    throttle: Throttle = field(default_factory=throttle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything checks may be built from. `hash_key` is for the operator `hash`; without one it redacts."""

    stores: Stores
    proofs: Proofs
    rolled_back: Callable[[], bool] = never
    known: Known
    policy: Policy
    verifier: Verifier
    detector: Detector
    sizes: Sizes
    hash_key: bytes = field(default=b"", repr=False)
    vault: Vault = NO_VAULT
    trails: Trails = field(default_factory=Trails)
    renewed: Renewed = not_renewed
    inspector: Inspector = field(default_factory=Inspector)


CheckFactory = Callable[[Ports], Check]
