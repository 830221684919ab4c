"""Logins: kept as hashes, proven in the same time for everybody, re-read when the file changes."""

import os
import stat
import time
from pathlib import Path

import pytest

from gateway import users
from gateway.users import Users, UsersFileError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A users file with Alice in it."""
    path = tmp_path / "users"
    users.add(path, "alice", "correct horse")
    return path


def test_password_is_proven(path: Path) -> None:
    """The right password opens, everything else does not."""
    known = Users(path)

    assert known.verify("alice", "correct horse")
    assert not known.verify("alice", "wrong horse")
    assert not known.verify("alice", "")
    assert not known.verify("Alice", "correct horse")
    assert not known.verify("bob", "correct horse")
    assert not known.verify("alice", "\ud800")


def test_unknown_user_takes_as_long(path: Path) -> None:
    """Nobody learns from a clock who may log in: an unknown name costs a whole verification."""
    known = Users(path)

    def cost(name: str) -> float:
        begun = time.process_time()
        for _ in range(3):
            known.verify(name, "wrong horse")
        return time.process_time() - begun

    assert cost("bob") > cost("alice") / 3


def test_changes_are_seen(path: Path) -> None:
    """The daemon need not be restarted for a new user, a new password or a removed user."""
    known = Users(path)
    users.add(path, "bob", "one")

    assert known.verify("bob", "one")

    users.add(path, "bob", "two")

    assert not known.verify("bob", "one")
    assert known.verify("bob", "two")

    removed = users.remove(path, "bob")

    assert removed
    assert not known.verify("bob", "two")
    assert ["alice"] == users.names(path)


def test_removing_nobody(path: Path) -> None:
    """Removing a user who is not there changes nothing and says so."""

    assert not users.remove(path, "mallory")
    assert ["alice"] == users.names(path)


def test_file_is_private_and_holds_no_password(path: Path) -> None:
    """Only its owner reads the file, and it holds hashes."""

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("alice:$argon2id$")
    assert "horse" not in path.read_text()
    assert [path] == list(path.parent.iterdir())


def test_file_keeps_its_owner(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written by root, it stays readable for the daemon."""
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _, uid, gid: given.append((uid, gid)))
    users.add(path, "bob", "one")

    assert [(path.stat().st_uid, path.stat().st_gid)] == given


@pytest.mark.parametrize("name", ["", "a:b", "a b", "a\nb", "x" * 65, "\u00fc"])
def test_bad_names(path: Path, name: str) -> None:
    """A name that would break the file is refused."""
    with pytest.raises(UsersFileError, match="a login is 1 to 64 letters"):
        users.add(path, name, "secret")


def test_empty_password(path: Path) -> None:
    """An empty password is no password."""
    with pytest.raises(UsersFileError, match="must not be empty"):
        users.add(path, "bob", "")


@pytest.mark.parametrize("line", ["alice", "alice:plain", "a b:$argon2id$", "\x00\xff:$argon2id$x"])
def test_broken_file(path: Path, line: str) -> None:
    """A broken file lets nobody in, and says where it is broken."""
    path.write_text(f"# users\n\n{line}\n")
    with pytest.raises(UsersFileError, match="line 3: not a login and its hash"):
        Users(path).verify("alice", "correct horse")


def test_broken_hash(path: Path) -> None:
    """A hash that nobody can read lets nobody in."""
    path.write_text("alice:$argon2id$v=19$nonsense\n")

    assert not Users(path).verify("alice", "correct horse")


def test_missing_file(tmp_path: Path) -> None:
    """Without the file nobody can tell, which is not the same as a wrong password."""
    with pytest.raises(FileNotFoundError):
        Users(tmp_path / "users").verify("alice", "correct horse")


def test_failed_write_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails, the old file stays and no draft is left behind."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        users.add(path, "bob", "one")

    assert ["alice"] == users.names(path)
    assert [path] == list(path.parent.iterdir())
