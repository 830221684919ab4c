"""Recognising documents and pictures by their bytes."""

import pytest

from gateway.message.signature import document_kind, foreign_kind, picture_kind
from gateway.submission import Kind


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"%PDF-1.7\n", Kind.PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.7\n", Kind.PDF),
        (b"x" * 1019 + b"%PDF-", Kind.PDF),
        (b"x" * 1020 + b"%PDF-", None),
        (b"II*\0\x08\0\0\0", Kind.TIFF),
        (b"MM\0*\0\0\0\x08", Kind.TIFF),
        (b"II+\0\x08\0\0\0", Kind.TIFF),
        (b"MM\0+\0\x08\0\0", Kind.TIFF),
        (b"PK\x03\x04 a.pdf %PDF-1.7", None),
        (b"II*", None),
        (b"", None),
    ],
)
def test_document_kind(head: bytes, expected: Kind | None) -> None:
    """A PDF may have junk before it, an archive with a PDF in it is none."""

    assert expected == document_kind(head, body=False)


def test_text_about_documents() -> None:
    """A text that speaks of PDFs is none; one that is a PDF is."""

    assert document_kind(b"It begins with %PDF-1.4", body=True) is None
    assert Kind.PDF is document_kind(b"\r\n%PDF-1.4", body=True)


def test_pictures_and_others() -> None:
    """Pictures and Office documents are called what they are."""

    assert "a JPEG picture" == picture_kind(b"\xff\xd8\xff\xe1")
    assert picture_kind(b"PK\x03\x04") is None
    assert "an Office document or a ZIP archive" == foreign_kind(b"PK\x03\x04")
    assert "a PNG picture" == foreign_kind(b"\x89PNG\r\n\x1a\n")
    assert foreign_kind(b"text") is None
