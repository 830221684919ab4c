"""A mail as its origin is looked for: its header as it is, its one author, and its body a chunk at a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.message.header import Header, read_header
from gateway.message.limits import HEADER_OCTETS

ADDRESSEES = ("to", "cc")
"""The fields that name whom a mail is for."""

CHUNK = 256 * 1024
"""Octets that are read at a time."""

_FROM = re.compile(rb"^from[ \t]*:", re.IGNORECASE | re.MULTILINE)
"""Also as `From :`, which some programs take for one and others for nothing."""

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")
_ADDRESS = r"[^\s<>,;:@\"()\[\]]+@([A-Za-z0-9.-]+)"
_AUTHOR = re.compile(rf"(?:[^<>,;:]*<\s*(?P<named>{_ADDRESS})\s*>|(?P<bare>{_ADDRESS}))")
MOST_NESTED = 10
"""Comments within each other that are read."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in a file."""

    path: Path
    header: Header
    head: bytes  #: the octets of the header, with the empty line that ends it
    body_at: int  #: octets from the beginning of the file to the body
    end: int  #: octets from the beginning of the file to the mail's end

    def body(self) -> Iterator[bytes]:
        """Read the body.

        Raises:
            OSError: it cannot be read.
        """
        with self.path.open("rb") as file:
            file.seek(self.body_at)
            left = self.end - self.body_at
            while left and (piece := file.read(min(CHUNK, left))):
                left -= len(piece)
                yield piece

    def author(self) -> str:
        """The one address in the one From; empty when there is none, several, or what can be read in two ways."""
        if len(_FROM.findall(self.head)) != 1:
            return ""
        written = _QUOTED.sub("", self.header.get("from"))
        for _ in range(MOST_NESTED):
            written = _COMMENT.sub("", written)
        found = _AUTHOR.fullmatch(written.strip())
        return (found["named"] or found["bare"]) if found else ""

    def names(self, address: str) -> bool:
        """Whether an address stands in To or Cc, written as in the envelope."""
        named = re.compile(rf'(?<![\w.+=/"-]){re.escape(address)}(?![\w.-])', re.IGNORECASE | re.ASCII)
        return any(named.search(self.header.get(field)) for field in ADDRESSEES)


def open_letter(path: Path, start: int, end: int) -> Letter:
    """Read the header of a mail that lies between two places of a file.

    Raises:
        gateway.message.RefusedError: its header is too long.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(start)
        beginning = file.read(min(HEADER_OCTETS, end - start))
    header, length = read_header(beginning, end - start)
    return Letter(path, header, beginning[:length], start + length, end)


def domain(address: str) -> str:
    """The domain of an address, in lower case; empty without one."""
    return address.rpartition("@")[2].lower() if "@" in address else ""
