"""Opens a PDF: what it is, what must be repaired in it, or why it would not come out whole. Runs in the child only."""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from pikepdf import Array, Name, Object, Page, PasswordError, Pdf, PdfError, Stream

from gateway.inspector.blank import is_blank
from gateway.inspector.finding import Finding, numbered
from gateway.inspector.form import draw_entries, refuse_dynamic
from gateway.inspector.poster import shrink_posters, size_of
from gateway.inspector.unfit import CUT_OFF, DAMAGED, UnfitError, too_many
from gateway.submission import Kind

MAGIC = b"%PDF-"

_SEALED = "is encrypted for certain readers only; print it to PDF without encryption, and send that"

_OBJECT = re.compile(rb"[0-9]\s+[0-9]+\s+obj\b")
_POINTED_AT = re.compile(rb"startxref\s+[0-9]+\s*(%|%%|%%E|%%EO)?\s*\Z")
_TAIL = 1024  # octets

# What qpdf says of a file whose line ends were changed on its way.
_HARMLESS = re.compile("expected endobj|expected endstream|recover(ed)? stream length|stream keyword")
_LENGTH_CHANGED = re.compile("recovered stream length")


def inspect(path: Path, target: Path, limit: int) -> Finding:
    """Open a PDF. What FAX.PLUS can take as it is, is left as it is.

    An owner password, which restricts and does not hide, is no reason to refuse; nor is a lost table of objects, as
    long as every object is there.

    Args:
        path: the document.
        target: where to write it when it had to be repaired.
        limit: how many pages are allowed.

    Raises:
        UnfitError: it cannot be faxed; the words say why.
        MemoryError: it takes more memory than there is.
        OSError: the repaired document cannot be written.
    """
    _refuse_cut_off(path)
    try:
        with Pdf.open(path) as pdf:
            return _inspect(pdf, path, target, limit)
    except PasswordError:
        raise UnfitError("needs a password; print it to PDF again without one") from None
    except PdfError as error:
        if "bad_alloc" in str(error):  # qpdf calls it a fault of the data when it decodes as much as it may hold
            raise MemoryError from None
        raise UnfitError(_SEALED if "encryption" in str(error) else DAMAGED) from None


def save(pdf: Pdf, target: Path) -> None:
    """Write a PDF; the same one always gives the same octets, for it is by these that a repeat is recognised.

    Raises:
        UnfitError: what was written does not open again with all its pages.
        OSError: it cannot be written.
    """
    with target.open("xb") as file:
        pdf.save(file, deterministic_id=True)
    with Pdf.open(target) as again:
        if len(again.pages) != len(pdf.pages):
            raise UnfitError(DAMAGED)


def _refuse_cut_off(path: Path) -> None:
    """An earlier revision inside a file that breaks off opens like a whole one, so its end must be looked at."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        end = octets.rfind(b"%%EOF")
        whole = _OBJECT.search(octets, end) is None if end >= 0 else _POINTED_AT.search(octets[-_TAIL:]) is not None
    if not whole:
        raise UnfitError(CUT_OFF)


def _inspect(pdf: Pdf, path: Path, target: Path, limit: int) -> Finding:
    rebuilt = any("reconstruct" in warning for warning in pdf.get_warnings())  # the table of objects was lost
    _refuse_many(pdf, limit)
    contents = [_read(page, complete=rebuilt) for page in pdf.pages]
    _refuse_wrappers(pdf)
    if rebuilt:
        _refuse_damaged(pdf)
    blank = tuple(number for number, page in enumerate(pdf.pages, 1) if is_blank(page, contents[number - 1]))
    sizes = [size_of(page) for page in pdf.pages]
    changes = _repair(pdf, path, sizes, rebuilt=rebuilt)
    if changes:
        save(pdf, target)
    return Finding(
        kind=Kind.PDF,
        pages=len(sizes),
        sizes=tuple(sizes),
        locked=pdf.is_encrypted,
        blank=blank,
        changes=changes,
        repaired=target if changes else None,
    )


def _refuse_damaged(pdf: Pdf) -> None:
    """Refuse a file without its table if anything in it was lost or changed.

    Changed line ends do no harm to text, and a checksum would tell of them in what is compressed; in a picture nothing
    does.
    """
    problems = pdf.check_pdf_syntax()
    if not all(_HARMLESS.search(problem) for problem in problems):
        raise UnfitError(DAMAGED)
    if any(_LENGTH_CHANGED.search(problem) for problem in problems):
        streams = [found for found in pdf.objects if isinstance(found, Stream)]
        if not all(_tells_of_changes(stream) for stream in streams):
            raise UnfitError(DAMAGED)


def _tells_of_changes(stream: Stream) -> bool:
    filters = stream.get(Name.Filter, Array())
    if isinstance(filters, Array) and not len(filters):
        return stream.get(Name.Subtype) != Name.Image and Name.Length1 not in stream
    return filters in (Name.FlateDecode, Array([Name.FlateDecode]))


def _repair(pdf: Pdf, path: Path, sizes: list[tuple[float, float]], *, rebuilt: bool) -> tuple[str, ...]:
    changes = {
        "what stood before its beginning was taken away": not _begins(path),
        "its damaged table of contents was made anew": rebuilt,
        "its copy protection was removed": pdf.is_encrypted,
        "the entries of its form were drawn": draw_entries(pdf),
    }
    posters = shrink_posters(pdf, sizes)
    scaled = (f"{numbered(posters)} larger than A1 paper, and scaled to a sheet",) if posters else ()
    return tuple(words for words, done in changes.items() if done) + scaled


def _begins(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _refuse_many(pdf: Pdf, limit: int) -> None:
    """Believe a large number before counting: a million pages take a gigabyte to count."""
    count: object = pdf.Root.Pages.get(Name.Count)
    if isinstance(count, int) and count > limit:
        raise too_many(limit)
    pages = len(pdf.pages)
    if not pages:
        raise UnfitError("has no pages")
    if pages > limit:
        raise too_many(limit)


def _read(page: Page, *, complete: bool) -> int:
    """Decode the contents of a page; return how many octets they are."""
    streams = list(_contents(page))
    if complete and not streams:
        raise UnfitError(DAMAGED)
    return sum(len(stream.read_bytes()) for stream in streams)


def _contents(page: Page) -> Iterator[Object]:
    contents = page.obj.get(Name.Contents)
    pieces = contents if isinstance(contents, Array) else [contents]
    yield from (piece for piece in pieces if isinstance(piece, Stream))


def _refuse_wrappers(pdf: Pdf) -> None:
    """Refuse what shows but a sheet that speaks of the true document inside."""
    refuse_dynamic(pdf, b"".join(stream.read_bytes() for stream in _contents(pdf.pages[0])))
    if Name.Collection in pdf.Root:  # ISO 32000-1, 7.11.6
        raise UnfitError("is a portfolio, a case for other documents; take these out and attach them themselves")
