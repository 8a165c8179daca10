"""Every benchmark runs, and writes what it measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SLOW = {"beside", "content", "decide", "limits"}  # they start workers or servers
KEYS = {"name", "n", "p50_us", "p99_us", "ratio", "against"}
SCRIPTS = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem in SLOW else [])
    for path in sorted((ROOT / "benchmarks").glob("*.py"))
    if path.stem not in {"measure", "containment"}  # what others use; what needs recordings and measures no time
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_quick_run_tells_each_thing_beside_what_it_is_measured_against(script: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(script), "--quick", "--json", str(tmp_path / "rows.json")]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=55, check=False)
    assert ran.returncode == 0, ran.stderr
    rows = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))
    named = {row["name"]: row for row in rows}

    assert len(named) == len(rows) > 1
    assert all(row.keys() == KEYS for row in rows)
    assert all(row["n"] >= 5 and 0 < row["p50_us"] <= row["p99_us"] for row in rows)
    assert all(named[row["against"]]["ratio"] == 1 for row in rows)
    assert [name for name in named if name not in ran.stdout] == []
