"""What finding personal data costs: the worker beside Presidio's AnalyzerEngine as it comes, in one run.

Both have the same spaCy model, the same kinds and the same texts, each text once, so that nothing is answered
from a cache. The worker's time includes the way to its process and back; Presidio runs in this process, without
one. Presidio gets its list of public suffixes from the disk, too: as it comes, it asks the network for it.
The last table is what everyone pays where the policy names no kind for a boundary.
"""

import asyncio
import random
import warnings
from collections.abc import Awaitable, Callable, Iterator

import tldextract
from measure import Row, options, report, rows, side_by_side
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

from sidecar.checks.personal_data import PersonalData
from sidecar.content.detection import NoDetector, Wanted
from sidecar.content.model_files import located
from sidecar.content.operators import leftovers
from sidecar.content.tongue import LABELS
from sidecar.content.worker import WorkerDetector
from sidecar.model.crossing import Boundary, Crossing
from sidecar.policy.privacy import Privacy

FORMS = ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "PHONE_NUMBER", "US_SSN")
NAMES = ("DATE_TIME", "LOCATION", "PERSON")
THRESHOLD = 0.4
SIZES = {100: 200, 2_700: 60, 27_000: 10}  # characters → rounds
QUICK = {100: 5, 2_700: 5}
SEED = 4
SENTENCES = (
    "Anna Keller moved from Leipzig to Boston in March 2019 and still answers at {user}@example.org.",
    "The parcel was scanned twice, but nobody at the counter could say where it had gone.",
    "Please call {phone} before noon, or leave a note for the night shift.",
    "Release {version} of the gateway fixes a leak that showed after {count} requests.",
    "She paid with the card {card}; the receipt is in the folder of the third quarter.",
    "Two of the five servers, {address} among them, restarted without an entry in the log.",
)


def texts(size: int) -> Iterator[str]:
    """Yield texts of `size` characters, no two alike, the same ones in each run."""
    draw = random.Random(SEED)  # noqa: S311 - filling
    while True:
        words = ""
        while len(words) < size:
            words += draw.choice(SENTENCES).format(
                user=f"user{draw.randrange(10**6)}",
                phone=f"212-555-{draw.randrange(10**4):04}",
                version=f"{draw.randrange(9)}.{draw.randrange(20)}",
                count=draw.randrange(10**6),
                card=f"4111 1111 1111 {draw.randrange(10**4):04}",
                address=f"10.0.{draw.randrange(256)}.{draw.randrange(256)}",
            )
            words += " "
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


async def without_kinds(rounds: int) -> list[Row]:
    """Measure the check where the policy asks for nothing, beside a call of nothing at all."""
    check = PersonalData(NoDetector(), Privacy(), leftovers(()), b"")
    crossing = Crossing(boundary=Boundary.TOOL_CALL, session_id="s", at=0.0, body={"path": "a.txt"}, is_json=True)

    async def nothing() -> None:
        """Be awaited."""

    times = await side_by_side({"nothing": nothing, "no kind asked for": lambda: check(crossing)}, rounds)
    return rows(times, "nothing")


async def main() -> None:
    """Measure and report."""
    chosen = options(__doc__ or "")
    engine = presidio()
    measured: list[Row] = []
    for what, kinds in (("forms", FORMS), ("forms and names", FORMS + NAMES)):
        detector = WorkerDetector(Wanted(thresholds=dict.fromkeys(kinds, THRESHOLD)), deadline_s=60)
        await detector.start()
        for size, rounds in (QUICK if chosen.quick else SIZES).items():
            peer = f"Presidio, {what}, {size} characters"
            calls = {
                f"worker, {what}, {size} characters": by_worker(detector, size),
                peer: by_presidio(engine, kinds, size),
            }
            measured += rows(await side_by_side(calls, rounds), peer)
        await detector.stop()
    measured += await without_kinds(100 if chosen.quick else 10_000)
    report(measured, "benchmarks/content.py", chosen.json)


if __name__ == "__main__":
    asyncio.run(main())
