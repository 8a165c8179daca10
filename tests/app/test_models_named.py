"""What is looked for when settings are checked, and not only when the sidecar starts; nothing is left behind."""

from pathlib import Path

import pytest

from sidecar.app import Sidecar, look_for_models
from sidecar.config import load_settings
from sidecar.content.presidio.model_files import BUNDLED
from sidecar.errors import ConfigError
from sidecar.identity.trial import TrialIssuer
from tests.running import written


def test_what_is_not_installed_is_told_together(tmp_path: Path) -> None:
    tables = {
        "privacy": 'model = "no_such_model"\nlanguages = {de = "no_german_model"}',
        "injections": f'classifier = "{tmp_path}/none"',
    }
    settings = load_settings(written(tmp_path, TrialIssuer.generate(), **tables), environment={})

    with pytest.raises(ConfigError) as refused:
        look_for_models(settings)

    assert [problem.split("`")[1] for problem in refused.value.problems] == [
        *("no_such_model", "no_german_model", f"{tmp_path}/none"),
    ]


def test_where_none_is_named_none_is_missed(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, TrialIssuer.generate()), environment={})

    look_for_models(settings)


def test_one_that_is_installed_is_found(tmp_path: Path) -> None:
    config = written(tmp_path, TrialIssuer.generate(), privacy=f'model = "{BUNDLED}"')

    look_for_models(load_settings(config, environment={}))


def test_who_checks_settings_leaves_no_file(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, TrialIssuer.generate()), environment={})
    before = sorted(tmp_path.rglob("*"))

    Sidecar(settings, dry=True)

    assert sorted(tmp_path.rglob("*")) == before
