"""The times that MAIL may ask for: not before (RFC 4865, FUTURERELEASE), not after (RFC 2852, DELIVERBY)."""

import re
from datetime import datetime
from typing import NoReturn

from gateway.smtp.reply import RefusedError
from gateway.smtp.terms import Terms

_BY = re.compile(r"(?P<seconds>[+-]?[0-9]{1,9});(?P<mode>[NR])T?", re.IGNORECASE)
"""`T` asks for a report when the mail is passed on to another server; we never do that."""
_INTERVAL = re.compile(r"[1-9][0-9]{0,8}")
_UTC = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z", re.IGNORECASE)


def release_at(hold_for: str, hold_until: str, terms: Terms) -> float | None:
    """Return when a mail may leave, seconds since the epoch; None: at once.

    Raises:
        RefusedError: malformed, in the past, too far away, or asked for in two ways (501).
    """
    if hold_for and hold_until:
        _malformed("write HOLDFOR or HOLDUNTIL, not both")
    if hold_for:
        at = terms.now + _interval(hold_for)
    elif hold_until:
        at = _moment(hold_until)
    else:
        return None
    if at <= terms.now:
        _malformed("HOLDUNTIL is over already")
    if at > terms.now + terms.longest_hold:
        _malformed(f"mail is held back for {terms.longest_hold:.0f} seconds at most")
    return at


def deliver_by(value: str, release: float | None, terms: Terms) -> tuple[float | None, str]:
    """Return until when a fax is to arrive, seconds since the epoch, and what follows then: "R" or "N".

    A time that was over when the mail came, with "N", asks for nothing more: who had the mail before has said that it
    is late (RFC 2852 section 4.1.4.1).

    Args:
        value: of BY; empty when nobody gave one.
        release: when the mail may leave; None: at once.
        terms: of the listener.

    Raises:
        RefusedError: malformed (501), over before the mail may leave (501, RFC 4865 section 4.2), or with "R" too
            short to get any fax through (555).
    """
    if not value:
        return None, ""
    match = _BY.fullmatch(value)
    if match is None:
        _malformed("BY is written as seconds;R or seconds;N")
    seconds, mode = int(match["seconds"]), match["mode"].upper()
    at = terms.now + seconds
    if mode == "R" and seconds <= 0:
        _malformed("with BY=...;R the time must not be over already")
    if release is not None and at < release:
        _malformed("the time of BY is over before this mail may leave")
    if mode == "R" and at - (release or terms.now) < terms.shortest_by:
        words = f"BY=...;R takes {terms.shortest_by:.0f} seconds at least: sooner no fax can be promised"
        raise RefusedError(555, "5.5.4", words)
    return (at, mode) if seconds > 0 else (None, "")


def _interval(text: str) -> int:
    if _INTERVAL.fullmatch(text) is None:
        _malformed("HOLDFOR is written as seconds")
    return int(text)


def _moment(text: str) -> float:
    words = "HOLDUNTIL is written in UTC, such as 2027-01-15T08:00:00Z"
    if _UTC.fullmatch(text) is None:
        _malformed(words)
    try:
        return datetime.fromisoformat(text.upper()).timestamp()
    except ValueError:
        _malformed(words)


def _malformed(words: str) -> NoReturn:
    raise RefusedError(501, "5.5.4", words)
