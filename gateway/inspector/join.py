"""Many documents made one, in their order, since FAX.PLUS takes ten in a fax. Runs in the child process only."""

import io
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from pikepdf import Pdf
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from gateway.inspector.directories import read_directories
from gateway.inspector.finding import Finding
from gateway.inspector.pdf import save
from gateway.inspector.poster import size_of as size_of_page
from gateway.inspector.scan import picture_of, size_of, supposed_size
from gateway.inspector.sheet import add_sheet, strip_of
from gateway.inspector.unfit import DAMAGED, UnfitError
from gateway.submission import Kind


def join(parts: Sequence[tuple[Path, Kind]], target: Path, limit: int) -> Finding:
    """Put the pages of documents that can be faxed as they are behind each other.

    Args:
        parts: where they lie, and what they are.
        target: where the PDF is written.
        limit: how many pages each may have.

    Raises:
        UnfitError: one is not what it was said to be.
        OSError: it cannot be read or written.
    """
    with ExitStack() as opened, Pdf.new() as whole:
        for path, kind in parts:
            if kind is Kind.TIFF:
                _add_tiff(whole, path, limit)
                continue
            part = opened.enter_context(Pdf.open(io.BytesIO(path.read_bytes())))  # no file stays open: they may be many
            whole.add_pages_from(part, outlines="ignore")  # forms stay drawn, and layers that are off stay off
        sizes = tuple(size_of_page(page) for page in whole.pages)
        save(whole, target)
    return Finding(kind=Kind.PDF, pages=len(sizes), sizes=sizes, changes=("joined",), repaired=target)


def _add_tiff(whole: Pdf, path: Path, limit: int) -> None:
    octets = path.read_bytes()
    pages = len(read_directories(io.BytesIO(octets), limit))
    with Image.open(io.BytesIO(octets), formats=["TIFF"]) as image:
        if not isinstance(image, TiffImageFile):
            raise UnfitError(DAMAGED)
        for page in range(pages):
            image.seek(page)
            picture = strip_of(image, octets) or picture_of(image, octets)
            add_sheet(whole, picture, size_of(image.tag_v2, image.size) or supposed_size(image.size))
