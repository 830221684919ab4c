"""What the rest of the house asks of the database, each in one transaction.

Every change of a fax is guarded by its version: who comes second changes nothing and is told so.
"""

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, Select, func, select, update

from gateway.event import AnyEvent
from gateway.fax import Change, Fax, State
from gateway.policy import Limit, Spend
from gateway.store import gathering, mails, repeats, rows, spending, statements, usage
from gateway.store.repeats import RepeatUnderWayError
from gateway.store.shelf import Shelf
from gateway.store.tables import CHANGES, DOCUMENTS, FAXES, NOTICES, REMOTE_IDS, SUBMISSIONS
from gateway.store.writer import Runner
from gateway.submission import Notice, Submission


class Store:
    """Submissions, faxes, their history, notices."""

    def __init__(self, runner: Runner, lease: float | None = None) -> None:
        """Open the store.

        Args:
            runner: does the work.
            lease: seconds for which what is due is left to the node that asked first; None: nobody else asks.
        """
        self.shelf = Shelf(runner)
        """Pieces of mails that were split."""
        self._run = runner.run
        self._lease = lease

    async def accept(
        self,
        submission: Submission,
        faxes: Sequence[Fax],
        notices: Sequence[Notice] = (),
        repeat_window: float = 0.0,
        mail: Path | None = None,
        quotas: Sequence[Limit] = (),
    ) -> list[Fax]:
        """Take a mail over: once this returns, it is ours to finish.

        A fax that repeats another of the last `repeat_window` seconds is folded into that one: it is not written, and
        neither is the submission when nothing else is left of it. Where mail lies in the database too, `mail` is the
        file that it is read from.
        What is not folded must be within the quotas, and counts against them.

        Returns:
            The faxes, oldest first, into which some of these were folded; those of their numbers are the folded ones.

        Raises:
            gateway.policy.OverQuotaError: it is too much, and is not ours.
            OSError: the mail cannot be read, and is not ours.
            sqlalchemy.exc.SQLAlchemyError: it is not ours.
            CommitUnknownError: nobody knows whether it is ours.
        """
        while True:
            try:
                return await self._run(
                    lambda connection: statements.accept(
                        connection, submission, faxes, notices, repeat_window, mail, quotas
                    ),
                    octets=0 if mail is None else submission.size,
                )
            except RepeatUnderWayError:
                await asyncio.sleep(repeats.PAUSE)

    async def waiting(self, most: int) -> int:
        """Return how many faxes wait to be sent; no more than `most` are counted."""
        waiting = select(FAXES.c.id).where(FAXES.c.state.in_([State.QUEUED, State.SUBMITTING])).limit(most)
        query = select(func.count()).select_from(waiting.subquery())
        return await self._run(lambda connection: connection.scalar(query) or 0)

    async def due(
        self, states: Collection[State], now: float, astray_after: float = float("inf"), limit: int = 200
    ) -> list[Fax]:
        """Return the faxes in these states whose time has come, the longest waiting first.

        What is due only after `astray_after` was scheduled by a wrong clock, and counts as due, unless its sender has
        it held back. Where several nodes
        ask, each fax is given to one of them, and to others only if nothing came of it for a while.
        """
        query = select(FAXES).where(FAXES.c.state.in_(states), statements.time_has_come(now, astray_after))
        return await self._taken(query.order_by(FAXES.c.due_at, FAXES.c.id).limit(limit), now)

    async def to_submit(
        self, now: float, *, hold: float, astray_after: float = float("inf"), limit: int = 200
    ) -> list[Fax]:
        """Return the queued faxes whose time has come and whose line is free; see `due`.

        A line is taken while another fax to that number is under way that was claimed within `hold` seconds of now.
        """
        time_has_come = statements.time_has_come(now, astray_after)
        query = select(FAXES).where(*statements.line_is_free(now, hold), time_has_come)
        return await self._taken(query.order_by(FAXES.c.due_at, FAXES.c.id).limit(limit), now)

    async def next_to_submit(self, now: float, *, hold: float) -> float | None:
        """Return when the next queued fax is due whose line is free."""
        query = select(FAXES.c.due_at).where(*statements.line_is_free(now, hold)).order_by(FAXES.c.due_at).limit(1)
        return await self._run(lambda connection: connection.scalar(query))

    async def late(
        self, queued_before: float, claimed_before: float, *, promised_by: float = 0.0, limit: int = 200
    ) -> list[Fax]:
        """Return the faxes that have not ended, were queued before then, and whose sender does not know it yet.

        Where the sender said from when on to call it late (`by_mode` "N"), that counts instead; and what waits is
        returned in any case when it is to be given up then ("R"). Both if that is not after `promised_by`.
        Those that were claimed after `claimed_before` are left alone: their POST may be under way.
        """
        resting = (FAXES.c.state == State.SUBMITTING) & (FAXES.c.claimed_at < claimed_before)
        open_ = FAXES.c.state.in_([State.QUEUED, State.SUBMITTED]) | resting
        late = select(FAXES).where(open_, statements.is_late(queued_before, promised_by))
        return await self._faxes(late.order_by(FAXES.c.queued_at).limit(limit))

    async def next_due(self, states: Collection[State]) -> float | None:
        """Return when the next fax in these states is due."""
        query = select(func.min(FAXES.c.due_at)).where(FAXES.c.state.in_(states))
        return await self._run(lambda connection: connection.scalar(query))

    async def change(
        self,
        before: Fax,
        after: Fax,
        event: AnyEvent,
        now: float,
        notice: Notice | None = None,
        spend: Spend | None = None,
        gather_for: float | None = None,
    ) -> bool:
        """Write what happened to a fax: its new state, its history and, with a final state, the notice owed for it.

        With `spend` that much is set aside for it. With `gather_for` the notice waits so many seconds for those about
        the other faxes of its mail; when the last of these ends, all are due.

        Returns:
            False when somebody else changed the fax first; then nothing is written.

        Raises:
            gateway.policy.CapReachedError: it would cost more than is left; nothing is written.
        """
        return await self._run(
            lambda connection: statements.change(connection, before, after, event, now, notice, spend, gather_for)
        )

    async def used(self, limits: Sequence[Limit], now: float) -> list[int]:
        """Return how much of each of these limits is used."""
        return await self._run(lambda connection: [usage.used(connection, limit, now) for limit in limits])

    async def spent(self, periods: Collection[str]) -> dict[str, float]:
        """Return what was spent in these days ("2026-11-24") and months ("2026-11"), with what is set aside."""
        return await self._run(lambda connection: spending.spent(connection, periods))

    async def hurry(self, remote_ids: Collection[str], now: float) -> int:
        """Make the faxes that FAX.PLUS knows by these ids due now, if it has them. Returns how many are known."""
        return await self._run(lambda connection: statements.hurry(connection, remote_ids, now))

    async def strangers(self, remote_ids: Collection[str]) -> set[str]:
        """Return those of these ids that no fax of ours was ever known by."""
        query = select(REMOTE_IDS.c.remote_id).where(REMOTE_IDS.c.remote_id.in_(remote_ids))
        return set(remote_ids) - await self._run(lambda connection: set(connection.scalars(query)))

    async def rivals(self, fax: Fax, window: float) -> list[Fax]:
        """Return the other faxes to its number, claimed within so many seconds of it, whose record is not known yet."""
        return await self._faxes(statements.rivals(fax, window))

    async def fax(self, id: str) -> Fax | None:
        """Return one fax."""
        found = await self._faxes(select(FAXES).where(FAXES.c.id == id))
        return found[0] if found else None

    async def faxes_of(self, submission_id: str) -> list[Fax]:
        """Return the faxes of a mail."""
        return await self._faxes(select(FAXES).where(FAXES.c.submission_id == submission_id).order_by(FAXES.c.id))

    async def faxes(self, *, limit: int, states: Collection[State] = tuple(State)) -> list[Fax]:
        """Return the newest faxes first."""
        query = select(FAXES).where(FAXES.c.state.in_(states)).order_by(FAXES.c.created_at.desc(), FAXES.c.id)
        return await self._faxes(query.limit(limit))

    async def counts(self) -> dict[State, int]:
        """Return how many faxes are in each state."""
        query = select(FAXES.c.state, func.count()).group_by(FAXES.c.state)
        found = await self._run(lambda connection: [tuple(row) for row in connection.execute(query)])
        return {state: dict(found).get(state, 0) for state in State}

    async def history(self, fax_id: str) -> list[Change]:
        """Return everything that happened to a fax, oldest first."""
        query = select(CHANGES).where(CHANGES.c.fax_id == fax_id).order_by(CHANGES.c.version)
        return [rows.to_change(row) for row in await self._rows(query)]

    async def submission(self, id: str) -> Submission | None:
        """Return one submission with its documents."""
        return await self._run(lambda connection: statements.submission(connection, id))

    async def uploaded(self, submission_id: str, position: int, remote_path: str | None, now: float) -> None:
        """Remember FAX.PLUS's name for an upload, or forget it (None)."""
        document = DOCUMENTS.c.submission_id == submission_id, DOCUMENTS.c.position == position
        values = {"remote_path": remote_path, "uploaded_at": now}
        await self._run(lambda connection: connection.execute(update(DOCUMENTS).where(*document).values(values)))

    async def owe(self, notice: Notice) -> bool:
        """Put a notice on record. Returns False when one of that id is there already."""
        return await self._run(lambda connection: gathering.owe(connection, notice))

    async def due_notices(self, now: float, astray_after: float = float("inf"), limit: int = 50) -> list[Notice]:
        """Return the notices whose time has come, the longest waiting first; see `due`."""
        time_has_come = (NOTICES.c.due_at <= now) | (NOTICES.c.due_at > astray_after)
        query = (
            select(NOTICES)
            .where(time_has_come, gathering.leads())
            .order_by(NOTICES.c.due_at, NOTICES.c.id)
            .limit(limit)
        )
        return [rows.to_notice(row) for row in await self._rows(query)]

    async def take_notice(self, notice: Notice, until: float) -> bool:
        """Leave a due notice to this node until then; False when another has it. Alone we always have it."""
        if self._lease is None:
            return True
        as_it_was = NOTICES.c.id == notice.id, NOTICES.c.due_at == notice.due_at
        statement = update(NOTICES).where(*as_it_was).values(due_at=until)
        return await self._run(lambda connection: connection.execute(statement).rowcount == 1)

    async def next_notice_due(self) -> float | None:
        """Return when the next notice is due."""
        query = select(func.min(NOTICES.c.due_at)).where(gathering.leads())
        return await self._run(lambda connection: connection.scalar(query))

    async def gather(self, notice: Notice, most: int) -> list[Notice]:
        """Settle which notices the mail of a due one tells: itself, and at most so many with those that wait with it.

        Once settled it stays. Empty when it is told in the mail of another by now.
        """
        return await self._run(lambda connection: gathering.gather(connection, notice, most))

    async def sent_to(self, recipient: str, since: float, nth: int) -> float | None:
        """Return when the n-th newest mail to somebody was sent, if there were so many since then."""
        return await self._run(lambda connection: gathering.sent_to(connection, recipient, since, nth))

    async def notices(self, fax_id: str) -> list[Notice]:
        """Return the notices about a fax, oldest first."""
        query = select(NOTICES).where(NOTICES.c.fax_id == fax_id).order_by(NOTICES.c.created_at)
        return [rows.to_notice(row) for row in await self._rows(query)]

    async def tried(self, notice: Notice) -> None:
        """Write how offering a notice to the relay went: its attempts, due_at, sent_at and last_error.

        So it went for all that its mail tells. That one was sent is never overwritten: another node may have succeeded.
        """
        await self._run(lambda connection: gathering.tried(connection, notice))

    async def spooled(self, ended_before: float, limit: int = 500) -> list[str]:
        """Return submissions whose mail lies in the spool though all that it was for ended before then."""
        return await self._run(lambda connection: list(connection.scalars(statements.over(ended_before).limit(limit))))

    async def unspooled(self, ids: Collection[str]) -> None:
        """Write that the mails of these submissions have left the spool."""
        statements_ = mails.remove(ids), update(SUBMISSIONS).where(SUBMISSIONS.c.id.in_(ids)).values(spooled=False)
        await self._run(lambda connection: [connection.execute(one) for one in statements_])

    async def piece(self, id: str, position: int) -> bytes | None:
        """Return a piece of a mail that lies in the database, by its place from 0."""
        return await self._run(lambda connection: connection.scalar(mails.piece(id, position)))

    async def known(self, ids: Collection[str]) -> set[str]:
        """Return those of these ids that are submissions."""
        query = select(SUBMISSIONS.c.id).where(SUBMISSIONS.c.id.in_(ids))
        return await self._run(lambda connection: set(connection.scalars(query)))

    async def forget(self, received_before: float, limit: int = 500) -> int:
        """Delete the records of submissions that came in before then and have left the spool. Returns how many."""
        return await self._run(lambda connection: statements.forget(connection, received_before, limit))

    async def clock(self) -> float | None:
        """Return the database's own time; None when it runs on this machine's clock."""
        return await self._run(statements.clock)

    async def _faxes(self, query: Select[Any]) -> list[Fax]:
        return [rows.to_fax(row) for row in await self._rows(query)]

    async def _taken(self, due: Select[Any], now: float) -> list[Fax]:
        if self._lease is None:
            return await self._faxes(due)
        until = now + self._lease
        return await self._run(lambda connection: statements.lease(connection, due, until))

    async def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        return await self._run(lambda connection: connection.execute(query).mappings().all())
