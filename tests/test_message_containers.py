"""Containers in a mail; the mails in tests/data/mails show most of them."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.message.attachment import Attachment
from gateway.message.containers import Container, container, unpack
from gateway.message.mail import DamagedError
from tests.packing import in_memory, tnef, uuencoded

USUAL = Attachment("a.bin", "application/octet-stream", {}, True, False, "identity", "", 0, 4, b"text")  # noqa: FBT003  # attached, not embedded
TEXT: dict[str, Any] = {"name": "", "type": "text/plain", "attached": False}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"type": "application/ms-tnef"}, Container.TNEF),
        ({"type": "application/vnd.ms-tnef"}, Container.TNEF),
        ({"name": "Winmail.dat"}, Container.TNEF),
        ({"head": tnef()[:20]}, Container.TNEF),
        ({"head": b"%PDF-1.4", "type": "application/ms-tnef"}, None),
        ({"type": "application/pkcs7-mime"}, Container.SIGNED),
        ({"type": "application/x-pkcs7-mime"}, Container.SIGNED),
        ({"name": "Letter.PDF.P7M"}, Container.SIGNED),
        ({"name": "letter.pdf.p7m", "head": b"II*\0"}, None),
        ({"type": "message/rfc822"}, Container.MAIL),
        ({"name": "Fwd.EML"}, Container.MAIL),
        ({"name": "Fwd.eml", "head": b" "}, None),
        ({"declared": "x-uuencode"}, Container.UUENCODE),
        (TEXT, None),
    ],
)
def test_container(changed: dict[str, Any], expected: Container | None) -> None:
    """Bytes go before types and names; what begins like a document is one, whatever it is called."""

    assert expected is container(in_memory(b"text"), replace(USUAL, **changed))


def test_uuencode_in_text() -> None:
    """Only the text of the mail is searched for files."""
    text = b"Hello\n" + uuencoded(b"a.pdf", b"%PDF-1.4\n")
    part = replace(USUAL, length=len(text))

    assert Container.UUENCODE is container(in_memory(text), replace(part, **TEXT))
    assert container(in_memory(text), part) is None


def test_name_of_the_only_file() -> None:
    """What the header calls a file in uuencode counts, as long as there is one."""
    one = uuencoded(b"X.PDF", b"%PDF-1.4\n")
    part = replace(USUAL, declared="x-uuencode", name="letter.pdf")

    def held(octets: bytes) -> list[str | None]:
        found = unpack(in_memory(octets), replace(part, length=len(octets)), Container.UUENCODE)
        return [one.name for one in found] if isinstance(found, list) else []

    assert ["letter.pdf"] == held(one)
    assert ["X.PDF", "X.PDF"] == held(one * 2)


@pytest.mark.parametrize(
    ("what", "octets"),
    [
        (Container.TNEF, b"text"),
        (Container.SIGNED, b"text"),
        (Container.SIGNED, b"-----BEGIN PKCS7-----\nMIAGCQ==\n"),
        (Container.SIGNED, b"-----BEGIN PKCS7-----"),
        (Container.UUENCODE, b"text"),
    ],
)
def test_damaged(what: Container, octets: bytes) -> None:
    """What cannot be opened is damaged."""
    with pytest.raises(DamagedError):
        unpack(in_memory(octets), replace(USUAL, length=len(octets)), what)
