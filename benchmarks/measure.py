"""What every benchmark shares: options, timing side by side in one run, and the table of ratios."""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FULL, QUICK = 2000, 40  # rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured thing: times in microseconds, `ratio` of its p50 to the p50 of `against`."""

    name: str
    n: int
    p50_us: float
    p99_us: float
    ratio: float
    against: str


def options(
    what: str, files: str = "", more: Mapping[str, str] | None = None, *, is_limited: bool = False
) -> argparse.Namespace:
    """Return the options that every benchmark takes: --quick and --json FILE; and FILES, where `files` says what of.

    `more` are further options that each take files, and what they are for; `is_limited` adds --limit N, how many texts
    of each kind are taken, 0 for all.
    """
    parser = argparse.ArgumentParser(description=what, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, said in (more or {}).items():
        parser.add_argument(name, nargs="+", type=Path, metavar="FILE", default=[], help=said)
    if files:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=files)
    if is_limited:
        parser.add_argument("--limit", type=int, default=0, metavar="N", help="of each source and label; 0 for all")
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that it runs, measures nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there as JSON")
    return parser.parse_args()


async def side_by_side(
    calls: Mapping[str, Callable[[], Awaitable[object]]], rounds: int, *, warm_up: int = 5
) -> dict[str, list[float]]:
    """Return microseconds by name. Each round makes every call once, so that all meet the same machine."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(max(warm_up, rounds // 10)):
        for call in calls.values():
            await call()
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            await call()
            times[name].append((time.perf_counter() - start) * 1e6)
    return times


def rows(times: Mapping[str, Sequence[float]], against: str) -> list[Row]:
    """Return a row for each name, as a ratio of p50 to that of `against`."""
    floor = statistics.median(times[against])
    return [
        Row(
            name=name,
            n=len(measured),
            p50_us=round(statistics.median(measured), 1),
            p99_us=round(sorted(measured)[int(0.99 * (len(measured) - 1))], 1),
            ratio=round(statistics.median(measured) / floor, 2),
            against=against,
        )
        for name, measured in times.items()
    ]


def report(measured: Sequence[Row], command: str, file: Path | None) -> None:
    """Print the table with the machine and the command, and write the rows to `file` if there is one."""
    print(f"{command}   (Python {platform.python_version()}, {platform.machine()})")
    width = max(len(row.name) for row in measured)
    print(f"{'':{width}}  {'n':>6}  {'p50 µs':>9}  {'p99 µs':>9}  {'ratio':>6}  against")
    for row in measured:
        numbers = f"{row.n:>6}  {row.p50_us:>9.1f}  {row.p99_us:>9.1f}  {row.ratio:>6.2f}"
        print(f"{row.name:{width}}  {numbers}  {row.against}")
    if file:
        file.write_text(json.dumps([asdict(row) for row in measured], indent=2) + "\n", encoding="utf-8")
