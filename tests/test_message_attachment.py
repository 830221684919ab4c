"""Names, encodings and first bytes of a part."""

import pytest

from gateway.message.attachment import NAME, Attachment, read_attachment
from gateway.message.structure import Scan
from tests.packing import in_memory


def attachment(mail: str, *, related: bool = False) -> Attachment:
    """The attachment that this mail is."""
    octets = mail.encode("utf-8")
    return read_attachment(octets, Scan(in_memory(octets)).entity(0, len(octets)), related=related)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Content-Type: a/b", ""),
        ("Content-Type: a/b; name=x.pdf", "x.pdf"),
        ("Content-Type: a/b; name=x.pdf\nContent-Disposition: inline; filename=y.pdf", "y.pdf"),
        ('Content-Disposition: inline; filename="../../etc/passwd"', "passwd"),
        ('Content-Disposition: inline; filename="C:\\scans\\x.pdf"', "x.pdf"),
        ('Content-Disposition: inline; filename=".."', ""),
        ('Content-Disposition: inline; filename="a/"', ""),
        ("Content-Disposition: inline; filename*=utf-8''a%0D%0Ab%00%E2%80%AEfdp.exe", "a bfdp.exe"),
        ("Content-Disposition: inline; filename=" + "x" * 500 + ".pdf", "x" * (NAME - 4) + ".pdf"),
        ("Content-Disposition: inline; filename=" + "x" * 500, "x" * NAME),
    ],
)
def test_name(header: str, expected: str) -> None:
    """A name comes from where mail programs put it, without paths and controls, and not too long."""

    assert expected == attachment(f"{header}\n\nbody").name


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("A: b", True),
        ("Content-Type: text/html", True),
        ("Content-Type: text", True),
        ("Content-Type: text/plain; name=notes.txt", False),
        ("Content-Type: text/plain; name=ATT00001.txt", True),
        ("Content-Type: text/html\nContent-Disposition: attachment", False),
        ("Content-Type: application/pdf", False),
    ],
)
def test_body(header: str, expected: bool) -> None:  # noqa: FBT001  # a row of a table
    """Text without a name is the mail's own; text with a name is a file that somebody attached."""

    assert expected == attachment(f"{header}\n\nbody").body


def test_first_bytes_are_decoded() -> None:
    """Enough is decoded to recognise anything, and no more."""
    found = attachment("Content-Transfer-Encoding: base64\n\n" + "JVBERi0x\r\n" * 2000)

    assert found.head.startswith(b"%PDF-1%PDF-1")
    assert 1024 < len(found.head) <= 2048
    assert not found.empty
    assert attachment("Content-Transfer-Encoding: base64\n\n \r\n\r\n").empty


def test_seen_in_the_text() -> None:
    """What stands beside a text in a multipart/related is seen there, unless it says that it is attached."""

    assert attachment("Content-Type: image/png\n\nx", related=True).embedded
    assert not attachment("Content-Type: image/png\n\nx").embedded
    assert not attachment("Content-Type: image/png\nContent-Disposition: attachment\n\nx", related=True).embedded
