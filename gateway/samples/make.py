"""Draws the sample documents. The same code gives the same octets, as long as the libraries stay the same."""

from pathlib import Path

from pikepdf import Dictionary, Name, Pdf
from PIL import Image, ImageDraw, ImageFont

LETTER_PAGES = 3
SCAN_PAGES = 2
SCAN_WIDTH, SCAN_HEIGHT = 1728, 2156  # a line of a fax machine; 11 inches at 196 dpi
SCAN_DPI = (204, 196)

_PAPER = (612, 792)  # points: US letter
_LINES = 30
_SENTENCE = "The quick brown fox jumps over the lazy dog and signs for the delivery."
_LEFT, _TOP, _STEP = 140, 160, 60  # pixels of the scan


def letter(path: Path) -> None:
    """Write a PDF with its page number and some lines of text on each page."""
    with Pdf.new() as pdf:
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        for number in range(1, LETTER_PAGES + 1):
            page = pdf.add_blank_page(page_size=_PAPER)
            page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
            page.obj.Contents = pdf.make_stream(_letter_page(number).encode("ascii"))
        pdf.save(path, deterministic_id=True)


def _letter_page(number: int) -> str:
    lines = "".join(f"({line}. {_SENTENCE}) Tj T*\n" for line in range(1, _LINES + 1))
    title = f"BT /F1 20 Tf 72 700 Td (Sample letter, page {number} of {LETTER_PAGES}) Tj ET\n"
    return f"{title}BT /F1 11 Tf 18 TL 72 660 Td\n{lines}ET\n"


def scan(path: Path) -> None:
    """Write a TIFF with its page number, some lines of text, and a pattern that shows lost or squeezed lines."""
    first, *others = (_scan_page(number) for number in range(1, SCAN_PAGES + 1))
    first.save(path, format="TIFF", compression="group4", dpi=SCAN_DPI, save_all=True, append_images=others)


def _scan_page(number: int) -> Image.Image:
    page = Image.new("1", (SCAN_WIDTH, SCAN_HEIGHT), 1)
    pen = ImageDraw.Draw(page)
    pen.text(
        (_LEFT, _TOP - 100), f"Sample scan, page {number} of {SCAN_PAGES}", font=ImageFont.load_default(56), fill=0
    )
    for line in range(_LINES - 10):
        pen.text((_LEFT, _TOP + line * _STEP), f"{line + 1}. {_SENTENCE}", font=ImageFont.load_default(32), fill=0)
    below = _TOP + (_LINES - 9) * _STEP
    pen.ellipse((_LEFT, below, _LEFT + 204, below + 196), outline=0, width=6)  # an inch each way: round on paper
    for bar in range(40):
        left = _LEFT + 260 + bar * 28
        pen.rectangle((left, below, left + bar // 2, below + 196), fill=0)
    return page
