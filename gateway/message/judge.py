"""What becomes of one attachment: faxed, left out, or a reason to refuse the mail."""

import re
from dataclasses import dataclass

from gateway.message.attachment import Attachment
from gateway.message.encoding import base64_end
from gateway.message.mail import Part, RefusedError
from gateway.message.signature import document_kind, foreign_kind, picture_kind
from gateway.message.structure import Octets
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
_DOCUMENT_TYPES = ("application/pdf", "application/x-pdf", "image/tif", "image/tiff", "image/tiff-fx", "image/x-tiff")
_DOCUMENT_ENDINGS = (".pdf", ".tif", ".tiff")
_SEALED_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")
_TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_UUENCODED = re.compile(rb"\nbegin [0-7]{3,4} [^\r\n]{1,200}\r?\nM[ -`]{60}\r?\n")


@dataclass(frozen=True, slots=True)
class Verdict:
    """No document: part of the mail itself (`fit`), or a reason to refuse it; in words, if it deserves any."""

    fit: bool
    words: str = ""


def judge(mail: Octets, attachment: Attachment) -> Part | LeftOut | Verdict:
    """Decide by its bytes first, then by what it says that it is.

    Raises:
        RefusedError: it is encrypted.
    """
    kind = document_kind(attachment.head, body=attachment.body)
    if kind is not None:
        return _document(mail, attachment, kind)
    _refuse_sealed(attachment)
    left_out = _left_out(attachment)
    if left_out is not None:
        return LeftOut(attachment.name or "unnamed", left_out)
    if attachment.type == "application/applefile":
        return Verdict(fit=True)  # the other half of a document sent by a Macintosh (RFC 1740)
    if attachment.body:
        return _body(mail, attachment)
    if attachment.type.startswith("message/") and not attachment.attached:
        return Verdict(fit=True, words="a report")
    return Verdict(fit=False, words=_unfit(attachment))


def shown(attachment: Attachment) -> str:
    """How a reply calls it."""
    return f'"{one_line(attachment.name, SHOWN)}"' if attachment.name else f"a part of type {attachment.type[:SHOWN]}"


def _document(mail: Octets, attachment: Attachment, kind: Kind) -> Part | Verdict:
    end = attachment.offset + attachment.length
    if attachment.encoding == "base64":
        whole = base64_end(mail, attachment.offset, end)
        if whole is None:
            return Verdict(fit=False, words=f"{shown(attachment)} is damaged: its base64 data breaks off")
        end = whole
    name = attachment.name or ("document.pdf" if kind is Kind.PDF else "document.tif")
    return Part(name, kind, attachment.offset, end - attachment.offset, attachment.encoding)


def _refuse_sealed(attachment: Attachment) -> None:
    if attachment.type in _TNEF_TYPES or attachment.name.lower() == "winmail.dat":
        raise RefusedError(
            554,
            "5.6.1",
            "the attachments are hidden in a winmail.dat: in Outlook, send as HTML or plain text, not as Rich Text",
        )
    if attachment.type not in _SEALED_TYPES and not attachment.name.lower().endswith(".p7m"):
        return
    if attachment.parameters.get("smime-type", "").lower() == "signed-data":
        raise RefusedError(
            554, "5.6.1", "this mail is signed so that its attachments are hidden: sign it in clear, or not at all"
        )
    raise RefusedError(554, "5.7.5", "this mail is encrypted: send it without encryption")


def _left_out(attachment: Attachment) -> str | None:
    ending = "." + attachment.name.lower().rpartition(".")[2]
    why = _LEFT_OUT_TYPES.get(attachment.type) or _LEFT_OUT_ENDINGS.get(ending)
    if why is not None or _claims_document(attachment):
        return why
    if attachment.type.startswith("image/") or picture_kind(attachment.head):
        return PICTURES[attachment.embedded]
    return None


def _body(mail: Octets, attachment: Attachment) -> Verdict:
    end = attachment.offset + attachment.length
    if _UUENCODED.search(mail, max(attachment.offset - 1, 0), end):
        return Verdict(fit=False, words="a file stands in the text as uuencode: attach it instead")
    if attachment.empty:
        return Verdict(fit=True)
    return Verdict(fit=True, words="HTML text" if attachment.type == "text/html" else "text")


def _claims_document(attachment: Attachment) -> bool:
    return attachment.type in _DOCUMENT_TYPES or attachment.name.lower().endswith(_DOCUMENT_ENDINGS)


def _unfit(attachment: Attachment) -> str:
    if attachment.empty:
        return f"{shown(attachment)} is empty"
    if attachment.declared.startswith("x-uu") or attachment.declared == "uuencode":
        return f"{shown(attachment)} is in uuencode: attach it in base64"
    what = foreign_kind(attachment.head)
    if _claims_document(attachment):
        return f"{shown(attachment)} is {what or 'something else'}, not PDF or TIFF: print it to PDF and send that"
    return f"{shown(attachment)} is neither PDF nor TIFF: print it to PDF and send that"
