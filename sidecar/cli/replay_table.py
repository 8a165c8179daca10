"""What a replay found, as tables on a terminal or in plain text."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from sidecar.cli.replay_report import Crossed, Totals, by_run, rate, totals
from sidecar.model.crossing import Boundary
from sidecar.model.verdict import Decision

_DECISIONS: Final = tuple(decision.name.lower() for decision in Decision)


def show(console: Console, crossed: Sequence[Crossed], *, seconds: float, each_run: bool) -> None:
    """Print decisions by boundary, reasons by boundary, each run where asked for, and the sums."""
    whole = totals(crossed)
    runs = by_run(crossed)
    console.print(_decisions(whole))
    console.print()
    if whole.reasons:
        console.print(_reasons(whole))
        console.print()
    if each_run:
        console.print(_runs(runs))
        console.print()
    console.print(
        f"{len(runs)} runs, {whole.crossings} crossings in {seconds:.1f} s: {rate(whole.crossings, seconds):.0f} a "
        f"second, p50 {whole.p50_ms:.1f} ms, p99 {whole.p99_ms:.1f} ms"
    )
    console.print(f"{whole.calls_blocked} of {whole.calls} tool calls blocked")
    console.print(
        f"{whole.calls_changed} of them crossed with other arguments than recorded; {whole.values_lacking} values "
        "stood only in texts that were rewritten before, and the tool did not get them back: if it may have them, "
        "say so in its entry (`takes`), or name it (`reveal_to`)"
    )
    if "unknown_tool" in whole.reasons.get(Boundary.TOOL_CALL, {}):
        console.print("unknown_tool: no rule pack knows the tool; give its definition by --tools, or a pack by --pack")
    if whole.errors:
        console.print(f"{whole.errors} crossings or sessions without a verdict: see the reasons above", style="red")


def _decisions(whole: Totals) -> Table:
    table = _plain("boundary", *_DECISIONS)
    for boundary, counts in whole.decisions.items():
        table.add_row(boundary, *(str(counts.get(decision, 0)) for decision in _DECISIONS))
    return table


def _reasons(whole: Totals) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("boundary")
    table.add_column("reason", overflow="fold")
    table.add_column("times", justify="right")
    for boundary, counts in whole.reasons.items():
        for reason, count in counts.items():
            table.add_row(boundary, reason, str(count))
    return table


def _runs(runs: Sequence[tuple[str, str, Totals]]) -> Table:
    table = _plain("run", "crossings", "calls", "blocked", "p50 ms", "p99 ms")
    table.add_column("reasons", overflow="fold")
    for _suite, run_id, sums in runs:
        counts = (sums.crossings, sums.calls, sums.calls_blocked)
        found = sum((Counter(reasons) for reasons in sums.reasons.values()), Counter[str]())
        told = ", ".join(f"{reason} {count}" for reason, count in found.most_common())
        table.add_row(run_id, *map(str, counts), f"{sums.p50_ms:.1f}", f"{sums.p99_ms:.1f}", told)
    return table


def _plain(first: str, *numbers: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right")
    return table
