"""The same job again: a mail whose sender, number and documents are those of another a short while ago is no new fax.

Devices repeat a job when our 250 came late, and every client does when the connection broke after the dot
(RFC 5321 section 4.5.3.2.6, RFC 1047). Who wants a fax again that failed sends a new mail; the same mail (RFC 5322
section 3.6.4: one Message-ID is one message) is a repeat of that one whatever became of it.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, or_, select, text

from gateway.fax import Fax, State
from gateway.store import rows
from gateway.store.tables import FAXES, SUBMISSIONS
from gateway.submission import Submission

PAUSE = 0.05
"""Seconds until we try again while another node accepts mail with the same documents."""

NEW_ONE_IS_WANTED = frozenset({State.FAILED, State.CANCELLED})
"""Whoever sends what ended like this in another mail wants it to be sent again."""


class RepeatUnderWayError(Exception):
    """Another node accepts mail with the same documents at this moment; in a moment we shall see what came of it."""


def earlier(connection: Connection, submission: Submission, faxes: Sequence[Fax], window: float) -> list[Fax]:
    """Return the faxes, oldest first, that some of these repeat.

    What hears of the outcome is compared too: a mail that is confirmed to somebody else is no repeat, nor is one whose
    sender lets it go at another time (RFC 4865): sent now, it is not the one that is held back. A window reaches
    both ways, for clocks jump.

    Raises:
        RepeatUnderWayError: it cannot be said yet.
    """
    if not faxes or not submission.content or window <= 0:
        return []
    keep_others_out(connection, submission.content)
    at, numbers = submission.received_at, [fax.number for fax in faxes]
    released_at = faxes[0].queued_at
    query = select(FAXES).join(SUBMISSIONS, SUBMISSIONS.c.id == FAXES.c.submission_id)
    query = query.where(
        SUBMISSIONS.c.content == submission.content,
        SUBMISSIONS.c.received_at.between(at - window, at + window),
        FAXES.c.queued_at.between(released_at - window, released_at + window),
        SUBMISSIONS.c.sender == submission.sender,
        SUBMISSIONS.c.confirm_to.is_not_distinct_from(submission.confirm_to),
        FAXES.c.number.in_(numbers),
        or_(FAXES.c.state.not_in(NEW_ONE_IS_WANTED), _the_same_mail(submission)),
    ).order_by(FAXES.c.created_at, FAXES.c.id)
    return [rows.to_fax(row) for row in connection.execute(query).mappings()]


def _the_same_mail(submission: Submission) -> ColumnElement[bool]:
    """The condition that another is this very mail: by its Message-ID or, where it has none, octet for octet."""
    if submission.message_id:
        return SUBMISSIONS.c.message_id == submission.message_id
    return SUBMISSIONS.c.sha256 == submission.sha256


def keep_others_out(connection: Connection, content: str) -> None:
    """Let nobody else accept these documents until we have committed. SQLite has one writer anyway.

    Nobody waits here: a transaction carries many mails, and two nodes that wait for each other would fail all of
    theirs.
    """
    if connection.dialect.name != "postgresql":
        return
    key = int.from_bytes(bytes.fromhex(content[:16]), signed=True)
    if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key}):
        raise RepeatUnderWayError
