"""Foreign words made fit to be shown, and numbers and times as people write them."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

JOINERS = "\u200c\u200d"
"""Invisible, but part of how Persian, Indic words and emoji are written."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

MINUTE = 60


def cut(foreign: str, longest: int) -> str:
    """Return one line of at most so many characters."""
    words = " ".join(_printable(foreign).split())
    return words if len(words) <= longest else words[: longest - 3].rstrip() + "..."


def lines(foreign: str) -> str:
    """Return text whose lines and indents are kept."""
    return "".join(f"{_printable(line).rstrip()}\n" for line in foreign.splitlines())


def token(foreign: str) -> str:
    """Return a value for a header field that programs read."""
    return re.sub(r"[^A-Za-z0-9_.+-]", "_", foreign)[:64]


def verbatim(foreign: str, longest: int = 900) -> str:
    """Return one line of visible ASCII, for fields that must not be encoded; what is none becomes a question mark."""
    return " ".join(re.sub(r"[^ -~]", "?", foreign).split())[:longest]


def international(number: str) -> str:
    """Write a number as people do, such as "+1 555-123-4567"; what is no number stays as it is."""
    parsed = _parsed(number)
    return number if parsed is None else phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def country(number: str) -> str | None:
    """Return the two letters of the country that a number is of."""
    parsed = _parsed(number)
    region = None if parsed is None else phonenumbers.region_code_for_number(parsed)
    return region if region and region.isalpha() else None


def span(seconds: float) -> str:
    """Write so many seconds in minutes and seconds."""
    minutes, rest = divmod(round(seconds), MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except NumberParseException:
        return None


def _printable(foreign: str) -> str:
    """Without controls, overrides of the reading direction, halves of characters and beginnings of encoded words."""
    return "".join(map(_shown, foreign)).replace("=?", "= ?")


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if category == "Cs":
        return REPLACEMENT
    return "" if category == "Cf" and character not in JOINERS else character
