"""Notices about several faxes of one mail, told together: who waits for whom, and which mail tells which.

Who is told with whom is settled before a mail leaves, in a transaction of its own: so a mail that leaves twice is the
same mail, and nobody is told in two. Where several nodes work, each such transaction first locks the submission: two
faxes that end at the same time see each other.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.fax import FINAL, Fax, State
from gateway.store import rows
from gateway.store.tables import FAXES, NOTICES, SUBMISSIONS
from gateway.submission import Notice, NoticeKind


def owe(connection: Connection, notice: Notice) -> bool:
    """Insert a notice, once; see `Store.owe`."""
    row = asdict(notice)
    to_insert = postgresql.insert(NOTICES) if connection.dialect.name == "postgresql" else sqlite.insert(NOTICES)
    written = connection.execute(to_insert.values(row).on_conflict_do_nothing().returning(NOTICES.c.id))
    return written.first() is not None


def owe_together(connection: Connection, fax: Fax, notice: Notice | None, gather_for: float, now: float) -> None:
    """Insert a notice about a fax that may wait for those about the others; with the last end all become due."""
    _lock(connection, fax.submission_id)
    states = list(connection.scalars(select(FAXES.c.state).where(FAXES.c.submission_id == fax.submission_id)))
    if notice is not None:
        alone = len(states) == 1
        waits = notice if alone else replace(notice, due_at=now + gather_for)
        connection.execute(insert(NOTICES).values(asdict(replace(waits, mail=notice.id if alone else ""))))
    if fax.final and len(states) > 1 and FINAL.issuperset(map(State, states)):
        waiting = _waiting(fax.submission_id, NoticeKind.OUTCOME)
        connection.execute(update(NOTICES).where(*waiting).values(due_at=now))


def gather(connection: Connection, notice: Notice, most: int) -> list[Notice]:
    """Settle which notices the mail of a due one tells; see `Store.gather`."""
    _lock(connection, notice.submission_id)
    told_in = connection.scalar(select(NOTICES.c.mail).where(NOTICES.c.id == notice.id))
    if told_in == "":
        waiting = _waiting(notice.submission_id, notice.kind)
        others = select(NOTICES.c.id).where(*waiting, NOTICES.c.recipient == notice.recipient)
        query = others.where(NOTICES.c.id != notice.id).order_by(NOTICES.c.created_at, NOTICES.c.id).limit(most - 1)
        ids = [notice.id, *connection.scalars(query)]
        connection.execute(update(NOTICES).where(NOTICES.c.id.in_(ids)).values(mail=notice.id))
    members = NOTICES.c.submission_id == notice.submission_id, NOTICES.c.mail == notice.id
    open_ = select(NOTICES).where(*members, NOTICES.c.due_at.is_not(None))
    found = connection.execute(open_.order_by(NOTICES.c.created_at, NOTICES.c.id)).mappings()
    return [rows.to_notice(row) for row in found]


def tried(connection: Connection, notice: Notice) -> None:
    """Write how offering a mail went, to all notices that it tells; see `Store.tried`."""
    values = {name: getattr(notice, name) for name in ("attempts", "due_at", "sent_at", "last_error")}
    with_it = (
        (NOTICES.c.submission_id == notice.submission_id)
        & (NOTICES.c.mail == notice.id)
        & NOTICES.c.due_at.is_not(None)
    )
    those = (NOTICES.c.id == notice.id) | with_it
    connection.execute(update(NOTICES).where(those, NOTICES.c.sent_at.is_(None)).values(values))


def sent_to(connection: Connection, recipient: str, since: float, nth: int) -> float | None:
    """Select when a mail to somebody was sent; see `Store.sent_to`."""
    sent = NOTICES.c.recipient == recipient, NOTICES.c.sent_at >= since, leads()
    query = select(NOTICES.c.sent_at).where(*sent).order_by(NOTICES.c.sent_at.desc())
    return connection.scalar(query.offset(nth - 1).limit(1))


def leads() -> ColumnElement[bool]:
    """The condition that a notice is not told in the mail of another."""
    return (NOTICES.c.mail == "") | (NOTICES.c.mail == NOTICES.c.id)


def _waiting(submission_id: str | None, kind: NoticeKind) -> Sequence[ColumnElement[bool]]:
    """The conditions that a notice waits, and that no mail was settled on that tells it."""
    return (
        NOTICES.c.submission_id == submission_id,
        NOTICES.c.kind == kind,
        NOTICES.c.mail == "",
        NOTICES.c.due_at.is_not(None),
    )


def _lock(connection: Connection, submission_id: str | None) -> None:
    """Hold the others off until the end of this transaction; SQLite has one writer anyway."""
    query = select(SUBMISSIONS.c.id).where(SUBMISSIONS.c.id == submission_id)
    connection.execute(query.with_for_update(key_share=True))
