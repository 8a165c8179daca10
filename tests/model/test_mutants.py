"""T12: the laws of the scope bite. Each fault below, one line in a copy of the source, turns a test red.

A law that both sides of a comparison break alike is kept (a suffix without its dot, a boolean that is one): those
faults are for the tables, which were written by hand. Source: section 2.7.5 of the identity specification.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
JUDGES = (
    "model/test_scope_order.py",
    "model/test_scope.py",
    "identity/test_conformance_scope.py",
    "model/test_scope_laws.py",
)
SECONDS = 50

MUTANTS = [
    ("narrowing", "any other arguments", "if child.others and not parent.others:", "if child.others and False:"),
    ("narrowing", "autonomy turned", "child.autonomy > parent.autonomy", "child.autonomy < parent.autonomy"),
    (
        "narrowing",
        "no autonomy",
        "child.autonomy is None or child.autonomy >",
        "child.autonomy is not None and child.autonomy >",
    ),
    ("narrowing", "approval dropped", "if not (parent.approval & child.tools.keys()) <= child.approval:", "if False:"),
    ("narrowing", "another mission", "if not parent.missions <= child.missions:", "if False:"),
    ("narrowing", "optional", "if own.optional and not theirs.optional:", "if False:"),
    ("narrowing", "a new argument", "        return parent.others\n", "        return True\n"),
    (
        "narrowing",
        "an argument dropped",
        "if any(child.others or not parent.arguments[name].optional for name in dropped):",
        "if False:",
    ),
    (
        "narrowing",
        "a budget dropped",
        "if unit not in child or child[unit] > ceiling:",
        "if unit in child and child[unit] > ceiling:",
    ),
    ("narrowing", "a budget raised", "child[unit] > ceiling", "child[unit] > ceiling + 1"),
    (
        "narrowing",
        "data classes left out",
        "if parent is not None and (child is None or not child <= parent):",
        "if parent is not None and child is not None and not child <= parent:",
    ),
    (
        "narrowing",
        "hosts left out",
        "if child is None or not all(covered(pattern, parent)",
        "if child is not None and not all(covered(pattern, parent)",
    ),
    (
        "narrowing",
        "calls left out",
        "parent is None or (child is not None and child <= parent)",
        "parent is None or child is None or child <= parent",
    ),
    ("constraint", "one clause is enough", "return all(any(_clause_within(c", "return any(any(_clause_within(c"),
    ("constraint", "one atom is enough", "return all(any(within(c, p)", "return any(any(within(c, p)"),
    ("constraint", "half a meet", "for clause in (*a.clauses, *b.clauses):", "for clause in (*a.clauses,):"),
    (
        "constraint",
        "any for all",
        "                return False\n        return True\n",
        "                return False\n            return True\n        return True\n",
    ),
    ("atoms", "true is one", 'return ("bool", value)', "return value"),
    ("atoms", "a suffix without its dot", "host.endswith(pattern[1:])", "host.endswith(pattern[2:])"),
    ("atoms", "a folder without its slash", 'path.startswith(folder + "/")', "path.startswith(folder)"),
    ("atoms", "a path is repaired", 'frozenset({"", ".", ".."})', 'frozenset({"", "."})'),
    ("atoms", "a range from its bound on", "child.low > parent.low or", "child.low >= parent.low or"),
    (
        "atoms",
        "an open bound is closed",
        "(value == self.low and not self.low_inclusive)",
        "(value == self.low and False)",
    ),
    (
        "atoms",
        "fewer values are excluded",
        "case NotOneOf(), NotOneOf():\n            return child.keys >= parent.keys",
        "case NotOneOf(), NotOneOf():\n            return child.keys <= parent.keys",
    ),
    (
        "atoms",
        "more values are in it",
        "case Subset(), Subset():\n            return child.keys <= parent.keys",
        "case Subset(), Subset():\n            return child.keys >= parent.keys",
    ),
    ("atoms", "length turned", "child.characters <= parent.characters", "child.characters >= parent.characters"),
    ("scope", "the larger budget", "{unit: min(", "{unit: max("),
    ("scope", "the larger ceiling", "return min(a, b)", "return max(a, b)"),
    ("scope", "approval where both ask", "approval=a.approval | b.approval", "approval=a.approval & b.approval"),
    (
        "scope",
        "optional where one says",
        "optional=left.optional and right.optional",
        "optional=left.optional or right.optional",
    ),
    ("scope", "others where one says", "others=a.others and b.others", "others=a.others or b.others"),
    (
        "scope",
        "nothing is required",
        "    for name in grant.required:\n        if name not in arguments:",
        "    for name in grant.required:\n        if False:",
    ),
    ("scope", "more than is named", "            if not grant.others:", "            if False:"),
    (
        "scope",
        "classes of either",
        "        return b if a is None else a\n    return a & b",
        "        return b if a is None else a\n    return a | b",
    ),
    ("aat", "one value under exact", "(child.exact or not parent.exact)", "True"),
    ("aat", "any other argument", 'if "*" in child and "*" not in parent:', "if False:"),
    ("aat", "optional in the table", "(may_be_left_out or not optional) and subsumes", "subsumes"),
    (
        "aat",
        "an argument dropped in the table",
        'if name not in child and name != "*" and ("*" in child or not may_be_left_out):',
        "if False:",
    ),
    (
        "aat",
        "any of a parent's parts",
        "return all(any(subsumes(p, c, budget) for p in theirs) for c in own)",
        "return any(any(subsumes(p, c, budget) for p in theirs) for c in own)",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "sound", "faulty"),
    [pytest.param(module, sound, faulty, id=f"{module}: {what}") for module, what, sound, faulty in MUTANTS],
)
def test_t12_a_fault_in_the_scope_turns_a_test_red(module: str, sound: str, faulty: str, tmp_path: Path) -> None:
    unread = shutil.ignore_patterns("__pycache__")
    for folder in ("sidecar", "tests/model", "tests/identity"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=unread)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    source = tmp_path / "sidecar" / "model" / f"{module}.py"
    text = source.read_text(encoding="utf-8")
    assert text.count(sound) == 1
    source.write_text(text.replace(sound, faulty), encoding="utf-8")

    judges = [f"tests/{name}" for name in JUDGES]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *judges]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.returncode == 1, f"survived:\n{ran.stdout[-2000:]}"
