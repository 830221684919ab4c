"""What every section shares."""

import pytest
from pydantic import ValidationError

from gateway.config import LogSettings


def test_a_section_cannot_be_changed() -> None:
    """What was checked once stays as it was checked."""
    with pytest.raises(ValidationError, match="frozen"):
        LogSettings().level = "debug"  # type: ignore[misc]  # that is the mistake


def test_a_key_that_nobody_reads_is_an_error() -> None:
    """A misspelt key must not pass for a setting."""
    with pytest.raises(ValidationError, match="extra_forbidden"):
        LogSettings.model_validate({"levle": "debug"})
