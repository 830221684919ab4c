"""The sender's own mail, or its header, as the last part of a report (RFC 3461 section 6.2, RFC 6522 section 3)."""

import re
from dataclasses import dataclass
from email.message import MIMEPart

from gateway.notice.mail import PLAIN, text_part

LONGEST_HEADER = 65536
"""Octets of a header that are returned."""

SEVEN_BIT = re.compile(rb"(?:[\x01-\x09\x0b\x0c\x0e-\x7f]{0,998}\r\n)*\Z")
"""What may stand in a message/rfc822 part without an encoding, which it must not have (RFC 2046 section 5.2.1)."""

HARMLESS = re.compile(r"^(date|from|message-id|mime-version)[ \t]*:", re.IGNORECASE)
"""Fields that discreet reports return."""


@dataclass(frozen=True, slots=True)
class Original:
    """The mail as it lies in the spool."""

    content: bytes  #: all of it, or only its beginning
    whole: bool  #: the sender wants it back and may have it


def part(original: Original, *, discreet: bool) -> MIMEPart:
    """Write it: whole if that is wanted and seven-bit, else its header."""
    if original.whole and not discreet and SEVEN_BIT.match(original.content):
        mail = MIMEPart(policy=PLAIN)
        mail["Content-Type"] = "message/rfc822"
        mail.set_payload(original.content.decode("ascii"))
        return mail
    fields = _fields(original.content)
    shown = [field for field in fields if HARMLESS.match(field)] if discreet else fields
    return text_part("".join(f"{field}\n" for field in shown), subtype="rfc822-headers")


def _fields(content: bytes) -> list[str]:
    """The fields of the header, each with its folded lines."""
    header = content[:LONGEST_HEADER].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    text = "".join(
        letter if letter.isprintable() or letter in "\t\n" else "?"
        for letter in header.decode("utf-8", "replace").rstrip("\n")
    )
    return re.split(r"\n(?![ \t])", text) if text else []
