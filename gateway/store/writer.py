"""Group commit: one thread owns the connection and commits all that is waiting in one transaction.

A commit costs one sync of the disk however many changes it carries, and many callers wait at once
when mail comes in bursts. Each caller's work runs inside its own savepoint, so that one that fails
takes nobody with it. Where several nodes share the database, two transactions may wait for each other; the one
that the database ends is done again.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Connection, Engine, Transaction
from sqlalchemy.exc import DBAPIError, OperationalError

log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[Connection], T]

MOST = 256
"""Changes in one transaction; bounds how long the first of them waits."""
MOST_OCTETS = 8_000_000
"""Octets after which no more changes join a transaction."""
TRIES = 3
"""Times that a transaction is tried which others stand in the way of."""
PATIENCE = 5.0
"""Seconds that a database has to finish what was begun when we stop."""
COLLIDED = frozenset({"40P01", "40001"})
"""PostgreSQL's words for a transaction that it ended in favour of another, with nothing done: it may be done again."""


class Runner(Protocol):
    """Who runs the store's work: the `Writer`, or a test that does it on the spot."""

    async def run(self, work: Work[T], octets: int = 0) -> T:
        """Return what the work returned, once it is committed; it writes about so many octets."""


class CommitUnknownError(ConnectionError):
    """The commit itself broke: it may or may not have happened."""


class Writer:
    """Runs work on the database, off the event loop, many pieces to a transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T], octets: int = 0) -> T:
        """Return what the work returned, once it is committed.

        The work is done even when the caller is cancelled meanwhile. It may be begun several times.

        Args:
            work: what to do on the connection.
            octets: how much it writes, when that is much.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it was not done.
            CommitUnknownError: nobody knows whether it was done.
        """
        piece = _Piece(work, octets, asyncio.get_running_loop())
        self._waiting.put(piece)
        result: T = await piece.future
        return result

    def close(self, patience: float = PATIENCE) -> None:
        """Finish what is waiting, then end the thread and the connections.

        A database that does not answer for `patience` seconds is left: what was not committed was promised to nobody.
        """
        self._waiting.put(None)
        self._thread.join(patience)
        if self._thread.is_alive():
            log.error("database.left", seconds=patience)
        else:
            self._engine.dispose()

    def _run(self) -> None:
        while (piece := self._waiting.get()) is not None:
            batch = [piece, *self._more(piece.octets)]
            self._commit([one for one in batch if one is not None])
            if batch[-1] is None:
                return

    def _more(self, octets: int) -> list["_Piece | None"]:
        more: list[_Piece | None] = []
        while len(more) < MOST - 1 and octets < MOST_OCTETS and not self._waiting.empty():
            piece = self._waiting.get()
            more.append(piece)
            if piece is None:
                break
            octets += piece.octets
        return more

    def _commit(self, batch: list["_Piece"]) -> None:
        for _ in range(TRIES):
            error = self._try(batch)
            if not _collided(error):
                break
        for piece in batch:
            piece.error = error or piece.error
            piece.tell()

    def _try(self, batch: list["_Piece"]) -> Exception | None:
        """Do all of it in one transaction. Returns what broke the whole of it: every caller must hear it."""
        try:
            with self._engine.connect() as connection, connection.begin() as transaction:
                for piece in batch:
                    piece.do(connection, alone=len(batch) == 1)
                _commit(transaction)
        except Exception as error:  # noqa: BLE001  # whatever it was, the thread goes on
            return error
        return None


def _commit(transaction: Transaction) -> None:
    try:
        transaction.commit()
    except DBAPIError as error:
        raise CommitUnknownError(f"the commit broke: {error.orig}") from error


def _collided(error: Exception | None) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in COLLIDED


class _Piece:
    """One caller's work, and what came of it."""

    def __init__(self, work: Work[Any], octets: int, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[Any] = loop.create_future()
        self.error: Exception | None = None
        self.octets = octets
        self._work = work
        self._loop = loop
        self._result: object = None

    def do(self, connection: Connection, *, alone: bool) -> None:
        self.error = None
        if alone:
            self._result = self._work(connection)
            return
        try:
            with connection.begin_nested():
                self._result = self._work(connection)
        except OperationalError:  # the disk or the connection: the whole transaction is lost
            raise
        except Exception as error:  # belongs to this caller only, unless the connection broke with it
            if connection.invalidated:
                raise
            self.error = error

    def tell(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if self.future.done():  # the caller was cancelled; the work is done all the same
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self._result)
