"""SMTP replies (RFC 5321 section 4.2, RFC 2034): always ASCII, never too long, one code on every line."""

import textwrap
from dataclasses import dataclass
from typing import Self

LONGEST_LINE = 500
"""Octets with CRLF; RFC 5321 section 4.5.3.1.5 allows 512."""

MOST_WORDS = 1500
"""Characters; what goes on longer is cut."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to a client."""

    code: int
    enhanced: str  #: such as "2.1.0"; empty for the greeting, HELO, EHLO and 3xx
    words: str  #: each line of it becomes a line of the reply
    unlogged: str = ""  #: what belongs to the words but to no log, such as the name of a file

    @property
    def ok(self) -> bool:
        """The client may go on."""
        return self.code < 400  # noqa: PLR2004  # RFC 5321 section 4.2.1: 4 and 5 are refusals

    def encoded(self) -> bytes:
        """Return the octets of the reply."""
        before = f"{self.enhanced} " if self.enhanced else ""
        lines = [before + line for line in self._lines(LONGEST_LINE - len(before) - len("250-\r\n"))]
        *first, last = lines
        text = "".join(f"{self.code}-{line}\r\n" for line in first) + f"{self.code} {last}\r\n"
        return text.encode("ascii")

    def _lines(self, width: int) -> list[str]:
        words = ": ".join(filter(None, (self.words, self.unlogged)))
        cut = words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}..."
        lines = [piece for line in cut.split("\n") for piece in textwrap.wrap(_ascii(line), width)]
        return lines or ["OK"]


class RefusedError(Exception):
    """A client asked for what it cannot have. Carries the reply."""

    def __init__(self, code: int, enhanced: str, words: str, unlogged: str = "") -> None:
        super().__init__(f"{code} {enhanced} {words}")
        self.reply = Reply(code, enhanced, words, unlogged)

    @classmethod
    def of(cls, reply: Reply) -> Self:
        """Make it from a reply."""
        return cls(reply.code, reply.enhanced, reply.words, reply.unlogged)


def _ascii(text: str) -> str:
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)
