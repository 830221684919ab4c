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

# An open quote is looked for once: from each of thousands within it, it would take a second.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?:(?P<end>")(?P<local>@)?|\\?\Z)')
_COMMENT = re.compile(r'(?P<local>"(?:[^"\\]|\\.)*+")|\([^()"]*\)')
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
        found = _AUTHOR.fullmatch(_without_names(self.header.get("from")))
        return (found["named"] or found["bare"]) if found else ""

    def names(self, address: str) -> bool:
        """Whether an address stands in To or Cc, written as in the envelope.

        Not as the name of another: who is answered chooses the name that stands in To, and gets the mail.
        """
        named = re.compile(rf"(?:^|[,;:<]) *{re.escape(address)} *(?:[,;>]|$)", re.IGNORECASE | re.ASCII)
        return any(named.search(_without_names(self.header.get(field))) for field in ADDRESSEES)


def _without_names(field: str) -> str:
    """A field of addresses without quoted names and comments; quoted local parts stay, and what is open is none."""
    text = _QUOTED.sub(lambda quoted: quoted[0] if quoted["local"] else "" if quoted["end"] else '"', field)
    for _ in range(MOST_NESTED):
        text = _COMMENT.sub(lambda found: found["local"] or "", text)
    return text.strip()


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
