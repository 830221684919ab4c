"""How a number is spelt in the local part of a mail address: what people, devices, RFC 3192 and Exchange write.

The grammar, from the whole to the pieces (case never counts):

    local-part = "IMCEAFAX-" encapsulated / "[FAX:" outlook "]" / elements ["^NOCOVER"]
    encapsulated = outlook, where "_" stands for "/" and "+" with two hexadecimal digits for any other character
    outlook = [name "@"] elements
    elements = ["/"] element *("/" element) ["/"]
    element = digits / name / keyword "=" value

Exactly one element is the number: the one with the keyword FAX, whose value is a global number; without that the first,
in digits. A name may stand before a FAX element. All others are qualifiers, which change nothing or are refused.
Encapsulation is described in MS-OXCMAIL section 2.1.3.1.8.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.number.refusal import malformed, not_a_number, not_passed_on, relaying

_DIGITS = re.compile(r"\+?[0-9 ().-]*[0-9][0-9 ().-]*")
_BEGINS_LIKE_DIGITS = re.compile(r"[+( ]*[0-9]")
_GLOBAL = re.compile(r"\+[0-9 ().-]*")
_ENCAPSULATED = re.compile(r"IMCEAFAX-(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_BRACKETED = re.compile(r"\[FAX:(?P<rest>.*)\]", re.IGNORECASE | re.DOTALL)
_NO_COVER = re.compile(r"\^NOCOVER\Z", re.IGNORECASE)
_ESCAPE = re.compile(r"_|\+(?P<code>[0-9A-Fa-f]{2})")
_NO_ESCAPE = re.compile(r"\+(?![0-9A-Fa-f]{2})")
_ELSEWHERE = re.compile(r"[@%!]")

_PERSON = frozenset({"ATTN", "ORG", "OFNO", "OFNA", "STR", "ADDR", "ADDU", "ADDL", "POB", "ZIP", "CO", "NAME", "TO"})
"""What tells about the person at the far end (RFC 2846 section 3, and fax servers); it is for a cover page."""
_NO_COVER_PAGE = frozenset({"OFF", "NO", "NONE", "0"})
"""We print no cover page, so that whoever wants none gets what they want."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A number as it is spelt."""

    digits: str
    world: bool  #: they begin with a country code; else they are what one dials


def read(local_part: str, country: str) -> Spelling:
    """Find the number in a local part, without quotes.

    Args:
        local_part: what stands before the @.
        country: for the words of a refusal.

    Raises:
        gateway.number.BadNumberError: there is none, or it is asked for what cannot be done.
    """
    if match := _ENCAPSULATED.fullmatch(local_part):
        return _outlook(_decapsulated(match["rest"], country), country)
    if match := _BRACKETED.fullmatch(local_part.strip()):
        return _outlook(match["rest"], country)
    return _elements(_NO_COVER.sub("", local_part), country)


def _decapsulated(text: str, country: str) -> str:
    decoded = _ESCAPE.sub(lambda match: chr(int(match["code"], 16)) if match["code"] else "/", text)
    if _NO_ESCAPE.search(text) or re.fullmatch(r"[ -~]*", decoded) is None:
        malformed("what stands behind IMCEAFAX- is not encoded as Exchange does it", country)
    return decoded


def _outlook(text: str, country: str) -> Spelling:
    """The name before the @ is for people."""
    return _elements(text.rpartition("@")[2], country)


def _elements(text: str, country: str) -> Spelling:
    elements = text.strip().removeprefix("/").removesuffix("/").split("/")
    keyed = [element.partition("=") for element in elements]
    numbers = [value for keyword, _, value in keyed if keyword.upper() == "FAX"]
    if not numbers:
        return _dialled(elements, country)
    rest = [element for element, (keyword, _, _) in zip(elements, keyed, strict=True) if keyword.upper() != "FAX"]
    if rest and rest[0] == elements[0] and "=" not in rest[0]:
        _check_name(rest.pop(0), country)
    _check_qualifiers(rest, country)
    if len(numbers) > 1 or _GLOBAL.fullmatch(numbers[0]) is None:
        malformed("after FAX= one number must follow that begins with + and its country code", country)
    return Spelling(_only_digits(numbers[0]), world=True)


def _dialled(elements: Sequence[str], country: str) -> Spelling:
    number, *qualifiers = elements
    if _DIGITS.fullmatch(number) is None:
        _not_digits(number, country)
    _check_qualifiers(qualifiers, country)
    return Spelling(_only_digits(number), world=number.startswith("+"))


def _check_name(text: str, country: str) -> None:
    if _ELSEWHERE.search(text):
        relaying()
    if _BEGINS_LIKE_DIGITS.match(text):
        malformed("two numbers stand here", country)


def _check_qualifiers(qualifiers: Sequence[str], country: str) -> None:
    for qualifier in qualifiers:
        keyword, _, value = qualifier.partition("=")
        if _ELSEWHERE.search(qualifier):
            relaying()
        if keyword.upper() == "T33S" and re.fullmatch("[0-9]+", value) is None:
            malformed("a sub-address consists of digits", country)
        no_cover = keyword.upper() == "CP" and value.upper() in _NO_COVER_PAGE
        if keyword.upper() not in _PERSON and not no_cover:
            not_passed_on()


def _not_digits(text: str, country: str) -> None:
    if _ELSEWHERE.search(text):
        relaying()
    if _BEGINS_LIKE_DIGITS.match(text):
        malformed("a number consists of digits; dots, dashes, blanks and parentheses may stand between them", country)
    not_a_number(country)


def _only_digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
