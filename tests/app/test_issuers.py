"""From the settings to issuers: each source by its table, and everything that is wrong with them at once."""

import json
from pathlib import Path

import pytest

from sidecar.app.issuers import record_path, trust
from sidecar.config import IssuerSettings, KeySettings, Settings, load_settings
from sidecar.errors import ConfigError
from sidecar.telemetry.fault import fault
from tests.identity.crafting import STS

ISSUER = '[[identity.issuers]]\nname = "corp"\nissuer = "{issuer}"\nkeys = {keys}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jwks.json").write_text(json.dumps(STS.jwks()), encoding="utf-8")
    bundle = {"keys": [{**STS.key.public_jwk(), "use": "jwt-svid"}]}
    (tmp_path / "bundle.json").write_text(json.dumps(bundle), encoding="utf-8")
    return tmp_path


def settings(folder: Path, keys: str, *, issuer: str = "https://sts.example", above: str = "") -> Settings:
    path = folder / "sidecar.toml"
    path.write_text(above + ISSUER.format(issuer=issuer, keys=keys), encoding="utf-8")
    return load_settings(path, environment={})


SOURCES = [
    pytest.param('"jwks.json"', "{folder}/jwks.json", "", id="a path"),
    pytest.param('{file = "jwks.json"}', "{folder}/jwks.json", "", id="file"),
    pytest.param('{spiffe_bundle = "bundle.json"}', "bundle {folder}/bundle.json", "", id="bundle"),
    pytest.param('{url = "https://a.test/jwks"}', "https://a.test/jwks", "trust_not_loaded", id="url"),
    pytest.param('{discovery = "rfc8414"}', "rfc8414 of https://sts.example", "trust_not_loaded", id="rfc8414"),
    pytest.param('{discovery = "oidc"}', "oidc of https://sts.example", "trust_not_loaded", id="oidc"),
    pytest.param(
        '{spiffe_socket = "agent.sock", trust_domain = "spiffe://td"}',
        "spiffe://td at {folder}/agent.sock",
        "trust_not_loaded",
        id="workload api",
    ),
    pytest.param(
        "{kubernetes = true}", "https://kubernetes.default.svc/openid/v1/jwks", "trust_not_loaded", id="kubernetes"
    ),
    pytest.param(
        '{kubernetes = true, server = "https://10.0.0.1:6443", ca = "ca.crt"}',
        "https://10.0.0.1:6443/openid/v1/jwks",
        "trust_not_loaded",
        id="kubernetes elsewhere",
    ),
]


@pytest.mark.parametrize(("keys", "source", "health"), SOURCES)
def test_a_source_by_its_table(keys: str, source: str, health: str, folder: Path) -> None:
    (report,) = trust(settings(folder, keys), fault).reports()
    assert (report.source, report.health) == (source.format(folder=folder), health)


def test_a_trust_domain_may_be_the_issuer_itself(folder: Path) -> None:
    (report,) = trust(settings(folder, '{spiffe_socket = "a.sock"}', issuer="spiffe://td"), fault).reports()
    assert report.source == f"spiffe://td at {folder}/a.sock"


WRONG = [
    pytest.param('{url = "http://a.test/jwks"}', "keys are fetched over https only", id="http"),
    pytest.param('{url = "file:///etc/passwd"}', "keys are fetched over https only", id="file"),
    pytest.param('{url = "https://user@a.test/"}', "the host is not one", id="a user"),
    pytest.param('{url = "https://[::1/"}', "not a URL", id="no url"),
    pytest.param('{spiffe_socket = "a.sock"}', "name the `trust_domain`", id="no trust domain"),
    pytest.param('"none.json"', "No such file", id="no file"),
    pytest.param('{spiffe_bundle = "none.json"}', "No such file", id="no bundle"),
    pytest.param('{spiffe_bundle = "jwks.json"}', "no usable key", id="a bundle without JWT keys"),
]


@pytest.mark.parametrize(("keys", "told"), WRONG)
def test_what_cannot_be_is_told_at_start(keys: str, told: str, folder: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        trust(settings(folder, keys), fault)
    assert told in refused.value.problems[0]


def test_everything_that_is_wrong_is_told_at_once(folder: Path) -> None:
    first = ISSUER.format(issuer="https://one.test", keys='"none.json"')
    with pytest.raises(ConfigError) as refused:
        trust(settings(folder, '{url = "http://a.test/"}', above=first), fault)
    assert len(refused.value.problems) == 2


def test_one_key_in_two_files_is_told_at_start(folder: Path) -> None:
    first = ISSUER.format(issuer="https://one.test", keys='"jwks.json"')
    with pytest.raises(ConfigError) as refused:
        trust(settings(folder, '"jwks.json"', above=first), fault)
    assert "belongs to another issuer" in refused.value.problems[0]


def test_http_is_for_a_host_of_ones_own(folder: Path) -> None:
    own = '[identity]\nallow_private_hosts = ["LOCALHOST"]\n'
    (report,) = trust(settings(folder, '{url = "http://localhost:1/jwks"}', above=own), fault).reports()
    assert report.source == "http://localhost:1/jwks"


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("{}", id="none"),
        pytest.param('{file = "a", url = "https://a.test"}', id="two"),
        pytest.param('{ca = "a"}', id="what belongs to one, alone"),
        pytest.param('{discovery = "webfinger"}', id="an unknown kind"),
        pytest.param('{path = "a"}', id="an unknown key"),
        pytest.param("{kubernetes = false}", id="switched off"),
        pytest.param('{file = "a", ca = "b"}', id="an authority for a file"),
        pytest.param('{url = "https://a.test", token = "b"}', id="a pod's token for anybody"),
        pytest.param('{spiffe_bundle = "a", trust_domain = "spiffe://td"}', id="a trust domain for a file"),
    ],
)
def test_exactly_one_source(keys: str, folder: Path) -> None:
    with pytest.raises(ConfigError):
        settings(folder, keys)


@pytest.mark.parametrize(
    "refresh",
    ["interval_seconds = 0", "max_stale_seconds = 86401", "wait_seconds = 3", "timeout_seconds = 6", "more = 1"],
)
def test_refresh_stays_within_its_bounds(refresh: str, folder: Path) -> None:
    with pytest.raises(ConfigError):
        settings(folder, '"jwks.json"', above=f"[identity.refresh]\n{refresh}\n")


def test_the_record_lies_beside_the_audit_log(folder: Path) -> None:
    above = '[audit]\npath = "log/audit.db"\n'
    assert record_path(settings(folder, '"jwks.json"', above=above)) == folder / "log" / "trust.json"


def test_a_file_that_anybody_may_write_is_told_at_start(folder: Path) -> None:
    (folder / "jwks.json").chmod(0o666)
    with pytest.raises(ConfigError) as refused:
        trust(settings(folder, '"jwks.json"'), fault)
    assert "not be writable by others" in refused.value.problems[0]


def test_a_value_is_made_in_code_too() -> None:
    made = IssuerSettings(name="n", issuer="i", keys=KeySettings(file=Path("a")))
    assert isinstance(made.keys, KeySettings)
