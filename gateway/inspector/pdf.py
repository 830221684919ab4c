"""Counts the pages of a PDF and refuses one that would not come out whole. Runs in the child process only."""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from pikepdf import Array, Dictionary, Name, Object, Page, PasswordError, Pdf, PdfError, Stream

from gateway.inspector.unfit import CUT_OFF, DAMAGED, UnfitError, too_many

LONGEST_SIDE = 14_400
"""Points; what PDF allows (ISO 32000-1, annex C.2)."""

_OBJECT = re.compile(rb"[0-9]\s+[0-9]+\s+obj\b")
_POINTED_AT = re.compile(rb"startxref\s+[0-9]+\s*\Z")
_TAIL = 1024  # octets
_PLEASE_WAIT = re.compile(rb"Please wait|replaced with the proper contents")
_DYNAMIC_FORM = re.compile(rb"<dynamicRender>\s*required")


def count_pages(path: Path, limit: int) -> int:
    """Return how many pages a PDF has.

    An owner password, which restricts and does not hide, is no reason to refuse; nor is a lost table of objects, as
    long as every object is there.

    Args:
        path: the document.
        limit: how many pages are allowed.

    Raises:
        UnfitError: it cannot be faxed; the words say why.
        MemoryError: it takes more memory than there is.
    """
    _refuse_cut_off(path)
    try:
        with Pdf.open(path) as pdf:
            return _count(pdf, limit)
    except PasswordError:
        raise UnfitError("needs a password; print it to PDF again without one") from None
    except PdfError as error:
        if "bad_alloc" in str(error):  # qpdf calls it a fault of the data when it decodes as much as it may hold
            raise MemoryError from None
        raise UnfitError(DAMAGED) from None


def _refuse_cut_off(path: Path) -> None:
    """An earlier revision inside a file that breaks off opens like a whole one, so its end must be looked at."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        end = octets.rfind(b"%%EOF")
        whole = _OBJECT.search(octets, end) is None if end >= 0 else _POINTED_AT.search(octets[-_TAIL:]) is not None
    if not whole:
        raise UnfitError(CUT_OFF)


def _count(pdf: Pdf, limit: int) -> int:
    repaired = any("reconstruct" in warning for warning in pdf.get_warnings())  # the table of objects was lost
    _refuse_too_many(pdf, limit)
    pages = len(pdf.pages)
    if not pages:
        raise UnfitError("has no pages")
    if pages > limit:
        raise too_many(limit)
    _refuse_dynamic_form(pdf)
    for page in pdf.pages:
        _refuse_unreadable(page, complete=repaired)
    if repaired and pdf.check_pdf_syntax():
        raise UnfitError(DAMAGED)
    return pages


def _refuse_too_many(pdf: Pdf, limit: int) -> None:
    """Believe a large number before counting: a million pages take a gigabyte to count."""
    count: object = pdf.Root.Pages.get(Name.Count)
    if isinstance(count, int) and count > limit:
        raise too_many(limit)


def _refuse_unreadable(page: Page, *, complete: bool) -> None:
    streams = list(_contents(page))
    if complete and not streams:
        raise UnfitError(DAMAGED)
    for stream in streams:
        stream.read_bytes()
    left, bottom, right, top = (float(side) for side in page.mediabox)
    if max(abs(right - left), abs(top - bottom)) > LONGEST_SIDE:
        raise UnfitError("has a page that is larger than five metres; print it to PDF on paper size")


def _contents(page: Page) -> Iterator[Object]:
    contents = page.obj.get(Name.Contents)
    pieces = contents if isinstance(contents, Array) else [contents]
    yield from (piece for piece in pieces if isinstance(piece, Stream))


def _refuse_dynamic_form(pdf: Pdf) -> None:
    """What such a form holds is drawn by Adobe's programs alone; all others show its only page: "Please wait"."""
    form = pdf.Root.get(Name.AcroForm)
    if not isinstance(form, Dictionary) or Name.XFA not in form:
        return
    first = b"".join(stream.read_bytes() for stream in _contents(pdf.pages[0]))
    unrendered: object = pdf.Root.get(Name.NeedsRendering)
    if unrendered is True or _PLEASE_WAIT.search(first) or _draws_itself(form.XFA):
        raise UnfitError('is a form that only Adobe\'s programs can show ("Please wait"); print it to PDF from there')


def _draws_itself(form: Object) -> bool:
    packets = form if isinstance(form, Array) else [form]
    return any(isinstance(packet, Stream) and _DYNAMIC_FORM.search(packet.read_bytes()) for packet in packets)
