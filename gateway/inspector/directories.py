"""The directories of a TIFF, one a page, read before any library sees them (TIFF 6.0, section 2). In the child only."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from gateway.inspector.unfit import CUT_OFF, DAMAGED, UnfitError, too_many

WIDTH, COMPRESSION, PHOTOMETRIC, SUBFILE, OLD_SUBFILE, ORIENTATION = 256, 259, 262, 254, 255, 274
JPEG, JPEG_LENGTH = 513, 514
_LAYERS = 34732  # ImageLayer, of profile M (RFC 3949 section 8.2)

_ITULAB = 10
_CIELAB = 8
_NEW_JPEG = 7
_JBIG = (9, 10, 34661)

_HEADERS = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}
_FARTHEST = 2**62  # a place beyond which no file reaches
_VALUES = {3: "H", 4: "I", 16: "Q"}  # SHORT, LONG, and BigTIFF's LONG8


@dataclass(frozen=True, slots=True)
class Directory:
    """One page: the tags whose value is a single number."""

    values: dict[int, int]
    tags: frozenset[int]  #: all that it has
    big: bool  #: of a BigTIFF
    orientation_at: int  #: where in the file the value of the orientation lies; 0 if there is none

    @property
    def width(self) -> int:
        """In dots."""
        return self.values.get(WIDTH, 0)

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
        if directory.orientation_at:
            changed[directory.orientation_at : directory.orientation_at + 2] = one
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
        entries = self.file.read(count * size)
        after = self._number("Q" if self.big else "I")
        values: dict[int, int] = {}
        places: dict[int, int] = {}
        tags = set()
        for place in range(0, count * size, size):
            tag, kind, number = struct.unpack_from(f"{self.order}HH{'Q' if self.big else 'I'}", entries, place)
            tags.add(tag)
            if number == 1 and kind in _VALUES:
                where = place + (12 if self.big else 8)
                places[tag] = position + (8 if self.big else 2) + where
                values[tag] = struct.unpack_from(self.order + _VALUES[kind], entries, where)[0]
        return Directory(values, frozenset(tags), self.big, places.get(ORIENTATION, 0)), after

    def _number(self, form: str) -> int:
        size = struct.calcsize(form)
        octets = self.file.read(size)
        if len(octets) < size:
            raise UnfitError(CUT_OFF)
        return int(struct.unpack(self.order + form, octets)[0])


def _refuse_profile(directory: Directory) -> None:
    """Refuse the fax profiles in colour, layers and JBIG (RFC 3949, sections 5 to 8): no library at hand reads them."""
    values = directory.values
    if _LAYERS in directory.tags:
        raise _in_profile("in layers (profile M")
    if values.get(COMPRESSION) in _JBIG:
        raise _in_profile("in JBIG coding (profile J or L")
    colours = values.get(PHOTOMETRIC)
    if colours == _ITULAB or (colours == _CIELAB and values.get(COMPRESSION) == _NEW_JPEG):
        raise _in_profile("in fax colours (profile C")


def _in_profile(what: str) -> UnfitError:
    return UnfitError(f"is {what} of RFC 3949), which cannot be faxed from here; send a TIFF in Group 4, or a PDF")
