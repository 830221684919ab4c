"""A JPEG or PNG as a page of a PDF, for those who want pictures faxed. Runs in the child process only."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from pikepdf import Pdf
from PIL import Image

from gateway.inspector.finding import Finding
from gateway.inspector.pdf import save
from gateway.inspector.poster import SHEET, size_of
from gateway.inspector.tiff import PIXELS
from gateway.inspector.unfit import UnfitError
from gateway.submission import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

_MARGIN = 18.0  # points
_OPAQUE = frozenset({"1", "L", "P", "RGB", "CMYK", "I", "I;16"})


def inspect(path: Path, target: Path, limit: int) -> Finding:
    """Put a picture on a sheet of paper, upright or across as it is, and never larger than it says that it is.

    Args:
        path: the picture.
        target: where the PDF is written.
        limit: how many pages are allowed; it is one.

    Raises:
        UnfitError: it cannot be faxed; the words say why.
        OSError: the PDF cannot be written.
    """
    del limit
    octets = _checked(path.read_bytes())
    with Pdf.open(io.BytesIO(_laid_out(octets))) as pdf:
        sizes = tuple(size_of(page) for page in pdf.pages)
        save(pdf, target)
    return Finding(kind=Kind.PDF, pages=1, sizes=sizes, changes=("it was put on a page",), repaired=target)


def _checked(octets: bytes) -> bytes:
    """The picture, on white if it is transparent."""
    try:
        with Image.open(io.BytesIO(octets), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > PIXELS:
                raise UnfitError(
                    f"is a picture of {picture.width} by {picture.height} pixels, too many; make it smaller"
                )
            picture.load()
            if picture.mode in _OPAQUE and "transparency" not in picture.info:
                return octets
            paper = Image.new("RGBA", picture.size, "white")
            return _png(Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB"))
    except (OSError, SyntaxError, ValueError):
        raise UnfitError("is a picture that is damaged; make it anew, or print it to PDF, and send that") from None


def _png(picture: Image.Image) -> bytes:
    octets = io.BytesIO()
    picture.save(octets, "PNG")
    return octets.getvalue()


def _laid_out(octets: bytes) -> bytes:
    # Pictures are the exception: every child would start later for them. It ships no types.
    import img2pdf  # type: ignore[import-untyped]  # noqa: PLC0415  # for the reasons above

    layout: Callable[..., object] = img2pdf.get_layout_fun(
        pagesize=SHEET, border=(_MARGIN, _MARGIN), fit=img2pdf.FitMode.shrink, auto_orient=True
    )
    made: bytes = img2pdf.convert(octets, layout_fun=layout, nodate=True, rotation=img2pdf.Rotation.ifvalid)
    return made
