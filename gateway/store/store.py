"""What the rest of the house asks of the database, each in one transaction.

Every change of a fax is guarded by its version: who comes second changes nothing and is told so.
"""

from collections.abc import Collection, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import RowMapping, Select, func, select, update

from gateway.event import AnyEvent
from gateway.fax import Change, Fax, State
from gateway.store import rows, statements
from gateway.store.tables import CHANGES, DOCUMENTS, FAXES, NOTICES, REMOTE_IDS, SUBMISSIONS
from gateway.store.writer import Work
from gateway.submission import Notice, Submission

T = TypeVar("T")


class Runner(Protocol):
    """Who runs our work: the `Writer`, or a test that does it on the spot."""

    async def run(self, work: Work[T]) -> T:
        """Return what the work returned, once it is committed."""


class Store:
    """Submissions, faxes, their history, notices."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner.run

    async def accept(self, submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice] = ()) -> None:
        """Take a mail over: once this returns, it is ours to finish.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it is not ours.
        """
        await self._run(lambda connection: statements.accept(connection, submission, faxes, notices))

    async def due(self, states: Collection[State], now: float, limit: int = 200) -> list[Fax]:
        """Return the faxes in these states whose time has come, the longest waiting first."""
        query = select(FAXES).where(FAXES.c.state.in_(states), FAXES.c.due_at <= now)
        return await self._faxes(query.order_by(FAXES.c.due_at, FAXES.c.id).limit(limit))

    async def next_due(self, states: Collection[State]) -> float | None:
        """Return when the next fax in these states is due."""
        query = select(func.min(FAXES.c.due_at)).where(FAXES.c.state.in_(states))
        return await self._run(lambda connection: connection.scalar(query))

    async def change(self, before: Fax, after: Fax, event: AnyEvent, now: float, notice: Notice | None = None) -> bool:
        """Write what happened to a fax: its new state, its history and, with a final state, the notice owed for it.

        Returns:
            False when somebody else changed the fax first; then nothing is written.
        """
        return await self._run(lambda connection: statements.change(connection, before, after, event, now, notice))

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
        return await self._run(lambda connection: statements.owe(connection, notice))

    async def due_notices(self, now: float, limit: int = 50) -> list[Notice]:
        """Return the notices whose time has come, the longest waiting first."""
        query = select(NOTICES).where(NOTICES.c.due_at <= now).order_by(NOTICES.c.due_at, NOTICES.c.id).limit(limit)
        return [rows.to_notice(row) for row in await self._rows(query)]

    async def next_notice_due(self) -> float | None:
        """Return when the next notice is due."""
        return await self._run(lambda connection: connection.scalar(select(func.min(NOTICES.c.due_at))))

    async def notices(self, fax_id: str) -> list[Notice]:
        """Return the notices about a fax, oldest first."""
        query = select(NOTICES).where(NOTICES.c.fax_id == fax_id).order_by(NOTICES.c.created_at)
        return [rows.to_notice(row) for row in await self._rows(query)]

    async def tried(self, notice: Notice) -> None:
        """Write how offering a notice to the relay went: its attempts, due_at, sent_at and last_error."""
        values = {name: getattr(notice, name) for name in ("attempts", "due_at", "sent_at", "last_error")}
        statement = update(NOTICES).where(NOTICES.c.id == notice.id).values(values)
        await self._run(lambda connection: connection.execute(statement))

    async def spooled(self, ended_before: float, limit: int = 500) -> list[str]:
        """Return submissions whose mail lies in the spool though all that it was for ended before then."""
        return await self._run(lambda connection: list(connection.scalars(statements.over(ended_before).limit(limit))))

    async def unspooled(self, ids: Collection[str]) -> None:
        """Write that the mails of these submissions have left the spool."""
        statement = update(SUBMISSIONS).where(SUBMISSIONS.c.id.in_(ids)).values(spooled=False)
        await self._run(lambda connection: connection.execute(statement))

    async def known(self, ids: Collection[str]) -> set[str]:
        """Return those of these ids that are submissions."""
        query = select(SUBMISSIONS.c.id).where(SUBMISSIONS.c.id.in_(ids))
        return await self._run(lambda connection: set(connection.scalars(query)))

    async def forget(self, received_before: float, limit: int = 500) -> int:
        """Delete the records of submissions that came in before then and have left the spool. Returns how many."""
        return await self._run(lambda connection: statements.forget(connection, received_before, limit))

    async def _faxes(self, query: Select[Any]) -> list[Fax]:
        return [rows.to_fax(row) for row in await self._rows(query)]

    async def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        return await self._run(lambda connection: connection.execute(query).mappings().all())
