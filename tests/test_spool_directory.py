"""The spool: what is kept is on disk and private; what is not kept leaves nothing behind."""

import asyncio
import errno
import hashlib
import os
from pathlib import Path

import pytest

from gateway.spool import Spool


def test_keep(tmp_path: Path) -> None:
    """A kept mail is our trace header and what the sender sent; size and hash are of the latter only."""
    spool = Spool(tmp_path)
    draft = spool.draft("s1")
    draft.preface(b"Received: by us\r\n")
    draft.write(b"Subject: x\r\n")
    draft.write(b"\r\nbody\r\n")
    spool.keep(draft)

    assert b"Received: by us\r\nSubject: x\r\n\r\nbody\r\n" == spool.path("s1").read_bytes()
    assert (20, hashlib.sha256(b"Subject: x\r\n\r\nbody\r\n").hexdigest()) == (draft.size, draft.sha256)
    assert {"s1"} == spool.kept()


def test_append(tmp_path: Path) -> None:
    """What is put behind a mail is kept with it, can be read at once, and does not count as sent."""
    spool = Spool(tmp_path)
    draft = spool.draft("s1")
    draft.preface(b"Received: by us\r\n")
    draft.write(b"Subject: x\r\n\r\n")
    places = [draft.append([b"one", b"", b"two"]), draft.append([])]

    assert b"Received: by us\r\nSubject: x\r\n\r\nonetwo" == draft.path.read_bytes()
    assert ([(31, 6), (37, 0)], 14) == (places, draft.size)
    assert hashlib.sha256(b"Subject: x\r\n\r\n").hexdigest() == draft.sha256

    spool.keep(draft)

    assert spool.path("s1").read_bytes().endswith(b"onetwo")


def test_private(tmp_path: Path) -> None:
    """Nobody but the daemon reads mail or draft."""
    spool = Spool(tmp_path / "spool")
    spool.keep(spool.draft("s1"))

    assert 0o600 == spool.path("s1").stat().st_mode & 0o777
    assert {0o700} == {place.stat().st_mode & 0o777 for place in (tmp_path / "spool").iterdir()}


def test_discard(tmp_path: Path) -> None:
    """A refused mail leaves nothing."""
    spool = Spool(tmp_path)
    draft = spool.draft("s1")
    draft.write(b"secret")
    draft.discard()

    assert [] == [path for path in tmp_path.rglob("*") if path.is_file()]


def test_flush_makes_it_readable(tmp_path: Path) -> None:
    """A draft can be read for inspection before it is kept."""
    draft = Spool(tmp_path).draft("s1")
    draft.write(b"small")
    draft.flush()

    assert b"small" == draft.path.read_bytes()
    draft.discard()


def test_same_id_twice(tmp_path: Path) -> None:
    """Two mails never share a file."""
    spool = Spool(tmp_path)
    draft = spool.draft("s1")
    with pytest.raises(FileExistsError):
        spool.draft("s1")
    draft.discard()


def test_not_synced_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk does not confirm, the mail does not count as kept."""

    def broken(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    spool = Spool(tmp_path)
    draft = spool.draft("s1")
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        spool.keep(draft)
    draft.discard()

    assert set() == spool.kept()


def test_keep_syncs_file_then_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is synced before it gets its place, and the place after."""
    synced: list[tuple[str, set[str]]] = []
    spool = Spool(tmp_path)
    fsync = os.fsync

    def noted(handle: int) -> None:
        fsync(handle)
        synced.append((Path(f"/proc/self/fd/{handle}").readlink().name, spool.kept()))

    draft = spool.draft("s1")
    monkeypatch.setattr(os, "fsync", noted)
    spool.keep(draft)

    assert [("s1.eml", set()), ("mail", {"s1"})] == synced


def test_remove_and_clear(tmp_path: Path) -> None:
    """Kept mails go one by one, drafts all at once; removing twice is no error."""
    spool = Spool(tmp_path)
    spool.keep(spool.draft("s1"))
    left_behind = spool.draft("s2")
    left_behind.sync()
    spool.remove("s1")
    spool.remove("s1")

    assert 1 == spool.clear_drafts()
    assert (set(), 0) == (spool.kept(), spool.clear_drafts())


def test_opened(tmp_path: Path) -> None:
    """A kept mail is read where it lies; one that was removed is not held, and nothing lies there."""
    spool = Spool(tmp_path)
    spool.keep(spool.draft("s1"))

    async def story(id: str) -> tuple[bool, bool]:
        async with spool.opened(id) as path:
            return await spool.holds(id), path.exists()

    assert (True, True) == asyncio.run(story("s1"))
    assert (False, False) == asyncio.run(story("s2"))
