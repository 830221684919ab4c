"""Parts that hold others without being MIME: forwarded mails in base64, winmail.dat, opaque signatures, uuencode."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain

from gateway.message import uuencode
from gateway.message.attachment import Attachment
from gateway.message.cms import Sealed, read_cms
from gateway.message.encoding import DECODERS, base64_end, from_base64
from gateway.message.mail import DamagedError
from gateway.message.signature import document_kind
from gateway.message.spooled import Spooled
from gateway.message.structure import EMBEDDED
from gateway.message.tnef import SIGNATURE, read_tnef

_SIGNED_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_LINE = 76  # octets in a line of base64
_HEADER = re.compile(rb"\s*(?:content-[a-z-]+|mime-version):", re.IGNORECASE)
_DER = b"\x30"
_PEM = (b"-----BEGIN", b"-----END")


class Container(Enum):
    """What holds others; the value says what a sender can do if it cannot be opened."""

    MAIL = "is a forwarded mail that is damaged: attach its documents themselves"
    SIGNED = "is a signed mail that cannot be opened: sign it in clear, or not at all"
    TNEF = "is a winmail.dat that cannot be opened: in Outlook, send as HTML or plain text, not as Rich Text"
    UUENCODE = "holds a file in uuencode that breaks off: attach the file instead"


@dataclass(frozen=True, slots=True)
class Held:
    """Something inside: a file that has a name, or else a mail with its header."""

    start: int
    end: int
    name: str | None = None  #: None: a mail


def container(mail: Spooled, attachment: Attachment) -> Container | None:
    """Say which container a part is; its bytes count first, then what it says that it is."""
    name = attachment.name.lower()
    if document_kind(attachment.head, body=True) is not None:
        return None
    if attachment.head.startswith(SIGNATURE) or attachment.type in _TNEF_TYPES or name == "winmail.dat":
        return Container.TNEF
    if attachment.type in _SIGNED_TYPES or name.endswith(".p7m"):
        return Container.SIGNED
    if attachment.type in EMBEDDED or (name.endswith(".eml") and not attachment.empty):
        return Container.MAIL
    if uuencode.is_uuencode(attachment.declared) or (attachment.body and uuencode.begins(_decoded(mail, attachment))):
        return Container.UUENCODE
    return None


def unpack(mail: Spooled, attachment: Attachment, what: Container) -> list[Held] | Sealed:
    """Open a container; what is encoded in it is put behind the mail.

    Raises:
        DamagedError: it breaks off, or is something else.
        RefusedError: there is too much in it.
        OSError: there is no room for it.
    """
    start, end = _plain(mail, attachment)
    match what:
        case Container.MAIL:
            return [Held(start, end)]
        case Container.SIGNED:
            return _signed(mail, attachment, start, end)
        case Container.TNEF:
            return [Held(file.start, file.end, file.title) for file in read_tnef(mail.octets, start, end)]
        case Container.UUENCODE:
            return _uuencoded(mail, attachment, start, end)


def _plain(mail: Spooled, attachment: Attachment) -> tuple[int, int]:
    """Where the part lies, decoded. A header in the clear shows that base64 was declared and not done."""
    start, end = attachment.offset, attachment.offset + attachment.length
    untrue = attachment.encoding == "base64" and b":" in mail.octets[start : min(end, start + _LINE)]
    if attachment.encoding == "identity" or untrue:
        return start, end
    if attachment.encoding == "base64" and base64_end(mail.octets, start, end) is None:
        raise DamagedError
    start, end = mail.unpack(chain([b"\n"], _decoded(mail, attachment)))
    return start + 1, end


def _decoded(mail: Spooled, attachment: Attachment) -> Iterator[bytes]:
    return DECODERS[attachment.encoding](mail.pieces(attachment.offset, attachment.offset + attachment.length))


def _signed(mail: Spooled, attachment: Attachment, start: int, end: int) -> list[Held] | Sealed:
    start, end = _binary(mail, start, end)
    places = read_cms(mail.octets, start, end)
    if isinstance(places, Sealed):
        return places
    first, second = next(places, None), next(places, None)
    if first is None:
        return Sealed.BARE
    start, end = first
    if second is not None:
        whole = chain([first, second], places)
        start, end = mail.unpack(octets for place in whole for octets in mail.pieces(*place))
    return [Held(start, end, _signed_file(attachment.name, mail.octets[start : min(end, start + 64)]))]


def _signed_file(name: str, head: bytes) -> str | None:
    """What a signed file is called: "letter.pdf.p7m" holds "letter.pdf", but "smime.p7m" a mail."""
    stem = name[: -len(".p7m")] if name.lower().endswith(".p7m") else name
    named = stem if "." in stem else ""
    if document_kind(head, body=True) is not None:
        return named
    return None if _HEADER.match(head) else named or None


def _binary(mail: Spooled, start: int, end: int) -> tuple[int, int]:
    """Where the signature lies in binary; some write it as text (PEM, RFC 7468) or do not declare its base64."""
    head = mail.octets[start : min(end, start + 64)]
    if head.startswith(_DER):
        return start, end
    if head.lstrip().startswith(_PEM[0]):
        start, end = mail.octets.find(b"\n", start, end) + 1, mail.octets.find(_PEM[1], start, end)
        if not 0 < start <= end:
            raise DamagedError
    return mail.unpack(from_base64(mail.pieces(start, end)))


def _uuencoded(mail: Spooled, attachment: Attachment, start: int, end: int) -> list[Held]:
    blocks = uuencode.read_uuencode(mail.octets, start, end)
    if not blocks:
        raise DamagedError
    names = [block.name.decode("utf-8", "replace") for block in blocks]
    if len(blocks) == 1 and attachment.name:
        names = [attachment.name]
    places = [mail.unpack(uuencode.decode(mail, block)) for block in blocks]
    return [Held(*place, name) for place, name in zip(places, names, strict=True)]
