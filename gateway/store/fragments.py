"""Pieces of mails that were split (RFC 2046 section 5.2.2): held, and joined in the commit of the whole.

Whoever accepts a piece sees all that were accepted before: each whole is one node's affair at a time, so that two
nodes cannot both hold what would have been the last one.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, exists, func, insert, select, update

from gateway.store import rows
from gateway.store.repeats import NEW_ONE_IS_WANTED, keep_others_out
from gateway.store.tables import FAXES, FRAGMENTS, SUBMISSIONS
from gateway.submission import GIVEN_UP, Fragment, Submission

REMEMBERED = 86400.0
"""Seconds for which a piece that comes again is recognised, after it was joined."""
_YOUNGER, _RECEIVED = FRAGMENTS.alias("younger"), SUBMISSIONS.alias("received")


class FragmentAgainError(Exception):
    """This very piece is here already; `id` is the mail that it is held as, or has become part of."""

    def __init__(self, id: str) -> None:
        super().__init__(f"this piece is here as {id}")
        self.id = id


class FragmentsChangedError(Exception):
    """Other pieces came, or were joined, at the same moment: look again at what is there."""


def settle(connection: Connection, submission: Submission) -> None:
    """Before a piece is accepted: see that it is new, and take those that it is joined with.

    Raises:
        FragmentAgainError: it is not new.
        FragmentsChangedError: it is joined with others that are not there any more, or would now be the last one.
        RepeatUnderWayError: another node accepts a piece of the same mail.
    """
    fragment = submission.fragment
    if fragment is None:
        return
    keep_others_out(connection, fragment.whole)
    there = list(connection.execute(_of(fragment.whole)).mappings())
    for row in there:
        same = (row["number"], row["sha256"], row["size"]) == (fragment.number, submission.sha256, submission.size)
        if same and _counts(connection, row, submission.received_at):
            raise FragmentAgainError(row["joined"] or row["id"])
    waiting = {row["id"]: row for row in there if not row["joined"]}
    if fragment.joined:
        _take(connection, fragment, waiting)
    elif is_complete([*(row["number"] for row in waiting.values()), fragment.number], _total(fragment, waiting)):
        raise FragmentsChangedError


def record(connection: Connection, submission: Submission) -> None:
    """After a piece was accepted: write which one it is."""
    fragment = submission.fragment
    if fragment is None:
        return
    values = {"whole": fragment.whole, "number": fragment.number, "total": fragment.total, "joined": fragment.joined}
    connection.execute(insert(FRAGMENTS).values(values | {"submission_id": submission.id}))


def fold(connection: Connection, submission: Submission, into: str) -> None:
    """After a whole turned out to be a repeat: its pieces have become what it repeats."""
    connection.execute(update(FRAGMENTS).where(FRAGMENTS.c.joined == submission.id).values(joined=into))


def is_complete(numbers: Collection[int], total: int) -> bool:
    """Whether these are all pieces; nobody knows while no piece has told the total, which is 0 then."""
    return total > 0 and set(numbers) >= set(range(1, total + 1))


def held(whole: str) -> Select[tuple[object, ...]]:
    """Select the pieces of a mail that wait for others, oldest first."""
    return _of(whole).where(FRAGMENTS.c.joined == "")


def given_up(submission_id: str) -> Select[tuple[object, ...]]:
    """Select the pieces that were given up together with this one."""
    whole = select(FRAGMENTS.c.whole).where(FRAGMENTS.c.submission_id == submission_id).scalar_subquery()
    together = FRAGMENTS.c.whole == whole, FRAGMENTS.c.joined == GIVEN_UP
    return select(SUBMISSIONS, *_FACTS).join(FRAGMENTS, FRAGMENTS.c.submission_id == SUBMISSIONS.c.id).where(*together)


def load(rule: str) -> Select[tuple[int, int]]:
    """Select how many pieces are held for the senders of a rule, and how many octets they are."""
    octets = func.coalesce(func.sum(SUBMISSIONS.c.size), 0).label("octets")
    return select(func.count().label("pieces"), octets).where(_waits(), SUBMISSIONS.c.rule == rule)


def stranded(before: float) -> Select[tuple[object, ...]]:
    """Select the pieces of all mails of which none has come since then, together by their mail."""
    still_coming = exists().where(
        _YOUNGER.c.whole == FRAGMENTS.c.whole,
        _YOUNGER.c.joined == "",
        _RECEIVED.c.id == _YOUNGER.c.submission_id,
        _RECEIVED.c.received_at >= before,
    )
    query = select(SUBMISSIONS, *_FACTS).where(_waits(), SUBMISSIONS.c.received_at < before, ~still_coming)
    return query.order_by(FRAGMENTS.c.whole, FRAGMENTS.c.number)


def give_up(connection: Connection, ids: Collection[str]) -> None:
    """Write that these pieces wait no longer."""
    waiting = FRAGMENTS.c.submission_id.in_(ids), FRAGMENTS.c.joined == ""
    connection.execute(update(FRAGMENTS).where(*waiting).values(joined=GIVEN_UP))


def waits_for_others() -> ColumnElement[bool]:
    """The condition that a submission is a piece that is held."""
    return exists().where(FRAGMENTS.c.submission_id == SUBMISSIONS.c.id, FRAGMENTS.c.joined == "")


def to_submission(row: RowMapping) -> Submission:
    """A row of both tables as a mail that is a piece."""
    return replace(rows.to_value(Submission, row), left_out=(), fragment=rows.to_value(Fragment, row))


def _counts(connection: Connection, row: RowMapping, now: float) -> bool:
    """Whether a piece that came again is no new one; of what has failed, or was given up, somebody wants a new one."""
    if not row["joined"]:
        return True
    wanted = FAXES.c.submission_id == row["joined"], FAXES.c.state.not_in(NEW_ONE_IS_WANTED)
    alive = connection.scalar(select(exists().where(*wanted)))
    return bool(alive) and abs(now - float(row["received_at"])) < REMEMBERED


def _take(connection: Connection, fragment: Fragment, waiting: Collection[str]) -> None:
    if not set(fragment.joins) <= set(waiting):
        raise FragmentsChangedError
    taken = update(FRAGMENTS).where(FRAGMENTS.c.submission_id.in_(fragment.joins))
    connection.execute(taken.values(joined=fragment.joined))


def _total(fragment: Fragment, waiting: dict[str, RowMapping]) -> int:
    return fragment.total or max((int(row["total"]) for row in waiting.values()), default=0)


_FACTS = [FRAGMENTS.c[name] for name in ("whole", "number", "total", "joined")]


def _of(whole: str) -> Select[tuple[object, ...]]:
    query = select(SUBMISSIONS, *_FACTS).join(FRAGMENTS, FRAGMENTS.c.submission_id == SUBMISSIONS.c.id)
    return query.where(FRAGMENTS.c.whole == whole).order_by(SUBMISSIONS.c.received_at, SUBMISSIONS.c.id)


def _waits() -> ColumnElement[bool]:
    return (FRAGMENTS.c.submission_id == SUBMISSIONS.c.id) & (FRAGMENTS.c.joined == "")
