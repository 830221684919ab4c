"""What discreet mails are written from: faxes and mails from which everything that may betray a patient is gone.

Nothing downstream ever sees a subject, a file name or a whole number, so none can slip into a header, a part or a
report. The last three digits stay, to tell the faxes of a mail apart.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.fax import Change, Fax, Recipient
from gateway.notice.story import Story
from gateway.submission import Document, LeftOut, Submission

LAST = 3
"""Digits of a number that are shown."""


def of_mail(submission: Submission) -> Submission:
    """Return the mail's record without subject and file names, also where it tells what was done to a document."""
    left_out = tuple(
        LeftOut("", part.why.replace(part.name, "...") if part.name else part.why) for part in submission.left_out
    )
    return replace(submission, subject="", documents=_documents(submission.documents), left_out=left_out)


def of_story(story: Story) -> Story:
    """Return the story without the whole number, and without FAX.PLUS's report, which shows it."""
    number = story.fax.number
    changes = [_change(change, number) for change in story.changes]
    return replace(story, fax=of_fax(story.fax), changes=changes, record=None)


def of_fax(fax: Fax) -> Fax:
    """Return the fax without the whole number: neither as it is dialled nor as the sender wrote it."""
    reason = without_number(fax.reason, fax.number)
    recipient, orcpt = _address(fax.recipient, fax.number), _orcpt(fax.orcpt, fax.number)
    written = tuple(
        Recipient(_address(one.address, fax.number), one.notify, _orcpt(one.orcpt, fax.number)) for one in fax.written
    )
    number = masked(fax.number)
    return replace(fax, number=number, recipient=recipient, orcpt=orcpt, written=written, reason=reason)


def masked(number: str) -> str:
    """Return the end of a number."""
    return f"...{number[-LAST:]}"


def without_number(words: str, number: str) -> str:
    """Return words without a number, however its digits are grouped there."""
    digits = number.lstrip("+")
    grouped = r"[^A-Za-z0-9]{0,3}".join(map(re.escape, digits))
    return re.sub(rf"\+?{grouped}", masked(number), words) if digits else words


def _change(change: Change, number: str) -> Change:
    return replace(change, reason=without_number(change.reason, number))


def _documents(documents: Sequence[Document]) -> tuple[Document, ...]:
    return tuple(replace(document, name="", repair="") for document in documents)


def _address(address: str, number: str) -> str:
    """A local part may also name the person the fax is for (`/ATTN=`)."""
    return f"{masked(number)}@{address.rpartition('@')[2]}"


def _orcpt(orcpt: str, number: str) -> str:
    kind, _, address = orcpt.partition(";")
    return f"{kind};{_address(address, number)}" if orcpt else ""
