"""The ids of identity-spec 3, and that each of them is the id of a test.

An id counts where it stands in the name of a test, of a row of a table or of a state machine; a docstring is no test.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

HERE = Path(__file__)
TESTS = HERE.parent.parent


def numbered(letter: str, width: int, *spans: tuple[int, int]) -> list[str]:
    """Return the ids of `spans`, both ends with them."""
    return [f"{letter}{number:0{width}}" for first, last in spans for number in range(first, last + 1)]


NEGATIVE = numbered("N", 3, (1, 21), (30, 58), (60, 76), (80, 95), (100, 122), (130, 151), (160, 178), (185, 194),
                    (200, 210), (220, 242))  # fmt: skip
POSITIVE = numbered("P", 2, (1, 24))
PROPERTIES = numbered("T", 1, (1, 12))

_IN_TEXT = re.compile(r"(?<![A-Za-z0-9])([NP]\d{2,3})(?![A-Za-z0-9])")
_IN_NAME = re.compile(r"(?:^|_)([npt]\d{1,3})(?=_|$)")


@cache
def named() -> frozenset[str]:
    """Return every id that stands where a test is named."""
    return frozenset(chain.from_iterable(_found_in(path) for path in TESTS.rglob("test_*.py") if path != HERE))


def _found_in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith("test_"):
                yield from (found.upper() for found in _IN_NAME.findall(name))
            case ast.Name(id=name, ctx=ast.Store()) if name.startswith("Test"):
                yield from (found.upper() for found in re.findall(r"Test(T\d{1,2})(?![0-9])", name))
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield from _IN_TEXT.findall(text)
            case _:
                pass


@pytest.mark.parametrize("number", [*NEGATIVE, *POSITIVE, *PROPERTIES])
def test_every_row_of_the_conformance_list_is_the_name_of_a_test(number: str) -> None:
    assert number in named()


def test_no_test_names_a_row_that_there_is_not() -> None:
    known = {*NEGATIVE, *POSITIVE, *PROPERTIES}
    assert {found for found in named() if found[0] in "NP"} <= known


def test_the_list_is_as_long_as_the_specification_s() -> None:
    assert (len(NEGATIVE), len(POSITIVE), len(PROPERTIES)) == (191, 24, 12)
