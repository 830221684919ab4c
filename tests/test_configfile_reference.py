"""The table of settings, and that the file in docs is this very table."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config import Config, LimitSettings, NumberSettings, RelaySettings
from gateway.config.shape import keys
from gateway.configfile.reference import kind, reference

DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"


def test_the_document_is_up_to_date() -> None:
    """If this fails: python -m gateway.configfile.reference > docs/configuration.md."""
    assert DOCUMENT.read_text("utf-8") == reference()


@pytest.mark.parametrize(
    ("section", "key", "words"),
    [
        (Config, "domains", "a list; each is a domain name, or an address in brackets"),
        (Config, "database", "text"),
        (Config, "state", "a path"),
        (Config, "users_file", "a file of ours"),
        (LimitSettings, "pages", "a whole number from 1 to 10000"),
        (NumberSettings, "country", "a country"),
        (NumberSettings, "short", "a table; each is a short code = a number with its country code"),
        (RelaySettings, "verify", "`true` or `false`"),
        (RelaySettings, "tls", '`"off"` or `"starttls"` or `"implicit"`'),
        (RelaySettings, "timeout", "a span of time"),
    ],
)
def test_kinds_in_words(section: type[Config], key: str, words: str) -> None:
    """Nobody has to know Python to read what a value looks like."""
    assert words == kind(keys(section)[key])


def test_rows_do_not_break_the_table() -> None:
    """Each row has its four cells, and what looks like HTML is shown as it is."""
    rows = [line for line in reference().splitlines() if line.startswith("| `")]

    assert {5} == {row.replace("\\|", "").count("|") for row in rows}
    assert not [row for row in rows if "<" in row]


@pytest.mark.process
def test_the_command_that_makes_the_document() -> None:
    """As CONTRIBUTING.md has it."""
    made = subprocess.run(
        [sys.executable, "-m", "gateway.configfile.reference"], cwd=DOCUMENT.parents[1], check=True, capture_output=True
    )

    assert reference() == made.stdout.decode()
