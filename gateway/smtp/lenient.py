"""The mail of old devices, which end lines in bare LF or CR: read as if they had written CR LF.

For listed addresses on legacy listeners alone. CRLF.CRLF ends the mail as ever. LF.LF does too, but only for a client
that has sent no CRLF in this mail; and then nothing that follows is taken for commands, so nothing can be smuggled in.
"""

import re

from gateway.smtp.data import END, DataReader, beginnings

_BARE_END = b"\n.\n"
_LINE_END = re.compile(rb"\r\n|\r|\n")


class LenientReader(DataReader):
    """A `DataReader` that mends line ends."""

    held_back = tuple(sorted({*beginnings(END), *beginnings(_BARE_END)}, key=len, reverse=True))
    _regular = False
    """A line has ended in CRLF."""

    def _ends(self, seen: bytes) -> tuple[int, int]:
        first = seen.find(b"\r\n", self._unwritten)  # but for the end of the line that was DATA
        bare = seen.find(_BARE_END) if not self._regular else -1
        if bare >= 0 and (first < 0 or bare < first):
            self.last = True
            return bare + 1, bare + len(_BARE_END)
        self._regular = self._regular or first >= 0
        return super()._ends(seen)

    def _take(self, piece: bytes) -> None:
        super()._take(_LINE_END.sub(b"\r\n", piece))
