"""What faxes may cost: what a fax will cost by the price table, and what may be spent in a day and in a month, UTC.

Amounts are in the unit in which FAX.PLUS tells the cost of a fax: pages, or the account's currency.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.config import SpendSettings
from gateway.policy.destinations import region

WARNED_AT = 0.8
"""Share of a cap at which the operator is warned."""


@dataclass(frozen=True, slots=True)
class Period:
    """A day or a month, and what may be spent in it."""

    name: str  #: such as "2026-11-24" or "2026-11"
    cap: float | None  #: None: no limit

    def nearly_used(self, amount: float) -> bool:
        """Whether so much is so near to the cap that the operator should know."""
        return self.cap is not None and amount >= WARNED_AT * self.cap


@dataclass(frozen=True, slots=True)
class Spend:
    """What a fax that is about to be sent will cost, and the periods in which that is spent."""

    amount: float
    periods: tuple[Period, ...]


class CapReachedError(Exception):
    """The fax would cost more than is left in this period."""

    def __init__(self, period: Period) -> None:
        super().__init__(f"what may be spent in {period.name} is spent")
        self.period = period


class Spending:
    """Knows prices and caps."""

    def __init__(self, settings: SpendSettings) -> None:
        self._settings = settings
        self._prices = {price.to: price.per_page for price in settings.price}

    def spend(self, number: str, pages: int, now: float) -> Spend | None:
        """Return what a fax of so many pages to this number will cost; None when nothing is capped."""
        if self._settings.per_day is None and self._settings.per_month is None:
            return None
        return Spend(pages * self._per_page(number), self.periods(now))

    def periods(self, now: float) -> tuple[Period, ...]:
        """Return the day and the month of a time."""
        day, month = names(now)
        return Period(day, self._settings.per_day), Period(month, self._settings.per_month)

    def _per_page(self, number: str) -> float:
        """The price of the longest beginning, else of the country, else the ordinary one."""
        beginnings = [to for to in self._prices if to.startswith("+") and number.startswith(to)]
        if beginnings:
            return self._prices[max(beginnings, key=len)]
        return self._prices.get(region(number), self._settings.per_page)


def names(at: float) -> tuple[str, str]:
    """Return the names of the day and of the month of a time, UTC."""
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    return day, day[:7]
