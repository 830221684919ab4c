"""What is in force, beyond what the gallery shows."""

from gateway.config import Config
from gateway.configfile import effective


def test_defaults_are_told_from_what_was_written() -> None:
    """The same value is marked when nobody wrote it, and not when somebody did."""
    written = {
        "operator": "it@example.org",
        "faxplus": {"token_file": "faxplus.token", "from": "+12025550100", "at_once": 4},
        "listener": [{"name": "printers"}],
    }
    lines = effective(Config.model_validate(written)).splitlines()

    assert "at_once = 4" in lines
    assert 'account = "self"  # default' in lines
    assert "# database is left out" in lines
