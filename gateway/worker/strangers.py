"""Ids that a webhook named and that are of no fax we know: FAX.PLUS is asked, and our token there says whose they are.

Where the account shows faxes under other ids than it gave us, this is how they come together early.
"""

from collections.abc import Callable, Iterable

import structlog

from gateway.event import Accepted, StillSending
from gateway.fax import State
from gateway.faxplus import FaxPlus, FaxPlusError
from gateway.store import Store
from gateway.worker.ledger import Ledger

log = structlog.get_logger()

PARKED = 100
"""Unknown ids kept for a look; more are dropped, since asking finds every fax anyway."""
STRANGERS_EVERY = 10.0
"""Seconds between looks at unknown ids: forged calls must not make us call FAX.PLUS much."""
AT_ONCE = 10
"""Unknown ids that one look is for."""


class Strangers:
    """Keeps unknown ids, and finds out whose they are."""

    def __init__(self, *, store: Store, faxplus: FaxPlus, ledger: Ledger, now: Callable[[], float]) -> None:
        self._store = store
        self._faxplus = faxplus
        self._ledger = ledger
        self._now = now
        self._parked: dict[str, None] = {}
        self._met_at = float("-inf")

    def park(self, remote_ids: Iterable[str]) -> None:
        """Keep unknown ids for the next look, as long as there is room."""
        for remote_id in remote_ids:
            if len(self._parked) < PARKED:
                self._parked[remote_id] = None

    async def meet(self) -> None:
        """Ask about some of them, if it is time; what bears no token of ours stays unknown."""
        now = self._now()
        if not self._parked or 0 <= now - self._met_at < STRANGERS_EVERY:
            return
        self._met_at = now
        for remote_id in list(self._parked)[:AT_ONCE]:
            del self._parked[remote_id]
            try:
                await self._meet(remote_id)
            except FaxPlusError as error:
                log.info("webhook.parked", reason=error.words)

    async def _meet(self, remote_id: str) -> None:
        record = await self._faxplus.fax(remote_id)
        fax = await self._store.fax(record.token.rpartition("-")[0]) if record is not None else None
        if record is None or fax is None or fax.token != record.token:
            log.info("webhook.parked", reason="the fax it names is none of ours")
        elif fax.state is State.SUBMITTING:
            reason = "a webhook named it, and FAX.PLUS shows our token"
            remote_ids = (remote_id, record.id)
            await self._ledger.happened(fax, Accepted(reason=reason, remote_ids=remote_ids, ask_at=self._now()))
        elif fax.state is State.SUBMITTED:
            await self._ledger.happened(fax, StillSending(remote_ids=(remote_id, record.id), ask_at=self._now()))
