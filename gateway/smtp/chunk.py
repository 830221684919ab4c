"""The mail in chunks of announced sizes (BDAT, RFC 3030): the octets as they are, whatever they are."""

import re
from collections.abc import Callable

from gateway.smtp.data import TOO_LARGE
from gateway.smtp.reply import RefusedError, Reply

_ARGUMENT = re.compile(rb"(?P<size>[0-9]{1,20})(?: +(?P<last>LAST))?", re.IGNORECASE)


def announced(argument: bytes) -> tuple[int, bool]:
    """Read what stands behind BDAT: how many octets follow, and whether they are the last.

    Raises:
        RefusedError: nobody can tell. Where the next command begins is unknown then.
    """
    match = _ARGUMENT.fullmatch(argument)
    if match is None:
        raise RefusedError(501, "5.5.4", "write BDAT size, or BDAT size LAST")
    return int(match["size"]), match["last"] is not None


class ChunkReader:
    """Reads one mail. Feed it with the octets of its chunks and nothing else; set `ended` behind the last."""

    last = False

    def __init__(self, write: Callable[[bytes], object], limit: int) -> None:
        """Prepare for a mail.

        Args:
            write: takes the content; no more of it once there is a fault.
            limit: octets of content that are accepted.
        """
        self.ended = False
        self.received = 0
        """Octets from the wire."""
        self.fault: Reply | None = None
        """Why the mail is refused."""
        self._write = write
        self._limit = limit

    def expect(self, octets: int) -> None:
        """Hear how many octets the next chunk has."""
        if self.received + octets > self._limit:
            self.fault = TOO_LARGE

    def feed(self, octets: bytes) -> None:
        """Take what arrived next.

        Raises:
            Exception: whatever `write` raised.
        """
        self.received += len(octets)
        if self.fault is None:
            self._write(octets)
