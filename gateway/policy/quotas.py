"""How much may be faxed: by one sender rule, to one number, by all together; in an hour and in a day.

The hour and the day always end now. More than an hour's is refused for a while, more than a day's for good.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.config import Config, Quota

HOUR, DAY = 3600.0, 86_400.0


class Unit(StrEnum):
    """What is counted."""

    FAXES = "faxes"
    PAGES = "pages"


ONE = {Unit.FAXES: "fax", Unit.PAGES: "page"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many faxes or pages in a span of time: by a sender rule, to a number, or, when neither is named, in all."""

    most: int
    unit: Unit
    span: float  #: seconds, up to now
    rule: str | None = None
    number: str | None = None

    @property
    def words(self) -> str:
        """What may be faxed, as a sentence without its end."""
        counted = self.unit if self.most > 1 else ONE[self.unit]
        within = f"{self.most} {counted} in {'an hour' if self.span == HOUR else 'a day'}"
        if self.rule is not None:
            return f'the sender rule "{self.rule}" lets {within} through'
        return f"{'one number gets' if self.number is not None else 'all together may send'} at most {within}"

    def check(self, used: int, wanted: int) -> None:
        """Return if so much more may come after what was used.

        Raises:
            OverQuotaError: it may not.
        """
        if wanted > self.most:
            raise OverQuotaError(f"{self.words}, and this is {wanted}", for_good=True)
        if used + wanted > self.most and self.span == DAY:
            raise OverQuotaError(f"{self.words}, and no more", for_good=True)
        if used + wanted > self.most:
            raise OverQuotaError(f"{self.words}; please try again later", for_good=False)


class OverQuotaError(Exception):
    """That would be too much."""

    def __init__(self, words: str, *, for_good: bool) -> None:
        super().__init__(words)
        self.words = words
        self.for_good = for_good  #: trying again in a few minutes will not help


class Quotas:
    """Knows the limits that hold for a mail."""

    def __init__(self, config: Config) -> None:
        self._in_all = tuple(_limits(config.quota))
        self._rules = {rule.name: tuple(_limits(rule, rule=rule.name)) for rule in config.sender}
        self._number = config.quota.number

    def limits(self, rule: str, numbers: Iterable[str]) -> tuple[Limit, ...]:
        """Return the limits for faxes to these numbers by a sender rule."""
        for_numbers = (limit for number in numbers for limit in _limits(self._number, number=number))
        return (*self._rules.get(rule, ()), *self._in_all, *for_numbers)


def _limits(quota: Quota, *, rule: str | None = None, number: str | None = None) -> Iterator[Limit]:
    for most, unit, span in (
        (quota.per_hour, Unit.FAXES, HOUR),
        (quota.per_day, Unit.FAXES, DAY),
        (quota.pages_per_hour, Unit.PAGES, HOUR),
        (quota.pages_per_day, Unit.PAGES, DAY),
    ):
        if most is not None:
            yield Limit(most=most, unit=unit, span=span, rule=rule, number=number)
