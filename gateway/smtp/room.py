"""Whether another mail can be taken, asked at MAIL: room on the disk, a database that answers, a queue not full."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from gateway.config import Config
from gateway.smtp.disk import Disk
from gateway.smtp.failure import failed
from gateway.smtp.reply import RefusedError, Reply

PATIENCE = 3.0
"""Seconds that the database may take to answer; a client at MAIL waits no longer."""

FRESH = 1.0
"""Seconds for which its answer, or its silence, is good."""

QUEUE_FULL = Reply(452, "4.3.1", "too many faxes are waiting to be sent, please try again later")

Waiting = Callable[[int], Awaitable[int]]
"""Counts the faxes that wait to be sent, no more than so many."""

log = structlog.get_logger()


class Room:
    """What is left for mail."""

    def __init__(self, config: Config, waiting: Waiting, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.disk = Disk(config.state, config.limits.reserve)
        self._most = config.limits.queued
        self._waiting = waiting
        self._monotonic = monotonic
        self._count: asyncio.Future[int] | None = None
        self._asked_at = 0.0

    async def check(self, size: int) -> None:
        """Return if a mail of so many octets may come; 0 when its client does not say.

        Raises:
            RefusedError: it may not (452), or nobody knows (451).
        """
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.to_thread(self.disk.check, size)
                waiting = await self._counted()
        except Exception as error:  # noqa: BLE001  # whatever it was, the client keeps the mail and tries again
            raise RefusedError.of(failed("room.missing", error)) from None
        if waiting >= self._most:
            log.warning("queue.full", waiting=waiting)
            raise RefusedError.of(QUEUE_FULL)

    def doubt(self) -> None:
        """Something has failed: what the database said last is good no longer."""
        if self._count is not None and self._count.done():
            self._count = None

    async def _counted(self) -> int:
        """Count, once for all who ask at the same time; a count that hangs is not begun again."""
        now = self._monotonic()
        if self._count is None or (self._count.done() and now - self._asked_at > FRESH):
            self._asked_at = now
            self._count = asyncio.ensure_future(self._waiting(self._most))
            self._count.add_done_callback(_heard)
        count = self._count
        done, _ = await asyncio.wait({count}, timeout=max(0.0, self._asked_at + PATIENCE - now))
        if not done:
            raise TimeoutError
        return count.result()


def _heard(count: "asyncio.Future[int]") -> None:
    """Its failure concerns those who waited for it, if anybody still does."""
    if not count.cancelled():
        count.exception()
