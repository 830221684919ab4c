"""The section about what senders get back."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config import ConfirmationSettings


def test_usual() -> None:
    """Told together, for half an hour at most, in our words, with nothing for programs but the header."""
    usual = ConfirmationSettings()

    assert ("auto", 1800.0, False, None) == (usual.gather, usual.gather_for, usual.json_, usual.templates)


@pytest.mark.parametrize(
    "wrong",
    [
        {"gather": "never"},
        {"gather_for": "soon"},
        {"gather_for": "5h"},
        {"per_hour": 0},
        {"json_": True},
        {"timezone": "Berlin"},
        {"timezone": "../etc/passwd"},
        {"timezone": "Europe"},
        {"picture": True},
    ],
)
def test_wrong_values(wrong: dict[str, Any]) -> None:
    """What cannot be meant is refused; JSON is called json in the file."""

    with pytest.raises(ValidationError):
        ConfirmationSettings(**wrong)
