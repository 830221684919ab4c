"""What is faxed beside PDF and TIFF: nothing, unless somebody says so."""

import pytest
from pydantic import ValidationError

from gateway.config import DocumentSettings


def test_nothing_else() -> None:
    """Whoever writes nothing down gets PDF and TIFF alone."""

    assert DocumentSettings(pictures=False, text="leave") == DocumentSettings()


@pytest.mark.parametrize("wrong", [{"text": "always"}, {"text": True}, {"pictures": "some"}])
def test_unknown_words(wrong: dict[str, object]) -> None:
    """There are three ways for text, and two for pictures."""
    with pytest.raises(ValidationError):
        DocumentSettings.model_validate(wrong)
