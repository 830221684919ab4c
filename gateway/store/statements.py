"""The statements that are longer than a line, each a function on a connection inside somebody's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, delete, exists, extract, func, insert, select, update

from gateway.event import AnyEvent
from gateway.fax import FINAL, UNKNOWN, Fax, State
from gateway.policy import Limit, Spend
from gateway.store import fragments, gathering, mails, repeats, rows, spending, usage
from gateway.store.tables import CHANGES, DOCUMENTS, FAXES, NOTICES, REMOTE_IDS, SUBMISSIONS
from gateway.submission import LeftOut, Notice, NoticeKind, Submission

_OTHER = FAXES.alias("other")
"""Another fax; to make its name anew at each question would cost more than the question."""


def accept(
    connection: Connection,
    submission: Submission,
    faxes: Sequence[Fax],
    notices: Sequence[Notice],
    window: float,
    mail: Path | None = None,
    quotas: Sequence[Limit] = (),
) -> list[Fax]:
    """Insert a submission with all that belongs to it, but for what is a repeat; see `Store.accept`."""
    fragments.settle(connection, submission)
    earlier = repeats.earlier(connection, submission, faxes, window)
    there = {fax.number for fax in earlier}
    faxes = [fax for fax in faxes if fax.number not in there]
    usage.check(connection, submission, faxes, quotas)
    if faxes or notices or not earlier or submission.fragment is not None:
        _insert(connection, submission, faxes, notices)
        usage.record(connection, submission, faxes if quotas else ())
        if mail is not None:
            mails.put(connection, submission.id, mail)
    if earlier and not faxes:
        fragments.fold(connection, submission, earlier[0].submission_id)
    return earlier


def _insert(connection: Connection, submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice]) -> None:
    row = asdict(submission)
    documents = row.pop("documents")
    del row["fragment"]
    connection.execute(insert(SUBMISSIONS).values(row | {"spooled": True}))
    fragments.record(connection, submission)
    if documents:
        connection.execute(insert(DOCUMENTS), [document | {"submission_id": submission.id} for document in documents])
    if faxes:
        connection.execute(insert(FAXES), [asdict(fax) for fax in faxes])
        connection.execute(insert(CHANGES), [rows.first_row(fax) for fax in faxes])
    if notices:
        connection.execute(insert(NOTICES), [asdict(notice) for notice in notices])


def change(
    connection: Connection,
    before: Fax,
    after: Fax,
    event: AnyEvent,
    now: float,
    notice: Notice | None,
    spend: Spend | None = None,
    gather_for: float | None = None,
) -> bool:
    """Update a fax over its version; see `Store.change`."""
    guarded = update(FAXES).where(FAXES.c.id == before.id, FAXES.c.version == before.version)
    if connection.execute(guarded.values(asdict(after))).rowcount == 0:
        return False
    connection.execute(insert(CHANGES).values(rows.change_row(before, after, event, now)))
    for remote_id in event.remote_ids:
        _also_known_as(connection, after.id, remote_id)
    if gather_for is not None:
        gathering.owe_together(connection, after, notice, gather_for, now)
    elif notice is not None and notice.kind is NoticeKind.ACCEPTED:
        gathering.owe(connection, notice)  # the first fax of its mail that begins owes it
    elif notice is not None:
        connection.execute(insert(NOTICES).values(asdict(notice)))
    spending.settle(connection, before, event)
    if spend is not None:
        spending.set_aside(connection, after, spend, now)
    return True


def _also_known_as(connection: Connection, fax_id: str, remote_id: str) -> None:
    row = {"remote_id": remote_id, "fax_id": fax_id}
    there = exists().where(REMOTE_IDS.c.remote_id == remote_id, REMOTE_IDS.c.fax_id == fax_id)
    if not connection.scalar(select(there)):
        connection.execute(insert(REMOTE_IDS).values(row))


def hurry(connection: Connection, remote_ids: Collection[str], now: float) -> int:
    """Make faxes due; see `Store.hurry`."""
    known = set(connection.scalars(select(REMOTE_IDS.c.fax_id).where(REMOTE_IDS.c.remote_id.in_(remote_ids))))
    if known:
        waiting = FAXES.c.id.in_(known), FAXES.c.state == State.SUBMITTED, FAXES.c.due_at > now
        connection.execute(update(FAXES).where(*waiting).values(due_at=now))
    return len(known)


def time_has_come(now: float, astray_after: float) -> ColumnElement[bool]:
    """The condition that a fax is due; see `Store.due`.

    What is due in the far future was put off by a wrong clock, but for what its sender holds back: nothing has happened
    to that yet, and it was accepted by a clock like ours.
    """
    untouched = (FAXES.c.version == 0) & (FAXES.c.due_at == FAXES.c.queued_at)
    held = untouched & (FAXES.c.created_at <= astray_after)
    return (FAXES.c.due_at <= now) | ((FAXES.c.due_at > astray_after) & ~held)


def is_late(queued_before: float, promised_by: float) -> ColumnElement[bool]:
    """The condition that a fax which has not ended takes longer than its sender expects; see `Store.late`."""
    promised, over = FAXES.c.by_at > FAXES.c.queued_at, FAXES.c.by_at <= promised_by
    tell = case((promised & (FAXES.c.by_mode == "N"), over), else_=FAXES.c.queued_at < queued_before)
    give_up = (FAXES.c.state == State.QUEUED) & (FAXES.c.by_mode == "R") & promised & over
    return (FAXES.c.late_at.is_(None) & tell) | give_up


def line_is_free(now: float, hold: float) -> tuple[ColumnElement[bool], ...]:
    """The condition that a fax is queued and no other to its number is under way; see `Store.to_submit`."""
    under_way = (
        _OTHER.c.state.in_([State.SUBMITTING, State.SUBMITTED]),
        _OTHER.c.claimed_at.between(now - hold, now + hold),
    )
    return FAXES.c.state == State.QUEUED, ~exists().where(_OTHER.c.number == FAXES.c.number, *under_way)


def lease(connection: Connection, due: Select[Any], until: float) -> list[Fax]:
    """Select faxes that are due and leave them to whoever asked: others see them due only then."""
    query = due.with_for_update(of=FAXES, skip_locked=True)
    found = [rows.to_fax(row) for row in connection.execute(query).mappings()]
    if found:
        ids = [fax.id for fax in found]
        connection.execute(update(FAXES).where(FAXES.c.id.in_(ids)).values(due_at=until))
    return found


def rivals(fax: Fax, window: float) -> Select[Any]:
    """Select the other faxes that a record without a token could belong to; see `Store.rivals`."""
    near = FAXES.c.claimed_at.between((fax.claimed_at or 0) - window, (fax.claimed_at or 0) + window)
    unsettled = FAXES.c.state.in_([State.SUBMITTING, State.SUBMITTED]) | (FAXES.c.status == UNKNOWN)
    return select(FAXES).where(FAXES.c.number == fax.number, FAXES.c.id != fax.id, near, unsettled)


def submission(connection: Connection, id: str) -> Submission | None:
    """Select a submission with its documents."""
    row = connection.execute(select(SUBMISSIONS).where(SUBMISSIONS.c.id == id)).mappings().one_or_none()
    if row is None:
        return None
    query = select(DOCUMENTS).where(DOCUMENTS.c.submission_id == id).order_by(DOCUMENTS.c.position)
    documents = tuple(rows.to_document(found) for found in connection.execute(query).mappings())
    left_out = tuple(LeftOut(**part) for part in row["left_out"])
    return replace(rows.to_value(Submission, row), documents=documents, left_out=left_out)


def over(ended_before: float) -> Select[tuple[str]]:
    """Select submissions that nothing waits for; see `Store.spooled`."""
    running = exists().where(
        FAXES.c.submission_id == SUBMISSIONS.c.id,
        FAXES.c.state.not_in(FINAL) | (FAXES.c.ended_at >= ended_before),
    )
    owed = exists().where(NOTICES.c.submission_id == SUBMISSIONS.c.id, NOTICES.c.due_at.is_not(None))
    old = SUBMISSIONS.c.spooled, SUBMISSIONS.c.received_at < ended_before
    settled = ~running, ~owed, ~fragments.waits_for_others()
    return select(SUBMISSIONS.c.id).where(*old, *settled).order_by(SUBMISSIONS.c.received_at)


def clock(connection: Connection) -> float | None:
    """Ask PostgreSQL for the time; see `Store.clock`."""
    if connection.dialect.name != "postgresql":
        return None
    return float(connection.scalar(select(extract("epoch", func.clock_timestamp()))) or 0.0)


def forget(connection: Connection, received_before: float, limit: int) -> int:
    """Delete old submissions; see `Store.forget`."""
    old = SUBMISSIONS.c.received_at < received_before, ~SUBMISSIONS.c.spooled
    ids = list(connection.scalars(select(SUBMISSIONS.c.id).where(*old).limit(limit)))
    if ids:
        connection.execute(delete(SUBMISSIONS).where(SUBMISSIONS.c.id.in_(ids)))
    return len(ids)
