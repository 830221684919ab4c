"""Chunks: sizes that are believed only when they are whole, and octets as they are."""

import pytest

from gateway.smtp.chunk import ChunkReader, announced
from gateway.smtp.data import TOO_LARGE
from gateway.smtp.reply import RefusedError


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (b"0", (0, False)),
        (b"86", (86, False)),
        (b"0 LAST", (0, True)),
        (b"1000 last", (1000, True)),
        (b"7  LAST", (7, True)),
        (b"", None),
        (b"LAST", None),
        (b"-1", None),
        (b"1 LAST x", None),
        (b"1LAST", None),
        (b"0x10", None),
        (b"\xd9\xa1", None),
        (b"1" * 21, None),
    ],
)
def test_announced(argument: bytes, expected: tuple[int, bool] | None) -> None:
    """What stands behind BDAT, and what must not be guessed at."""
    if expected is None:
        with pytest.raises(RefusedError, match="501 5\\.5\\.4"):
            announced(argument)
    else:
        assert expected == announced(argument)


def test_octets_stay_as_they_are() -> None:
    """Dots, bare line ends and NULs are nobody's business here."""
    written: list[bytes] = []
    reader = ChunkReader(written.append, 100)
    for octets in (b".\r\n..", b"\r\n.\r\n", b"\0\n\r"):
        reader.expect(len(octets))
        reader.feed(octets)

    assert b".\r\n..\r\n.\r\n\0\n\r" == b"".join(written)
    assert reader.fault is None
    assert 13 == reader.received


def test_too_large_is_known_before_it_comes() -> None:
    """A chunk that goes over the limit is read and not written."""
    written: list[bytes] = []
    reader = ChunkReader(written.append, 10)
    reader.expect(10)
    reader.feed(b"x" * 10)
    reader.expect(1)
    reader.feed(b"y")

    assert TOO_LARGE == reader.fault
    assert [b"x" * 10] == written
