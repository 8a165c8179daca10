"""Settings from a file and the environment: what is wrong is told together, and names no value."""

from contextlib import chdir
from pathlib import Path

import pytest

from sidecar.config import load_settings
from sidecar.errors import ConfigError

ISSUER = '[[identity.issuers]]\nname = "a"\nissuer = "https://a.example"\nkeys = "a.json"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "sidecar.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str, environment: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(folder, text), environment=environment)
    return "\n".join(caught.value.problems)


def test_nothing_set_is_the_closed_default() -> None:
    settings = load_settings(environment={})

    assert (settings.server.tcp, settings.identity.issuers, settings.rules.packs) == ("", (), ("baseline",))


def test_relative_paths_are_taken_from_the_file(tmp_path: Path) -> None:
    settings = load_settings(
        written(tmp_path, f'[server]\nsocket = "g.sock"\n[rules]\npacks = ["baseline", "./mine"]\n{ISSUER}'),
        environment={},
    )

    assert settings.server.socket == tmp_path / "g.sock"
    assert settings.identity.issuers[0].keys == tmp_path / "a.json"
    assert settings.rules.packs == ("baseline", str(tmp_path / "mine"))


def test_a_pack_beside_the_file_is_found_from_its_own_folder(tmp_path: Path) -> None:
    written(tmp_path, '[rules]\npacks = ["./mine"]\n')

    with chdir(tmp_path):
        assert load_settings(Path("sidecar.toml"), environment={}).rules.packs == ("./mine",)


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "[limits]\njson_depth = 10\nsessions = 7\n")

    settings = load_settings(path, environment={"SIDECAR_LIMITS__JSON_DEPTH": "20"})

    assert (settings.limits.json_depth, settings.limits.sessions) == (20, 7)


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, "[limits]\nsessions = 7\n")

    assert load_settings(environment={"SIDECAR_CONFIG": str(path)}).limits.sessions == 7


@pytest.mark.parametrize(
    ("text", "environment", "told"),
    [
        pytest.param("[server]\nsoket = 'x'\n", {}, "server.soket: unknown key", id="key"),
        pytest.param("[sever]\n", {}, "sever: unknown key", id="table"),
        pytest.param(ISSUER + "jwks = 'x'\n", {}, "identity.issuers.0.jwks: unknown key", id="key in a list"),
        pytest.param("", {"SIDECAR_SEVER__SOCKET": "x"}, "SIDECAR_SEVER__SOCKET: unknown key", id="variable"),
        pytest.param(
            "", {"SIDECAR_SERVER__SOKET": "x"}, "SIDECAR_SERVER__SOKET: unknown key", id="variable in a table"
        ),
        pytest.param(
            "", {"SIDECAR_LIMITS__JSON_DEPTH": "x"}, "SIDECAR_LIMITS__JSON_DEPTH: Input should be", id="its value"
        ),
        pytest.param("", {"SIDECAR_RULES__PACKS": "[x"}, "not JSON", id="a list that is no list"),
        pytest.param("[server]\ntcp = '0.0.0.0:1'\n", {}, "loopback", id="beyond loopback"),
        pytest.param("[server]\ntcp = '127.0.0.1'\n", {}, "loopback", id="no port"),
        pytest.param("[server]\ntcp = 'example.org:1'\n", {}, "loopback", id="a host name"),
        pytest.param("[server]\nmax_in_flight = 0\n", {}, "server.max_in_flight", id="a limit of nothing"),
        pytest.param("[server\n", {}, "not TOML", id="no TOML"),
        pytest.param("[audit]\nsync = 'maybe'\n", {}, "audit.sync", id="no such choice"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, environment: dict[str, str], told: str) -> None:
    assert told in problems(tmp_path, text, environment)


def test_all_that_is_wrong_is_told_together(tmp_path: Path) -> None:
    told = problems(tmp_path, "[server]\na = 1\nb = 2\n[limits]\nsessions = -1\n", {"SIDECAR_X": "1"})

    assert told.count("\n") == 3


@pytest.mark.parametrize(
    "name", ["SIDECAR_SERVICE_HOST", "SIDECAR_PORT", "SIDECAR_PORT_50051_TCP_ADDR", "SIDECAR_ADDRESS", "OTHER"]
)
def test_what_kubernetes_puts_beside_a_service_of_our_name_is_no_setting(name: str) -> None:
    assert load_settings(environment={name: "tcp://10.0.0.1:1"}).limits.sessions == 10_000


@pytest.mark.parametrize("address", ["127.0.0.1:50051", "[::1]:50051", "localhost:0", "127.8.9.1:1"])
def test_loopback_in_any_form_may_be_listened_on(tmp_path: Path, address: str) -> None:
    assert load_settings(written(tmp_path, f"[server]\ntcp = '{address}'\n"), environment={}).server.tcp == address


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: No such file"):
        load_settings(tmp_path / "nowhere.toml", environment={})


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sidecar.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(path, environment={})
