"""The one path: run the row, record, answer. It fails closed.

No row, no finding, an exception in a check, a deadline that passes: each is DENY. No record, no verdict: the
entry is on disk before the verdict is returned, and is kept even if the caller has hung up.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from sidecar.admission import admitted
from sidecar.approving import awaited, consented, unasked
from sidecar.asking import Asked, Fault, asked
from sidecar.audit.record import AuditLog, Recorder
from sidecar.checks.base import Check, never, on_time, unheard
from sidecar.checks.session import ceiling
from sidecar.conduct import unnoticed
from sidecar.content.turns import Turns, walked
from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.delegation import Delegated, Delegation, is_unnarrowed
from sidecar.identity.ends.status import NoStatus, Status
from sidecar.identity.failures import told
from sidecar.identity.issuers.renewal import Renewed, not_renewed
from sidecar.identity.opening import Opener, Opening
from sidecar.identity.trust import MissingKeyError
from sidecar.memory import Memory, NoMemory
from sidecar.model.chain import VerifiedChain
from sidecar.model.circuit import holder
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.session import Session, Usage
from sidecar.model.strict_json import known_part
from sidecar.model.throttle import Throttle, throttle
from sidecar.model.ticket import ApprovalError, State
from sidecar.model.verdict import Answer, Decision, Finding, Severity, Verdict, deny
from sidecar.protocols.passthrough import marks
from sidecar.stores.base import NO_VAULT, Proofs, Sightings, Stores, Vault

ID_BYTES: Final = 9  # of the public id: enough never to meet another
SECRET_BYTES: Final = 32  # of the handle's secret: nobody guesses it

# What leaves the pod, or changes something there: it waits for a clock that can be believed.
EFFECTFUL: Final = frozenset({Boundary.LLM_REQUEST, Boundary.TOOL_CALL, Boundary.A2A_MESSAGE})
SHORT: Final = frozenset({Boundary.TOOL_CALL})  # what crosses there is never long
_OVERSPENT: Final = "less is left of a budget than is handed on: ask for a smaller budget"
CLOCK_BACK: Final = "the clock was set back: set it right, or start anew without the file of its highest time"


@dataclass(frozen=True, slots=True)
class ClockBack:
    """Stands for all checks but the first while the clock cannot be believed."""

    name: str = "clock"

    async def __call__(self, _crossing: Crossing) -> Answer:
        return deny(self.name, "clock_rollback", CLOCK_BACK, severity=Severity.HIGH)


class Patience(Protocol):
    """How long somebody who waits will wait."""

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""

    async def more(self) -> bool:
        """Wait a moment and return True, or return False where there is no time left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session as opened or narrowed, or the findings that refused it."""

    session: Session | None
    handle: str
    findings: tuple[Finding, ...]
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A link that was signed, None where it was refused, and the findings that say so."""

    made: Delegated | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcer:
    """Immutable: a reload builds a new one and the app swaps it in; calls under way finish with the old."""

    rows: Mapping[Boundary, Sequence[Check]]
    policy_version: str
    stores: Stores
    opener: Opener
    audit: AuditLog
    recorder: Recorder
    deadline: float  # seconds for all checks of one crossing
    fault: Fault
    proofs: Proofs
    sightings: Sightings
    vault: Vault = NO_VAULT
    rolled_back: Callable[[], bool] = never  # whether the clock was set back and cannot be believed
    ahead: Callable[[], float] = on_time  # by how many seconds it was set ahead
    attested: Callable[[float], None] = unheard  # told when an issuer signed something
    status: Status = field(default_factory=NoStatus)
    renewed: Renewed = not_renewed
    names: frozenset[str] = frozenset()  # of members that a finding's path may hold; others are payload
    throttle: Throttle = field(default_factory=throttle)
    conduct: Callable[[Verdict], tuple[Finding, ...]] = unnoticed  # tells of levels and spending
    autonomy: Callable[[Session], int] = ceiling  # how much a session may do alone
    memory: Memory = field(default_factory=NoMemory)
    counts_at_once: bool = True  # whether rules decide by what a session has done
    explain: bool = False  # whether callers are told exact reasons of what is wrong with credentials: for trials

    async def decide(self, crossing: Crossing, trace_id: str = "") -> tuple[Verdict, str]:
        """Return the verdict and the id of its record.

        Raises `UnavailableError` when the verdict could not be recorded: no record, no verdict.
        """
        row = self.rows.get(crossing.boundary, ())
        if ahead := self.ahead():
            crossing = replace(crossing, ahead=ahead)
        if crossing.boundary in EFFECTFUL and self.rolled_back():
            row = (*row[:1], ClockBack())
        turns = Turns(asyncio.get_running_loop().time)
        answers = await asked(row, crossing, self.deadline, turns, self.fault)
        if answers.crossing.takes_long:
            await walked(answers.crossing.writing())
        judged = await consented(self.stores.tickets, self._judged(answers))
        session = judged.crossing.session
        if session is not None:
            await self._give_back(judged, session)
            await self.stores.sessions.count(session.id, _usage(judged), at_once=self.counts_at_once)
        await self.memory.released(judged)
        await turns.given()
        digest = await walked(self.recorder.digesting(judged)) if judged.crossing.boundary not in SHORT else ""
        entry = self.recorder.crossing(judged, trace_id, digest)
        await turns.given()
        moved = self.conduct(judged)
        await self.stores.keep.kept()  # before the answer: what it changed must outlive it
        await turns.given()
        record_id = await self.audit.append(entry)
        if moved and session is not None:
            for one in moved:
                entry = self.recorder.session(one.check, session, crossing.at, trace_id, findings=(one,))
                await self.audit.append(entry)
        outward = told(judged.findings, explain=self.explain)
        return judged if outward == judged.findings else replace(judged, findings=outward), record_id

    async def _give_back(self, judged: Verdict, session: Session) -> None:
        """Give back what was taken for a call that is not made."""
        crossing = judged.crossing
        if judged.released:
            if crossing.reserved and crossing.call_id and not crossing.approval_id:
                await self.stores.ledger.stands(session.id, crossing.reserved, self.policy_version)
            return
        if crossing.reserved:
            await self.stores.ledger.release(session.id, crossing.reserved)
        if crossing.probes:
            await self.stores.breakers.withdraw(crossing.probes, holder(session.id, crossing.call_id))

    async def open(self, opening: Opening, at: float, trace_id: str = "") -> Opened:
        """Verify the chain, open a session no wider than any of its links, and record either outcome.

        Raises `OverloadError` when no more sessions are taken, `UnavailableError` when it cannot be recorded.
        """
        try:
            self._check_clock()
            chain = await self._heard(opening, at)
            self.attested(chain.hops[0].issued_at)  # the root's: who delegates on says what time it is by himself
            for proof in chain.proofs:  # before policy, so that a refused call burns its proof
                await self.proofs.take(proof.thumbprint, proof.token_id, proof.until, at)
            self.opener.check_peer(chain, opening.peer)
            # Read first: what is revoked from here on is found by the first check.
            epoch = self.stores.revocations.epoch
            self._check_revoked(chain, at)
            await self.status.check(chain, opening.tokens, at)
            whole = await self._whole(opening.parent_session_id, at)
            session = self.opener.granted(chain, opening, f"ses_{secrets.token_hex(ID_BYTES)}", at, whole)
            session = replace(session, revocation_epoch=epoch)
            await admitted(self.stores.ledger, session, self.opener.sessions_per_token, at)
        except EvidenceError as error:
            return await self._refused("open_session", error, at, trace_id, presented=opening.tokens)
        # From here on they are known, wherever they turn up again.
        await self.sightings.keep(marks(opening.tokens), float(max(hop.expires_at for hop in chain.hops)), at)
        handle = await self.stores.sessions.open(session, secrets.token_urlsafe(SECRET_BYTES))
        try:
            if whole is not None:
                await self.memory.began(session, whole)
            await self.stores.keep.kept()
            return await self._granted("open_session", session, handle, at, trace_id)
        except BaseException:  # unrecorded, or the caller is gone: nobody holds the handle
            await self.stores.sessions.close(handle, at)
            raise

    async def _whole(self, handle: str, at: float) -> Session | None:
        """Return the session that another is to be part of, None where it stands alone. Raises `EvidenceError`."""
        if not handle:
            return None
        session = await self.stores.sessions.get(handle, at)
        self._check_revoked(session.chain, at)
        return session

    async def narrow(self, handle: str, request: Opening, at: float, trace_id: str = "") -> Opened:
        """Take something away from the session for good. Wider than it is: refused and recorded."""
        held: Session | None = None
        try:
            held = await self.stores.sessions.get(handle, at)
            self._check_clock()
            self._check_revoked(held.chain, at)
            session = await self.stores.sessions.narrow(handle, self.opener.narrower(held.scope, request), at)
        except EvidenceError as error:
            return await self._refused("narrow_session", error, at, trace_id, held=held)
        await self.stores.keep.kept()
        return await self._granted("narrow_session", session, handle, at, trace_id)

    async def delegate(self, handle: str, asked: Delegation, at: float, trace_id: str = "") -> Signed:
        """Sign one more link for a sub-agent, within what is left of the session; recorded before it is let out."""
        held: Session | None = None
        try:
            held = session = await self.stores.sessions.get(handle, at)
            self._check_clock()
            self._check_revoked(session.chain, at)
        except EvidenceError as error:
            refused = await self._refused("delegate", error, at, trace_id, held=held)
            return Signed(made=None, findings=refused.findings)
        try:
            made = self.opener.delegated(session, asked, at)
        except EvidenceError as error:
            findings = deny("identity", error.reason, str(error), path=error.path).findings
            await self.audit.append(self.recorder.session("delegate", session, at, trace_id, findings=findings))
            return Signed(made=None, findings=told(findings, explain=self.explain))
        if debit := await self.stores.ledger.spend(self.opener.handed_on(session, made, asked.audience), at):
            findings = deny("budget", "call_budget_exhausted", _OVERSPENT, detail=debit.account.kind).findings
            await self.audit.append(self.recorder.session("delegate", session, at, trace_id, findings=findings))
            return Signed(made=None, findings=findings)
        await self.stores.keep.kept()
        findings = (_handed_on(made, session),)
        longer = replace(session, chain=made.chain, scope=made.chain.scope, expires_at=float(made.expires_at))
        await self.audit.append(self.recorder.session("delegate", longer, at, trace_id, findings=findings))
        return Signed(made=made, findings=findings)

    async def close(self, handle: str, at: float, trace_id: str = "") -> Usage:
        """End the session. Raises `SessionError` where there is none."""
        session = await self.stores.sessions.get(handle, at)
        ended = (session.id, *await self.stores.sessions.parts(session.id))
        usage = await self.stores.sessions.close(handle, at)
        for each in ended:
            await self.stores.ledger.forget(each, at)
            await self.stores.rates.forget(each, at)
            self.memory.ended(each)
        await self.stores.tickets.end(ended, at)
        await self.vault.forget(ended)
        await self.stores.keep.kept()
        await self._granted("close_session", session, handle, at, trace_id)
        return usage

    async def awaits(
        self, handle: str, approval_id: str, patience: Patience, trace_id: str = ""
    ) -> tuple[Verdict, str]:
        """Return what became of a request once a person has decided, it is over, or patience is; and the record's id.

        DENY approval_unknown where the session asked for nothing of that id.
        """
        while True:
            at, held = patience.now(), None
            try:
                held = session = await self.stores.sessions.get(handle, at)
                self._check_revoked(session.chain, at)
                ticket = await self.stores.tickets.get(approval_id)
                if ticket.session_id != session.id:
                    raise ApprovalError("this session asked for nothing of this id")
            except EvidenceError as error:
                refused = await self._refused("await_approval", error, at, trace_id, held=held)
                return unasked(refused.findings, at, self.policy_version), refused.record_id
            if ticket.state(at) is not State.PENDING or not await patience.more():
                break
        judged = awaited(ticket, session, at, self.policy_version)
        entry = self.recorder.session("await_approval", session, at, trace_id, findings=judged.findings)
        return judged, await self.audit.append(entry)

    async def _heard(self, opening: Opening, at: float) -> VerifiedChain:
        """Return what `opening` proves, unless whoever sends it has failed too often; step 5 of identity-spec 2.6.

        Without tickets the peer is whoever reaches the socket.
        """
        key = f"{opening.peer.uid}:{opening.peer.gid}" if opening.peer else ""
        if self.throttle.exhausted(key, at):
            message = "too many credentials of yours did not verify: wait, then send one that does"
            raise TokenError(message, reason="limit_rate")
        try:
            return await self._proven(opening, at)
        except EvidenceError:
            self.throttle.failed(key, at)
            raise

    async def _proven(self, opening: Opening, at: float) -> VerifiedChain:
        """Return what `opening` proves; where a key is missing that a fetch may bring, wait a moment and try again."""
        try:
            return self.opener.proven(opening, at)
        except MissingKeyError as missing:
            verifier = await self.renewed(missing)
            if verifier is None:
                raise
        return replace(self.opener, verifier=verifier).proven(opening, at)

    def _check_revoked(self, chain: VerifiedChain, at: float) -> None:
        """Step 38 of identity-spec 2.6. Raises `TokenError`."""
        if reason := self.stores.revocations.reason(chain, at):
            raise TokenError("what the chain stands on was revoked: get a new token", reason=reason)

    def _check_clock(self) -> None:
        """Step 18 of identity-spec 2.6. Raises `TokenError` clock_rollback."""
        if self.rolled_back():
            raise TokenError(CLOCK_BACK, reason="clock_rollback")

    async def _granted(self, event: str, session: Session, handle: str, at: float, trace_id: str) -> Opened:
        record_id = await self.audit.append(self.recorder.session(event, session, at, trace_id))
        return Opened(session=session, handle=handle, findings=(), record_id=record_id)

    async def _refused(
        self,
        event: str,
        error: EvidenceError,
        at: float,
        trace_id: str,
        *,
        presented: Sequence[str] = (),
        held: Session | None = None,
    ) -> Opened:
        """Record a refusal, under the session that was `held` as far as one is known, and return it."""
        findings = self._placed(deny("identity", error.reason, str(error), path=error.path).findings)
        if held is None:
            entry = self.recorder.refusal(event, findings, self.policy_version, at, trace_id, presented=presented)
        else:
            entry = self.recorder.session(event, held, at, trace_id, findings=findings)
        record_id = await self.audit.append(entry)
        return Opened(session=None, handle="", findings=told(findings, explain=self.explain), record_id=record_id)

    def _judged(self, answers: Asked) -> Verdict:
        return Verdict(
            crossing=answers.crossing,
            findings=self._placed(answers.findings),
            policy_version=self.policy_version,
            skipped=tuple(answers.skipped),
            retry_after=answers.retry_after,
            alternative=answers.alternative,
        )

    def _placed(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return `findings` with places that hold no name which only the payload knows."""
        return tuple([replace(f, path=known_part(f.path, self.names)) if f.path else f for f in findings])


CurrentEnforcer = Callable[[], Enforcer]


def _handed_on(made: Delegated, session: Session) -> Finding:
    """Return the finding on a link: a sub-agent that gets all that the session holds is let be, and told of."""
    if not is_unnarrowed(made.chain.scope, session.scope):
        return Finding(check="identity", decision=Decision.ALLOW)
    message = "the sub-agent may do all that this session may: ask for less where it needs less"
    return Finding(
        check="identity", decision=Decision.ALLOW, reason="delegated_unnarrowed", message=message, severity=Severity.LOW
    )


def _usage(judged: Verdict) -> Usage:
    return Usage(
        crossings=1,
        denied=int(judged.decision is Decision.DENY),
        input_tokens=judged.crossing.input_tokens,
        output_tokens=judged.crossing.output_tokens,
        micro_usd=judged.crossing.micro_usd if judged.released or judged.crossing.closed else 0,
    )
