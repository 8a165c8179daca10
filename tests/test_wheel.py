"""The wheel carries all that the sidecar needs, and runs where the repository is out of reach."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from sidecar import __version__
from sidecar.cli.tokens import KEY_FILE

ROOT = Path(__file__).parent.parent
# One worker for the file, so that the wheel is built once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "SIDECAR_"))}
START_SECONDS = 50
CLIENT = """
import sys
from sidecar.client import Denied, Sidecar
with Sidecar("unix:run/guard.sock") as sidecar, sidecar.session(sys.argv[1], task="try it") as session:
    print(session.tool_call("search_orders", {"query": "1001"}))
    try:
        session.tool_call("send_email", {})
    except Denied as denied:
        print(denied.reasons)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A virtual environment that has the wheel, and of the one that runs the tests only what others wrote."""

    wheel: Path
    python: Path

    def run(self, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run Python there, with `folder` at hand and nothing of ours in the environment."""
        command = [str(self.python), *arguments]
        return subprocess.run(
            command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=55, check=False
        )

    def sidecar(self, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run the command that the wheel installs."""
        return self.run([str(self.python.with_name("sidecar")), *arguments], folder)

    @contextmanager
    def serving(self, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
        """Serve a trial from `folder`/run for the length of the block."""
        command = [str(self.python.with_name("sidecar")), "serve", "--trial", "run"]
        with (folder / "stderr.log").open("wb") as log:
            served = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=log)
        try:
            with grpc.insecure_channel(f"unix:{folder}/run/guard.sock") as channel:
                grpc.channel_ready_future(channel).result(timeout=START_SECONDS)
            yield served
        finally:
            served.terminate()
            served.wait(timeout=START_SECONDS)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    done("build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    wheel = next(folder.glob("*.whl"))
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    packages = next((folder / "venv" / "lib").glob("python*/site-packages"))
    # A line of a .pth file is a place to look; the .pth files there, one of which leads here, are not read.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    done("pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    return Installed(wheel=wheel, python=python)


def done(*module: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", *module], env=ENVIRONMENT, capture_output=True, text=True, timeout=55, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_it_carries_the_package_the_packs_and_nothing_else(installed: Installed) -> None:
    carried = {name for name in zipfile.ZipFile(installed.wheel).namelist() if ".dist-info/" not in name}
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sidecar").rglob("*") if path.is_file()}
    packs = {f"sidecar/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "rules").rglob("*") if path.is_file()}

    assert carried == {name for name in package | packs if "__pycache__" not in name}
    assert {
        "sidecar/py.typed",
        "sidecar/content/presidio/model_digests.json",
        "sidecar/v1/sidecar_pb2_grpc.pyi",
    } <= carried
    assert {"sidecar/rules/baseline/rules.yaml", "sidecar/rules/demo/schemas/refund.arguments.json"} <= carried


def test_it_tells_its_license_and_brings_it(installed: Installed) -> None:
    wheel = zipfile.ZipFile(installed.wheel)
    information = f"agent_sidecar-{__version__}.dist-info"
    metadata = wheel.read(f"{information}/METADATA").decode()

    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert wheel.read(f"{information}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()


def test_the_repository_is_out_of_reach(installed: Installed, tmp_path: Path) -> None:
    where = installed.run(["-c", "import sidecar; print(sidecar.__file__)"], tmp_path)
    neighbour = installed.run(["-c", "import tests.running"], tmp_path)

    assert Path(where.stdout.strip()).is_relative_to(installed.python.parents[1])
    assert "No module named 'tests'" in neighbour.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["--version"], re.escape(__version__), id="version"),
        pytest.param(["demo"], "every verdict is the expected one", id="demo"),
        pytest.param(["rules", "lint", "baseline", "demo"], "", id="rules lint"),
        pytest.param(["rules", "test", "baseline", "demo"], "", id="rules test"),
        pytest.param(["tokens", "keygen", "--out", "keys"], "keys = ", id="keygen"),
    ],
)
def test_its_command_does_its_work(installed: Installed, tmp_path: Path, arguments: list[str], told: str) -> None:
    ran = installed.sidecar(*arguments, folder=tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(told, ran.stdout)


def test_it_serves_its_own_client(installed: Installed, tmp_path: Path) -> None:
    mint = ("tokens", "mint", "--key", f"run/{KEY_FILE}", "--user", "ann", "--agent", "a", "--tools", "search_orders")
    with installed.serving(tmp_path) as served:
        healthy = installed.sidecar("health", "--address", "unix:run/guard.sock", folder=tmp_path)
        token = installed.sidecar(*mint, folder=tmp_path).stdout.strip()
        client = installed.run(["-c", CLIENT, token], tmp_path)

    assert (healthy.stdout, client.stderr) == ("serving\n", "")
    assert client.stdout.splitlines() == ["{'query': '1001'}", "('tool_not_granted',)"]
    assert served.returncode == 0
