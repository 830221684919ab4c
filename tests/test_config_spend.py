"""Prices and caps."""

import pytest
from pydantic import ValidationError

from gateway.config import PriceSettings, SpendSettings


def test_nothing_is_capped_by_default() -> None:
    """Nobody else knows what is too much; FAX.PLUS's own credit is the outer cap."""

    assert (None, None, 1.0, ()) == tuple(SpendSettings().model_dump().values())


@pytest.mark.parametrize(
    "wrong", [{"per_day": -1}, {"per_month": "100"}, {"price": [{"to": "GB"}]}, {"per_page": None}]
)
def test_what_is_no_amount(wrong: dict[str, object]) -> None:
    """Amounts are numbers, and a price says for which destination and how much."""
    with pytest.raises(ValidationError):
        SpendSettings.model_validate(wrong)


def test_a_price_is_for_a_destination() -> None:
    """A country or the beginning of numbers."""

    assert PriceSettings(to="+44", per_page=2.0) == PriceSettings.model_validate({"to": "+44", "per_page": 2})
