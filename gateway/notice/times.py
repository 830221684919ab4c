"""Times as the sender reads them: in the zone of where they are, by the clock of that day, with the zone named."""

from datetime import datetime

from gateway.notice.words import Words


def moment(at: float, words: Words) -> str:
    """Write a time to the second, such as "15 Jan 2027, 09:00:05 CET"."""
    there = datetime.fromtimestamp(at, words.zone)
    return f"{_date_and_clock(there, words)} {zone_of(there)}"


def between(begun: float, ended: float, words: Words) -> str:
    """Write from when until when something lasted; what both have alike, the day and the zone, is written once."""
    if round(begun) == round(ended):
        return moment(begun, words)
    start, end = (datetime.fromtimestamp(at, words.zone) for at in (begun, ended))
    same_zone, same_day = zone_of(start) == zone_of(end), start.date() == end.date()
    first = _date_and_clock(start, words) if same_zone else moment(begun, words)
    last = f"{_clock(end)} {zone_of(end)}" if same_zone and same_day else moment(ended, words)
    return words("time.span", begun=first, ended=last)


def zone_of(there: datetime) -> str:
    """Name the zone of a time: by its letters, or as UTC+03:30 where it has none."""
    letters = there.tzname() or ""
    return letters if letters.isalpha() else f"UTC{there.isoformat()[-6:]}"


def _date_and_clock(there: datetime, words: Words) -> str:
    month = words("time.months").split()[there.month - 1]
    return words("time.moment", day=there.day, month=month, year=there.year, clock=_clock(there))


def _clock(there: datetime) -> str:
    return f"{there:%H:%M:%S}"
