"""The writer: one thread, and everybody hears the truth about their own work."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.event import listen
from sqlalchemy.exc import OperationalError

from gateway.store import CommitUnknownError, Store, Writer, open_engine
from gateway.store.writer import MOST_OCTETS
from tests.conftest import empty_database
from tests.values import a_notice, a_submission


@pytest.fixture
def sqlite(tmp_path: Path) -> Engine:
    """An SQLite database of its own."""
    return open_engine(tmp_path, None)


def count(connection: Connection) -> int:
    """How many notices there are."""
    return int(connection.scalar(text("SELECT count(*) FROM notices")) or 0)


def test_broken_commit_is_unknown(sqlite: Engine) -> None:
    """A commit that breaks is neither done nor not done, and is called so."""

    def break_it(connection: Connection) -> None:
        raise OperationalError("COMMIT", None, Exception("connection lost"))

    writer = Writer(sqlite)
    listen(sqlite, "commit", break_it)
    with pytest.raises(CommitUnknownError, match="connection lost"):
        asyncio.run(writer.run(count))
    writer.close()


def test_work_that_fails_says_why(sqlite: Engine) -> None:
    """The error of somebody's own work reaches them as it is."""

    def stumble(connection: Connection) -> None:
        raise KeyError(count(connection))

    writer = Writer(sqlite)
    with pytest.raises(KeyError, match="0"):
        asyncio.run(writer.run(stumble))
    writer.close()


def test_close_finishes_what_waits(sqlite: Engine) -> None:
    """Closing loses nothing that was handed over before."""
    writer = Writer(sqlite)

    async def story() -> list[int]:
        waiting = [asyncio.create_task(writer.run(count)) for _ in range(20)]
        await asyncio.sleep(0)
        await asyncio.to_thread(writer.close)
        return await asyncio.gather(*waiting)

    assert [0] * 20 == asyncio.run(story())


def test_much_is_not_committed_with_more(sqlite: Engine) -> None:
    """What writes much does not wait for more of its kind: a transaction has a bound in octets too."""
    commits: list[object] = []
    listen(sqlite, "commit", commits.append)
    writer = Writer(sqlite)
    begun, go = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        begun.set()
        go.wait(10)

    async def story() -> None:
        first = asyncio.create_task(writer.run(hold))
        await asyncio.to_thread(begun.wait, 10)
        waiting = [asyncio.create_task(writer.run(count, octets=octets)) for octets in 4 * [MOST_OCTETS] + 4 * [0]]
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(first, *waiting)

    asyncio.run(story())
    writer.close()

    assert 1 + 4 + 1 == len(commits)


@pytest.fixture
def shared(tmp_path: Path, postgresql: str) -> Iterator[list[Writer]]:
    """The writers of two nodes on one PostgreSQL, with two notices in it."""
    database = empty_database(postgresql)
    writers = [Writer(open_engine(tmp_path, database)) for _ in range(2)]
    notices = [a_notice(id=id, fax_id=None, submission_id=None) for id in ("n1", "n2")]
    asyncio.run(Store(writers[0]).accept(a_submission(), [], notices))
    yield writers
    for writer in writers:
        writer.close()


def test_who_stands_in_each_others_way_both_get_through(shared: list[Writer]) -> None:
    """Two nodes that wait for each other: the one that the database ends does it again, and nobody hears of it."""
    meet = threading.Barrier(2)
    begun: list[tuple[str, ...]] = []

    def crosswise(*ids: str) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            begun.append(ids)
            for id in ids:
                connection.execute(text("UPDATE notices SET attempts = attempts + 1 WHERE id = :id"), {"id": id})
                if len(begun) <= 2 and id == ids[0]:
                    meet.wait(10)

        return work

    async def story() -> list[int]:
        await asyncio.gather(shared[0].run(crosswise("n1", "n2")), shared[1].run(crosswise("n2", "n1")))
        query = text("SELECT attempts FROM notices ORDER BY id")
        return list(await shared[0].run(lambda connection: connection.scalars(query).all()))

    assert [2, 2] == asyncio.run(story())
    assert len(begun) > len(shared)  # which of them is ended, and how often, is the database's choice


def cut(connection: Connection) -> None:
    """Have the server end this very connection."""
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    other = create_engine(connection.engine.url, isolation_level="AUTOCOMMIT")
    with other.connect() as elsewhere:
        elsewhere.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    other.dispose()


def cut_and_go_on(connection: Connection) -> None:
    """Lose the connection while there is more to do."""
    cut(connection)
    count(connection)


@pytest.mark.parametrize(("how", "error"), [(cut, CommitUnknownError), (cut_and_go_on, OperationalError)])
def test_lost_connection(how: Callable[[Connection], None], error: type[Exception], shared: list[Writer]) -> None:
    """The connection goes in the middle: nothing was done, its caller hears what is known, the next is done."""

    def work(connection: Connection) -> None:
        connection.execute(text("DELETE FROM notices"))
        how(connection)

    async def story() -> int:
        with pytest.raises(error):
            await shared[0].run(work)
        return await shared[0].run(count)

    assert 2 == asyncio.run(story())


def test_lost_connection_is_lost_for_all_of_a_transaction(shared: list[Writer]) -> None:
    """Nobody who shared the transaction is told that their work was done."""
    begun, go = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        begun.set()
        go.wait(10)

    async def story() -> list[bool]:
        first = asyncio.create_task(shared[0].run(hold))
        await asyncio.to_thread(begun.wait, 10)
        together = [asyncio.create_task(shared[0].run(work)) for work in (count, cut, count)]
        await asyncio.sleep(0)
        go.set()
        outcomes = await asyncio.gather(first, *together, return_exceptions=True)
        return [isinstance(outcome, Exception) for outcome in outcomes]

    assert [False, True, True, True] == asyncio.run(story())
