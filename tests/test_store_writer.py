"""The writer: one thread, and everybody hears the truth about their own work."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.event import listen
from sqlalchemy.exc import OperationalError

from gateway.store import CommitUnknownError, Writer, open_engine


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
