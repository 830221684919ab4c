"""Mails to the operator: that something needs a hand, and mail to postmaster@, passed on."""

from email.message import EmailMessage

from gateway.notice import forwarded
from gateway.notice.mail import atom, letter, write
from gateway.notice.plain import cut, lines
from gateway.submission import Notice

LONGEST_SUBJECT = 150


def operator(notice: Notice, *, sender: str, own_name: str) -> EmailMessage:
    """Compose a mail to the operator from the notice's own subject and text."""
    return _letter(notice, cut(notice.subject, LONGEST_SUBJECT), lines(notice.text), sender, own_name)


def forward(notice: Notice, original: bytes, *, sender: str, own_name: str) -> EmailMessage:
    """Compose a mail to the operator that passes on a mail to postmaster@, as an attachment, octet for octet.

    Not as message/rfc822: that may not be encoded (RFC 2046 section 5.2.1), so what is not plain seven-bit text with
    short lines would not survive every relay. And not with Resent- fields: the author's domain may forbid us to send
    in its name (RFC 7489).
    """
    mail = _letter(notice, forwarded.subject(original), forwarded.text(original, own_name), sender, own_name)
    mail.add_attachment(original, maintype="application", subtype="octet-stream", filename="mail.eml")
    mail.set_boundary(f"=_{atom(notice.id)}")  # the same at every retry; "=_" occurs in no encoded text
    return mail


def _letter(notice: Notice, subject: str, text: str, sender: str, own_name: str) -> EmailMessage:
    mail = letter(notice, sender=sender, own_name=own_name, at=notice.created_at, subject=subject)
    mail["Auto-Submitted"] = "auto-generated"
    write(mail, text)
    return mail
