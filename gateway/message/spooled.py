"""A mail's bytes, and behind them what was unpacked from containers in it. All places are octets from its beginning."""

import mmap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.message.encoding import CHUNK
from gateway.message.limits import UNPACKED
from gateway.message.mail import RefusedError

Octets = bytes | mmap.mmap
"""The bytes of a mail, in memory or mapped from a file."""

Append = Callable[[Iterable[bytes]], tuple[int, int]]
"""Puts octets behind a mail; returns where they begin and how many they are. See `gateway.spool.Draft.append`."""


class Spooled:
    """A mail that can be read anywhere, and added to."""

    def __init__(self, octets: Octets, extend: Callable[[Iterable[bytes]], Octets]) -> None:
        """Hold a mail.

        Args:
            octets: the mail as it arrived.
            extend: puts octets behind it, and returns the whole anew.
        """
        self.octets = octets
        self._extend = extend
        self._room = UNPACKED * len(octets)

    def unpack(self, chunks: Iterable[bytes]) -> tuple[int, int]:
        """Put what was unpacked behind the mail; return where it begins and ends.

        Raises:
            RefusedError: it is too much.
            OSError: there is no room for it.
        """
        start = len(self.octets)
        self.octets = self._extend(self._counted(chunks))
        return start, len(self.octets)

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """What lies between two places, a chunk at a time."""
        for place in range(start, end, CHUNK):
            yield self.octets[place : min(end, place + CHUNK)]

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._room -= len(chunk)
            if self._room < 0:
                raise RefusedError(554, "5.6.0", "too much is packed inside each other in this mail")
            yield chunk


@contextmanager
def spooled(path: Path, append: Append) -> Iterator[Spooled]:
    """Map a spooled mail; once, however often it is added to.

    Raises:
        OSError: it cannot be read.
    """

    def extend(chunks: Iterable[bytes]) -> Octets:
        append(chunks)
        return _mapped(path)

    mail = Spooled(_mapped(path), extend)
    try:
        yield mail
    finally:
        if isinstance(mail.octets, mmap.mmap):
            mail.octets.close()  # those before it are closed already: nobody holds them any more


def _mapped(path: Path) -> Octets:
    if not path.stat().st_size:
        return b""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
