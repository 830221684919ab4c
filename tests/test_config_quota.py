"""Quotas: whole numbers, or none."""

import pytest
from pydantic import ValidationError

from gateway.config import QuotaSettings


def test_left_out_is_not_limited() -> None:
    """Nothing is limited that nobody wrote down."""

    assert set(QuotaSettings().model_dump(exclude={"number"}).values()) == {None}
    assert set(QuotaSettings().number.model_dump().values()) == {None}


@pytest.mark.parametrize("most", [0, -1, 1.5, "20", 2_000_000_000])
def test_a_quota_is_a_number_of_faxes(most: object) -> None:
    """None at all would be a gateway that refuses everything; the rules do that better."""
    with pytest.raises(ValidationError):
        QuotaSettings.model_validate({"per_hour": most}, strict=True)
