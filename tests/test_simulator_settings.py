"""Settings of the simulator: gentle by default, nonsense is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.simulator import SimulatorSettings


def test_gentle_by_default() -> None:
    """Out of the box nothing is late, lost or doubled."""
    settings = SimulatorSettings()

    assert ((0.0, 0.0), (0.0, 0.0)) == (settings.visibility_lag, settings.archive_lag)
    assert (0.0, 0.0, 0.0) == (settings.webhook_loss, settings.webhook_duplicates, settings.webhook_reorder)


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed": 0},
        {"webhook_loss": 1.1},
        {"visibility_lag": (5.0, 1.0)},
        {"archive_lag": (-1.0, 1.0)},
        {"ids": "random"},
        {"seconds_per_page": float("inf")},
        {"spede": 2},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    """A value out of range or a setting that does not exist is an error."""
    with pytest.raises(ValidationError):
        SimulatorSettings(**wrong)
