"""Removes what is no longer needed: mails after their faxes have ended, records after their time."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

import structlog

from gateway.config import KeepSettings
from gateway.spool import Spool
from gateway.store import Store
from gateway.worker.patience import Patience

log = structlog.get_logger()

PORTION = 500
"""Ids in one question to the database; it takes no number of them at once."""


class Clearer:
    """Clears spool and store."""

    def __init__(
        self, *, store: Store, spool: Spool, keep: KeepSettings, patience: Patience, now: Callable[[], float]
    ) -> None:
        self._store = store
        self._spool = spool
        self._keep = keep
        self._patience = patience
        self._now = now

    async def clear_due(self) -> None:
        """Remove the mails and records whose time is over."""
        if not self._patience.may_end():
            return
        now = self._now()
        over = await self._store.spooled(now - self._keep.documents)
        for submission_id in over:
            await asyncio.to_thread(self._spool.remove, submission_id)
        if over:
            await self._store.unspooled(over)
        forgotten = await self._store.forget(now - self._keep.records)
        if over or forgotten:
            log.info("spool.cleared", mails=len(over), records=forgotten)

    async def clear_orphans(self) -> None:
        """Remove what was arriving when the process ended: nobody was told that we have it. Only before serving."""
        drafts = await asyncio.to_thread(self._spool.clear_drafts)
        kept = await asyncio.to_thread(self._spool.kept)
        orphans = [id for ids in _portions(sorted(kept)) for id in set(ids) - await self._store.known(ids)]
        for submission_id in orphans:
            await asyncio.to_thread(self._spool.remove, submission_id)
        if drafts or orphans:
            log.info("spool.orphans_removed", drafts=drafts, mails=len(orphans))


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), PORTION):
        yield ids[start : start + PORTION]
