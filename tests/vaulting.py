"""Rows as they are served, over a simple detector and a vault in memory: for tests of tokens and of streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.boundaries import build_rows
from sidecar.checks.base import Known, Ports, Sizes
from sidecar.checks.origin import Remembering
from sidecar.content.detection import Detector
from sidecar.enforcer import Enforcer
from sidecar.identity.opening import Opener, Opening
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.limits import Prices
from sidecar.model.operator import Operator
from sidecar.model.strict_json import Json, compact
from sidecar.model.verdict import Verdict
from sidecar.policy.catalogue import Catalogue, PackTools, Tool
from sidecar.policy.injections import Injections
from sidecar.policy.policy import Policy
from sidecar.policy.privacy import Privacy
from sidecar.policy.rules import RuleSet
from sidecar.stores.base import Vault
from sidecar.stores.memory import MemoryRevocations, MemorySessions
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sealing import Sealer
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores
from sidecar.stores.vault import MemoryVault
from tests.content.finding import PATTERNS, Needles
from tests.identity.crafting import RES, STS, VERIFIER, T

TOOLS = ("charge", "note")


@dataclass
class Log:
    """An audit log in a list."""

    entries: list[Entry] = field(default_factory=list)

    async def append(self, entry: Entry) -> str:
        self.entries.append(entry)
        return f"r{len(self.entries)}"


def privacy(
    operators: Mapping[str, Operator], reveal_to: Mapping[str, Sequence[str]] | None = None, *boundaries: Boundary
) -> Privacy:
    """Return a policy with `operators` at `boundaries`, at all of them where none is named."""
    revealed = {entity: frozenset[str]() for entity, operator in operators.items() if operator is Operator.TOKEN}
    return Privacy(
        operators=dict.fromkeys(boundaries or tuple(Boundary), operators),
        thresholds=dict.fromkeys(PATTERNS, 0.4),
        labels=dict.fromkeys(PATTERNS, frozenset({"pii"})),
        reveal_to=revealed | {entity: frozenset(tools) for entity, tools in (reveal_to or {}).items()},
    )


class House:
    """An enforcer, and what it keeps."""

    def __init__(
        self,
        asked: Privacy,
        detector: Detector | None = None,
        *,
        rules: RuleSet | None = None,
        injections: Injections | None = None,
        vault: Vault | None = None,
        characters: int = 100_000,
        tools: Sequence[Tool] = (),
        prices: Prices | None = None,
    ) -> None:
        self.log, self.sessions, self.revocations = Log(), MemorySessions(), MemoryRevocations()
        self.vault = vault or MemoryVault(Sealer(bytes(range(32))))
        policy = Policy(
            privacy=asked,
            rules=rules or RuleSet(),
            injections=injections or Injections(),
            catalogue=Catalogue([PackTools(tools or [Tool(name=name) for name in TOOLS])]),
            prices=prices or Prices(),
        )
        stores = memory_stores(sessions=self.sessions, revocations=self.revocations)
        ports = Ports(
            stores=stores,
            proofs=MemoryProofs(),
            known=Known(sightings=MemorySightings()),
            policy=policy,
            verifier=VERIFIER,
            detector=detector or Needles(),
            sizes=Sizes(text=characters, arguments=10_000, depth=20),
            hash_key=bytes(32),
            vault=self.vault,
        )
        self.faults: list[str] = []
        self.enforcer = Enforcer(
            rows=build_rows(ports),
            policy_version="v",
            stores=stores,
            proofs=ports.proofs,
            sightings=ports.known.sightings,
            vault=self.vault,
            opener=Opener(verifier=VERIFIER, proofs="off"),
            audit=self.log,
            recorder=Recorder(vocabulary=frozenset(TOOLS), pseudonyms=Pseudonyms(b"k" * 32), policy_version="v"),
            deadline=5.0,
            fault=self._fault,
            memory=Remembering(ports.trails, policy.catalogue),
            explain=True,
        )

    def _fault(self, what: str, error: BaseException, **where: str) -> None:
        self.faults.append(what)

    async def open(self, residency: str = "", tools: Sequence[str] = TOOLS) -> str:
        """Return the handle of a new session that may call `tools`."""
        tokens = STS.mint(user="ann", agents=["a"], scope={"tools": {t: {} for t in tools}}, at=T, audience=RES)
        return (await self.enforcer.open(Opening(tokens=tuple(tokens), residency=residency), float(T))).handle

    async def say(self, handle: str, boundary: Boundary, body: Json, **more: str) -> Verdict:
        """Return the verdict on one crossing of `body`."""
        raw = compact(body) if boundary is Boundary.TOOL_CALL else None
        crossing = Crossing(
            boundary=boundary,
            session_id=handle,
            at=float(T),
            body=None if raw else body,
            raw=raw,
            is_json=raw is not None or not isinstance(body, str),
            tool=more.get("tool", ""),
            provider=more.get("provider", ""),
            model=more.get("model", ""),
            peer=more.get("peer", ""),
            direction=Direction(more["direction"]) if "direction" in more else None,
        )
        return (await self.enforcer.decide(crossing))[0]
