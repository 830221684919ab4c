"""Page counts are right for ordinary files and never an error; our own pages are real PDF."""

import io

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.simulator import pages


def a_tiff(count: int) -> bytes:
    """A TIFF with so many pages."""
    content = io.BytesIO()
    first, *others = [Image.new("1", (8, 8)) for _ in range(count)]
    first.save(content, "TIFF", save_all=True, append_images=others)
    return content.getvalue()


def a_pdf(count: int) -> bytes:
    """A PDF with so many pages, its objects in the open."""
    content = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(count):
            pdf.add_blank_page()
        pdf.save(content, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return content.getvalue()


@pytest.mark.parametrize("count", [1, 2, 7])
def test_real_files(count: int) -> None:
    """The pages of real TIFF and PDF files are counted."""

    assert count == pages.count(a_tiff(count), "image/tiff")
    assert count == pages.count(a_pdf(count), "application/pdf")


def test_anything_else_is_one_page() -> None:
    """A text has one page, and so has what cannot be read."""

    assert 1 == pages.count(b"hello", "text/plain")
    assert 1 == pages.count(b"hello", "application/pdf")
    assert 1 == pages.count(b"hello", "image/tiff")


def test_endless_chain_of_pages_ends() -> None:
    """A TIFF whose directory points to itself has one page."""

    assert 1 == pages.count(b"II*\0\x08\0\0\0" + b"\0\0" + b"\x08\0\0\0", "image/tiff")


@given(st.sampled_from([b"II*\0", b"MM\0*", b"%PDF"]), st.binary(max_size=200))
def test_any_octets_have_pages(start: bytes, rest: bytes) -> None:
    """Whatever is uploaded, it counts as at least one page."""

    assert all(1 <= pages.count(start + rest, kind) for kind in ("image/tiff", "application/pdf"))


def test_printed_page_is_a_pdf() -> None:
    """What we print opens as a PDF of one page without any repair, special characters and all."""
    with pikepdf.open(io.BytesIO(pages.printed(["(one)", "back\\slash", "ü and 漢"])), attempt_recovery=False) as pdf:
        text = pdf.pages[0].Contents.read_bytes()

        assert 1 == len(pdf.pages)
        assert b"(\\(one\\)) Tj" in text
