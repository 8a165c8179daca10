import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.errors import ConfigError, UnavailableError
from sidecar.stores.base import Datum, Drawer
from sidecar.stores.sealing import Sealer
from sidecar.stores.sqlite_vault import SqliteVault

KEY = bytes(range(32))
OURS = Drawer(session_id="ses_1", until=100.0)
OTHER = Drawer(session_id="ses_2", until=200.0, peer="to billing")


async def opened(path: Path, at: float = 1.0, key: bytes = KEY) -> SqliteVault:
    vault = SqliteVault(path, Sealer(key))
    await vault.start(at)
    return vault


async def test_what_it_holds_outlives_the_process_and_nobody_reads_it_in_the_file(tmp_path: Path) -> None:
    vault = await opened(tmp_path / "vault.db")
    await vault.tokens(OURS, [Datum("PHONE_NUMBER", "020 7946 0018"), Datum("PERSON", "Ada Lovelace")], 1.0)
    await vault.tokens(OURS, [Datum("PHONE_NUMBER", "+44 20 7946 0018")], 1.0)
    await vault.tokens(OTHER, [Datum("PERSON", "Eva")], 1.0)
    await vault.stop()
    held = b"".join(path.read_bytes() for path in list(tmp_path.glob("*")))  # noqa: ASYNC240 - a test may wait

    again = await opened(tmp_path / "vault.db")

    assert await again.values(OURS, ["<PERSON_1>"], 1.0) == {"<PERSON_1>": "Ada Lovelace"}
    assert await again.values(OTHER, ["<PERSON_1>"], 1.0) == {"<PERSON_1>": "Eva"}
    asked = [Datum("PERSON", "ada lovelace"), Datum("PERSON", "Ida"), Datum("PHONE_NUMBER", "020 7946 0018")]
    assert await again.tokens(OURS, asked, 1.0) == ("<PERSON_1>", "<PERSON_2>", "<PHONE_NUMBER_1>")
    assert await again.tokens(OURS, [Datum("PHONE_NUMBER", "+49 20 7946 0018")], 1.0) == ("<PHONE_NUMBER_2>",)
    assert b"Lovelace" not in held
    assert b"7946" not in held
    assert (tmp_path / "vault.db").stat().st_mode & 0o777 == 0o600
    await again.stop()


async def test_what_tools_were_given_outlives_the_process(tmp_path: Path) -> None:
    vault = await opened(tmp_path / "vault.db")
    await vault.tokens(OURS, [Datum("PERSON", "Ada"), Datum("PERSON", "Eva")], 1.0)
    tools = replace(OURS, peer="tools")
    await vault.lend(tools, ["<PERSON_2>"], 1.0)
    await vault.stop()

    again = await opened(tmp_path / "vault.db")

    assert await again.values(tools, ["<PERSON_1>", "<PERSON_2>"], 1.0) == {"<PERSON_2>": ""}
    await again.stop()
    with pytest.raises(UnavailableError):
        await again.lend(tools, ["<PERSON_1>"], 1.0)
    assert await again.values(tools, ["<PERSON_1>"], 1.0) == {}


async def test_what_is_over_is_gone_from_the_file_too(tmp_path: Path) -> None:
    vault = await opened(tmp_path / "vault.db")
    await vault.tokens(OURS, [Datum("PERSON", "Ada")], 1.0)
    await vault.tokens(OTHER, [Datum("PERSON", "Eva")], 1.0)

    await vault.sweep(100.0)
    await vault.forget(["ses_2", "ses_3"])
    await vault.stop()

    again = await opened(tmp_path / "vault.db")
    assert await again.values(OURS, ["<PERSON_1>"], 1.0) == {}
    assert await again.values(OTHER, ["<PERSON_1>"], 1.0) == {}
    await again.stop()
    await again.stop()


async def test_a_token_that_cannot_be_kept_is_told_to_nobody(tmp_path: Path) -> None:
    vault = await opened(tmp_path / "vault.db")
    await vault.tokens(OURS, [Datum("PHONE_NUMBER", "020 7946 0018")], 1.0)
    await vault.stop()

    for number in ("020 7946 0019", "+44 20 7946 0018"):
        with pytest.raises(UnavailableError):
            await vault.tokens(OURS, [Datum("PHONE_NUMBER", number)], 1.0)

    values = await vault.values(OURS, ["<PHONE_NUMBER_1>", "<PHONE_NUMBER_2>"], 1.0)
    assert values == {"<PHONE_NUMBER_1>": "020 7946 0018"}


async def test_with_another_key_nothing_is_given_back(tmp_path: Path) -> None:
    vault = await opened(tmp_path / "vault.db")
    await vault.tokens(OURS, [Datum("PERSON", "Ada")], 1.0)
    await vault.stop()
    again = await opened(tmp_path / "vault.db", key=bytes(32))

    with pytest.raises(UnavailableError, match="vault_key"):
        await again.values(OURS, ["<PERSON_1>"], 1.0)
    await again.stop()


async def test_a_file_that_is_no_vault_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vault.db").write_bytes(b"not a database, but long enough to be looked at" * 10)

    with pytest.raises(ConfigError, match="cannot be read"):
        await opened(tmp_path / "vault.db")


async def test_a_vault_of_another_version_is_not_begun_with(tmp_path: Path) -> None:
    vault = await opened(tmp_path / "vault.db")
    await vault.stop()
    with closing(sqlite3.connect(tmp_path / "vault.db")) as database:
        database.execute("PRAGMA user_version = 99")

    with pytest.raises(ConfigError, match="cannot be read"):
        await opened(tmp_path / "vault.db")


async def test_what_is_forgotten_is_gone_also_where_the_disk_does_not_take_it(tmp_path: Path) -> None:
    vault = await opened(tmp_path / "vault.db")
    await vault.tokens(OURS, [Datum("PERSON", "Ada")], 1.0)
    await vault.stop()

    with pytest.raises(UnavailableError):
        await vault.forget([OURS.session_id])

    assert await vault.values(OURS, ["<PERSON_1>"], 1.0) == {}


async def test_what_is_forgotten_is_gone_from_memory(tmp_path: Path) -> None:
    vault = await opened(tmp_path / "vault.db")
    await vault.tokens(OURS, [Datum("PERSON", "Ada")], 1.0)

    await vault.forget([OURS.session_id])

    assert await vault.values(OURS, ["<PERSON_1>"], 1.0) == {}
    assert await vault.tokens(OURS, [Datum("PERSON", "Eva")], 1.0) == ("<PERSON_1>",)
    await vault.stop()
