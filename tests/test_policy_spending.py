"""What faxes cost by the price table, and in which day and month it is spent."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.config import SpendSettings
from gateway.policy import Period, Spend, Spending
from gateway.policy.spending import names

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
PRICES = [{"to": "GB", "per_page": 2}, {"to": "+44", "per_page": 3}, {"to": "+4420", "per_page": 1.5}]


def spending(**changed: Any) -> Spending:
    """Caps for a day and a month, and prices."""
    return Spending(
        SpendSettings.model_validate({"per_day": 500, "per_month": 9000, "per_page": 0.5, "price": PRICES} | changed)
    )


@pytest.mark.parametrize(
    ("number", "pages", "expected"),
    [
        ("+12025550123", 3, 1.5),
        ("+442071234567", 2, 3.0),
        ("+441212345678", 2, 6.0),
        ("+493012345678", 0, 0.0),
    ],
)
def test_the_longest_beginning_decides(number: str, pages: int, expected: float) -> None:
    """Then the country, then the ordinary price."""
    spend = spending().spend(number, pages, NEW_YEAR)

    assert expected == (spend.amount if spend else None)


def test_the_country_decides_where_no_beginning_does() -> None:
    """A price for a country holds for its numbers, and not for others of its calling code."""
    by_country = spending(price=[{"to": "CA", "per_page": 4}])

    assert [4.0, 0.5] == [
        spend.amount for number in ("+16135550123", "+12025550123") if (spend := by_country.spend(number, 1, NEW_YEAR))
    ]


def test_days_and_months_are_those_of_utc() -> None:
    """A second before the new year is another year."""

    assert ("2027-01-01", "2027-01") == names(NEW_YEAR)
    assert ("2026-12-31", "2026-12") == names(NEW_YEAR - 1)
    assert Spend(0.5, (Period("2027-01-01", 500.0), Period("2027-01", 9000.0))) == spending().spend(
        "+12025550123", 1, NEW_YEAR
    )


def test_without_caps_nothing_is_counted() -> None:
    """A price alone limits nothing; one cap is enough."""

    assert spending(per_day=None, per_month=None).spend("+12025550123", 1, NEW_YEAR) is None
    assert spending(per_day=None).spend("+12025550123", 1, NEW_YEAR) is not None


@pytest.mark.parametrize(("amount", "expected"), [(0.0, False), (399.9, False), (400.0, True), (501.0, True)])
def test_four_fifths_are_nearly_all(amount: float, *, expected: bool) -> None:
    """That is when the operator should know."""

    assert expected is Period("2027-01-01", 500.0).nearly_used(amount)
    assert not Period("2027-01-01", None).nearly_used(amount)
