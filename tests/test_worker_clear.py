"""Clearing up: what may still be needed stays, what is over goes, what was never acknowledged leaves no trace."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from gateway.event import Refused
from gateway.spool import Spool
from gateway.store import Store, Writer, open_engine
from gateway.submission import NoticeKind
from gateway.worker.clear import PORTION, Clearer
from tests.values import a_notice
from tests.workshop import Workshop, workshop

DAY = 86400.0
Situation = Callable[[Workshop], Awaitable[None]]


def clearer(shop: Workshop) -> Clearer:
    """Somebody who clears up: mails after a day, records after ninety."""
    return Clearer(store=shop.store, spool=shop.spool, keep=shop.config.keep, patience=shop.patience, now=shop.clock)


async def told(shop: Workshop) -> None:
    """Every notice has left."""
    for notice in await shop.store.notices("fax1"):
        await shop.store.tried(a_notice(id=notice.id, due_at=None, sent_at=shop.clock(), attempts=1))


async def ended_and_told(shop: Workshop) -> None:
    """All is over, for a day."""
    await shop.accept()
    await shop.live(Refused(reason="no"))
    await told(shop)
    shop.pass_by(DAY + 1)


async def ended_just_now(shop: Workshop) -> None:
    """It ended, and the operator may want it resent."""
    await shop.accept()
    shop.pass_by(2 * DAY)
    await shop.live(Refused(reason="no"))
    await told(shop)


async def still_queued(shop: Workshop) -> None:
    """It has waited for a long time."""
    await shop.accept()
    shop.pass_by(30 * DAY)


async def one_of_two_has_ended(shop: Workshop) -> None:
    """The other one still needs the documents."""
    await shop.accept("fax1", "fax2")
    await shop.live(Refused(reason="no"))
    await told(shop)
    shop.pass_by(30 * DAY)


async def not_yet_told(shop: Workshop) -> None:
    """Its sender does not know yet."""
    await shop.accept()
    await shop.live(Refused(reason="no"))
    shop.pass_by(30 * DAY)


async def not_yet_passed_on(shop: Workshop) -> None:
    """Mail to postmaster@ that the relay has not taken yet."""
    await ended_and_told(shop)
    await shop.store.owe(a_notice(id="forward", kind=NoticeKind.FORWARD, fax_id=None, submission_id="mail1"))


@pytest.mark.parametrize(
    ("situation", "stays"),
    [
        (ended_and_told, False),
        (ended_just_now, True),
        (still_queued, True),
        (one_of_two_has_ended, True),
        (not_yet_told, True),
        (not_yet_passed_on, True),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_mails(situation: Situation, stays: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a column of the table
    """A mail goes a day after all that it was for has ended and was told, not before."""

    async def story() -> tuple[bool, bool]:
        async with workshop(tmp_path) as shop:
            await situation(shop)
            await clearer(shop).clear_due()
            return shop.spool.path("mail1").exists(), await shop.store.fax("fax1") is not None

    assert (stays, True) == asyncio.run(story())


@pytest.mark.parametrize(("days", "stays"), [(89.0, True), (91.0, False)])
def test_records(days: float, stays: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a column of the table
    """What happened to a fax is known for ninety days, and then no more."""

    async def story() -> bool:
        async with workshop(tmp_path) as shop:
            await ended_and_told(shop)
            await clearer(shop).clear_due()
            shop.pass_by((days - 1) * DAY)
            with capture_logs() as logs:
                await clearer(shop).clear_due()

            forgotten = [] if stays else [("spool.cleared", 0, 1)]

            assert forgotten == [(entry["event"], entry["mails"], entry["records"]) for entry in logs]
            return await shop.store.fax("fax1") is not None

    assert stays == asyncio.run(story())


def test_records_of_what_has_not_ended_stay(tmp_path: Path) -> None:
    """However old, a fax that has not ended is never forgotten."""

    async def story() -> bool:
        async with workshop(tmp_path) as shop:
            await still_queued(shop)
            shop.pass_by(400 * DAY)
            await clearer(shop).clear_due()
            return await shop.store.fax("fax1") is not None and shop.spool.path("mail1").exists()

    assert asyncio.run(story())


def test_interrupted(tmp_path: Path) -> None:
    """The file went and we died before writing that down: the next round makes it good."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await ended_and_told(shop)
            shop.spool.remove("mail1")
            await clearer(shop).clear_due()
            return await shop.store.spooled(shop.clock())

    assert [] == asyncio.run(story())


def test_orphans(tmp_path: Path) -> None:
    """What was arriving when the process ended goes; what was acknowledged stays."""

    async def story() -> tuple[set[str], list[tuple[int, int]]]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            draft = shop.spool.draft("half")
            draft.write(b"Subject: ha")
            draft.sync()
            shop.spool.path("unacknowledged").write_bytes(b"whole, and not committed")
            with capture_logs() as logs:
                await clearer(shop).clear_orphans()
                await clearer(shop).clear_orphans()

            assert 0 == shop.spool.clear_drafts()
            return shop.spool.kept(), [(entry["drafts"], entry["mails"]) for entry in logs]

    assert ({"mail1"}, [(1, 1)]) == asyncio.run(story())


def test_more_orphans_than_one_question_holds(tmp_path: Path) -> None:
    """A day's mail is more than a database takes in one statement."""
    engine = open_engine(tmp_path, None)

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, PORTION)

    async def story() -> set[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept(submission_id="mail1")
            await shop.accept("fax2", submission_id="zzz")
            for number in range(2 * PORTION):
                shop.spool.path(f"orphan{number}").touch()
            engine.dispose()
            writer = Writer(engine)
            spool = Spool(tmp_path / "spool")
            shop.store, shop.spool = Store(writer), spool
            await clearer(shop).clear_orphans()
            writer.close()
            return spool.kept()

    assert {"mail1", "zzz"} == asyncio.run(story())
