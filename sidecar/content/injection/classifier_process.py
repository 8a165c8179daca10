"""The classifier's process: reads texts from its standard input, answers with log odds for ours to be added to.

What it says is bounded and has a fixed weight, so that neither outvotes the other where it is sure.

It stands behind the same wall as the detector's process (`content.worker.wall`).
"""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from sidecar.content.injection import head
from sidecar.content.injection.classifier_files import Files, located
from sidecar.content.worker.wall import Limit, behind_the_wall, die_with, read, started, write

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW: Final = 254  # tokens, without the two at the ends of each window; what such models are trained on
STRIDE: Final = 190  # tokens from window to window
BATCH: Final = 16  # windows at once
START_S: Final = 60.0  # to import and load everything on a busy machine
VECTOR: Final = "/Cast_1_output_0"  # what the known model makes of a text before its heads judge it
# The same as one more output: a message that is appended to another is merged with it, here a graph's list of outputs.
VECTOR_TOO: Final = (
    bytes([7 << 3 | 2, len(VECTOR) + 4, 12 << 3 | 2, len(VECTOR) + 2, 1 << 3 | 2, len(VECTOR)]) + VECTOR.encode()
)
MOST: Final = 4.0  # log odds of one text that count, either way
FOREIGN: Final = 0.5  # the weight of what a model says for itself, which nobody has weighed against ours
# The weight of our head on the known model's vector, and what is added, by as what the text is read: the head learnt
# on what tools and pages say. Chosen, as the bounds were, by what sources left out gain.
SHARES: Final = {"data": (1.0, 0.0), "request": (0.25, 0.5)}
WARM_UP: Final = "The parcel is on its way."


def main() -> None:
    """Serve until the other side closes."""
    behind_the_wall(_serve)


class Model:
    """An ONNX model with its tokenizer."""

    def __init__(self, files: Files) -> None:
        import onnxruntime  # noqa: PLC0415 - an extra, and behind the wall that `main` has built
        from tokenizers import Tokenizer  # noqa: PLC0415 - as above

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        model: bytes | str = files.model.read_bytes() + VECTOR_TOO if files.is_known else str(files.model)
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._is_known = files.is_known
        self._inputs = [given.name for given in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_file(str(files.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._is_headed = files.is_headed

    def scores(self, texts: Sequence[str], reader: str) -> list[float]:
        """Return for each of `texts` the log odds that its worst window adds to ours, as `reader` reads it."""
        owners, rows = [], []
        for owner, text in enumerate(texts):
            for row in windows(self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids):
                owners.append(owner)
                rows.append(row)
        worst = [-30.0] * len(texts)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))  # the like beside each other need no padding
        for at in range(0, len(order), BATCH):
            some = order[at : at + BATCH]
            for i, value in zip(some, self._run([rows[i] for i in some]), strict=True):
                worst[owners[i]] = max(worst[owners[i]], value)
        weight, more = SHARES[reader] if self._is_known else (FOREIGN, 0.0)
        return [weight * max(-MOST, min(MOST, value)) + more for value in worst]

    def vector(self, text: str) -> list[float]:
        """Return what the known model makes of the first window of `text`, before it judges it."""
        row = next(windows(self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids))
        return [float(value) for value in self._outputs([row], VECTOR)[0]]

    def _run(self, rows: Sequence[Sequence[int]]) -> list[float]:
        import numpy as np  # noqa: PLC0415 - comes with the extra

        if self._is_known:
            return [float(value) for value in self._outputs(rows, VECTOR) @ np.array(head.WEIGHTS) + head.BIAS]
        logits = self._outputs(rows, None).reshape(len(rows), -1)
        return [float(value) for value in odds(logits, is_headed=self._is_headed)]

    def _outputs(self, rows: Sequence[Sequence[int]], name: str | None) -> "NDArray[np.float32]":
        import numpy as np  # noqa: PLC0415 - comes with the extra

        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        asked = None if name is None else [name]
        outputs: NDArray[np.float32] = self._session.run(asked, {each: given[each] for each in self._inputs})[0]
        return outputs


def windows(ids: Sequence[int]) -> Iterator[list[int]]:
    """Yield `ids`, whose first and last mark the ends of a text, in overlapping windows with the same ends."""
    first, inner, last = ids[0], ids[1:-1], ids[-1]
    at = 0
    while True:
        yield [first, *inner[at : at + WINDOW], last]
        if at + WINDOW >= len(inner):
            return
        at += STRIDE


def odds(logits: "NDArray[np.float32]", *, is_headed: bool) -> "NDArray[np.float32]":
    """Return the log odds of an injection: the one output, the second class beside the first, or of heads the second.

    The second head says how surely a text is an honest request. What lacks of it tells attacks of kinds that the model
    was not trained on better than the first head, which says how much a text is like the attacks that it was.
    """
    if logits.shape[1] == 1:
        return logits[:, 0]
    return -logits[:, 1] if is_headed else logits[:, 1] - logits[:, 0]


def _serve(reader: BinaryIO, writer: BinaryIO) -> None:
    setup = json.loads(read(reader))
    die_with(setup["parent"])
    model = started(writer, lambda: _prepared(setup["model"]), START_S, "injections.classifier: does not start")
    while True:
        asked = json.loads(read(reader))
        with Limit(setup["batch_s"]):
            try:
                scores: list[float] = model.scores(asked["texts"], asked["reader"])
            except Exception:  # noqa: BLE001 - no answer is an answer, too, and it is never "nothing found"
                scores = []
        write(writer, json.dumps(scores).encode())


def _prepared(named: str) -> Model:
    model = Model(located(named))
    model.scores([WARM_UP], "data")
    return model


if __name__ == "__main__":
    main()
