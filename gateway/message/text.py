"""The text of a mail, for those who want it faxed (RFC 3965, appendix A)."""

from gateway.message.attachment import Attachment
from gateway.message.encoding import DECODERS
from gateway.message.judge import Verdict
from gateway.message.limits import TEXT_OCTETS
from gateway.message.mail import Part
from gateway.message.spooled import Spooled
from gateway.message.words import decode_charset
from gateway.submission import Kind

_NAME = "text of the mail"


def is_text(attachment: Attachment) -> bool:
    """Whether a part is the text of the mail, in plain, and says something."""
    return attachment.body and attachment.type != "text/html" and not attachment.empty


def text_part(mail: Spooled, attachment: Attachment) -> Part | Verdict:
    """Return the text as a document: in UTF-8, put behind the mail.

    Raises:
        RefusedError: too much was unpacked from the mail already.
        OSError: there is no room for it.
    """
    if attachment.length > 3 * TEXT_OCTETS:  # an octet takes at most three in any encoding
        return _too_long()
    end = attachment.offset + attachment.length
    octets = b"".join(DECODERS[attachment.encoding](mail.pieces(attachment.offset, end)))
    if len(octets) > TEXT_OCTETS:
        return _too_long()
    text = decode_charset(octets, attachment.parameters.get("charset", "utf-8"))
    start, end = mail.unpack([text.encode("utf-8", "replace")])
    return Part(_NAME, Kind.TEXT, start, end - start, "identity")


def _too_long() -> Verdict:
    return Verdict(
        fit=False, words=f"the text of this mail is longer than {TEXT_OCTETS // 1000} kB: attach it as a PDF"
    )
