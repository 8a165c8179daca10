"""A `Ledger` in dictionaries, and through its `Keep` in a file.

An account holds the sum of what was taken; an open call remembers what of it was its own, until it is settled. There
is no second sum of what is only reserved: what a call may cost is spent until it is known what it did cost. So a sum
is never above its ceiling because of calls that run at once, and whoever forgets to report has paid the most.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii
from typing import Final, NamedTuple

from sidecar.errors import OverloadError
from sidecar.model.account import Account, Debit
from sidecar.model.limits import digest_of
from sidecar.model.price import MICRO_USD, Each
from sidecar.model.spending import SESSION
from sidecar.stores.keep import NOWHERE, Keep, Row
from sidecar.stores.ports_ledger import Call, Known, Reserved, Settled

ACCOUNTS: Final = "account"  # rooms
CALLS: Final = "call"
MAX_ACCOUNTS: Final = 100_000  # of some 300 octets each
MAX_OPEN_CALLS: Final = 256  # of one session; beyond it the oldest counts as made, for what it may have cost
MAX_OPEN_SESSIONS: Final = 20_000  # with such calls; beyond it all those of the oldest count as made
MAX_REPEATS: Final = 16  # of one call that are free; an agent that goes on asking is no client that lost an answer
MAX_ENDED: Final = 50_000  # sessions that were closed: beyond it the accounts of the oldest stay for their time
UNDER_WAY_S: Final = 60.0  # for which a call that began before its session was closed may still ask for budget
CALL_S: Final = 86_400.0  # for which an open call is remembered that nothing was taken for
ID_OCTETS: Final = 9  # of the id of a call that its caller gave none

# A text as JSON. Rows are put together from such parts: an encoder takes ten times as long for each.
_quoted: Final = encode_basestring_ascii


@dataclass(slots=True)
class _Held:
    """What was taken from one account, by unit, and until when it is counted; `key` is of its row."""

    key: str
    spent: dict[str, int] = field(default_factory=dict)
    until: float = 0.0


class _Open(NamedTuple):
    """What one call took: account, unit, amount; how often it was asked for again, and what policy let it through.

    `key` is of its row, which begins with `head`: both are written once, though the row is written again and again.
    """

    key: str
    head: str
    call: Call
    taken: tuple[tuple[Account, str, int], ...]
    until: float
    repeats: int = 0
    by: str = ""


class MemoryLedger:
    """At most `capacity` accounts; those that are over make room first."""

    def __init__(self, keep: Keep = NOWHERE, capacity: int = MAX_ACCOUNTS) -> None:
        self._keep = keep
        self._capacity = capacity
        self._accounts: dict[Account, _Held] = {}
        self._ended: dict[str, float] = {}  # sessions, and from when on their own accounts may make room
        self._open: dict[str, dict[str, _Open]] = {}  # session → call → what it took, the oldest first

    def restore(self) -> None:
        """Take back what was kept: once, before anything else."""
        for row in self._keep.rows(ACCOUNTS):
            self._accounts[_account(row.key)] = _Held(row.key, json.loads(row.value), row.until)
        for row in self._keep.rows(CALLS):
            session, call = json.loads(row.key)
            self._open.setdefault(session, {})[call] = self._read(call, row)

    async def known(self, session: str, call: Call) -> Known:
        held = self._open.get(session, {}).get(call.id) if call.id else None
        if held is None:
            return Known.NEW
        if held.call.digest != call.digest:
            return Known.OTHER
        if held.repeats >= MAX_REPEATS:
            return Known.TOO_OFTEN
        self._remember(session, call.id, held._replace(repeats=held.repeats + 1))
        return Known.SAME if call.by and held.by == call.by else Known.REPEAT

    async def reserve(self, session: str, call: Call, debits: Sequence[Debit], at: float) -> Reserved:
        held = self._open.get(session, {}).get(call.id) if call.id else None
        if held is not None:
            return Reserved(is_other=held.call.digest != call.digest)
        if exhausted := self._taken(debits, at):
            return Reserved(exhausted=exhausted)
        name = call.id or f"~{secrets.token_hex(ID_OCTETS)}"
        taken = tuple([debit[:3] for debit in debits])
        until = max([debit.until for debit in debits], default=at + CALL_S)
        self._remember(session, name, _Open(_key(session, name), self._head(call, taken), call, taken, until))
        return Reserved(call=name)

    async def stands(self, session: str, call: str, by: str) -> None:
        held = self._open.get(session, {}).get(call)
        if held is not None:
            self._remember(session, call, held._replace(by=by))

    async def settle(
        self, session: str, call: str, actual: Mapping[str, int], tokens: tuple[int, int] | None = None
    ) -> Settled | None:
        held = self._closed(session, call)
        if held is None:
            return None
        told = {**actual, **(_costs(held.call, *tokens) if tokens else {})}
        self._add((account, unit, max(0, told.get(unit, amount)) - amount) for account, unit, amount in held.taken)
        reserved = held.call.micro_usd
        return Settled(about=held.call.about, micro_usd=told.get(MICRO_USD, reserved) - reserved)

    async def release(self, session: str, call: str) -> None:
        held = self._closed(session, call)
        self._add((account, unit, -amount) for account, unit, amount in (held.taken if held else ()))

    async def spend(self, debits: Sequence[Debit], at: float) -> Debit | None:
        return self._taken(debits, at)

    async def spent(self, account: Account, unit: str) -> int:
        held = self._accounts.get(account)
        return held.spent.get(unit, 0) if held else 0

    async def forget(self, session: str, at: float) -> None:
        self._forgotten(session)
        if len(self._ended) >= MAX_ENDED:
            del self._ended[next(iter(self._ended))]
        self._ended[session] = at + UNDER_WAY_S

    def _taken(self, debits: Sequence[Debit], at: float) -> Debit | None:
        """Take all of `debits`, or return the first that does not fit. Nobody sees what is taken and put back."""
        accounts = self._accounts
        if new := {debit.account: None for debit in debits if debit.account not in accounts}:
            self._make_room(len(new), at)
            for account in new:
                accounts[account] = _Held(_key(*account))
        touched: dict[str, _Held] = {}
        for index, (account, unit, amount, ceiling, until) in enumerate(debits):
            held = accounts[account]
            sum_ = held.spent.get(unit, 0) + amount  # two debits may be of one account
            if sum_ > ceiling:
                self._put_back(debits[:index], new)
                return debits[index]
            held.spent[unit] = sum_
            held.until = max(held.until, until)
            touched[held.key] = held
        self._keep_them(touched)
        return None

    def _put_back(self, debits: Sequence[Debit], new: Iterable[Account]) -> None:
        for account, unit, amount, _, _ in debits:
            self._accounts[account].spent[unit] -= amount
        for account in new:
            del self._accounts[account]

    def _add(self, changes: Iterable[tuple[Account, str, int]]) -> None:
        touched: dict[str, _Held] = {}
        for account, unit, amount in changes:
            held = self._accounts.get(account)
            if held is not None and amount:  # else it was over and made room: nobody asks it any more
                held.spent[unit] = held.spent.get(unit, 0) + amount
                touched[held.key] = held
        self._keep_them(touched)

    def _keep_them(self, touched: Mapping[str, _Held]) -> None:
        put = self._keep.put
        for key, held in touched.items():
            spent = ",".join([f"{_quoted(unit)}:{sum_}" for unit, sum_ in held.spent.items()])
            put(ACCOUNTS, Row(key, f"{{{spent}}}", held.until))

    def _remember(self, session: str, call: str, held: _Open) -> None:
        if session not in self._open and len(self._open) >= MAX_OPEN_SESSIONS:
            self._forgotten(next(iter(self._open)))
        calls = self._open.setdefault(session, {})
        if call not in calls and len(calls) >= MAX_OPEN_CALLS:
            self._closed(session, next(iter(calls)))
        self._open.setdefault(session, {})[call] = held
        value = f"{held.head},{held.repeats},{held.call.least},{_quoted(held.by)}]"
        self._keep.put(CALLS, Row(held.key, value, held.until))

    def _head(self, call: Call, taken: Iterable[tuple[Account, str, int]]) -> str:
        """Return what the row of `call` begins with, which is what nothing changes as long as it is open."""
        paid = ",".join([f"[{self._written(account)},{_quoted(unit)},{amount}]" for account, unit, amount in taken])
        each = ",".join([f"{_quoted(unit)}:[{one.input},{one.output}]" for unit, one in call.each.items()])
        return f"[{_quoted(call.digest)},[{paid}],{_key(*call.about)},{call.micro_usd},{{{each}}}"

    def _written(self, account: Account) -> str:
        held = self._accounts.get(account)
        return _key(*account) if held is None else held.key

    def _read(self, name: str, row: Row) -> _Open:
        digest, taken, about, micro_usd, each, repeats, *later = json.loads(row.value)
        least, by = later if len(later) > 1 else (sum(later), "")  # older rows have none
        call = Call(
            id=name,
            digest=digest,
            about=tuple(about),
            micro_usd=micro_usd,
            each={unit: Each(*prices) for unit, prices in each.items()},
            least=least,
        )
        paid = tuple((Account(*account), unit, amount) for account, unit, amount in taken)
        return _Open(row.key, self._head(call, paid), call, paid, row.until, repeats, by)

    def _forgotten(self, session: str) -> None:
        for held in self._open.pop(session, {}).values():
            self._keep.drop(CALLS, held.key)

    def _closed(self, session: str, call: str) -> _Open | None:
        calls = self._open.get(session)
        held = calls.pop(call, None) if calls else None
        if held is not None:
            self._keep.drop(CALLS, held.key)
        if calls is not None and not calls:
            del self._open[session]
        return held

    def _make_room(self, count: int, at: float) -> None:
        if len(self._accounts) + count <= self._capacity:
            return
        ended = {name for session, over in self._ended.items() if over <= at for name in (session, digest_of(session))}
        for account in [
            account
            for account, held in self._accounts.items()
            if held.until <= at or (account.name in ended and account.kind.startswith(SESSION))
        ]:
            self._keep.drop(ACCOUNTS, self._accounts.pop(account).key)
        self._ended = {session: over for session, over in self._ended.items() if over > at}
        if len(self._accounts) + count > self._capacity:
            raise OverloadError("no more budgets can be counted: end some sessions", reason="ledger_full")


def _costs(call: Call, came_in: int, came_out: int) -> dict[str, int]:
    """Return what so many tokens of `call` cost, by unit."""
    return {unit: each.of(max(came_in, call.least), came_out) for unit, each in call.each.items()}


def _account(key: str) -> Account:
    return Account(*json.loads(key))


def _key(*parts: str | int) -> str:
    return f"[{','.join([_quoted(one) if isinstance(one, str) else str(one) for one in parts])}]"
