import os
from pathlib import Path

import pytest

from sidecar.errors import ConfigError
from sidecar.policy.bundled import bundled, resolve, resolved
from tests.policy.packing import written


def test_what_comes_along_is_found_by_name_wherever_one_stands() -> None:
    assert set(bundled()) >= {"baseline", "demo"}
    assert all((resolve(name) / "pack.yaml").is_file() for name in bundled())
    assert all(resolve(name).is_absolute() for name in bundled())


def test_a_path_is_a_path(tmp_path: Path) -> None:
    pack = written(tmp_path, {})

    assert resolve(str(pack)) == pack
    assert resolve(os.path.relpath(pack.parent) + "/try/").resolve() == pack


@pytest.mark.parametrize("name", ["", ".", "..", "nobody", "./nobody", "../baseline", "baseline/../nobody"])
def test_what_is_not_there_is_told_with_what_is(name: str) -> None:
    with pytest.raises(ConfigError, match=r"no rule pack at .*`baseline`, `demo`"):
        resolve(name)


def test_each_pack_that_is_not_there_is_told() -> None:
    problems: list[str] = []

    assert resolved(["nobody", "baseline", "./nowhere"], problems) == [resolve("baseline")]
    assert [problem.split("`")[1] for problem in problems] == ["nobody", "./nowhere"]
