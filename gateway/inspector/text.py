"""Plain text as pages of a PDF (RFC 3965, appendix A), for those who want text faxed. Runs in the child only."""

import textwrap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pikepdf import Dictionary, Pdf

from gateway.inspector.finding import Finding
from gateway.inspector.letters import WIDTH, LackingError, Typeface, plain, typeface
from gateway.inspector.pdf import save
from gateway.inspector.poster import SHEET
from gateway.inspector.unfit import UnfitError, too_many
from gateway.submission import Kind

MARGIN, SIZE, LINE = 50.0, 10.0, 12.0
"""Points: around the text, of its letters, and from line to line."""

LETTERS = int((SHEET[0] - 2 * MARGIN) / (SIZE * WIDTH))
LINES = int((SHEET[1] - 2 * MARGIN) / LINE)


def inspect(path: Path, target: Path, limit: int) -> Finding:
    """Set a text with its own line ends and with long lines broken.

    Args:
        path: the text, in UTF-8.
        target: where the PDF is written.
        limit: how many pages are allowed.

    Raises:
        UnfitError: it is empty, too long, or has letters that cannot be set.
        OSError: the PDF cannot be written.
    """
    text = plain(path.read_text("utf-8", "replace"))
    pages = list(islice(_pages(text), limit + 1))
    if not any(line.strip() for page in pages for line in page):
        raise UnfitError("is empty")
    if len(pages) > limit:
        raise too_many(limit)
    with Pdf.new() as pdf:
        face = _typeface(pdf, text)
        for lines in pages:
            page = pdf.add_blank_page(page_size=SHEET)
            page.obj.Resources = Dictionary(Font=Dictionary(F=face.font))
            page.obj.Contents = pdf.make_stream(_drawn(lines, face))
        save(pdf, target)
    return Finding(
        kind=Kind.PDF, pages=len(pages), sizes=(SHEET,) * len(pages), changes=("it was set as pages",), repaired=target
    )


def _typeface(pdf: Pdf, text: str) -> Typeface:
    try:
        return typeface(pdf, text)
    except LackingError as letters:
        raise UnfitError(
            f"has letters that cannot be printed here ({letters}); print it to PDF and send that"
        ) from None


def _pages(text: str) -> Iterator[list[str]]:
    wrap = textwrap.TextWrapper(LETTERS, replace_whitespace=False, drop_whitespace=True)
    for part in text.rstrip().split("\f"):
        lines = (broken for line in part.splitlines() for broken in wrap.wrap(line) or [""])
        page = list(islice(lines, LINES)) or [""]
        while page:
            yield page
            page = list(islice(lines, LINES))


def _drawn(lines: list[str], face: Typeface) -> bytes:
    shown = b"\n".join(b"%s Tj T*" % face.shown(line) for line in lines)
    return b"BT /F %.1f Tf %.1f TL %.1f %.1f Td\n%s\nET" % (SIZE, LINE, MARGIN, SHEET[1] - MARGIN - SIZE, shown)
