"""Plain text as pages of a PDF (RFC 3965, appendix A), for those who want text faxed. Runs in the child only."""

import textwrap
import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pikepdf import Dictionary, Name, Pdf

from gateway.inspector.entry import LETTER
from gateway.inspector.finding import Finding
from gateway.inspector.pdf import save
from gateway.inspector.poster import SHEET
from gateway.inspector.unfit import UnfitError, too_many
from gateway.submission import Kind

MARGIN, SIZE, LINE = 50.0, 10.0, 12.0
"""Points: around the text, of its letters, and from line to line."""

LETTERS = int((SHEET[0] - 2 * MARGIN) / (SIZE * LETTER))
LINES = int((SHEET[1] - 2 * MARGIN) / LINE)


def inspect(path: Path, target: Path, limit: int) -> Finding:
    """Set a text in Courier, with its own line ends and with long lines broken.

    Args:
        path: the text, in UTF-8.
        target: where the PDF is written.
        limit: how many pages are allowed.

    Raises:
        UnfitError: it is empty, too long, or has letters that the fonts of a PDF program lack.
        OSError: the PDF cannot be written.
    """
    text = unicodedata.normalize("NFC", path.read_text("utf-8", "replace"))
    pages = list(islice(_pages(_encoded(text)), limit + 1))
    if not any(line.strip() for page in pages for line in page):
        raise UnfitError("is empty")
    if len(pages) > limit:
        raise too_many(limit)
    with Pdf.new() as pdf:
        font = pdf.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier, Encoding=Name.WinAnsiEncoding)
        )
        for lines in pages:
            page = pdf.add_blank_page(page_size=SHEET)
            page.obj.Resources = Dictionary(Font=Dictionary(F=font))
            page.obj.Contents = pdf.make_stream(_drawn(lines))
        save(pdf, target)
    return Finding(
        kind=Kind.PDF, pages=len(pages), sizes=(SHEET,) * len(pages), changes=("it was set as pages",), repaired=target
    )


def _encoded(text: str) -> str:
    """Return it as it came, if the font has all its letters."""
    for letter in text:
        try:
            letter.encode("cp1252")
        except UnicodeEncodeError:
            raise UnfitError(
                f'has letters that cannot be printed here ("{letter}"); print it to PDF and send that'
            ) from None
    return text


def _pages(text: str) -> Iterator[list[str]]:
    wrap = textwrap.TextWrapper(LETTERS, replace_whitespace=False, drop_whitespace=True)
    for part in text.rstrip().split("\f"):
        lines = (broken for line in part.splitlines() for broken in wrap.wrap(line.expandtabs()) or [""])
        page = list(islice(lines, LINES)) or [""]
        while page:
            yield page
            page = list(islice(lines, LINES))


def _drawn(lines: list[str]) -> bytes:
    shown = b"\n".join(b"<%s> Tj T*" % line.encode("cp1252", "ignore").hex().encode("ascii") for line in lines)
    return b"BT /F %.1f Tf %.1f TL %.1f %.1f Td\n%s\nET" % (SIZE, LINE, MARGIN, SHEET[1] - MARGIN - SIZE, shown)
