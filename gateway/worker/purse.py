"""What may still happen to a fax right before its POST: whether its number may be called, and what it may cost.

The configuration may have changed since the mail was accepted, so both are asked once more.
"""

from collections.abc import Callable

from gateway.config import Config
from gateway.fax import Fax
from gateway.policy import CapReachedError, Destinations, Period, Spend, Spending
from gateway.store import Store
from gateway.submission import Submission
from gateway.worker.ledger import Ledger


class Purse:
    """Knows destinations, prices and caps, and tells the operator how the caps are used."""

    def __init__(self, config: Config, *, store: Store, ledger: Ledger, now: Callable[[], float]) -> None:
        self._destinations = Destinations(config)
        self._spending = Spending(config.spend)
        self._store = store
        self._ledger = ledger
        self._now = now
        self._warned: set[Period] = set()

    def objection(self, fax: Fax, submission: Submission) -> str | None:
        """Return in words why this number may not be called any more, or None."""
        return self._destinations.objection(fax.number, submission.rule)

    def spend(self, fax: Fax, submission: Submission) -> Spend | None:
        """Return what the fax will cost; None when nothing is capped."""
        return self._spending.spend(fax.number, submission.pages, self._now())

    async def warn(self) -> None:
        """Tell the operator, once for each period, when most of what may be spent is spent."""
        capped = [period for period in self._spending.periods(self._now()) if period.cap is not None]
        periods = [period for period in capped if period not in self._warned]
        if not periods:
            return
        spent = await self._store.spent([period.name for period in periods])
        for period in periods:
            if period.nearly_used(spent[period.name]):
                self._warned.add(period)
                await self._ledger.tell_operator("spend-warning", *_warning(period, spent[period.name]))

    async def held(self, error: CapReachedError) -> None:
        """Tell the operator, once for each period, that faxes wait because all that may be spent is spent."""
        await self._ledger.tell_operator("spend-reached", *_reached(error.period))


def _warning(period: Period, spent: float) -> tuple[str, str, str]:
    text = f"""In {period.name} (UTC), {spent:g} of {period.cap:g} are spent or set aside for faxes under way.

When all of it is spent, faxes wait, and nothing is lost. `[spend]` in the configuration sets how much it may be.
"""
    return f"Four fifths of what faxes may cost in {period.name} are spent", text, period.name


def _reached(period: Period) -> tuple[str, str, str]:
    text = f"""In {period.name} (UTC), faxes may cost {period.cap:g}, and the next one would cost more than is left.

No fax is lost or called failed for this. They wait, and go out when the next period begins, when faxes under way
cost less than was set aside for them, or when `[spend]` in the configuration allows more and the gateway is restarted.
A fax that waits longer than `schedule.give_up` is given up, and its sender is told.
"""
    return f"Faxes are waiting: what they may cost in {period.name} is spent", text, period.name
