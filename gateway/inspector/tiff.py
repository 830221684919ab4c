"""Opens a TIFF: what it is, whether it must be written anew, or why it would not come out whole. In the child only."""

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pikepdf import Pdf
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from gateway.inspector.directories import Directory, pages_among, read_directories, straightened
from gateway.inspector.finding import Finding
from gateway.inspector.lines import CODINGS, DECODING, End, read_lines
from gateway.inspector.pdf import save
from gateway.inspector.scan import AS_THEY_ARE, CONVERTED, picture_of, size_of, supposed_size, unusual, upright
from gateway.inspector.sheet import add_sheet, strip_of
from gateway.inspector.soundness import filled, one_colour, pieces, refuse_black, refuse_lost
from gateway.inspector.strips import with_sizes
from gateway.inspector.unfit import CUT_OFF, DAMAGED, UnfitError
from gateway.submission import Kind

PIXELS = 50_000_000
"""Of one page, at most."""

_COMPRESSION, _STRIPS, _ROWS_PER_STRIP = 259, 273, 278
_SHORT = "shorter than it says"
_SIDEWAYS = range(5, 9)  # orientations whose rows are columns

# Ours is stricter, and checked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


def inspect(path: Path, target: Path, limit: int, heard: Callable[[], bytes]) -> Finding:
    """Open a TIFF and decode each page. What every TIFF program reads is left as it is; the rest becomes a PDF.

    Args:
        path: the document.
        target: where to write it when it had to be rewritten.
        limit: how many pages are allowed.
        heard: what libtiff has complained about since it was asked last.

    Raises:
        UnfitError: it cannot be faxed; the words say why.
        OSError: what was rewritten cannot be written.
    """
    octets = path.read_bytes()
    try:
        return _inspect(octets, target, limit, heard, path=path)
    except UnfitError as refusal:
        amended = with_sizes(octets, read_directories(io.BytesIO(octets), limit), partial(_reads, heard=heard))
        if amended is None:
            raise
        try:
            return _inspect(amended.octets, target, limit, heard, reasons=amended.reasons)
        except UnfitError:
            raise refusal from None


def _inspect(
    octets: bytes,
    target: Path,
    limit: int,
    heard: Callable[[], bytes],
    *,
    path: Path | None = None,
    reasons: Sequence[str] = (),
) -> Finding:
    with _opened(octets, limit, heard, path) as document:
        return document.found(target, reasons)


def _reads(octets: bytes, heard: Callable[[], bytes]) -> bool:
    """Whether all rows of a page can be decoded."""
    try:
        with _opened(octets, 1, heard) as document:
            return document.whole()
    except UnfitError:
        return False


@contextmanager
def _opened(octets: bytes, limit: int, heard: Callable[[], bytes], path: Path | None = None) -> Iterator["_Document"]:
    """Open a TIFF: from its path if it lies in a file, since libtiff would copy the octets for each page."""
    directories = read_directories(io.BytesIO(octets), limit)
    if any(directory.orientation != 1 for directory in directories):
        octets, path = straightened(octets, directories), None
    try:
        with Image.open(path or io.BytesIO(octets), formats=["TIFF"]) as image:
            if not isinstance(image, TiffImageFile):
                raise UnfitError(DAMAGED)
            yield _Document(image, octets, directories, heard)
    except (UnidentifiedImageError, EOFError, SyntaxError, ValueError, TypeError, LookupError, struct.error):
        raise _UNREADABLE from None
    except OSError as error:
        if error.errno is not None:  # of the system; those of Pillow have no number
            raise
        raise _UNREADABLE from None


_UNREADABLE = UnfitError("is damaged or has an unusual coding; save it as a TIFF in Group 4, or as PDF, and send that")


_LINES_MISSING = UnfitError("has lines that cannot be read; scan it again, or save it as PDF, and send that")


