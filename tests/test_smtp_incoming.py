"""A mail that arrives while its disk fails is read to its end all the same."""

from ipaddress import ip_address
from pathlib import Path

from gateway.smtp.address import NOBODY
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.incoming import Incoming
from gateway.spool import Draft, Spool

ENVELOPE = Envelope(client=Client(ip=ip_address("127.0.0.1")), sender=NOBODY)


def test_preface_is_not_content(tmp_path: Path) -> None:
    """Our header stands on top of the file, and counts neither for size nor for the hash."""
    draft = Spool(tmp_path).draft("id1")
    incoming = Incoming(ENVELOPE, draft, b"Received: x\r\n", limit=100, may_write=lambda size: None)
    incoming.reader.feed(b"..\r\n.\r\n")
    draft.flush()
    size = draft.size
    content = draft.path.read_bytes()
    draft.discard()

    assert (b"Received: x\r\n.\r\n", 3) == (content, size)


def test_failure_is_remembered(tmp_path: Path) -> None:
    """The first failure stands, nothing is written after it, and the end is still found."""
    tries: list[bytes] = []

    class Full(Draft):
        def write(self, chunk: bytes) -> None:
            tries.append(chunk)
            raise OSError(28, "No space left on device")

    sound = Spool(tmp_path).draft("id1")
    incoming = Incoming(ENVELOPE, Full("id1", sound.path, sound._file), b"", limit=100, may_write=lambda size: None)
    incoming.reader.feed(b"one\r\n")
    incoming.reader.feed(b"two\r\n.\r\n")
    sound.discard()

    assert [b"one"] == tries
    assert incoming.reader.ended
    assert incoming.failure is not None
    assert 28 == incoming.failure.errno


def test_reserve_is_not_written_into(tmp_path: Path) -> None:
    """Before each piece it is asked whether it may be written; what may not is a failure like the disk's own."""
    asked: list[int] = []

    def may_write(size: int) -> None:
        asked.append(size)
        if len(asked) > 1:
            raise OSError(28, "No space left on device")

    draft = Spool(tmp_path).draft("id1")
    incoming = Incoming(ENVELOPE, draft, b"", limit=100, may_write=may_write)
    incoming.reader.feed(b"one\r\n")
    incoming.reader.feed(b"four\r\n.\r\n")
    size = draft.size
    draft.discard()

    assert [3, 8] == asked
    assert 3 == size
    assert incoming.failure is not None
    assert 28 == incoming.failure.errno
