"""A mail in its file, and what is put behind it while it is read."""

from pathlib import Path

import pytest

from gateway.message.encoding import CHUNK
from gateway.message.limits import UNPACKED
from gateway.message.mail import RefusedError
from gateway.message.spooled import spooled
from tests.packing import appending, in_memory


def test_unpack(tmp_path: Path) -> None:
    """What is unpacked can be read at once, by its place in the same file."""
    path = tmp_path / "mail.eml"
    path.write_bytes(b"mail")

    with spooled(path, appending(path)) as mail:
        places = [mail.unpack([b"one", b"two"]), mail.unpack(mail.pieces(1, 3))]
        whole = mail.octets[:]

    assert [(4, 10), (10, 12)] == places
    assert b"mailonetwoai" == whole == path.read_bytes()


def open_files() -> int:
    """How many this process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_few_files_are_open(tmp_path: Path) -> None:
    """However often something is put behind a mail, it is open once: there are only so many for all sessions."""
    path = tmp_path / "mail.eml"
    path.write_bytes(bytes(100))

    with spooled(path, appending(path)) as mail:
        before = open_files()
        for _ in range(100):
            mail.unpack([b"x"])

        assert before == open_files()
    assert before - 1 == open_files()


def test_nothing(tmp_path: Path) -> None:
    """A mail of no octets is a mail."""
    path = tmp_path / "mail.eml"
    path.touch()

    with spooled(path, appending(path)) as mail:
        assert b"" == mail.octets


def test_pieces() -> None:
    """Pieces are never larger than a chunk."""
    pieces = list(in_memory(bytes(CHUNK * 2 + 10)).pieces(5, CHUNK * 2 + 7))

    assert [CHUNK, CHUNK, 2] == [len(piece) for piece in pieces]


def test_room() -> None:
    """What is unpacked may not be many times larger than the mail."""
    mail = in_memory(bytes(100))
    mail.unpack([bytes(100 * UNPACKED)])

    with pytest.raises(RefusedError, match="too much is packed inside each other"):
        mail.unpack([b"x"])
