"""The text of a mail as a document."""

from dataclasses import replace

import pytest

from gateway.message.attachment import Attachment
from gateway.message.judge import Verdict
from gateway.message.limits import TEXT_OCTETS
from gateway.message.mail import Part
from gateway.message.text import is_text, text_part
from gateway.submission import Kind
from tests.packing import in_memory

USUAL = Attachment("", "text/plain", {}, False, False, "identity", "", 0, 5, b"Hello")  # noqa: FBT003  # neither attached nor embedded


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"type": "text"}, True),
        ({"type": "text/html"}, False),
        ({"type": "application/pdf"}, False),
        ({"name": "notes.txt"}, False),
        ({"attached": True}, False),
        ({"head": b" \r\n"}, False),
    ],
)
def test_is_text(changed: dict[str, object], *, expected: bool) -> None:
    """Only the plain text of the mail itself is, and only if it says something."""

    assert expected is is_text(replace(USUAL, **changed))  # type: ignore[arg-type]  # each row changes one field


@pytest.mark.parametrize(
    ("octets", "charset", "text"),
    [
        (b"Gr\xfc\xdfe", "iso-8859-1", "Grüße"),
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode(), "", "Grüße"),
        (b"Gr\xfc\xdfe", "no-such-charset", "Grüße"),
        (b"\xff", "utf-8", "\ufffd"),
    ],
)
def test_charsets(octets: bytes, charset: str, text: str) -> None:
    """It is put behind the mail in UTF-8, whatever it was written in."""
    mail = in_memory(octets)
    parameters = {"charset": charset} if charset else {}

    part = text_part(mail, replace(USUAL, parameters=parameters, length=len(octets)))

    assert Part("text of the mail", Kind.TEXT, len(octets), len(text.encode()), "identity") == part
    assert text.encode() == mail.octets[len(octets) :]


def test_longest() -> None:
    """The longest text that is faxed, and one that is longer."""
    octets = b"x" * (TEXT_OCTETS + 1)

    assert isinstance(text_part(in_memory(octets), replace(USUAL, length=TEXT_OCTETS)), Part)
    assert isinstance(text_part(in_memory(octets), replace(USUAL, length=TEXT_OCTETS + 1)), Verdict)


def test_far_too_long() -> None:
    """What is far too long is not even decoded."""
    found = text_part(in_memory(b""), replace(USUAL, encoding="quoted-printable", length=10**9))

    assert Verdict(fit=False, words="the text of this mail is longer than 100 kB: attach it as a PDF") == found
