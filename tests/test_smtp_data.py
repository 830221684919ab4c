"""The reader of DATA: the same as a simple reference at every chunking, and deaf to all smuggled ends."""

import itertools
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.data import BARE_LINE_END, LONG_LINE, NUL, TOO_LARGE, DataReader
from gateway.smtp.reply import Reply

SMUGGLED = [
    b"\n.\n",
    b"\r\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r\n.\r",
    b"\r.\r\n",
    b"\r\n\0.\r\n",
    b"\n\n.\r\n",
    b"\r\r\n.\r\r\n",
    b"\r\n.\0\r\n",
    b"\r\n.\r\r\n",
]
"""Ends that some servers take for CRLF.CRLF."""


class Mail:
    """What a reader made of a stream."""

    def __init__(self, chunks: list[bytes], limit: int = 10**9, longest_line: int = 10**6) -> None:
        self.written: list[bytes] = []
        self.reader = DataReader(self.written.append, limit, longest_line)
        self.rest = b""
        for chunk in chunks:
            if self.reader.ended:
                self.rest += chunk
            else:
                self.reader.feed(chunk)
                self.rest = self.reader.rest

    @property
    def content(self) -> bytes:
        """Everything that was written."""
        return b"".join(self.written)


def reference(stream: bytes, limit: int, longest_line: int) -> tuple[bool, Reply | None, bytes, bytes]:
    """Read a stream line by line: whether it ended, its fault, its content, what is left."""
    content, position = b"", 0
    too_long = False
    while (end := stream.find(b"\r\n", position)) >= 0:
        line = stream[position:end]
        if line == b".":
            return True, _fault(stream[:position], content, limit, too_long=too_long), content, stream[end + 2 :]
        too_long = too_long or len(line) > longest_line
        content += line.removeprefix(b".") + b"\r\n"
        position = end + 2
    return False, None, b"", b""


def _fault(raw: bytes, content: bytes, limit: int, *, too_long: bool) -> Reply | None:
    if len(content) > limit:
        return TOO_LARGE
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        return BARE_LINE_END
    if b"\0" in raw:
        return NUL
    return LONG_LINE if too_long else None


PIECES = st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"\r\n..", b".\r\n", b"x", b"xxxxx", b"\0", b"y\r\n"])


@given(
    pieces=st.lists(PIECES, max_size=20),
    end=st.sampled_from([b"", b"\r\n.\r\n", b".\r\nNEXT\r\n"]),
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=8),
    limit=st.integers(0, 30),
    longest_line=st.integers(1, 12),
)
@settings(max_examples=1500, deadline=None)
def test_like_the_reference(pieces: list[bytes], end: bytes, cuts: list[int], limit: int, longest_line: int) -> None:
    """However a stream is cut, end, fault, content and rest are those of the simple reader."""
    stream = b"".join(pieces) + end
    chunks, sizes, position = [], itertools.cycle(cuts), 0
    while position < len(stream):
        size = next(sizes)
        chunks.append(stream[position : position + size])
        position += size
    ended, fault, content, rest = reference(stream, limit, longest_line)
    mail = Mail(chunks, limit, longest_line)

    assert ended == mail.reader.ended
    if ended:
        assert (fault, rest) == (mail.reader.fault, mail.rest)
    if ended and fault is None:
        assert content == mail.content


def test_every_cut() -> None:
    """A mail with every kind of dot, cut in two at every place, and octet by octet."""
    stream = b"..\r\n.x\r\n\r\n...\r\nend.\r\n.\r\nRSET\r\n"
    content = b".\r\nx\r\n\r\n..\r\nend.\r\n"
    for cut in range(len(stream) + 1):
        mail = Mail([stream[:cut], stream[cut:]])

        assert (content, b"RSET\r\n") == (mail.content, mail.rest)

    mail = Mail([bytes([octet]) for octet in stream])

    assert (content, b"RSET\r\n") == (mail.content, mail.rest)


def test_empty_mail() -> None:
    """A dot at once is a mail without content."""
    mail = Mail([b".\r\n"])

    assert (True, None, b"") == (mail.reader.ended, mail.reader.fault, mail.content)


@pytest.mark.parametrize("end", SMUGGLED)
def test_smuggled_end(end: bytes) -> None:
    """Nothing but CRLF.CRLF ends a mail, and what looks like an end to others is refused."""
    mail = Mail([b"Subject: x\r\n\r\nbody" + end + b"MAIL FROM:<smuggled@example.org>\r\n", b"more\r\n.\r\n"])

    assert mail.reader.ended
    assert b"" == mail.rest
    assert mail.reader.fault in {BARE_LINE_END, NUL}


@pytest.mark.parametrize("tail", [b"x\n.\n", b"x\r\n.\n", b"x\n.\r\n", b"x\r.\r"])
def test_looks_ended(tail: bytes) -> None:
    """A client that waits behind a wrong end is noticed."""

    assert Mail([b"Subject: x\n", tail]).reader.looks_ended
    assert not Mail([b"Subject: x\n", tail, b"more"]).reader.looks_ended
    assert not Mail([b"Subject: x\r\n\r\nend.\r\n"]).reader.looks_ended


def test_too_large() -> None:
    """Beyond the limit nothing more is written, the end is still found, and twice the limit is hopeless."""
    mail = Mail([b"x" * 50, b"x" * 50, b"x\r\n.\r\n"], limit=102)

    assert (True, TOO_LARGE) == (mail.reader.ended, mail.reader.fault)
    assert b"x" * 100 == mail.content
    assert not mail.reader.hopeless

    mail = Mail([b"x" * 50] * 5, limit=102)

    assert b"x" * 100 == mail.content
    assert mail.reader.hopeless


def test_exactly_as_large_as_allowed() -> None:
    """The limit counts content alone, without the dots of transparency and without the end."""

    assert Mail([b"..x\r\n.\r\n"], limit=4).reader.fault is None


def test_failing_disk_does_not_confuse_it() -> None:
    """When writing fails, the reader can go on to the end."""

    def full(piece: bytes) -> None:
        raise OSError(28, "No space left on device")

    reader = DataReader(full, 1000)
    with pytest.raises(OSError, match="No space left"):
        reader.feed(b"one\r\ntwo")
    with pytest.raises(OSError, match="No space left"):
        reader.feed(b"\r\n.\r\nQUIT\r\n")

    assert (True, b"QUIT\r\n") == (reader.ended, reader.rest)


def test_speed() -> None:
    """Ordinary mail is read at far more than a fast network brings."""
    line = b"JVBERi0xLjcKJeLjz9MKMSAwIG9iago8PC9UeXBlL0NhdGFsb2cvUGFnZXMgMiAwIFI+PgplbmRv\r\n"
    chunk = line * 3200
    begun = time.process_time()
    for _ in range(20):
        Mail([chunk, b".\r\n"])
    speed = 20 * len(chunk) / (time.process_time() - begun)

    assert speed > 50e6
