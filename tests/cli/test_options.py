"""The command line is one: the same options everywhere, and an answer that a program can read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from sidecar.cli.root import app

ASKS_A_SIDECAR = {
    *("health", "sessions list", "sessions revoke", "tokens revoke", "autonomy show", "autonomy set"),
    *("approvals list", "approvals show", "approvals approve", "approvals reject"),
}
READS_SETTINGS = {
    *("serve", "keys show", "keys refresh", "audit tail", "audit query", "audit show", "audit costs", "audit verify"),
    *("audit export", "tokens inspect", "tokens delegate", "tokens exchange", "tokens redeem"),
}
WRITES_WHAT_IT_IS_ASKED_FOR = {  # a token, a key, JSON as it is, files
    *("serve", "approvals show", "audit show", "audit export", "rules import", "rules approve"),
    *("tokens prove", "tokens keygen", "tokens delegate", "tokens exchange", "tokens redeem"),
}


class Parameter(Protocol):
    opts: list[str]


class Command(Protocol):
    params: Sequence[Parameter]


def commands(group: object, above: str = "") -> Iterator[tuple[str, Command]]:
    """Yield each command by its words."""
    for name, command in getattr(group, "commands", {}).items():
        words = f"{above} {name}".strip()
        if hasattr(command, "commands"):
            yield from commands(command, words)
        else:
            yield words, command


def options() -> Mapping[str, set[str]]:
    found = commands(get_command(app))
    return {words: {option for one in command.params for option in one.opts} for words, command in found}


def test_who_asks_a_sidecar_is_told_where_it_is_by_the_same_options() -> None:
    found = {words for words, given in options().items() if {"--address", "--config", "-c"} <= given}

    assert found == ASKS_A_SIDECAR
    assert {words for words, given in options().items() if "--config" in given} == ASKS_A_SIDECAR | READS_SETTINGS


def test_what_is_told_is_told_to_programs_too() -> None:
    assert {words for words, given in options().items() if "--json" not in given} == WRITES_WHAT_IT_IS_ASKED_FOR


@pytest.mark.parametrize("words", sorted(options()))
def test_each_command_says_what_it_does(words: str) -> None:
    helped = CliRunner().invoke(app, [*words.split(), "--help"])
    wrong = CliRunner().invoke(app, [*words.split(), "--no-such-option"])

    assert helped.exit_code == 0
    assert "Usage:" in helped.output
    assert wrong.exit_code == 2
