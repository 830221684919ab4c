"""Group commit: one thread owns the connection and commits all that is waiting in one transaction.

A commit costs one sync of the disk however many changes it carries, and many callers wait at once
when mail comes in bursts. Each caller's work runs inside its own savepoint, so that one that fails
takes nobody with it.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Transaction
from sqlalchemy.exc import DBAPIError, OperationalError

T = TypeVar("T")
Work = Callable[[Connection], T]

MOST = 256
"""Changes in one transaction; bounds how long the first of them waits."""


class CommitUnknownError(ConnectionError):
    """The commit itself broke: it may or may not have happened."""


class Writer:
    """Runs work on the database, off the event loop, many pieces to a transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T]) -> T:
        """Return what the work returned, once it is committed.

        The work is done even when the caller is cancelled meanwhile.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it was not done.
            CommitUnknownError: nobody knows whether it was done.
        """
        piece = _Piece(work, asyncio.get_running_loop())
        self._waiting.put(piece)
        result: T = await piece.future
        return result

    def close(self) -> None:
        """Finish what is waiting, then end the thread and the connections."""
        self._waiting.put(None)
        self._thread.join()
        self._engine.dispose()

    def _run(self) -> None:
        while (piece := self._waiting.get()) is not None:
            batch = [piece, *self._more()]
            self._commit([one for one in batch if one is not None])
            if batch[-1] is None:
                return

    def _more(self) -> list["_Piece | None"]:
        more: list[_Piece | None] = []
        while len(more) < MOST - 1 and not self._waiting.empty():
            more.append(self._waiting.get())
            if more[-1] is None:
                break
        return more

    def _commit(self, batch: list["_Piece"]) -> None:
        try:
            with self._engine.connect() as connection, connection.begin() as transaction:
                for piece in batch:
                    piece.do(connection, alone=len(batch) == 1)
                _commit(transaction)
        except Exception as error:  # noqa: BLE001  # whatever it was, every caller must hear it
            for piece in batch:
                piece.error = error
        for piece in batch:
            piece.tell()


def _commit(transaction: Transaction) -> None:
    try:
        transaction.commit()
    except DBAPIError as error:
        raise CommitUnknownError(f"the commit broke: {error.orig}") from error


class _Piece:
    """One caller's work, and what came of it."""

    def __init__(self, work: Work[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[Any] = loop.create_future()
        self.error: Exception | None = None
        self._work = work
        self._loop = loop
        self._result: object = None

    def do(self, connection: Connection, *, alone: bool) -> None:
        if alone:
            self._result = self._work(connection)
            return
        try:
            with connection.begin_nested():
                self._result = self._work(connection)
        except OperationalError:  # the disk or the connection: the whole transaction is lost
            raise
        except Exception as error:  # noqa: BLE001  # belongs to this caller only
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
