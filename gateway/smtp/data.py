"""The mail between `DATA` and the dot (RFC 5321 sections 4.1.1.4 and 4.5.2), read in chunks of any size.

It ends at CRLF.CRLF and nowhere else: two servers that disagree about where a mail ends let another be smuggled in.
"""

from collections.abc import Callable

from gateway.smtp.reply import Reply

LONGEST_LINE = 1_000_000
"""Octets. RFC 5321 allows 998, and devices write base64 in one line."""

END = b"\r\n.\r\n"

TOO_LARGE = Reply(552, "5.3.4", "the mail is too large")
BARE_LINE_END = Reply(550, "5.5.2", "lines must end in CR LF; a bare CR or LF is refused")
NUL = Reply(550, "5.6.0", "the mail contains a NUL character")
LONG_LINE = Reply(554, "5.6.0", "a line of the mail is longer than 1 MB")


def beginnings(end: bytes) -> tuple[bytes, ...]:
    """Return what may be the beginning of an end, the longest first."""
    return tuple(end[:length] for length in range(len(end) - 1, 0, -1))


class DataReader:
    """Reads one mail. Feed it until `ended`, then look at `fault` and `rest`."""

    held_back: tuple[bytes, ...] = beginnings(END)
    """What is not taken while it stands last: the next octets may make an end of it."""
    last = False
    """Whether nothing that comes behind the end may be trusted to be a command."""

    def __init__(self, write: Callable[[bytes], object], limit: int, longest_line: int = LONGEST_LINE) -> None:
        """Prepare for a mail.

        Args:
            write: takes the content, with the dots of transparency removed; no more of it once there is a fault.
            limit: octets of content that are accepted.
            longest_line: octets of a line, without its end, that are accepted.
        """
        self.ended = False
        self.rest = b""
        """What came behind the end."""
        self.received = 0
        """Octets from the wire."""
        self._write = write
        self._limit = limit
        self._longest_line = longest_line
        self._held = b"\r\n"  # DATA itself ended a line; `_content` takes these two off again
        self._unwritten = 2
        self._size = 0
        self._line = 0
        self._tail = b""
        self._faults: set[Reply] = set()

    @property
    def fault(self) -> Reply | None:
        """Why the mail is refused, as far as it is known; the weightiest reason of several."""
        order = (TOO_LARGE, BARE_LINE_END, NUL, LONG_LINE)
        return next((fault for fault in order if fault in self._faults), None)

    @property
    def hopeless(self) -> bool:
        """Twice as much as accepted has come: its sender will not stop by itself."""
        return self.received > 2 * self._limit

    @property
    def looks_ended(self) -> bool:
        """A client that ends lines in bare LF or CR may think that it has finished."""
        return not self.ended and self._tail.endswith((b"\n.\n", b"\n.\r\n", b"\r.\r"))

    def feed(self, chunk: bytes) -> None:
        """Take what arrived next.

        Raises:
            Exception: whatever `write` raised.
        """
        self.received += len(chunk)
        seen = self._held + chunk
        self._tail = seen[-4:]
        content, rest = self._ends(seen)
        if content >= 0:
            self.ended = True
            self.rest = seen[rest:]
            self._take(seen[:content])
        else:
            held = next((len(beginning) for beginning in self.held_back if seen.endswith(beginning)), 0)
            self._held = seen[len(seen) - held :]
            self._take(seen[: len(seen) - held])

    def _ends(self, seen: bytes) -> tuple[int, int]:
        """Return where the content ends, behind its last line, and where the rest begins; -1 twice without an end."""
        end = seen.find(END)
        return (end + 2, end + len(END)) if end >= 0 else (-1, -1)

    def _take(self, piece: bytes) -> None:
        """Check and write a piece. It ends neither in CR nor in the middle of a line's beginning."""
        self._check_line_ends(piece)
        self._check_lines(piece)
        content = piece.replace(b"\r\n.", b"\r\n")[self._unwritten :]
        self._unwritten = 0 if piece else self._unwritten
        self._size += len(content)
        if self._size > self._limit:
            self._faults.add(TOO_LARGE)
        if content and not self._faults:
            self._write(content)

    def _check_line_ends(self, piece: bytes) -> None:
        line_ends = piece.count(b"\r\n")
        if piece.count(b"\n") != line_ends or piece.count(b"\r") != line_ends:
            self._faults.add(BARE_LINE_END)
        if b"\0" in piece:
            self._faults.add(NUL)

    def _check_lines(self, piece: bytes) -> None:
        """Jump from line end to line end in steps as long as a line may be."""
        begin = -self._line
        while begin + self._longest_line < len(piece):
            end = piece.rfind(b"\r\n", max(begin, 0), begin + self._longest_line + 2)
            if end < 0:
                self._faults.add(LONG_LINE)
                begin = len(piece)
            else:
                begin = end + 2
        last = piece.rfind(b"\r\n", max(begin, 0))
        self._line = len(piece) - (last + 2 if last >= 0 else begin)
