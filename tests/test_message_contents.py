"""What the parts of a mail make together; the mails in tests/data/mails show most of it."""

import pytest

from gateway.config import DocumentSettings
from gateway.message.contents import Contents, read_contents
from gateway.message.mail import RefusedError
from tests.packing import in_memory

PDF = "Content-Type: application/pdf; name={}.pdf\n\n%PDF-1.4"
DOCX = "Content-Type: application/octet-stream; name=a.docx\n\nPK\x03\x04"
PNG = "Content-Type: image/png; name=a.png\n\nx"
TEXT = "Content-Type: text/plain\n\nHello"


def multipart(subtype: str, boundary: str, *parts: str) -> str:
    """A multipart of these parts."""
    inside = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{subtype}; boundary={boundary}\n\n{inside}--{boundary}--"


def contents(mail: str) -> Contents:
    """What this mail contains."""
    return read_contents(in_memory(mail.encode("latin-1")), DocumentSettings())


def names(found: Contents) -> list[str]:
    """The documents' names."""
    return [part.name for part in found.documents]


def test_order() -> None:
    """Documents come in the order of the mail, however deep they lie."""
    inner = multipart("mixed", "c", PDF.format(2), TEXT, PDF.format(3))

    found = contents(multipart("mixed", "b", PDF.format(1), inner, PDF.format(4)))

    assert ["1.pdf", "2.pdf", "3.pdf", "4.pdf"] == names(found)
    assert ("text",) == found.seen


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ((TEXT, PDF.format(1)), ["1.pdf"]),
        ((PDF.format(1), TEXT), ["1.pdf"]),
        ((PDF.format(1), PDF.format(2)), ["2.pdf"]),
        ((PDF.format(1), DOCX), ["1.pdf"]),
        ((multipart("mixed", "c", PDF.format(1), PDF.format(2)), PDF.format(3)), ["1.pdf", "2.pdf"]),
    ],
)
def test_alternatives(versions: tuple[str, ...], expected: list[str]) -> None:
    """Of several versions one is faxed: that with most documents, the last of equals; the others do not matter."""
    found = contents(multipart("alternative", "b", *versions))

    assert expected == names(found)
    assert () == found.unfit


def test_alternatives_without_a_document() -> None:
    """If no version can be faxed, all that was found is told."""
    found = contents(multipart("alternative", "b", TEXT, DOCX, PNG))

    assert 1 == len(found.unfit)
    assert ("text", "a picture a.png") == found.seen


@pytest.mark.parametrize("subtype", ["mixed", "alternative"])
def test_sealed_inside(subtype: str) -> None:
    """An encrypted part refuses the mail wherever it stands."""
    sealed = multipart("encrypted", "c", TEXT)

    with pytest.raises(RefusedError, match="encrypted"):
        contents(multipart(subtype, "b", PDF.format(1), sealed))


def test_parts_that_cannot_be_told_apart() -> None:
    """A multipart without its boundary makes the mail unfit, since it may hide a document; an empty one hides none."""
    unfit = contents(multipart("mixed", "b", PDF.format(1), "Content-Type: multipart/mixed\n\n--c\n\nx"))

    assert ("the mail is damaged: the boundary between its parts is missing",) == unfit.unfit
    assert () == contents(multipart("mixed", "b", PDF.format(1), "Content-Type: multipart/mixed\n\n \n")).unfit
