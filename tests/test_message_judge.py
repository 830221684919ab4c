"""What becomes of an attachment; the mails in tests/data/mails show most of it."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.message.attachment import Attachment
from gateway.message.judge import Verdict, judge
from gateway.message.mail import Part, RefusedError
from gateway.submission import Kind, LeftOut

USUAL = Attachment("a.bin", "application/octet-stream", {}, True, False, "identity", "", 0, 4, b"text")  # noqa: FBT003  # attached, not embedded


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"head": b"%PDF-"}, Part("a.bin", Kind.PDF, 0, 4, "identity")),
        ({"head": b"%PDF-", "name": ""}, Part("document.pdf", Kind.PDF, 0, 4, "identity")),
        ({"head": b"II*\0", "name": ""}, Part("document.tif", Kind.TIFF, 0, 4, "identity")),
        ({"head": b"%PDF-", "type": "application/pkcs7-signature"}, Part("a.bin", Kind.PDF, 0, 4, "identity")),
        ({"name": "me.VCF"}, LeftOut("me.VCF", "a business card")),
        ({"type": "text/calendar", "name": ""}, LeftOut("unnamed", "a calendar entry")),
        ({"head": b"\xff\xd8\xff"}, LeftOut("a.bin", "a picture")),
        ({"type": "image/webp", "embedded": True}, LeftOut("a.bin", "a picture in the text")),
        ({"type": "application/applefile"}, Verdict(fit=True)),
        ({"type": "message/delivery-status", "attached": False}, Verdict(fit=True, words="a report")),
        ({"type": "text/html", "attached": False, "name": ""}, Verdict(fit=True, words="HTML text")),
        ({"name": "", "type": "audio/wav"}, "a part of type audio/wav is neither PDF nor TIFF"),
        ({"name": "a.pdf"}, '"a.pdf" is something else, not PDF or TIFF'),
        ({"name": "a.pdf", "head": b"\x89PNG\r\n\x1a\n"}, '"a.pdf" is a PNG picture, not PDF or TIFF'),
        ({"head": b" \r\n"}, '"a.bin" is empty'),
        ({"name": "x" * 199, "head": b""}, f'"{"x" * 59}…" is empty'),
        ({"type": "application/applefile", "head": b"\x00\x05\x16\x00"}, '"a.bin" is neither PDF nor TIFF'),
    ],
)
def test_judge(changed: dict[str, Any], expected: object) -> None:
    """Bytes go before types, types before names; whatever remains is refused by its name."""
    found = judge(b"text", replace(USUAL, **changed))

    if isinstance(expected, str):
        assert isinstance(found, Verdict)
        assert not found.fit
        assert found.words.startswith(expected)
    else:
        assert expected == found


def test_sealed() -> None:
    """What is encrypted refuses the mail, whatever else is in it."""
    with pytest.raises(RefusedError) as refusal:
        judge(b"text", replace(USUAL, type="application/pgp-encrypted"))

    assert "5.7.5" == refusal.value.enhanced


def test_padding_in_the_middle() -> None:
    """A document glued together from pieces of base64 is refused, rather than faxed up to the first seam."""
    mail = b"JVBERi0=\r\n" + b"JVBERi0x\r\n" * 2000
    found = judge(mail, replace(USUAL, head=b"%PDF-", encoding="base64", length=len(mail)))

    assert Verdict(fit=False, words='"a.bin" is damaged: its base64 data breaks off') == found
