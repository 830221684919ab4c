"""Tells senders, once, that a fax takes longer than they expect; gives up what they do not want to leave any more."""

from collections.abc import Callable

from gateway.event import GivenUp, Late
from gateway.fax import Fax
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
        """Tell the senders of all faxes that have become late.

        What waits when its sender's time is over is given up here, for nothing may be submitted at that moment.
        """
        if not self._patience.may_end():
            return
        now = self._now()
        at_rest_before = self._schedule.at_rest_before(now)
        for fax in await self._store.late(self._schedule.late_before(now), at_rest_before, promised_by=now):
            missed = self._schedule.missed(fax, now)
            await self._ledger.happened(fax, GivenUp(reason=too_late(fax)) if missed else Late(reason=fax.reason))


def too_late(fax: Fax) -> str:
    """Why a fax was given up when the time of its sender was over."""
    return f"not sent in the time that its sender gave: {fax.reason or 'never taken'}"
