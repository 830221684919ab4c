"""How numbers are read: what may be written there, and what counts when nothing is."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config import NumberSettings


def test_left_out() -> None:
    """Everything is as in the country, and nothing is added to it."""
    rules = NumberSettings()

    assert ("US", None, (), (), {}) == (
        rules.country,
        rules.trunk,
        rules.international,
        rules.outside_line,
        rules.short,
    )


def test_written() -> None:
    """Dial rules are digits in quotes, short codes a table."""
    written: dict[str, Any] = {
        "country": "DE",
        "trunk": "0",
        "international": ["00", "010"],
        "outside_line": ["9"],
        "short": {"11": "+4930123456"},
    }

    assert written == NumberSettings.model_validate(written).model_dump(mode="json", include=set(written))


@pytest.mark.parametrize(
    "wrong",
    [
        {"trunk": ""},
        {"trunk": "+"},
        {"trunk": "1234567"},
        {"international": ["0x"]},
        {"international": "00"},
        {"outside_line": [9]},
        {"outside_line": ["\u0669"]},
        {"short": {"1234567": "+4930123456"}},
        {"short": {"*11": "+4930123456"}},
        {"short": {"": "+4930123456"}},
        {"short": {"11": "030123456"}},
        {"expensive": ["cheap"]},
    ],
)
def test_wrong(wrong: dict[str, Any]) -> None:
    """Nothing else passes for dial rules."""
    with pytest.raises(ValidationError):
        NumberSettings.model_validate(wrong)