@dataclass(frozen=True, slots=True)
class _Page:
    place: int  #: in the file
    size: tuple[float, float]
    blank: bool
    reasons: list[str]


class _Document:
    """The pages of one TIFF."""

    def __init__(
        self,
        image: TiffImageFile,
        octets: bytes,
        directories: Sequence[Directory],
        heard: Callable[[], bytes],
    ) -> None:
        self._image = image
        self._octets = octets
        self._directories = directories
        self._heard = heard

    def whole(self) -> bool:
        """Whether all rows of the first page are there."""
        return self._read()[1] == self._image.height

    def found(self, target: Path, known: Sequence[str] = ()) -> Finding:
        """Read all pages; write them anew if that is needed, for reasons that are known or that they have."""
        places = pages_among(self._directories)
        left_out = len(places) < len(self._directories)
        pages = [self._page(place) for place in places]
        reasons = list(dict.fromkeys([*known, *(reason for page in pages for reason in page.reasons)]))
        changes: tuple[str, ...] = (f"it was {_listed(reasons)}, and was written anew as PDF",) if reasons else ()
        changes += ("small copies of its pages were left out",) if left_out else ()
        if changes:
            self._write(pages, target)
        return Finding(
            kind=Kind.PDF if changes else Kind.TIFF,
            pages=len(pages),
            sizes=tuple(page.size for page in pages),
            blank=tuple(number for number, page in enumerate(pages, 1) if page.blank),
            changes=changes,
            repaired=target if changes else None,
        )

    def _page(self, place: int) -> _Page:
        image, orientation = self._image, self._directories[place].orientation
        image.seek(place)
        reasons = unusual(self._directories[place], image)
        self._refuse_unfit()
        picture, rows = self._read()
        reasons += [_SHORT] if rows < image.height else []
        refuse_black(picture)
        size = size_of(image.tag_v2, (image.width, rows)) or supposed_size((image.width, rows))
        return _Page(place, size[::-1] if orientation in _SIDEWAYS else size, one_colour(picture), reasons)

    def _refuse_unfit(self) -> None:
        image = self._image
        if image.width * image.height > PIXELS:
            raise UnfitError(f"has a page of {image.width} by {image.height} pixels, too many; save it smaller")
        if image.mode not in AS_THEY_ARE | CONVERTED:
            raise UnfitError(f"has colours that cannot be faxed ({image.mode}); save it in black and white, or as PDF")
        if any(offset + size > len(self._octets) for offset, size in pieces(image)):
            raise UnfitError(CUT_OFF)
        if not filled(image, self._octets, self._directories[image.tell()]):
            raise _LINES_MISSING

    def _read(self) -> tuple[Image.Image, int]:
        """Decode the page that the image stands at; return it upright, and how many of its rows are there."""
        image, orientation = self._image, self._directories[self._image.tell()].orientation
        tags, places = image.tag_v2, pieces(image)
        rows = image.height
        if _STRIPS in tags:
            rows = min(rows, len(places) * int(tags.get(_ROWS_PER_STRIP, rows)))
        self._heard()
        if image.mode == "1" and tags.get(_COMPRESSION) in CODINGS and _STRIPS in tags:
            picture, end, readable = read_lines(image, self._octets, self._heard)
            rows = min(rows, readable)
            refuse_lost(picture, self._octets, places)
        else:
            picture, end = picture_of(image, self._octets), End.WHOLE
        if end is End.CUT or not rows or DECODING.search(self._heard()):
            raise _LINES_MISSING
        return upright(picture.crop((0, 0, image.width, rows)), orientation), rows

    def _write(self, pages: Sequence[_Page], target: Path) -> None:
        with Pdf.new() as pdf:
            for page in pages:
                self._image.seek(page.place)
                plain = self._directories[page.place].orientation == 1 and _SHORT not in page.reasons
                picture = strip_of(self._image, self._octets) if plain else None
                add_sheet(pdf, picture or self._read()[0], page.size)
            save(pdf, target)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
