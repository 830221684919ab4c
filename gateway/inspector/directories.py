"""The directories of a TIFF, one a page, read before any library sees them (TIFF 6.0, section 2). In the child only."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from gateway.inspector.unfit import CUT_OFF, DAMAGED, UnfitError, too_many

WIDTH, COMPRESSION, PHOTOMETRIC, SUBFILE, OLD_SUBFILE, ORIENTATION = 256, 259, 262, 254, 255, 274
JPEG, JPEG_LENGTH = 513, 514
_BITS, _SAMPLES, _PLANES = 258, 277, 284
PLAIN, NEW_JPEG = 1, 7
"""Compressions: none, and JPEG as TIFF Technical Note 2 has it."""
END_OF_JPEG = b"\xff\xd9"
_LAYERS = 34732  # ImageLayer, of profile M (RFC 3949 section 8.2)

_ITULAB = 10
_CIELAB = 8
_JBIG = (9, 10, 34661)

_HEADERS = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}
_FARTHEST = 2**62  # a place beyond which no file reaches
_VALUES = {3: "H", 4: "I", 16: "Q"}  # SHORT, LONG, and BigTIFF's LONG8
_SIZES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}  # octets of a value, if not 1


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the values of a tag lie."""

    kind: int  #: as the file calls it: 3 is SHORT, 4 is LONG
    count: int  #: of values
    place: int  #: of the first, in the file

    @property
    def size(self) -> int:
        """Octets of all its values."""
        return self.count * _SIZES.get(self.kind, 1)


@dataclass(frozen=True, slots=True)
class Directory:
    """One page."""

    place: int  #: in the file
    order: str  #: of its octets: "<" or ">"
    big: bool  #: of a BigTIFF
    entries: dict[int, Entry]  #: by their tags
    values: dict[int, int]  #: of the tags whose value is a single number

    @property
    def width(self) -> int:
        """In dots."""
        return self.values.get(WIDTH, 0)

    def numbers(self, octets: bytes, tag: int) -> tuple[int, ...]:
        """All values of a tag in the file; none if it is missing, or no list of numbers that lies there."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _VALUES or entry.place + entry.size > len(octets):
            return ()
        return struct.unpack_from(f"{self.order}{entry.count}{_VALUES[entry.kind]}", octets, entry.place)

    def row(self, octets: bytes) -> int:
        """Octets of a row that is not coded, of a page that is not in colour planes."""
        bits = max(self.numbers(octets, _BITS), default=1)
        return (self.width * self.values.get(_SAMPLES, 1) * bits + 7) // 8

    @property
    def planes(self) -> int:
        """1: the colours of a dot lie together; 2: each in a plane of its own."""
        return self.values.get(_PLANES, 1)

    @property
    def orientation(self) -> int:
        """How its rows and columns lie; 1: as they are read."""
        found = self.values.get(ORIENTATION, 1)
        return found if found in range(1, 9) else 1

    @property
    def reduced(self) -> bool:
        """Whether it says that it is a small copy of another page."""
        return bool(self.values.get(SUBFILE, 0) & 1) or self.values.get(OLD_SUBFILE) == 2  # noqa: PLR2004  # TIFF 6.0, section 8


def read_directories(file: BinaryIO, limit: int) -> list[Directory]:
    """Follow the chain of directories; those inside others (SubIFDs) are no pages.

    Args:
        file: the TIFF.
        limit: how many pages are allowed. A loop would be pages without end.

    Raises:
        UnfitError: the chain is broken, empty or too long, or a page is in a coding that nobody can fax.
    """
    reader = _Reader(file)
    found: dict[int, Directory] = {}
    position = reader.first
    while position:
        if position in found:
            raise UnfitError(DAMAGED)
        if len(found) == limit:
            raise too_many(limit)
        found[position], position = reader.directory(position)
    if not found:
        raise UnfitError("has no pages")
    for directory in found.values():
        _refuse_profile(directory)
    return list(found.values())


def pages_among(directories: Sequence[Directory]) -> list[int]:
    """The places of those that are pages, from 0.

    One that says that it is a small copy is left out only if it is indeed half as wide as another page, or less: there
    are devices that say so of each page but the first.
    """
    full = max((one.width for one in directories if not one.reduced), default=0)
    return [place for place, one in enumerate(directories) if not one.reduced or one.width * 2 > full]


def straightened(octets: bytes, directories: Sequence[Directory]) -> bytes:
    """The same file with every page lying as it is read: Pillow turns some pages itself, and leaves others alone."""
    changed = bytearray(octets)
    one = b"\1\0" if octets.startswith(b"II") else b"\0\1"
    for directory in directories:
        if ORIENTATION in directory.values:
            place = directory.entries[ORIENTATION].place
            changed[place : place + 2] = one
    return bytes(changed)


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.order, self.big = _HEADERS.get(file.read(4), ("<", False))
        if self.big:
            file.seek(8)
        self.first = self._number("Q" if self.big else "I")

    def directory(self, position: int) -> tuple[Directory, int]:
        """Read one, and where the next lies."""
        if position > _FARTHEST:
            raise UnfitError(DAMAGED)
        self.file.seek(position)
        count = self._number("Q" if self.big else "H")
        size = 20 if self.big else 12
        if not 0 < count < 2**16:
            raise UnfitError(DAMAGED)
        octets = self.file.read(count * size)
        after = self._number("Q" if self.big else "I")
        entries: dict[int, Entry] = {}
        values: dict[int, int] = {}
        room = 8 if self.big else 4
        for place in range(0, count * size, size):
            tag, kind, number = struct.unpack_from(f"{self.order}HH{'Q' if self.big else 'I'}", octets, place)
            field = place + size - room
            entry = Entry(kind, number, position + (8 if self.big else 2) + field)
            if entry.size > room:
                (elsewhere,) = struct.unpack_from(f"{self.order}{'Q' if self.big else 'I'}", octets, field)
                entry = Entry(kind, number, elsewhere)
            elif number == 1 and kind in _VALUES:
                values[tag] = struct.unpack_from(self.order + _VALUES[kind], octets, field)[0]
            entries[tag] = entry
        return Directory(position, self.order, self.big, entries, values), after

    def _number(self, form: str) -> int:
        size = struct.calcsize(form)
        octets = self.file.read(size)
        if len(octets) < size:
            raise UnfitError(CUT_OFF)
        return int(struct.unpack(self.order + form, octets)[0])


def _refuse_profile(directory: Directory) -> None:
    """Refuse the fax profiles in colour, layers and JBIG (RFC 3949, sections 5 to 8): no library at hand reads them."""
    values = directory.values
    if _LAYERS in directory.entries:
        raise _in_profile("in layers (profile M")
    if values.get(COMPRESSION) in _JBIG:
        raise _in_profile("in JBIG coding (profile J or L")
    colours = values.get(PHOTOMETRIC)
    if colours == _ITULAB or (colours == _CIELAB and values.get(COMPRESSION) == NEW_JPEG):
        raise _in_profile("in fax colours (profile C")


def _in_profile(what: str) -> UnfitError:
    return UnfitError(f"is {what} of RFC 3949), which cannot be faxed from here; send a TIFF in Group 4, or a PDF")
