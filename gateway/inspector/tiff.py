"""Counts the pages of a TIFF and refuses one that would not come out whole. Runs in the child process only."""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from gateway.inspector.unfit import CUT_OFF, DAMAGED, UnfitError, too_many

PIXELS = 50_000_000
"""Of one page, at most."""

_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_BIG = (b"II+\0", b"MM\0+")
_ENTRY = 12  # octets of one entry in a directory
_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "RGBX"})

_COMPRESSION, _STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 259, 273, 279, 324, 325
_CCITT = (2, 3, 4)
_BLANK_ROW = 8  # octets that are not zero, at most, for a white row in any CCITT coding up to 4864 pixels wide

# As in "Fax4Decode: Bad code word at line 3"; complaints about tags, which many devices deserve, are none of these.
_DECODING = re.compile(rb"Decode\w*: ")

# Ours is stricter, and checked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


def count_pages(path: Path, limit: int, heard: Callable[[], bytes]) -> int:
    """Return how many pages a TIFF has, after decoding each.

    Args:
        path: the document.
        limit: how many pages are allowed.
        heard: what libtiff has complained about since it was asked last.

    Raises:
        UnfitError: it cannot be faxed; the words say why.
    """
    with path.open("rb") as file:
        pages = _count_directories(file, limit)
    try:
        with Image.open(path, formats=["TIFF"]) as image:
            if not isinstance(image, TiffImageFile):
                raise UnfitError(DAMAGED)
            for page in range(pages):
                image.seek(page)
                _refuse_unreadable(image, path, heard)
    except (UnidentifiedImageError, OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, struct.error):
        raise UnfitError(
            "is damaged or has an unusual coding; save it as a TIFF in Group 4, or as PDF, and send that"
        ) from None
    return pages


def _count_directories(file: BinaryIO, limit: int) -> int:
    """Follow the chain of directories, one a page (TIFF 6.0, section 2). A loop would be pages without end."""
    start = file.read(8)
    if start[:4] in _BIG:
        raise UnfitError("is a BigTIFF; save it as an ordinary TIFF or as PDF")
    order = _ORDERS[start[:4]]
    seen: set[int] = set()
    position = _number(start[4:], order + "I")
    while position:
        if position in seen:
            raise UnfitError(DAMAGED)
        seen.add(position)
        if len(seen) > limit:
            raise too_many(limit)
        position = _next_directory(file, position, order)
    if not seen:
        raise UnfitError("has no pages")
    return len(seen)


def _next_directory(file: BinaryIO, position: int, order: str) -> int:
    file.seek(position)
    entries = _number(file.read(2), order + "H")
    if not entries:
        raise UnfitError(DAMAGED)
    file.seek(entries * _ENTRY, 1)
    return _number(file.read(4), order + "I")


def _number(octets: bytes, form: str) -> int:
    if len(octets) < struct.calcsize(form):
        raise UnfitError(CUT_OFF)
    return int(struct.unpack(form, octets)[0])


def _refuse_unreadable(image: TiffImageFile, path: Path, heard: Callable[[], bytes]) -> None:
    if image.width * image.height > PIXELS:
        raise UnfitError(f"has a page of {image.width} by {image.height} pixels, too many; save it smaller")
    if image.mode not in _MODES:
        raise UnfitError(f"has colours that cannot be faxed ({image.mode}); save it in black and white, or as PDF")
    pieces = _pieces(image)
    if any(offset + size > path.stat().st_size for offset, size in pieces):
        raise UnfitError(CUT_OFF)
    heard()
    image.load()
    if _DECODING.search(heard()):
        raise UnfitError("has lines that cannot be read; scan it again, or save it as PDF, and send that")
    _refuse_lost(image, path, pieces)


def _pieces(image: TiffImageFile) -> list[tuple[int, int]]:
    """Where the page's data lies: offsets and sizes of its strips or tiles."""
    tags = image.tag_v2
    offsets = tags.get(_STRIPS) or tags.get(_TILES) or ()
    sizes = tags.get(_STRIP_SIZES) or tags.get(_TILE_SIZES) or (0,) * len(offsets)
    return list(zip(offsets, sizes, strict=True))


def _refuse_lost(image: TiffImageFile, path: Path, pieces: list[tuple[int, int]]) -> None:
    """Fax codings that a device labels wrongly decode to a white page without any error."""
    if image.tag_v2.get(_COMPRESSION) not in _CCITT or len(set(image.getextrema())) > 1:
        return
    written = 0
    with path.open("rb") as file:
        for offset, size in pieces:
            file.seek(offset)
            octets = file.read(size)
            written += len(octets) - octets.count(0)
    if written > _BLANK_ROW * image.height:
        raise UnfitError("has a page that comes out empty though it is not; save it as PDF and send that")
