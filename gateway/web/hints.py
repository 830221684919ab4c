"""Hints that webhooks gave and nobody has followed yet: bounded, each once, handed on by one task.

So a webhook is answered within milliseconds whatever the database does, and a burst of repeats is one look.
A hint that finds no room, or whose hurrying fails, is dropped: the fax is asked about in its own time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog

log = structlog.get_logger()

ROOM = 5000
"""Hints that may wait."""

AT_ONCE = 50
"""Hints that are handed on together, so that the database commits them together."""

LONGEST_NAME = 500
"""Characters of all ids in one hint; FAX.PLUS's have 24 or 32 each."""

PATIENCE = 10.0
"""Seconds that hurrying some faxes may take before the next ones' turn comes."""


class Hint(Protocol):
    """What a webhook named."""

    @property
    def ids(self) -> Sequence[str]:
        """FAX.PLUS's ids of one fax."""


HintT = TypeVar("HintT", bound=Hint)


@dataclass
class Counts:
    """What came of the webhooks, since the start."""

    received: int = 0
    unreadable: int = 0  #: there was no hint in them
    hurried: int = 0
    repeated: int = 0  #: named a fax that was waiting already
    dropped: int = 0  #: no room, or no id of FAX.PLUS's
    failed: int = 0  #: hurrying failed


class Hints(Generic[HintT]):
    """The waiting hints."""

    def __init__(self, hurry: Callable[[HintT], Awaitable[None]]) -> None:
        self.counts = Counts()
        self._hurry = hurry
        self._waiting: OrderedDict[tuple[str, ...], HintT] = OrderedDict()
        self._arrived = asyncio.Event()
        self._overflowing = False

    def add(self, hint: HintT) -> None:
        """Have it followed soon. Never blocks."""
        name = tuple(hint.ids)
        if name in self._waiting:
            self.counts.repeated += 1
        elif not name or sum(map(len, name)) > LONGEST_NAME:
            self.counts.dropped += 1
        elif len(self._waiting) >= ROOM:
            self._overflow()
        else:
            self._waiting[name] = hint
            self._arrived.set()

    async def drain(self) -> None:
        """Hand hints on, the oldest first, until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                hints = [self._waiting.popitem(last=False)[1] for _ in range(min(AT_ONCE, len(self._waiting)))]
                await asyncio.gather(*map(self._hand_on, hints))
            self._overflowing = False

    async def _hand_on(self, hint: HintT) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._hurry(hint)
        except Exception as error:  # noqa: BLE001  # whatever went wrong, the next hint has its turn, and polling finds this one
            self.counts.failed += 1
            log.warning("webhook.not_hurried", error=type(error).__name__)
        else:
            self.counts.hurried += 1

    def _overflow(self) -> None:
        self.counts.dropped += 1
        if not self._overflowing:
            self._overflowing = True
            log.warning("webhook.overflow", waiting=len(self._waiting))
