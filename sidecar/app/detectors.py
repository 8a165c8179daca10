"""The processes that find personal data and injections: begun for a policy, and ended once nobody needs them."""

import asyncio
from typing import Final

import structlog

from sidecar.config import Settings
from sidecar.content.detection import Detector, NoDetector, Wanted
from sidecar.content.injection import classifier_files
from sidecar.content.injection.classifier import WorkerClassifier
from sidecar.content.presidio import model_files
from sidecar.content.worker.detector import DEADLINE_S, ENGLISH, WorkerDetector
from sidecar.content.worker.spawning import dismissed
from sidecar.errors import ConfigError
from sidecar.policy.policy import Policy
from sidecar.tasks import ended

MAX_RETIRED: Final = 2  # detectors of policies that were replaced, while streams go on that began with them

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


def classifier(settings: Settings) -> WorkerClassifier | None:
    """Return the classifier that the settings name, not yet started."""
    name = settings.injections.classifier
    return WorkerClassifier(name) if name else None


def look_for_models(settings: Settings) -> None:
    """Raise `ConfigError` where a model or a classifier that the settings name is not installed."""
    problems: list[str] = []
    models = [name for name in (settings.privacy.model, *settings.privacy.languages.values()) if name]
    for find, names in ((model_files.located, models), (classifier_files.located, [settings.injections.classifier])):
        for name in filter(None, names):
            try:
                find(name)
            except ConfigError as error:
                problems += error.problems
    if problems:
        raise ConfigError(problems)


async def started_detector(policy: Policy, settings: Settings, before: Detector | None = None) -> Detector:
    """Return a detector that is warm, for what `policy` asks for: the one from before where it does that.

    Raises `ConfigError`.
    """
    privacy = policy.privacy
    if not privacy.thresholds:
        dismissed()
        if not policy.injections.steps:
            return NoDetector()
    wanted = Wanted(
        thresholds=privacy.thresholds, recognizers=privacy.recognizers, installed=settings.privacy.recognizers
    )
    if isinstance(before, WorkerDetector) and before.wanted == wanted:
        return before
    models = {ENGLISH: settings.privacy.model, **settings.privacy.languages}
    # Before the verdict's own time is over, so that what follows is for the policy to say (`degraded`).
    deadline_s = min(DEADLINE_S, settings.limits.deadline_seconds / 2)
    detector = WorkerDetector(wanted, models=models, deadline_s=deadline_s, replaced=_told_replaced)
    await detector.start()
    return detector


def _told_replaced() -> None:
    _log.warning("the detector's process was lost and another one has taken its place: what it had in hand was denied")


async def stopped(detector: Detector) -> None:
    """End `detector` once its calls are done."""
    if isinstance(detector, WorkerDetector):
        await detector.stop()


class Retired:
    """Detectors of policies that were replaced: each is there for who began with it, as long as `grace_s` and more.

    Of too many the oldest ends at once: each is a process with a model.
    """

    def __init__(self, grace_s: float, most: int = MAX_RETIRED) -> None:
        self._grace_s, self._most = grace_s, most
        self._tasks: dict[asyncio.Task[None], WorkerDetector] = {}

    async def add(self, detector: Detector) -> None:
        """Let `detector` end when nobody needs it."""
        if not isinstance(detector, WorkerDetector):
            return
        task = asyncio.create_task(detector.retire(self._grace_s), name="retire a detector")
        self._tasks[task] = detector
        task.add_done_callback(lambda done: self._tasks.pop(done, None))
        while len(self._tasks) > self._most:
            await self._end(next(iter(self._tasks)))

    async def stop(self) -> None:
        """End all at once."""
        while self._tasks:
            await self._end(next(iter(self._tasks)))

    async def _end(self, task: asyncio.Task[None]) -> None:
        detector = self._tasks.pop(task)
        await ended(task)
        await detector.stop()
