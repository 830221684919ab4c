"""Tells senders, once, that a fax takes longer than they expect, and what happens next."""

from collections.abc import Callable

from gateway.event import Late
from gateway.schedule import Schedule
from gateway.store import Store
from gateway.worker.ledger import Ledger
from gateway.worker.patience import Patience


class LateTeller:
    """Finds what is late."""

    def __init__(
        self, *, store: Store, ledger: Ledger, schedule: Schedule, patience: Patience, now: Callable[[], float]
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._schedule = schedule
        self._patience = patience
        self._now = now

    async def tell_due(self) -> None:
        """Tell the senders of all faxes that have become late."""
        if not self._patience.may_end():
            return
        now = self._now()
        for fax in await self._store.late(self._schedule.late_before(now), self._schedule.at_rest_before(now)):
            await self._ledger.happened(fax, Late(reason=fax.reason))
