"""Foreign words made fit to be shown: subjects, file names, reasons. Nothing in them may act on mail or screen."""

import re
import unicodedata

JOINERS = "\u200c\u200d"
"""Invisible, but part of how Persian, Indic words and emoji are written."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


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
