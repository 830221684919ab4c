"""Times as senders read them: where they are, in the form of their language, with the zone named."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from gateway.notice import Library
from gateway.notice.times import between, moment
from tests.values import NOW

LIBRARY = Library()
BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = NOW + 100 * 86400


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "15 Jan 2027, 09:00:00 CET"),
        ("de", "15.01.2027, 09:00:00 CET"),
        ("fr", "15/01/2027, 09:00:00 CET"),
        ("es", "15/01/2027, 09:00:00 CET"),
    ],
)
def test_each_language_has_its_form(language: str, written: str) -> None:
    """English spells the month: British and American numbers would be read differently."""

    assert written == moment(NOW, LIBRARY.words(language, BERLIN))


@pytest.mark.parametrize(
    ("language", "written"), [("en", "5 Jan 2027, 09:00:00 CET"), ("de", "05.01.2027, 09:00:00 CET")]
)
def test_days_of_one_digit(language: str, written: str) -> None:
    """Where the month is spelled it has one, where all is digits it has two."""

    assert written == moment(NOW - 10 * 86400, LIBRARY.words(language, BERLIN))


@pytest.mark.parametrize(
    ("zone", "at", "written"),
    [
        ("UTC", NOW, "15 Jan 2027, 08:00:00 UTC"),
        ("Europe/Berlin", SUMMER, "25 Apr 2027, 10:00:00 CEST"),
        ("America/New_York", NOW, "15 Jan 2027, 03:00:00 EST"),
        ("Asia/Kathmandu", NOW, "15 Jan 2027, 13:45:00 UTC+05:45"),
        ("America/Sao_Paulo", NOW, "15 Jan 2027, 05:00:00 UTC-03:00"),
        ("Pacific/Kiritimati", NOW, "15 Jan 2027, 22:00:00 UTC+14:00"),
    ],
)
def test_the_zone_is_named(zone: str, at: float, written: str) -> None:
    """As that day had it, by its letters or by how far it is from UTC."""

    assert written == moment(at, LIBRARY.words("en", ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("ended", "written"),
    [
        (NOW + 0.4, "15 Jan 2027, 09:00:00 CET"),
        (NOW + 70, "15 Jan 2027, 09:00:00 to 09:01:10 CET"),
        (NOW + 86400, "15 Jan 2027, 09:00:00 to 16 Jan 2027, 09:00:00 CET"),
        (SUMMER, "15 Jan 2027, 09:00:00 CET to 25 Apr 2027, 10:00:00 CEST"),
    ],
)
def test_a_span_says_once_what_is_alike(ended: float, written: str) -> None:
    """The day, and the zone: over the change to summer time it names both."""

    assert written == between(NOW, ended, LIBRARY.words("en", BERLIN))


def test_an_hour_that_comes_twice() -> None:
    """In the night in which summer time ends, the zone tells one half past two from the other."""
    first = 1_824_942_600.0  # 2027-10-31 00:30 UTC

    assert "31 Oct 2027, 02:30:00 CEST to 02:30:00 CET" == between(
        first, first + 3600, LIBRARY.words("en", BERLIN)
    ).replace("to 31 Oct 2027, ", "to ")


def test_without_a_zone_it_is_utc() -> None:
    """Whoever asks for words alone gets times that are true."""

    assert LIBRARY.words("en").zone is UTC
