"""Who has cost how much? What was reserved for calls, corrected by what their reports told."""

from collections.abc import Iterable
from enum import StrEnum

from sidecar.audit.chain import Record, told
from sidecar.audit.record import MICRO_USD, Entry


class Payer(StrEnum):
    """By what costs are summed."""

    SUBJECT = "subject"
    AGENT = "agent"
    TOOL = "tool"
    SESSION = "session"


def costs(records: Iterable[Record], per: Payer) -> list[tuple[str, int]]:
    """Return what `records` cost in millionths of a US dollar, the dearest first, by names as the log has them.

    Raises `ValueError` where one is not readable.
    """
    found: dict[str, int] = {}
    for record in records:
        entry, _ = told(record)
        cost = entry.details.get(MICRO_USD)
        if isinstance(cost, int):
            name = _payer(entry, per)
            found[name] = found.get(name, 0) + cost
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def _payer(entry: Entry, per: Payer) -> str:
    who = entry.principal
    match per:
        case Payer.SUBJECT:
            return who.subject if who else ""
        case Payer.AGENT:
            return who.agent if who else ""
        case Payer.TOOL:
            return entry.tool
        case Payer.SESSION:
            return entry.session_id
