"""One sidecar's whole way of a crossing, with the real rows over stores in memory or in a file: for tests of state."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.boundaries import build_rows
from sidecar.checks.base import Known, Ports, Sizes
from sidecar.content.detection import NoDetector
from sidecar.content.origin.trails import Trails
from sidecar.enforcer import Enforcer
from sidecar.identity.delegation import Delegation
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.opening import Opener, Opening
from sidecar.identity.trial import Order, TrialIssuer
from sidecar.identity.verifier import Verifier
from sidecar.model.crossing import Boundary, Crossing, Outcome
from sidecar.model.scope import Scope
from sidecar.model.session import Peer
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision, Verdict
from sidecar.policy.catalogue import Catalogue, PackTools, Tool
from sidecar.policy.policy import Policy
from sidecar.stores.base import Stores
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores

HERE = "https://sidecar.local/agent"
ELSEWHERE = "https://elsewhere.example"
AT = 1_800_000_000.0
ISSUER = TrialIssuer.generate()
OURS = SigningKey.generate()
VERIFIER = Verifier.of([ISSUER.issuer()])
TOOLS = (
    Tool(name="look", effects=("read",)),
    Tool(name="records", effects=("read",), reads=("pii",)),
    Tool(name="note", effects=("write",)),
    Tool(name="pay", effects=("money",), reversible=False, cost_usd=0.05),
)


@dataclass
class Log:
    """An audit log in a list."""

    entries: list[Entry] = field(default_factory=list)

    async def append(self, entry: Entry) -> str:
        self.entries.append(entry)
        return f"r{len(self.entries)}"


@dataclass
class House:
    """`handle` is of the session that the last `open` opened."""

    path: Enforcer
    log: Log

    async def open(self, scope: dict[str, Json], *, user: str = "ann", peer: Peer | None = None, **asked: str) -> str:
        """Open a session of a token of its own, granting every tool unless `scope` names some."""
        return await self._opened(Opening(tokens=tuple(token(scope, user)), peer=peer, **asked))  # type: ignore[arg-type]  # as below

    async def open_by(self, tokens: Sequence[str], **asked: str) -> str:
        """Open a session and return its handle, or the reason that refused it."""
        return await self._opened(Opening(tokens=tuple(tokens), **asked))  # type: ignore[arg-type]  # strings

    async def _opened(self, opening: Opening) -> str:
        opened = await self.path.open(opening, AT)
        return opened.handle or f"refused: {opened.findings[0].reason}"

    async def call(
        self,
        handle: str,
        tool: str = "look",
        call_id: str = "",
        at: float = AT,
        approval_id: str = "",
        given: Mapping[str, Json] | None = None,
        **asked: Json,
    ) -> Verdict:
        """Return the verdict on a call of `tool` with the arguments `given` and `asked`."""
        crossing = Crossing(
            boundary=Boundary.TOOL_CALL,
            session_id=handle,
            at=at,
            raw=json.dumps({**(given or {}), **asked}),
            is_json=True,
            tool=tool,
            call_id=call_id,
            approval_id=approval_id,
        )
        return (await self.path.decide(crossing))[0]

    async def answer(
        self,
        handle: str,
        tool: str = "look",
        call_id: str = "",
        *,
        at: float = AT,
        outcome: Outcome | None = None,
        content: str = "done",
    ) -> Verdict:
        """Return the verdict on what `tool` answered, and how that went."""
        crossing = Crossing(
            boundary=Boundary.TOOL_RESPONSE,
            session_id=handle,
            at=at,
            body=content,
            tool=tool,
            call_id=call_id,
            outcome=outcome,
        )
        return (await self.path.decide(crossing))[0]


def token(scope: dict[str, Json], user: str = "ann", at: float = AT, lifetime_s: int = 3600) -> list[str]:
    """Return one token by which `user` grants `scope`, and every tool where it names none."""
    tools: Json = {tool.name: {} for tool in TOOLS}
    return ISSUER.mint(
        user=user, agents=["planner", "worker"], scope={"tools": tools, **scope}, at=at, lifetime_s=lifetime_s
    )


def linked(scope: dict[str, Json], *, deeper: int = 2) -> list[str]:
    """Return a root for us and for elsewhere that is bound to the sidecar's own key, so that it can be delegated on."""
    tools: Json = {tool.name: {} for tool in TOOLS}
    order = Order(user="ann", agents=["planner"], scope={"tools": tools, **scope}, at=AT)
    claims = {**ISSUER.root_claims(order, OURS, deepest=deeper), "aud": [HERE, ELSEWHERE]}
    return [ISSUER.key.sign(claims, "aat+jwt", header={"kid": ISSUER.key.public.thumbprint})]


async def named(it: House, agent: str, root: list[str] | None = None) -> str:
    """Open a session for a sub-agent that a planner gives this name, and nobody else."""
    tokens = root or linked({})
    asked = Delegation(
        agent=agent,
        audience=HERE,
        scope_json='{"tools": {"look": {}, "note": {}}}',
        confirmation_jwk=json.dumps(SigningKey.generate().public_jwk()),
    )
    signed = await it.path.delegate(await it.open_by(tokens), asked, AT)
    assert signed.made is not None, signed.findings
    return await it.open_by([*tokens, signed.made.token])


def house(
    stores: Stores | None = None,
    agent_scope: Scope | None = None,
    policy: Policy | None = None,
    trails: Trails | None = None,
) -> House:
    """Return a sidecar's way of a crossing over `stores`, by `policy` and the tools of this module."""
    stores = stores or memory_stores()
    proofs, log = MemoryProofs(), Log()
    ports = Ports(
        stores=stores,
        proofs=proofs,
        known=Known(sightings=MemorySightings()),
        policy=policy or Policy(catalogue=Catalogue([PackTools(TOOLS)]), version="v1"),
        verifier=VERIFIER,
        detector=NoDetector(),
        sizes=Sizes(text=10_000, arguments=10_000, depth=64),
        trails=trails or Trails(),
    )
    path = Enforcer(
        rows=build_rows(ports),
        policy_version="v1",
        stores=stores,
        proofs=proofs,
        opener=Opener(verifier=VERIFIER, proofs="off", holder=OURS, agent_scope=agent_scope),
        sightings=ports.known.sightings,
        audit=log,
        recorder=Recorder(vocabulary=frozenset(), pseudonyms=Pseudonyms(b"k" * 32), policy_version="v1"),
        deadline=5.0,
        explain=True,
        fault=lambda *_what, **_where: None,
    )
    return House(path, log)


def why(verdict: Verdict) -> str:
    """Return the reason of the worst finding, or `allow`."""
    if verdict.released:
        return "allow"
    worst = max(verdict.findings, key=lambda finding: finding.decision)
    return worst.reason if verdict.decision is Decision.DENY else f"ask: {worst.reason}"
