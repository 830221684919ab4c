"""What the first bytes of an attachment say that it is; its type and its name often say something else."""

from gateway.submission import Kind

HEAD = 1024
"""Octets, decoded, within which a PDF must begin (ISO 32000-1, annex H, implementation note 13)."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two are BigTIFF, which the inspector judges
_PICTURES = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"BM": "a BMP picture",
}
FAXABLE = (_PICTURES[b"\xff\xd8\xff"], _PICTURES[b"\x89PNG\r\n\x1a\n"])
"""The pictures that can be faxed, in words."""

_OTHERS = {
    b"PK\x03\x04": "an Office document or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"{\\rtf": "a text in RTF",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"\x1f\x8b": "an archive",
    b"MZ": "a program",
}


def document_kind(head: bytes, *, body: bool) -> Kind | None:
    """Recognise a document.

    Args:
        head: the first `HEAD` octets, decoded.
        body: it looks like the text of the mail. Text may write about `%PDF-`; only a PDF begins with it.
    """
    if head.startswith(_TIFF):
        return Kind.TIFF
    if foreign_kind(head) is not None:
        return None
    found = head.lstrip()[:5] == b"%PDF-" if body else b"%PDF-" in head[:HEAD]
    return Kind.PDF if found else None


def picture_kind(head: bytes) -> str | None:
    """Recognise a picture, in words."""
    return next((words for start, words in _PICTURES.items() if head.startswith(start)), None)


def foreign_kind(head: bytes) -> str | None:
    """Recognise what is neither PDF nor TIFF, in words; an archive may hold a PDF, but is none."""
    return picture_kind(head) or next((words for start, words in _OTHERS.items() if head.startswith(start)), None)
