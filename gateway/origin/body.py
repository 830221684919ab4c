"""The body of a mail as DKIM hashes it (RFC 6376 section 3.4), a chunk at a time.

The library does it with the whole body in memory, several times over, and its search for blanks before a line's end
takes quadratic time: a line of a million blanks keeps it busy for a quarter of an hour, and a mail may have many.
"""

import hashlib
from collections.abc import Iterable

BLANKS = bytes.maketrans(b"\t", b" ")
LINE_END = b"\r\n"
AT_ONCE = 64 * 1024
"""Empty lines that are hashed at once."""


class Body:
    """Hashes one body. Feed it, then `finish`."""

    def __init__(self, *, relaxed: bool) -> None:
        self._relaxed = relaxed
        self._hash = hashlib.sha256()
        self._length = 0
        self._blank = b""
        """What may still be a blank before a line's end; relaxed only."""
        self._held = b""
        """What may be the beginning of a line's end."""
        self._empty = 0
        """Line ends that count only if something follows them."""

    def feed(self, piece: bytes) -> None:
        """Take what comes next, of any size."""
        self._take(self._without_blanks(piece) if self._relaxed else piece)

    def finish(self) -> tuple[bytes, int]:
        """Return the SHA-256 of the canonical body, and its octets."""
        self._take(self._blank.removeprefix(b" "))
        self._put(self._held)
        if self._length or not self._relaxed:
            self._add(LINE_END)
        return self._hash.digest(), self._length

    def _without_blanks(self, piece: bytes) -> bytes:
        """Many blanks are one, and before a line's end they are none."""
        text = self._blank + piece.translate(BLANKS)
        while b"  " in text:
            text = text.replace(b"  ", b" ")
        certain = len(text.removesuffix(b"\r").removesuffix(b" "))
        self._blank = text[certain:]
        return text[:certain].replace(b" \r\n", LINE_END)

    def _take(self, text: bytes) -> None:
        text = self._held + text
        self._held = b"\r" if text.endswith(b"\r") else b""
        end = whole = len(text) - len(self._held)
        while text.endswith(LINE_END, 0, end):
            end -= len(LINE_END)
        self._put(text[:end])
        self._empty += (whole - end) // len(LINE_END)

    def _put(self, text: bytes) -> None:
        if not text:
            return
        while self._empty:
            some = min(self._empty, AT_ONCE)
            self._add(LINE_END * some)
            self._empty -= some
        self._add(text)

    def _add(self, text: bytes) -> None:
        self._hash.update(text)
        self._length += len(text)


def digest(pieces: Iterable[bytes], *, relaxed: bool) -> tuple[bytes, int]:
    """Return the SHA-256 of a canonical body, and its octets.

    Args:
        pieces: the body as it came over the wire, lines ending in CR LF.
        relaxed: which of the two ways; the other one is called simple.
    """
    body = Body(relaxed=relaxed)
    for piece in pieces:
        body.feed(piece)
    return body.finish()
