"""The mail of old devices: line ends mended at every chunking, and no end that a CRLF in the mail makes doubtful."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.smtp.lenient import LenientReader

PIECES = st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\n.", b"\r\n.", b"\n..", b"x", b"xxxxx", b"y\n", b"z\r\n"])


class Mail:
    """What a reader made of a stream."""

    def __init__(self, chunks: list[bytes]) -> None:
        self.written: list[bytes] = []
        self.reader = LenientReader(self.written.append, 10**9)
        for chunk in chunks:
            if not self.reader.ended:
                self.reader.feed(chunk)

    @property
    def content(self) -> bytes:
        """Everything that was written."""
        return b"".join(self.written)


def reference(stream: bytes) -> tuple[bytes, bool] | None:
    """Read a stream as a whole: its content, and whether it ended in bare LF; None without an end."""
    strict = (b"\r\n" + stream).find(b"\r\n.\r\n")
    regular = stream.find(b"\r\n")
    bare = (b"\n" + stream).find(b"\n.\n")
    if bare >= 0 and (regular < 0 or bare <= regular):
        raw, last = stream[:bare], True
    elif strict >= 0:
        raw, last = stream[:strict], False
    else:
        return None
    mended = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    return (b"\r\n" + mended).replace(b"\r\n.", b"\r\n")[2:], last


@given(
    pieces=st.lists(PIECES, max_size=20),
    end=st.sampled_from([b"", b"\r\n.\r\n", b".\r\n", b"\n.\n"]),
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=8),
)
@settings(max_examples=1500, deadline=None)
def test_like_the_reference(pieces: list[bytes], end: bytes, cuts: list[int]) -> None:
    """However a stream is cut, end and content are those of the simple reader."""
    stream = b"".join(pieces) + end
    chunks, sizes, position = [], itertools.cycle(cuts), 0
    while position < len(stream):
        size = next(sizes)
        chunks.append(stream[position : position + size])
        position += size
    expected = reference(stream)
    mail = Mail(chunks)

    assert (expected is not None) == mail.reader.ended
    if expected is not None:
        assert expected == (mail.content, mail.reader.last)
        assert mail.reader.fault is None


@pytest.mark.parametrize(
    "stream",
    [b"a\r\nb\n.\n", b"a\r\n.\n", b"a\n.\r\n", b"a\r.\r", b"a\r\n.\r", b"a\n.\r", b"\r\n\n.\n", b"\r\n.\r\r\n"],
    ids=repr,
)
def test_no_end(stream: bytes) -> None:
    """After one CRLF only CRLF.CRLF ends the mail: whatever else some servers take for an end is content."""
    mail = Mail([stream, b"MAIL FROM:<smuggled@example.org>\r\n"])

    assert not mail.reader.ended


@pytest.mark.parametrize("stream", [b"a\r\n.\n", b"a\n.\r\n", b"a\r.\r"], ids=repr)
def test_who_stands_still_is_noticed(stream: bytes) -> None:
    """A client that may think that it has ended its mail is not left waiting for ever."""

    assert Mail([stream]).reader.looks_ended
    assert not Mail([b"a\n"]).reader.looks_ended
