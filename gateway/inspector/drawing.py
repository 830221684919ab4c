"""A small picture of a document's first page, for its sender to know it again. Runs in the child only."""

from pathlib import Path

import pypdfium2
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile
from pypdfium2 import PdfiumError

from gateway.inspector.finding import Finding
from gateway.inspector.scan import picture_of, size_of, supposed_size
from gateway.inspector.unfit import DAMAGED, UnfitError
from gateway.submission import Kind

BOX = (360, 510)
"""Width and height in pixels that a page is fitted into: twice what is shown, for dense screens."""

GREYS = 16
"""Shades of the picture; a fax has two."""

PIXELS = 50_000_000
"""Of a scanned page, at most."""


def draw_pdf(path: Path, target: Path, _limit: int) -> Finding:
    """Draw the first page of a PDF, its form filled in.

    Args:
        path: the document.
        target: where the PNG is written.

    Raises:
        UnfitError: it cannot be drawn.
        OSError: the picture cannot be written.
    """
    try:
        with pypdfium2.PdfDocument(path) as pdf:
            pdf.init_forms()
            page = pdf[0]
            picture = page.render(scale=_scale(page.get_size()), grayscale=True).to_pil()
    except (PdfiumError, ValueError, ZeroDivisionError):
        raise UnfitError(DAMAGED) from None
    return _written(picture, target)


def draw_tiff(path: Path, target: Path, _limit: int) -> Finding:
    """Draw the first page of a TIFF that can be faxed as it is, in the shape that it has on paper.

    Args:
        path: the document.
        target: where the PNG is written.

    Raises:
        UnfitError: it cannot be drawn.
        OSError: the picture cannot be written.
    """
    with _opened(path) as image:
        size = size_of(image.tag_v2, image.size) or supposed_size(image.size)
        scale = _scale(size)
        drawn = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
        return _written(picture_of(image, path.read_bytes()).convert("L").resize(drawn, Image.Resampling.BOX), target)


def _opened(path: Path) -> TiffImageFile:
    try:
        image = Image.open(path, formats=["TIFF"])
    except Image.DecompressionBombError:
        raise UnfitError(DAMAGED) from None
    if not isinstance(image, TiffImageFile) or image.width * image.height > PIXELS:
        image.close()
        raise UnfitError(DAMAGED)
    return image


def _scale(size: tuple[float, float]) -> float:
    return min(BOX[0] / size[0], BOX[1] / size[1])


def _written(picture: Image.Image, target: Path) -> Finding:
    with target.open("xb") as file:
        picture.convert("L").quantize(GREYS).save(file, "PNG", optimize=True)
    return Finding(kind=Kind.PICTURE, pages=1, sizes=((picture.width, picture.height),), repaired=target)
