"""The mails that the gateway writes: from what happened to an `EmailMessage`. Pure.

A confirmation is an automatic answer (RFC 3834), for people first. Programs find the same facts in its header, in
fields that keep their names and meanings:

    X-Fax-Id          our id of the fax
    X-Fax-State       delivered, failed or cancelled; when it takes long: queued, submitting or submitted
    X-Fax-Number      the number, E.164
    X-Fax-Status      FAX.PLUS's last word on it, or `unknown`; absent when there was none
    X-Fax-Attempts    how often FAX.PLUS is known to have taken it, to dial
    X-Fax-Pages       pages of all its documents
    X-Fax-Counted     pages that FAX.PLUS counted; absent when it did not say
    X-Fax-Duration    seconds on the line; absent when FAX.PLUS did not say
    X-Fax-Cost        as FAX.PLUS counts it; absent when it did not say
"""

from collections.abc import Sequence
from email.message import EmailMessage

from gateway.fax import Change, Fax, State
from gateway.notice import attempts, forwarded, report
from gateway.notice.mail import atom, letter, reply_to, to_bytes
from gateway.notice.plain import cut, lines, token
from gateway.notice.verdict import Verdict, not_yet, verdict
from gateway.submission import Notice, Submission

__all__ = ["addressee", "forward", "late", "operator", "outcome", "owed", "to_bytes"]

LONGEST_SUBJECT = 150


def owed(fax: Fax, submission: Submission) -> str | None:
    """Who must hear how a fax ended; None while it has not, and when nobody wants to know.

    The envelope sender hears (RFC 3834 section 4), or whom the operator named in its place. A machine (`quiet`) hears
    of everything but success.
    """
    if not fax.final or (submission.quiet and fax.state is State.DELIVERED):
        return None
    return addressee(submission)


def addressee(submission: Submission) -> str | None:
    """Who hears about the faxes of a mail; None when there is nobody to tell."""
    return submission.confirm_to or submission.sender or None


def outcome(
    notice: Notice, fax: Fax, submission: Submission, changes: Sequence[Change], *, sender: str, own_name: str
) -> EmailMessage:
    """Compose the confirmation for a fax that has ended. The same arguments make the same mail.

    Args:
        notice: the mail that is owed.
        fax: what it is about, ended.
        submission: the mail that the fax came from.
        changes: all that happened to the fax, oldest first.
        sender: From address; answers to it must reach a human being (RFC 3834 section 3.1.1).
        own_name: right side of the Message-ID.

    Raises:
        ValueError: the fax has not ended.
    """
    if fax.ended_at is None:
        raise ValueError(f"fax {fax.id} has not ended")
    says = verdict(fax, submission, changes, attempts.of(changes))
    return _confirmation(notice, says, fax, submission, changes, at=fax.ended_at, sender=sender, own_name=own_name)


def late(
    notice: Notice,
    fax: Fax,
    submission: Submission,
    changes: Sequence[Change],
    *,
    gives_up_at: float,
    sender: str,
    own_name: str,
) -> EmailMessage:
    """Compose the mail that says that a fax takes longer than expected, and what happens next.

    Args:
        notice: the mail that is owed; it is dated when that became so.
        fax: what it is about, not ended.
        submission: the mail that the fax came from.
        changes: all that happened to the fax, oldest first.
        gives_up_at: when we stop trying, seconds since the epoch.
        sender: From address, as in `outcome`.
        own_name: right side of the Message-ID.
    """
    says = not_yet(fax, report.time(gives_up_at))
    at = notice.created_at
    return _confirmation(notice, says, fax, submission, changes, at=at, sender=sender, own_name=own_name)


def _confirmation(
    notice: Notice,
    says: Verdict,
    fax: Fax,
    submission: Submission,
    changes: Sequence[Change],
    *,
    at: float,
    sender: str,
    own_name: str,
) -> EmailMessage:
    """An automatic answer to the sender's mail (RFC 3834), with the facts as text and as header fields."""
    tried = attempts.of(changes)
    subject = f"{says.headline}: {report.international(fax.number)}"
    if submission.subject.strip():
        subject += f" - {cut(submission.subject, LONGEST_SUBJECT)}"
    text = report.text(says, fax, submission, tried, resent_at=attempts.resent_at(changes), own_name=own_name)
    mail = letter(notice, sender=sender, own_name=own_name, at=at, subject=subject, text=text)
    mail["Auto-Submitted"] = "auto-replied"
    reply_to(mail, submission.message_id, submission.references)
    for name, value in _fields(fax, submission, tried).items():
        mail[name] = token(value)
    return mail


def operator(notice: Notice, *, sender: str, own_name: str) -> EmailMessage:
    """Compose a mail to the operator from the notice's own subject and text."""
    subject, text = cut(notice.subject, LONGEST_SUBJECT), lines(notice.text)
    mail = letter(notice, sender=sender, own_name=own_name, at=notice.created_at, subject=subject, text=text)
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def forward(notice: Notice, original: bytes, *, sender: str, own_name: str) -> EmailMessage:
    """Compose a mail to the operator that passes on a mail to postmaster@, as an attachment, octet for octet.

    Not as message/rfc822: that may not be encoded (RFC 2046 section 5.2.1), so what is not plain seven-bit text with
    short lines would not survive every relay. And not with Resent- fields: the author's domain may forbid us to send
    in its name (RFC 7489).
    """
    subject, text = forwarded.subject(original), forwarded.text(original, own_name)
    mail = letter(notice, sender=sender, own_name=own_name, at=notice.created_at, subject=subject, text=text)
    mail["Auto-Submitted"] = "auto-generated"
    mail.add_attachment(original, maintype="application", subtype="octet-stream", filename="mail.eml")
    mail.set_boundary(f"=_{atom(notice.id)}")  # the same at every retry; "=_" occurs in no encoded text
    return mail


def _fields(fax: Fax, submission: Submission, tried: Sequence[attempts.Attempt]) -> dict[str, str]:
    facts = {
        "X-Fax-Id": fax.id,
        "X-Fax-State": fax.state,
        "X-Fax-Number": fax.number,
        "X-Fax-Status": fax.status or None,
        "X-Fax-Attempts": sum(attempt.dialled for attempt in tried),
        "X-Fax-Pages": sum(document.pages for document in submission.documents),
        "X-Fax-Counted": fax.pages,
        "X-Fax-Duration": fax.duration,
        "X-Fax-Cost": fax.cost,
    }
    return {
        name: f"{fact:g}" if isinstance(fact, float) else str(fact) for name, fact in facts.items() if fact is not None
    }
