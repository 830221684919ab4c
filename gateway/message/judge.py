"""What becomes of one attachment: faxed, left out, or a reason to refuse the mail."""

from dataclasses import dataclass

from gateway.message.attachment import Attachment
from gateway.message.encoding import base64_end
from gateway.message.mail import Part, RefusedError
from gateway.message.picture import is_page
from gateway.message.signature import FAXABLE, document_kind, foreign_kind, picture_kind
from gateway.message.spooled import Octets
from gateway.message.words import one_line
from gateway.submission import Kind, LeftOut

SHOWN = 60
"""Characters of a name in a reply, at most; a reply line has 512 octets."""

PICTURES = ("a picture", "a picture in the text")
"""Why a picture is left out: it is one, or it is only seen where the text shows it."""

_LEFT_OUT_TYPES = {
    "application/ics": "a calendar entry",
    "application/pgp-keys": "a key",
    "application/pgp-signature": "a signature",
    "application/pkcs7-signature": "a signature",
    "application/x-pkcs7-signature": "a signature",
    "text/calendar": "a calendar entry",
    "text/directory": "a business card",
    "text/vcard": "a business card",
    "text/x-vcard": "a business card",
}
_LEFT_OUT_ENDINGS = {".ics": "a calendar entry", ".p7s": "a signature", ".vcf": "a business card"}
_NAMES = {Kind.PDF: "document.pdf", Kind.TIFF: "document.tif", Kind.PICTURE: "picture"}
_APPLESINGLE = b"\x00\x05\x16\x00"  # both halves in one file
_DOCUMENT_TYPES = ("application/pdf", "application/x-pdf", "image/tif", "image/tiff", "image/tiff-fx", "image/x-tiff")
_DOCUMENT_ENDINGS = (".pdf", ".tif", ".tiff")


ENCRYPTED = (554, "5.7.5", "this mail is encrypted: send it without encryption")
"""How an encrypted mail is refused."""

HTML = "HTML text"
"""What a body in HTML is called in a reply."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """No document: part of the mail itself (`fit`), or a reason to refuse it; in words, if it deserves any."""

    fit: bool
    words: str = ""


def judge(mail: Octets, attachment: Attachment, *, pictures: bool = False) -> Part | LeftOut | Verdict:
    """Decide by its bytes first, then by what it says that it is.

    Args:
        mail: the bytes that it was found in.
        attachment: a part without others in it.
        pictures: whether pictures are faxed, unless they are logos or seen in the text.

    Raises:
        RefusedError: it is encrypted.
    """
    kind = document_kind(attachment.head, body=attachment.body)
    if kind is not None:
        return _document(mail, attachment, kind)
    if attachment.type == "application/pgp-encrypted":
        raise RefusedError(*ENCRYPTED)
    left_out = _left_out(attachment)
    if pictures and left_out == PICTURES[0]:
        return _picture(mail, attachment)
    if left_out is not None:
        return LeftOut(attachment.name or "unnamed", left_out)
    return _neither(attachment)


def _neither(attachment: Attachment) -> Verdict:
    """What is no document and cannot be left out, unless it belongs to the mail itself."""
    if attachment.type == "application/applefile" and not attachment.head.startswith(_APPLESINGLE):
        return Verdict(fit=True)  # the other half of a document sent by a Macintosh (RFC 1740)
    if attachment.body:
        return _body(attachment)
    if attachment.type.startswith("message/") and not attachment.attached:
        return Verdict(fit=True, words="a report")
    return Verdict(fit=False, words=_unfit(attachment))


def shown(attachment: Attachment) -> str:
    """How a reply calls it."""
    return (
        f'"{one_line(attachment.name, SHOWN)}"'
        if attachment.name
        else f"a part of type {attachment.type[:SHOWN] or 'unknown'}"
    )


def _document(mail: Octets, attachment: Attachment, kind: Kind) -> Part | Verdict:
    end = attachment.offset + attachment.length
    if attachment.encoding == "base64":
        whole = base64_end(mail, attachment.offset, end)
        if whole is None:
            return Verdict(fit=False, words=f"{shown(attachment)} is damaged: its base64 data breaks off")
        end = whole
    name = attachment.name or _NAMES[kind]
    return Part(name, kind, attachment.offset, end - attachment.offset, attachment.encoding)


def _picture(mail: Octets, attachment: Attachment) -> Part | LeftOut | Verdict:
    if is_page(attachment.head):
        return _document(mail, attachment, Kind.PICTURE)
    if picture_kind(attachment.head) in FAXABLE or not attachment.attached:
        return LeftOut(attachment.name or "unnamed", PICTURES[0])
    return Verdict(fit=False, words=f"{shown(attachment)} is a picture, but neither JPEG nor PNG: send it as PDF")


def _left_out(attachment: Attachment) -> str | None:
    ending = "." + attachment.name.lower().rpartition(".")[2]
    why = _LEFT_OUT_TYPES.get(attachment.type) or _LEFT_OUT_ENDINGS.get(ending)
    if why is not None or _claims_document(attachment):
        return why
    if attachment.type.startswith("image/") or picture_kind(attachment.head):
        return PICTURES[attachment.embedded]
    return None


def _body(attachment: Attachment) -> Verdict:
    if attachment.empty:
        return Verdict(fit=True)
    return Verdict(fit=True, words=HTML if attachment.type == "text/html" else "text")


def _claims_document(attachment: Attachment) -> bool:
    return attachment.type in _DOCUMENT_TYPES or attachment.name.lower().endswith(_DOCUMENT_ENDINGS)


def _unfit(attachment: Attachment) -> str:
    if attachment.empty:
        return f"{shown(attachment)} is empty"
    what = foreign_kind(attachment.head)
    if _claims_document(attachment):
        return f"{shown(attachment)} is {what or 'something else'}, not PDF or TIFF: print it to PDF and send that"
    return f"{shown(attachment)} is neither PDF nor TIFF: print it to PDF and send that"
