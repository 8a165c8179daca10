"""Who judges a text in the comparison: we without and with the extra, the extra's model alone, and tools of rules.

Each judge gives a score for one text, from 0 on, and has the score from which on it says attack as it comes. Tools of
rules are asked where they are installed, each by its own entrance; none is needed, and none is a dependency.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

from sidecar.content.injection.inspecting import Inspector
from sidecar.content.injection.scoring import Reader
from sidecar.content.injection.signals import Signal
from sidecar.model.injection import Kind

SHIPPED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores a text as `reader` reads it; from `shipped` on it is an attack to who takes the judge as it comes."""

    name: str
    score: Callable[[str, Reader], Awaitable[float]]
    shipped: float


def ours(name: str, inspector: Inspector) -> Judge:
    """Return the judge that is this project: the worst of all kinds but stray characters and addresses."""

    async def score(text: str, reader: Reader) -> float:
        found = (await inspector.inspect([text], reader)).get(0, ())
        return max(map(_counted, found), default=0.0)

    return Judge(name, score, SHIPPED)


def _counted(signal: Signal) -> float:
    is_stray = signal.kind is Kind.HIDDEN_CHARACTERS and signal.score < SHIPPED
    return 0.0 if signal.kind is Kind.URL or is_stray else signal.score


def alone() -> Judge | None:
    """Return the model of the extra without us: its package's chunks, clean-up, calibration and threshold."""
    if find_spec("stackone_defender") is None:
        return None
    tier2 = import_module("stackone_defender.classifiers.tier2_classifier").Tier2Classifier()

    async def score(text: str, _reader: Reader) -> float:
        return float(tier2.classify_by_chunks(text)["score"])

    return Judge("the classifier alone", score, float(tier2.get_config()["high_risk_threshold"]))


def rules() -> Iterator[Judge]:
    """Yield the tools of rules that are installed."""
    for package, (module, made, shipped) in _RULES.items():
        with suppress(ImportError):
            yield Judge(f"rules of {package}", _called(made(import_module(module))), shipped)


def _called(ask: Callable[[str], float]) -> Callable[[str, Reader], Awaitable[float]]:
    async def score(text: str, _reader: Reader) -> float:
        return ask(text)

    return score


def _tier1(module: ModuleType) -> Callable[[str], float]:
    detector = module.PatternDetector()
    return lambda text: _RISKS[str(detector.analyze(text).suggested_risk)]


def _sanitizer(module: ModuleType) -> Callable[[str], float]:
    return lambda text: float(module.sanitize(text).risk_score)


def _shield(module: ModuleType) -> Callable[[str], float]:
    return lambda text: float(module.scan(text).score)


def _defense(module: ModuleType) -> Callable[[str], float]:
    return lambda text: float(module.detect_prompt_injection(text)["score"])


_RISKS: Final = {"none": 0.0, "low": 0.25, "medium": 0.5, "high": 0.75, "critical": 1.0}
# By package: the module, how to ask it, and the score from which on it objects as it comes.
_RULES: Final[Mapping[str, tuple[str, Callable[[ModuleType], Callable[[str], float]], float]]] = {
    "stackone-defender": ("stackone_defender.classifiers.pattern_detector", _tier1, 0.5),
    "prompt-injection-sanitizer": ("prompt_injection_sanitizer", _sanitizer, 0.3),
    "prompt-injection-defense": ("prompt_injection_defense", _defense, 2.0),
    "prompt-injection-shield-py": ("prompt_injection_shield", _shield, 0.7),
}
