"""The spool in the database: what is accepted can be read by every node; the directory keeps nothing."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.spool import DatabaseSpool, Spool
from gateway.store import Store, Writer
from gateway.store.mails import PIECE
from tests.values import a_submission

MAIL = bytes(range(256)) * (2 * PIECE // 256) + b"and a piece that is not full\r\n"


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    """An empty store."""
    writer = Writer(engine)
    yield Store(writer)
    writer.close()


async def accept(spool: DatabaseSpool, store: Store, content: bytes = MAIL) -> None:
    """Take a mail over, as the daemon does."""
    draft = spool.draft("s1")
    draft.write(content)
    spool.keep(draft)
    await store.accept(a_submission(id="s1"), [], mail=spool.path("s1"))
    spool.remove("s1")


def files(place: Path) -> list[Path]:
    """What lies in a directory or below."""
    return [path for path in place.rglob("*") if path.is_file()]


def test_another_node_reads_it(store: Store, tmp_path: Path) -> None:
    """A mail accepted here is read there, octet for octet, in a private copy that is gone afterwards."""
    here, there = (DatabaseSpool(tmp_path / name, store.piece) for name in ("here", "there"))

    async def story() -> bytes:
        await accept(here, store)
        async with there.opened("s1") as path:
            assert 0o600 == path.stat().st_mode & 0o777
            return path.read_bytes()

    assert MAIL == asyncio.run(story())
    assert [] == files(tmp_path / "here") + files(tmp_path / "there")


def test_read_by_two_at_once(store: Store, tmp_path: Path) -> None:
    """Each reader has a copy of its own."""
    spool = DatabaseSpool(tmp_path / "spool", store.piece)

    async def story() -> bytes:
        await accept(spool, store)
        async with spool.opened("s1") as one:
            async with spool.opened("s1"):
                pass
            return one.read_bytes()

    assert MAIL == asyncio.run(story())


@pytest.mark.parametrize("cleared", [True, False])
def test_holds(cleared: bool, store: Store, tmp_path: Path) -> None:  # noqa: FBT001  # a column of the table
    """It is held until it is cleared; then nothing lies there."""
    spool = DatabaseSpool(tmp_path / "spool", store.piece)

    async def story() -> tuple[bool, bool]:
        await accept(spool, store)
        if cleared:
            await store.unspooled(["s1"])
        async with spool.opened("s1") as path:
            return await spool.holds("s1"), path.exists()

    assert (not cleared, not cleared) == asyncio.run(story())


def test_not_accepted_is_not_held(store: Store, tmp_path: Path) -> None:
    """A draft is no mail of ours before its acceptance was committed, and goes at the next start."""
    spool = DatabaseSpool(tmp_path / "spool", store.piece)
    draft = spool.draft("s1")
    draft.write(b"half")
    spool.keep(draft)

    assert not asyncio.run(spool.holds("s1"))
    assert 1 == spool.clear_drafts()
    assert [] == files(tmp_path / "spool")


def test_mail_from_before_is_left_alone(tmp_path: Path, store: Store) -> None:
    """What was kept in this directory before the database was shared is not called an orphan, and stays."""
    before = Spool(tmp_path / "spool")
    before.keep(before.draft("s1"))

    assert set() == DatabaseSpool(tmp_path / "spool", store.piece).kept()
    assert {"s1"} == before.kept()


def test_acceptance_is_all_or_nothing(store: Store, tmp_path: Path) -> None:
    """A mail that cannot be read is not accepted."""
    spool = DatabaseSpool(tmp_path / "spool", store.piece)

    async def story() -> set[str]:
        with pytest.raises(FileNotFoundError):
            await store.accept(a_submission(id="s1"), [], mail=spool.path("s1"))
        return await store.known(["s1"])

    assert set() == asyncio.run(story())


def test_copy_goes_when_the_database_goes(tmp_path: Path) -> None:
    """A copy that cannot be finished leaves nothing behind."""

    async def piece(id: str, position: int) -> bytes | None:
        if position == 1:
            raise ConnectionError("the database is gone")
        return b"first"

    async def story() -> None:
        spool = DatabaseSpool(tmp_path / "spool", piece)
        with pytest.raises(ConnectionError):
            async with spool.opened("s1"):
                pytest.fail("half a mail was handed out")

    asyncio.run(story())

    assert [] == files(tmp_path / "spool")
