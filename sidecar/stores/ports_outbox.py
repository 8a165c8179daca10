"""The port of what is still to be told to others."""

from typing import Protocol

from sidecar.model.notice import Notice


class Outbox(Protocol):
    """Notices that nobody has taken yet. Times are seconds since the epoch; no verb waits but `news`."""

    def add(self, notice: Notice, /) -> None:
        """Keep `notice`. Where no more are kept it is dropped, and counted: nobody waits for it."""

    def next(self, at: float, /) -> Notice | None:
        """Return the notice that is due first, due or not, once those are forgotten that are over at `at`."""

    def put_off(self, id_: str, due: float, /) -> None:
        """Have the notice tried again at `due`; silent where there is none."""

    def done(self, id_: str, /) -> None:
        """Forget the notice: it was taken."""

    async def news(self, within_s: float | None, /) -> None:
        """Return when a notice is added, or after so many seconds."""
