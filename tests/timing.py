"""How the time of a piece of work grows with its size, measured among the other tests of a whole run."""

import gc
from collections.abc import Callable
from time import process_time

TRIES = 3
SLACK_S = 0.2
TIMES = 10
"""How much more the longer of two sizes is: linear work takes about as much longer, quadratic a hundredfold."""


def is_linear(work: Callable[[int], object], few: int) -> bool:
    """Return whether ten times as much work takes twenty times as long at most, in seconds of this process.

    Measured again where it seems longer: what else runs on the machine takes processor time from caches, too. Nor
    is the collector of cycles measured, which goes through all that the tests before this one have left in memory.
    """
    work(few)
    return any(_took(work, TIMES * few) < 2 * TIMES * _took(work, few) + SLACK_S for _ in range(TRIES))


def _took(work: Callable[[int], object], size: int) -> float:
    gc.collect()
    gc.disable()
    try:
        start = process_time()
        work(size)
        return process_time() - start
    finally:
        gc.enable()
