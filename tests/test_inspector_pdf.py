"""Counting pages of PDFs: which are taken, and in which words the others are refused."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, Pdf, PdfError, Stream, StreamDecodeLevel

from gateway.inspector.pdf import inspect
from gateway.inspector.unfit import CUT_OFF, DAMAGED, UnfitError
from gateway.samples import LETTER

LIMIT = 20
GOOD = LETTER.read_bytes()
CONTENT = b"BT /F1 12 Tf (some text) Tj ET\n" * 50


def saved(pdf: Pdf, **options: Any) -> bytes:
    """A PDF as octets."""
    octets = io.BytesIO()
    pdf.save(octets, deterministic_id="encryption" not in options, **options)
    return octets.getvalue()


def pages(count: int, content: bytes = CONTENT) -> Pdf:
    """A PDF of so many pages."""
    pdf = Pdf.new()
    for number in range(count):
        page = pdf.add_blank_page(page_size=(612, 792))
        page.obj.Contents = pdf.make_stream(content + b"%%%d" % number)
    return pdf


def plain(*objects: bytes) -> bytes:
    """A PDF without a table of objects, of which the first is its catalogue."""
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, text) for number, text in enumerate(objects, 1))
    return b"%PDF-1.4\n" + numbered + b"trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def form_loop() -> bytes:
    """A drawing that contains itself."""
    pdf = pages(1, b"/X Do")
    form = pdf.make_stream(b"/X Do /X Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    form.Resources = Dictionary(XObject=Dictionary(X=form))
    pdf.pages[0].obj.Resources = form.Resources
    return saved(pdf)


def form(*, please_wait: bytes = b"", **catalogue: Any) -> bytes:
    """An XFA form whose only page says so much, with these entries in the catalogue."""
    pdf = pages(1, please_wait)
    packets = Array(["config", pdf.make_stream(catalogue.pop("config", b"<config/>"))])
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=packets)
    for key, value in catalogue.items():
        pdf.Root[f"/{key}"] = value
    return saved(pdf)


def line_ends_changed(coding: Name | None) -> bytes:
    """A PDF with a picture in a coding, of which each line feed became two octets on its way."""
    pdf = pages(1)
    picture = Stream(pdf, b"\xff\xd8 a picture \n \xff\xd9")
    picture.Type, picture.Subtype, picture.Width, picture.Height = Name.XObject, Name.Image, 4, 4
    picture.BitsPerComponent, picture.ColorSpace = 8, Name.DeviceGray
    if coding is not None:
        picture.Filter = coding
    pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(P=pdf.make_indirect(picture)))
    return saved(pdf, compress_streams=False, stream_decode_level=StreamDecodeLevel.none).replace(b"\n", b"\r\n")


def flat_page() -> bytes:
    """A page of no height."""
    pdf = pages(1)
    pdf.pages[0].obj.MediaBox = Array([0, 0, 600, 0])
    return saved(pdf)


def two_streams() -> bytes:
    """A page whose contents come in two pieces, and a blank one without anything."""
    pdf = pages(2)
    pdf.pages[0].obj.Contents = Array([pdf.make_stream(b"q "), pdf.make_stream(b"Q")])
    del pdf.pages[1].obj.Contents
    del pdf.pages[1].obj.Resources
    return saved(pdf)


def broken_contents() -> bytes:
    """A page whose compressed contents cannot be decompressed."""
    start = GOOD.index(b"stream\n") + 30
    return GOOD[:start] + b"\0" * 30 + GOOD[start + 30 :]


KIDS = b"<</Type/Pages/Count 1/Kids[" + b"3 0 R " * 100 + b"]>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"

TAKEN: dict[str, tuple[int, Callable[[], bytes]]] = {
    "as made": (3, lambda: GOOD),
    "junk before": (3, lambda: b"\x1b%-12345X@PJL\r\n" * 60 + GOOD),
    "junk behind": (3, lambda: GOOD + b"\0" * 3000),
    "object streams": (3, lambda: saved(pages(3), object_stream_mode=ObjectStreamMode.generate)),
    "linearized": (3, lambda: saved(pages(3), linearize=True)),
    "owner password": (2, lambda: saved(pages(2), encryption=Encryption(owner="secret", user=""))),
    "wrong place of the table": (3, lambda: GOOD.replace(b"startxref\n", b"startxref\n9")),
    "last line missing": (3, lambda: GOOD.removesuffix(b"%%EOF\n")),
    "wrong stream length": (3, lambda: re.sub(rb"/Length [1-9]", b"/Length 1", GOOD)),
    "line ends changed": (3, lambda: saved(pages(3), compress_streams=False).replace(b"\n", b"\r\n")),
    "line ends changed, checksum": (3, lambda: GOOD.replace(b"endstream\nendobj\n", b"endstream\r\nendobj\r\n")),
    "operator where none may be": (1, lambda: saved(pages(1, b"BT [(a) Tj] TJ ET"))),
    "end mark begins": (3, lambda: GOOD.removesuffix(b"%EOF\n")),
    "contents in pieces, or none": (2, two_streams),
    "drawing inside itself": (1, form_loop),
    "form with contents of its own": (1, lambda: form(please_wait=b"(Name:) Tj")),
    "just as many pages": (LIMIT, lambda: saved(pages(LIMIT))),
}
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "needs a password": ("needs a password", lambda: saved(pages(1), encryption=Encryption(owner="o", user="u"))),
    "old password": (
        "needs a password",
        lambda: saved(pages(1), encryption=Encryption(owner="o", user="u", R=3, aes=False, metadata=False)),
    ),
    "no pages": ("has no pages", lambda: saved(Pdf.new())),
    "too many": ("has more than the 20 pages", lambda: saved(pages(LIMIT + 1))),
    "more than it says": (
        "has more than the 20 pages",
        lambda: saved(pages(LIMIT + 1)).replace(b"/Count 21", b"/Count 01"),
    ),
    "the same page many times": (DAMAGED, lambda: plain(CATALOGUE, KIDS, PAGE)),
    "half": (CUT_OFF, lambda: GOOD[: len(GOOD) // 2]),
    "last octets missing": (CUT_OFF, lambda: GOOD[:-40]),
    "half, linearized": (CUT_OFF, lambda: saved(pages(3), linearize=True)[:-500]),
    "half, object streams": (CUT_OFF, lambda: saved(pages(3), object_stream_mode=ObjectStreamMode.generate)[:-60]),
    "newer revision breaks off": (CUT_OFF, lambda: GOOD + b"\n6 0 obj\n<</Length 9000>>\nstream\nq"),
    "garbage": (DAMAGED, lambda: b"%PDF-1.4\n" + b"x" * 500 + b"\n%%EOF"),
    "nested arrays": (DAMAGED, lambda: b"%PDF-1.4\n" + b"[" * 100_000 + b"\n%%EOF"),
    "tree of pages in a loop": (DAMAGED, lambda: plain(CATALOGUE, b"<</Type/Pages/Count 1/Kids[2 0 R]>>")),
    "pages lost their contents": (DAMAGED, lambda: plain(CATALOGUE, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE)),
    "line ends changed in a picture": (DAMAGED, lambda: line_ends_changed(Name.DCTDecode)),
    "line ends changed in samples": (DAMAGED, lambda: line_ends_changed(None)),
    "broken contents": (DAMAGED, broken_contents),
    "page without a size": (DAMAGED, flat_page),
    "form that says so": ("is a form", lambda: form(NeedsRendering=True)),
    "form with the usual page": ("is a form", lambda: form(please_wait=b"(Please wait... ) Tj")),
    "form that draws itself": ("is a form", lambda: form(config=b"<dynamicRender>required</dynamicRender>")),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(tmp_path: Path, name: str) -> None:
    """What opens whole is taken, with the right number of pages, however sloppily it is made."""
    expected, make = TAKEN[name]
    path = tmp_path / "a.pdf"
    path.write_bytes(make())

    assert expected == inspect(path, tmp_path / "b.pdf", LIMIT).pages


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path: Path, name: str) -> None:
    """What would not come out whole is refused, in words that say what to do."""
    words, make = REFUSED[name]
    path = tmp_path / "a.pdf"
    path.write_bytes(make())

    with pytest.raises(UnfitError) as refusal:
        inspect(path, tmp_path / "b.pdf", LIMIT)

    assert refusal.value.words.startswith(words)


def test_count_is_believed_before_counting(tmp_path: Path) -> None:
    """A million pages are refused by their number, without the gigabyte that counting them takes."""
    path = tmp_path / "a.pdf"
    path.write_bytes(saved(pages(2)).replace(b"/Count 2", b"/Count 9"))

    with pytest.raises(UnfitError, match="more than the 8 pages"):
        inspect(path, tmp_path / "b.pdf", 8)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(GOOD)), st.binary(max_size=20), st.integers(0, 40))
def test_damage(tmp_path: Path, at: int, junk: bytes, lost: int) -> None:
    """A letter damaged anywhere has its pages, or is refused, or makes the library raise what the child catches."""
    path, target = tmp_path / "a.pdf", tmp_path / "b.pdf"
    target.unlink(missing_ok=True)
    path.write_bytes(b"%PDF-" + GOOD[:at] + junk + GOOD[at + lost :])

    try:
        found = inspect(path, target, LIMIT)
    except (UnfitError, PdfError, ValueError, TypeError, AttributeError, LookupError):
        return

    assert 0 < found.pages <= LIMIT
    assert bool(found.changes) == target.exists()
