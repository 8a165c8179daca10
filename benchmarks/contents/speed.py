"""How long it takes to find personal data, and what finds it: the worker, and Presidio's AnalyzerEngine as it comes."""

import itertools
import random
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping

import tldextract
from measure import Row, rows, side_by_side
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

from sidecar.content.presidio.language import LABELS
from sidecar.content.presidio.model_files import located
from sidecar.content.worker.detector import WorkerDetector

FORMS = ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "PHONE_NUMBER", "US_SSN")
NAMES = ("DATE_TIME", "LOCATION", "PERSON")
THRESHOLD = 0.4
SIZES = {100: 200, 1_000: 60, 10_000: 15, 100_000: 5}  # characters → rounds
QUICK = {100: 5, 1_000: 5}
TURNS, QUICK_TURNS = 20, 3
MESSAGE = (100, 1_500)  # characters
CONVERSATIONS = 5
SEED = 4
SENTENCES = (
    "Anna Keller moved from Leipzig to Boston in March 2019 and still answers at {user}@example.org.",
    "The parcel was scanned twice, but nobody at the counter could say where it had gone.",
    "Please call {phone} before noon, or leave a note for the night shift.",
    "Release {version} of the gateway fixes a leak that showed after {count} requests.",
    "She paid with the card {card}; the receipt is in the folder of the third quarter.",
    "Two of the five servers, {address} among them, restarted without an entry in the log.",
    "I'd rather wait for the second quote, since the first one left out the cost of the scaffolding.",
    "What we agreed on Tuesday still holds: forty percent now, and the rest when the roof is tight.",
)


def texts(size: int, seed: int = SEED) -> Iterator[str]:
    """Yield texts of `size` characters, no two alike, the same ones in each run."""
    draw = random.Random(seed)  # noqa: S311 - filling
    for number in itertools.count():
        words = f"Note {number} of {seed}. "
        while len(words) < size:
            words += draw.choice(SENTENCES).format(
                user=f"user{draw.randrange(10**6)}",
                phone=f"212-555-{draw.randrange(10**4):04}",
                version=f"{draw.randrange(9)}.{draw.randrange(20)}",
                count=draw.randrange(10**6),
                card=f"4111 1111 1111 {draw.randrange(10**4):04}",
                address=f"10.0.{draw.randrange(256)}.{draw.randrange(256)}",
            )
            words += "\n\n" if draw.random() < 0.2 else " "  # noqa: PLR2004 - a paragraph of five sentences
        yield words[:size]


def presidio() -> AnalyzerEngine:
    """Return the engine with its own recognizers and all parts of the bundled model."""
    warnings.simplefilter("ignore")
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.extract = extract  # type: ignore[assignment]  # a bound call like the one it replaces
    names = NerModelConfiguration(
        model_to_presidio_entity_mapping=LABELS,
        labels_to_ignore=["CARDINAL", "EVENT", "LANGUAGE", "LAW", "MONEY", "ORDINAL", "PERCENT", "PRODUCT", "QUANTITY"],
    )
    models = [{"lang_code": "en", "model_name": str(located())}]
    return AnalyzerEngine(nlp_engine=SpacyNlpEngine(models=models, ner_model_configuration=names))


def by_worker(detector: WorkerDetector, size: int) -> Callable[[], Awaitable[object]]:
    """Return a call that asks the worker about the next text."""
    source = texts(size)
    return lambda: detector.find([next(source)])


def by_presidio(engine: AnalyzerEngine, kinds: tuple[str, ...], size: int) -> Callable[[], Awaitable[object]]:
    """Return a call that asks Presidio about the next text."""
    source = texts(size)

    async def call() -> object:
        return engine.analyze(next(source), "en", entities=list(kinds), score_threshold=THRESHOLD)

    return call


async def speed(
    what: str, detector: WorkerDetector, engine: AnalyzerEngine, kinds: tuple[str, ...], sizes: Mapping[int, int]
) -> list[Row]:
    """Return rows of both for texts of `sizes`, each text once, so that nothing is answered from memory."""
    measured: list[Row] = []
    for size, rounds in sizes.items():
        peer = f"Presidio, {what}, {size} characters"
        calls = {
            f"worker, {what}, {size} characters": by_worker(detector, size),
            peer: by_presidio(engine, kinds, size),
        }
        measured += rows(await side_by_side(calls, rounds), peer)
    each = (f"{row.p50_us / size:.2f} at {size}" for row, size in zip(measured[::2], sizes, strict=True))
    print(f"worker, {what}: µs for each character: {', '.join(each)}")
    return measured


def conversation(seed: int, turns: int) -> list[str]:
    """Return the messages of a conversation."""
    draw = random.Random(seed)  # noqa: S311 - filling
    return [next(texts(draw.randrange(*MESSAGE), seed * TURNS + turn)) for turn in range(turns)]


async def history(detector: WorkerDetector, engine: AnalyzerEngine, kinds: tuple[str, ...], turns: int) -> list[Row]:
    """Return rows for whole conversations whose history is sent again at every turn: as messages, and as one text."""
    seeds = {"messages": iter(range(1, 10**6)), "text": iter(range(10**6, 10**7)), "peer": iter(range(1, 10**6))}

    async def as_messages() -> None:
        messages = conversation(next(seeds["messages"]), turns)
        for turn in range(turns):
            await detector.find(messages[: turn + 1])

    async def as_text() -> None:
        messages = conversation(next(seeds["text"]), turns)
        for turn in range(turns):
            await detector.find(["\n\n".join(messages[: turn + 1])])

    async def by_peer() -> None:
        messages = conversation(next(seeds["peer"]), turns)
        for turn in range(turns):
            for message in messages[: turn + 1]:
                engine.analyze(message, "en", entities=list(kinds), score_threshold=THRESHOLD)

    peer = f"Presidio, {turns} turns"
    calls = {
        f"worker, {turns} turns as messages": as_messages,
        f"worker, {turns} turns as one text": as_text,
        peer: by_peer,
    }
    return rows(await side_by_side(calls, CONVERSATIONS, warm_up=1), peer)
