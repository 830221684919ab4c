"""Room for another mail: known at MAIL, asked for cheaply, and never waited for long."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from gateway.smtp import room
from gateway.smtp.failure import DISK_FULL, FAILED
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.room import QUEUE_FULL, Room
from tests.smtp_house import a_config, nothing_waits

TAKEN = Reply(250, "2.1.0", "sender OK")


async def answer(asked: Room, size: int = 0) -> Reply:
    """What MAIL is answered."""
    try:
        await asked.check(size)
    except RefusedError as error:
        return error.reply
    return TAKEN


class Database:
    """Answers as a test wants it to, and counts how often it was asked."""

    def __init__(self, *answers: int | Exception) -> None:
        self.asked: list[int] = []
        self._answers = list(answers)

    async def waiting(self, most: int) -> int:
        """Count, or fail."""
        self.asked.append(most)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def a_room(
    directory: Path, waiting: Callable[[int], Awaitable[int]], *clock: float, queued: int = 10, **limits: Any
) -> Room:
    """A room with a clock that shows these times, one after the other; the last stays."""
    times = list(clock) or [0.0]
    config = a_config(directory, limits={"queued": queued, "reserve": "0 B"} | limits)
    return Room(config, waiting, lambda: times.pop(0) if len(times) > 1 else times[0])


def test_room(tmp_path: Path) -> None:
    """While fewer faxes wait than may, mail is taken; it is counted no further than needed."""
    database = Database(9)

    assert TAKEN == asyncio.run(answer(a_room(tmp_path, database.waiting), 1000))
    assert [10] == database.asked


def test_queue_is_full(tmp_path: Path) -> None:
    """When too many wait, the client hears why, and the log how many."""
    with capture_logs() as logs:
        reply = asyncio.run(answer(a_room(tmp_path, Database(10).waiting)))

    assert QUEUE_FULL == reply
    assert [{"event": "queue.full", "log_level": "warning", "waiting": 10}] == logs


@pytest.mark.parametrize(("limits", "size"), [({"reserve": "999999 GB"}, 0), ({"reserve": "0 B"}, 999_999_000_000_000)])
def test_disk_is_full(limits: dict[str, Any], size: int, tmp_path: Path) -> None:
    """The reserve is left alone, and what a client announces must fit beside it."""
    asked = a_room(tmp_path, nothing_waits, **limits)
    with capture_logs() as logs:
        reply = asyncio.run(answer(asked, size))

    assert DISK_FULL == reply
    assert [("room.missing", 28)] == [(entry["event"], entry["errno"]) for entry in logs]


def test_asked_once_a_second(tmp_path: Path) -> None:
    """All who come within a second share an answer; the next second brings a new one."""
    database = Database(0, 10)
    asked = a_room(tmp_path, database.waiting, 0.0, 0.5, 1.0, 1.1)

    async def story() -> list[Reply]:
        return [await answer(asked) for _ in range(4)]

    assert [TAKEN, TAKEN, TAKEN, QUEUE_FULL] == asyncio.run(story())
    assert 2 == len(database.asked)


def test_asked_together(tmp_path: Path) -> None:
    """All who come at the same time wait for one question."""
    database = Database(0)
    asked = a_room(tmp_path, database.waiting)

    async def story() -> list[Reply]:
        return await asyncio.gather(*(answer(asked) for _ in range(20)))

    assert [TAKEN] * 20 == asyncio.run(story())
    assert 1 == len(database.asked)


def test_database_is_gone_and_comes_back(tmp_path: Path) -> None:
    """A failure is remembered for a second, in which nobody waits; then it is tried again."""
    database = Database(OperationalError("SELECT", None, Exception("connection refused")), 0)
    asked = a_room(tmp_path, database.waiting, 0.0, 0.9, 1.1)

    async def story() -> list[Reply]:
        return [await answer(asked) for _ in range(3)]

    assert [FAILED, FAILED, TAKEN] == asyncio.run(story())
    assert 2 == len(database.asked)


def test_doubt(tmp_path: Path) -> None:
    """When a commit has failed, the next client does not rely on what was heard before."""
    database = Database(0, OperationalError("SELECT", None, Exception("connection refused")))
    asked = a_room(tmp_path, database.waiting)

    async def story() -> list[Reply]:
        asked.doubt()
        before = await answer(asked)
        asked.doubt()
        return [before, await answer(asked), await answer(asked)]

    assert [TAKEN, FAILED, FAILED] == asyncio.run(story())
    assert 2 == len(database.asked)


def test_database_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes first waits a little, the others not at all, no second question piles up; then all goes on."""
    monkeypatch.setattr(room, "PATIENCE", 0.05)
    begun: list[int] = []

    async def story() -> list[Reply]:
        thaw = asyncio.Event()

        async def frozen(most: int) -> int:
            begun.append(most)
            await thaw.wait()
            return 0

        asked = a_room(tmp_path, frozen, 0.0, 60.0, 120.0, 120.1)
        heard = [await answer(asked), await answer(asked)]
        thaw.set()
        await asyncio.sleep(0)
        return [*heard, await answer(asked), await answer(asked)]

    assert [FAILED, FAILED, TAKEN, TAKEN] == asyncio.run(story())
    assert 2 == len(begun)


def test_failure_that_nobody_waits_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that hangs first and fails then disturbs nobody who has left."""
    monkeypatch.setattr(room, "PATIENCE", 0.05)
    complaints: list[dict[str, Any]] = []

    async def story() -> Reply:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        thaw = asyncio.Event()

        async def frozen(most: int) -> int:
            await thaw.wait()
            raise OSError("gone")

        reply = await answer(a_room(tmp_path, frozen))
        thaw.set()
        return reply

    assert FAILED == asyncio.run(story())
    assert [] == complaints
