"""Secrets: read from files that are theirs alone."""

import os
from pathlib import Path

import pytest

from gateway.configfile import secretfile
from gateway.configfile.secretfile import SecretError, guarded, secret


def write(path: Path, content: bytes, mode: int = 0o600) -> Path:
    """Make a file of these rights."""
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_secret_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    """Editors and `echo` end the line; that is no part of the secret, and printing it shows nothing."""
    read = secret(write(tmp_path / "token", b"hush hush\r\n"))

    assert "hush hush" == read.get_secret_value()
    assert "hush" not in repr(read) + str(read)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_any_right_of_others_is_refused(tmp_path: Path, mode: int) -> None:
    """Group or world, reading, writing or running: the words give the command that closes it."""
    path = write(tmp_path / "token", b"hush", mode)

    with pytest.raises(SecretError, match=f"run: chmod 600 {path}"):
        secret(path)


def test_what_systemd_hands_over_is_guarded_by_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The access list that lets the unit in shows as a right of the group (systemd.exec(5), "Credentials")."""
    monkeypatch.setattr(secretfile, "CREDENTIALS", tmp_path)

    assert "hush" == secret(write(tmp_path / "token", b"hush", 0o440)).get_secret_value()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"one\ntwo\n", "on one line"),
        (b"tab\there", "on one line"),
        (b"a" * 65537, "on one line"),
        (b"\xff\xfe", "is not text"),
    ],
)
def test_what_is_no_secret_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """A wrong file is noticed before its content goes out to anybody."""
    path = write(tmp_path / "token", content)

    with pytest.raises(SecretError, match=words):
        secret(path)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    """The words name both places where it was looked for."""
    with pytest.raises(SecretError, match=r"there is no file .*token, and systemd hands over no credential .* token"):
        secret(tmp_path / "token")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A pipe would keep us waiting for ever, a path through a file leads nowhere."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    write(tmp_path / "file", b"")

    with pytest.raises(SecretError, match="is not a file"):
        guarded(tmp_path / "pipe")
    with pytest.raises(SecretError, match="cannot be read: Not a directory"):
        guarded(tmp_path / "file" / "token")


def test_what_cannot_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of another user; root may open everything, so the answer of the system is put in its place."""
    path = write(tmp_path / "token", b"hush")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(SecretError, match="token cannot be read: Permission denied"):
        secret(path)
