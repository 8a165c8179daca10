"""instructions.yaml: what it may say, what several packs say together, and how a text is added to it."""

from pathlib import Path

import pytest

from sidecar.errors import ConfigError
from sidecar.model.instructions import digest_of
from sidecar.policy.approving import MAX_TEXT_BYTES, approved
from sidecar.policy.document import parse
from sidecar.policy.instructions import InstructionsFile, combine
from sidecar.policy.load import load
from tests.policy.packing import problems, written

A, B = digest_of("a"), digest_of("b")


def read(text: str) -> InstructionsFile:
    told: list[str] = []
    found = parse(text.encode(), "instructions.yaml", InstructionsFile, told)
    assert found is not None, told
    return found


def test_a_layer_is_a_list_or_says_more() -> None:
    short = read(f"layers:\n  system: [{A}, {{digest: {B}, note: the second}}]")
    long = read(f"layers: {{system: {{approved: [{A}], role: developer, required: true}}}}\nunapproved: alert")

    one, other = combine([short]), combine([long])

    assert (one.layers["system"].approved, one.denies, one.required) == (frozenset({A, B}), True, frozenset())
    assert (other.layers["system"].role, other.denies, other.required) == ("developer", False, frozenset({"system"}))


def test_of_several_packs_each_layer_counts_and_one_of_both_is_as_strict_as_either() -> None:
    one = read(f"layers:\n  a: [{A}]\n  both: {{approved: [{A}, {B}], role: system}}\nunapproved: alert")
    other = read(f"layers:\n  b: [{B}]\n  both: {{approved: [{B}], required: true}}")
    against = read(f"layers:\n  both: {{approved: [{B}], role: developer}}")

    sum_, nothing = combine([one, other]), combine([one, against])

    assert sum_.denies
    assert {name: layer.approved for name, layer in sum_.layers.items()} == {"a": {A}, "b": {B}, "both": {B}}
    assert (sum_.layers["both"].role, sum_.layers["both"].required) == ("system", True)
    assert nothing.layers["both"].approved == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("layers: {}", "layers: ", id="no layer"),
        pytest.param("layers: {a: [sha256:12]}", "layers.a.approved[0]", id="no digest"),
        pytest.param(f"layers: {{A: [{A}]}}", "layers.A", id="no name"),
        pytest.param(f"layers: {{a: {{approved: [{A}], role: user}}}}", "role", id="a role that instructs nobody"),
        pytest.param(f"layers: {{a: [{A}]}}\nunapproved: allow", "unapproved", id="allowing all"),
        pytest.param(f"layers: {{a: [{A}]}}\nmore: 1", "more: is not a key", id="an unknown key"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, told: str) -> None:
    found = problems(written(tmp_path, {"instructions.yaml": text}))

    assert found
    assert all(one.startswith("try/instructions.yaml:") for one in found)
    assert told in found[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, "layers:\n  system:\n    - {A}\n", id="no file"),
        pytest.param(
            "# none\nlayers:\n  system: [{B}]  # old\n", "# none\nlayers:\n  system: [{B}, {A}]  # old\n", id="flow"
        ),
        pytest.param("layers:\n  system: []\n", "layers:\n  system: [{A}]\n", id="an empty list"),
        pytest.param(
            "layers:\n  system:\n  - {B}\n\n  # more\n  task:\n  - {B}\nunapproved: alert\n",
            "layers:\n  system:\n  - {B}\n  - {A}\n\n  # more\n  task:\n  - {B}\nunapproved: alert\n",
            id="block",
        ),
        pytest.param(
            "layers:\n  system:\n    required: true\n    approved:\n    - digest: {B}\n      note: x\n",
            "layers:\n  system:\n    required: true\n    approved:\n    - digest: {B}\n      note: x\n    - {A}\n",
            id="a layer that says more",
        ),
        pytest.param(
            "layers:\n  task:\n    - {B}\nunapproved: alert\n",
            "layers:\n  task:\n    - {B}\n  system:\n    - {A}\nunapproved: alert\n",
            id="another layer",
        ),
        pytest.param("layers:\n  system: [{A}]\n", "layers:\n  system: [{A}]\n", id="approved already"),
    ],
)
def test_a_text_is_added_and_all_else_stays(tmp_path: Path, before: str | None, after: str) -> None:
    text = tmp_path / "prompt.txt"
    text.write_text("a\n")
    files: dict[str, str | bytes] = {"instructions.yaml": _filled(before)} if before else {}
    pack = written(tmp_path, files)

    digest = approved(pack, text, "system")

    assert (digest, (pack / "instructions.yaml").read_text()) == (A, _filled(after))
    assert A in load([pack]).instructions.layers["system"].approved


def _filled(text: str) -> str:
    return text.replace("{A}", A).replace("{B}", B)


def test_a_note_is_kept_with_it(tmp_path: Path) -> None:
    text, pack = tmp_path / "prompt.txt", written(tmp_path, {})
    text.write_text("a")

    approved(pack, text, "task", 'for "refunds": v2')

    (part,) = read((pack / "instructions.yaml").read_text()).layers["task"].approved
    assert not isinstance(part, str)
    assert (part.digest, part.note) == (A, 'for "refunds": v2')


@pytest.mark.parametrize(
    ("before", "layer", "told"),
    [
        pytest.param("layers: {task: [{B}]}\n", "system", "add sha256:", id="no plain place"),
        pytest.param("layers: [\n", "system", "expected YAML", id="no YAML"),
        pytest.param("layers:\n  task: [{B}]\n", "NO NAME", "should match pattern", id="no name of a layer"),
    ],
)
def test_what_cannot_be_edited_is_told_and_left(tmp_path: Path, before: str, layer: str, told: str) -> None:
    text, pack = tmp_path / "prompt.txt", written(tmp_path, {"instructions.yaml": _filled(before)})
    text.write_text("a")

    with pytest.raises(ConfigError, match=told):
        approved(pack, text, layer)

    assert (pack / "instructions.yaml").read_text() == _filled(before)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"\xff", "expected UTF-8", id="no text"),
        pytest.param(b"x" * (MAX_TEXT_BYTES + 1), "expected at most", id="too much"),
    ],
)
def test_what_is_no_prompt_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    text, pack = tmp_path / "prompt.txt", written(tmp_path, {})
    text.write_bytes(content)

    with pytest.raises(ConfigError, match=told):
        approved(pack, text, "system")

    assert not (pack / "instructions.yaml").exists()


def test_layers_that_are_no_mapping_are_told(tmp_path: Path) -> None:
    found = problems(written(tmp_path, {"instructions.yaml": "layers: [1]"}))

    assert found == ["try/instructions.yaml:1: layers: input should be an object"]


@pytest.mark.parametrize("lacks", ["prompt.txt", "pack.yaml"])
def test_what_is_not_there_is_told(tmp_path: Path, lacks: str) -> None:
    text, pack = tmp_path / "prompt.txt", written(tmp_path, {})
    text.write_text("a")
    (text if lacks == "prompt.txt" else pack / lacks).unlink()

    with pytest.raises(ConfigError, match=lacks):
        approved(pack, text, "system")
