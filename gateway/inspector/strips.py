"""Strips of a TIFF whose sizes a device wrote wrongly, found again by what can be decoded. Runs in the child only.

Nothing, zero, half or more than the file has stands in StripByteCounts now and then (TIFF 6.0, section 8). A strip ends
at the latest where the next thing in the file begins. It is believed to be all that lies there if all its rows come out
of it, and do not any more when its end is taken away: so nothing foreign is read as a picture, and no row is missed.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.inspector.directories import COMPRESSION, END_OF_JPEG, NEW_JPEG, PLAIN, Directory

_LENGTH, _STRIPS, _ROWS_PER_STRIP, _STRIP_SIZES, _TILE = 257, 273, 278, 279, 322
_PRIVATE = 32768  # the first tag that is none of TIFF 6.0
_SUBDIRECTORIES = 330
_OLD_JPEG = 6
_END = 16  # octets: more than the end mark of any coding
_MOST = 500  # strips that are tried
_LONG, _FIELD = 4, 4  # a kind of value; octets

Reads = Callable[[bytes], bool]
"""Whether all rows of a TIFF of one page can be decoded."""

_WRONG, _SHORT = "with wrong sizes of its strips", "shorter than it says"


@dataclass(frozen=True, slots=True)
class Amended:
    """A TIFF with the right sizes."""

    octets: bytes
    reasons: tuple[str, ...]  #: what was wrong, in words that follow "it was"


@dataclass(frozen=True, slots=True)
class _Strip:
    octets: bytes  #: all that may belong to it
    said: int  #: its size as the file has it; 0 if it has none
    rows: int


def with_sizes(octets: bytes, directories: Sequence[Directory], reads: Reads) -> Amended | None:
    """Write a TIFF again with the right sizes of its strips.

    Args:
        octets: the file.
        directories: its pages.
        reads: tries a strip that was made a page of its own.

    Returns:
        None if the sizes are right, or cannot be found.
    """
    begins = _begins(octets, directories)
    pages = [(directory, _strips(octets, directory, begins)) for directory in directories]
    strips = [strip for _, page in pages for strip in page]
    if not all(page for _, page in pages) or len(strips) > _MOST:
        return None
    writer = _Writer(octets, directories[0].order)
    reasons = []
    for directory, page in pages:
        found = [_whole(octets, directory, strip, reads) for strip in page[:-1]]
        rows = _rows_of_short(octets, directory, page[-1])
        last = page[-1].octets[: page[-1].said] if rows else _whole(octets, directory, page[-1], reads)
        whole = [strip for strip in [*found, last] if strip is not None]
        if len(whole) < len(page):
            return None
        sized = [len(strip) == one.said for strip, one in zip(whole, page, strict=True)]
        reasons += ([_SHORT] if rows else []) + ([] if all(sized) else [_WRONG])
        writer.page(directory, whole, directory.values[_LENGTH] - (page[-1].rows - rows if rows else 0))
    return Amended(bytes(writer.written), tuple(dict.fromkeys(reasons))) if reasons else None


def _rows_of_short(octets: bytes, directory: Directory, strip: _Strip) -> int:
    """How many rows the last strip has that is not coded and ends after one of them, but too soon; else 0."""
    row = directory.row(octets)
    plain = directory.values.get(COMPRESSION, PLAIN) == PLAIN and row
    ends = bool(plain) and strip.said % row == 0 and strip.said <= len(strip.octets) <= strip.said + _END
    return strip.said // row if ends and strip.said < strip.rows * row else 0


def _begins(octets: bytes, directories: Sequence[Directory]) -> list[int]:
    """Every place where something begins, and the end of the file."""
    places = {len(octets)}
    for directory in directories:
        outside = (entry.place for entry in directory.entries.values() if entry.size > _FIELD)
        places |= {directory.place, *outside, *directory.numbers(octets, _STRIPS)}
    return sorted(places)


def _strips(octets: bytes, directory: Directory, begins: list[int]) -> list[_Strip]:
    """The strips of a page; none if it is of a kind whose sizes cannot be found."""
    values, places = directory.values, directory.numbers(octets, _STRIPS)
    length = values.get(_LENGTH, 0)
    rows = min(values.get(_ROWS_PER_STRIP, 0) or length, length)
    odd = directory.big or _TILE in values or directory.planes != 1 or values.get(COMPRESSION) == _OLD_JPEG
    if odd or not rows or len(set(places)) != -(-length // rows) or max(places) >= len(octets):
        return []
    sizes = directory.numbers(octets, _STRIP_SIZES)
    said = sizes if len(sizes) == len(places) else (0,) * len(places)
    return [
        _Strip(octets[place : begins[bisect_right(begins, place)]], size, min(rows, length - number * rows))
        for number, (place, size) in enumerate(zip(places, said, strict=True))
    ]


def _whole(octets: bytes, directory: Directory, strip: _Strip, reads: Reads) -> bytes | None:
    """The octets that the strip has; None if that cannot be known."""

    def sound(some: bytes) -> bool:
        writer = _Writer(octets, directory.order)
        writer.page(directory, [some], strip.rows)
        return bool(some) and reads(bytes(writer.written))

    said = strip.octets[: strip.said]
    if len(said) == strip.said and sound(said):
        return said
    if directory.values.get(COMPRESSION, PLAIN) == PLAIN:
        found = strip.octets[: strip.rows * directory.row(octets)]
        return found if sound(found) else None
    if directory.values[COMPRESSION] == NEW_JPEG:
        found = strip.octets[: strip.octets.rfind(END_OF_JPEG) + len(END_OF_JPEG)]
        return found if sound(found) else None
    shorter = strip.octets.rstrip(b"\0")[:-_END]
    return strip.octets if sound(strip.octets) and not sound(shorter) else None


class _Writer:
    """Writes pages with the tags that they have, and with other strips."""

    def __init__(self, source: bytes, order: str) -> None:
        self.written = bytearray((b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 0))
        self._source, self._order = source, order
        self._link = 4

    def page(self, directory: Directory, strips: Sequence[bytes], rows: int) -> None:
        """Write a page of so many rows."""
        places = [self._put(strip) for strip in strips]
        found = {
            tag: (entry.kind, entry.count, self._source[entry.place : entry.place + entry.size])
            for tag, entry in directory.entries.items()
            if tag < _PRIVATE and tag != _SUBDIRECTORIES
        }
        each = rows if len(strips) == 1 else directory.values[_ROWS_PER_STRIP]
        numbers = {
            _LENGTH: [rows],
            _ROWS_PER_STRIP: [each],
            _STRIPS: places,
            _STRIP_SIZES: [len(one) for one in strips],
        }
        found |= {tag: (_LONG, len(some), self._packed(*some)) for tag, some in numbers.items()}
        fields = [(tag, kind, count, self._field(value)) for tag, (kind, count, value) in sorted(found.items())]
        entries = b"".join(struct.pack(f"{self._order}HHI", *begin) + field for *begin, field in fields)
        place = self._put(struct.pack(f"{self._order}H", len(fields)) + entries + bytes(_FIELD))
        self.written[self._link : self._link + _FIELD] = self._packed(place)
        self._link = len(self.written) - _FIELD

    def _field(self, value: bytes) -> bytes:
        return value.ljust(_FIELD, b"\0") if len(value) <= _FIELD else self._packed(self._put(value))

    def _packed(self, *numbers: int) -> bytes:
        return struct.pack(f"{self._order}{len(numbers)}I", *numbers)

    def _put(self, octets: bytes) -> int:
        self.written += bytes(len(self.written) % 2)
        place = len(self.written)
        self.written += octets
        return place
