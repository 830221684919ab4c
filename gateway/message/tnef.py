"""Attachments in a winmail.dat: the Transport Neutral Encapsulation Format of Outlook ([MS-OXTNEF]).

Only places are returned and nothing is copied, so time and memory do not depend on what the file claims. The tnefparse
package copies all that follows for each attribute, and drops attachments in silence where the data break off.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.message.limits import PARTS
from gateway.message.mail import DamagedError
from gateway.message.spooled import Octets
from gateway.message.words import decode_charset

SIGNATURE = b"\x78\x9f\x3e\x22"
"""How a file in this format begins (section 2.1.3.1)."""

_HEADER = 6  # octets: the signature and a key
_OF_ATTACHMENT = 2  # the level of an attribute that belongs to an attachment
_CHECKSUM = 2  # octets
_ATTRIBUTES = 60 * PARTS  # many times what Outlook writes
_PROPERTIES = 4096  # of one attachment

# Attributes (section 2.1.3.2) and properties ([MS-OXPROPS]).
_CODE_PAGE, _RENDERING, _TITLE, _CONTENT, _ATTACHMENT = 0x9007, 0x9002, 0x8010, 0x800F, 0x9005
_NAMES = (0x3707, 0x3704, 0x3001)  # long file name, short file name, display name: the first that is there counts
_OBJECT = 0x3701
_NAMED = 0x8000  # from here on a property carries a name of its own

_ONE_OF_MANY = 0x1000
_SIZES = {0x02: 2, 0x0B: 2, 0x03: 4, 0x04: 4, 0x0A: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_OF_ANY_SIZE = (0x0D, 0x1E, 0x1F, 0x102)
_UTF_16 = 0x1F
_MAIL_OBJECT = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage: a mail in this format follows


@dataclass(slots=True)
class Packed:
    """A file inside: what it is called, and where it lies."""

    name: str = ""
    start: int = 0
    end: int = 0
    names: dict[int, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What its sender called it."""
        return next((self.names[wanted] for wanted in _NAMES if self.names.get(wanted)), self.name)


def read_tnef(octets: Octets, start: int, end: int) -> list[Packed]:
    """Find the attachments; a mail inside the mail is one of them, in this same format.

    Args:
        octets: what it lies in.
        start: where it begins.
        end: where it ends.

    Raises:
        DamagedError: it breaks off, or is something else.
    """
    if octets[start : start + len(SIGNATURE)] != SIGNATURE:
        raise DamagedError
    found: list[Packed] = []
    code_page = "cp1252"
    for level, attribute, place in _attributes(_Cursor(octets, start + _HEADER, end)):
        if attribute == _CODE_PAGE:
            code_page = f"cp{place.number(4)}"
        elif level == _OF_ATTACHMENT and attribute == _RENDERING:
            found.append(Packed())
        elif level == _OF_ATTACHMENT and found:
            _take(found[-1], attribute, place, code_page)
    return found


def _attributes(cursor: "_Cursor") -> Iterator[tuple[int, int, "_Cursor"]]:
    for _ in range(_ATTRIBUTES):
        if cursor.at_padding():
            return
        level, attribute, _, length = cursor.number(1), cursor.number(2), cursor.number(2), cursor.number(4)
        yield level, attribute, cursor.within(length)
        cursor.skip(_CHECKSUM)
    raise DamagedError


def _take(packed: Packed, attribute: int, place: "_Cursor", code_page: str) -> None:
    if attribute == _TITLE:
        packed.name = decode_charset(place.rest(), code_page).rstrip("\0")
    elif attribute == _CONTENT:
        packed.start, packed.end = place.at, place.end
    elif attribute == _ATTACHMENT:
        for property_, kind, value in _properties(place):
            if property_ in _NAMES:
                charset = "utf-16-le" if kind == _UTF_16 else code_page
                packed.names[property_] = decode_charset(value.rest(), charset).rstrip("\0")
            elif property_ == _OBJECT and value.end > value.at:
                mail = value.rest(len(_MAIL_OBJECT)) == _MAIL_OBJECT
                packed.start, packed.end = value.at + mail * len(_MAIL_OBJECT), value.end


def _properties(cursor: "_Cursor") -> Iterator[tuple[int, int, "_Cursor"]]:
    """The values of an attachment's properties (section 2.1.3.4)."""
    count = cursor.number(4)
    if count > _PROPERTIES:
        raise DamagedError
    for _ in range(count):
        kind, property_ = cursor.number(2), cursor.number(2)
        if property_ >= _NAMED:
            _skip_name(cursor)
        for value in _values(cursor, kind):
            yield property_, kind, value


def _skip_name(cursor: "_Cursor") -> None:
    cursor.skip(16)
    if cursor.number(4) == 0:
        cursor.skip(4)
    else:
        cursor.padded(cursor.number(4))


def _values(cursor: "_Cursor", kind: int) -> Iterator["_Cursor"]:
    single = kind & ~_ONE_OF_MANY
    if single in _OF_ANY_SIZE:
        for _ in range(min(cursor.number(4), _PROPERTIES + 1)):
            yield cursor.padded(cursor.number(4))
    elif single in _SIZES:
        count = cursor.number(4) if kind & _ONE_OF_MANY else 1
        yield cursor.padded(_SIZES[single] * count)
    else:
        raise DamagedError


class _Cursor:
    """A place in the octets, which goes on as they are read, and an end that it does not go beyond."""

    def __init__(self, octets: Octets, at: int, end: int) -> None:
        self.octets, self.at, self.end = octets, at, end

    def number(self, size: int) -> int:
        return int.from_bytes(self.within(size).rest(), "little")

    def skip(self, size: int) -> None:
        if self.at + size > self.end:
            raise DamagedError
        self.at += size

    def within(self, size: int) -> "_Cursor":
        start = self.at
        self.skip(size)
        return _Cursor(self.octets, start, self.at)

    def padded(self, size: int) -> "_Cursor":
        """What lies in so many octets; behind it there may be more, up to the next multiple of four."""
        value = self.within(size)
        with contextlib.suppress(DamagedError):
            self.skip(-size % 4)
        return value

    def rest(self, at_most: int = 4096) -> bytes:
        return self.octets[self.at : min(self.end, self.at + at_most)]

    def at_padding(self) -> bool:
        """Whether nothing more follows than what gateways add behind a file."""
        rest = self.rest(16)
        return self.at + len(rest) == self.end and not rest.strip(b"\0\r\n ")
