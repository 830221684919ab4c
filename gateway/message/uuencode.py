"""Files in uuencode (POSIX.1 `uuencode`): in the text of old mail programs, or as a transfer encoding."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.message.encoding import CHUNK
from gateway.message.limits import PARTS
from gateway.message.mail import DamagedError
from gateway.message.spooled import Octets, Spooled

_GARBAGE = 2  # characters that some programs add to a line, as a check
_BEGIN = re.compile(rb"(?:\A|\n)begin [0-7]{3,4} {1,8}([^\r\n]{1,200})\r?\n(?=[!-M][ -`]{4})")
_WINDOW = 512  # octets that the pattern may take
_LINE = re.compile(rb"[ -`]+")
_NAMED_SO = ("x-uuencode", "uuencode", "x-uue", "uue")


@dataclass(frozen=True, slots=True)
class Block:
    """A file in a text: its name, and where its lines lie."""

    name: bytes
    start: int
    end: int


def is_uuencode(encoding: str) -> bool:
    """Whether a content transfer encoding, in lower case, is this one."""
    return encoding in _NAMED_SO


def begins(chunks: Iterator[bytes]) -> bool:
    """Whether a file begins somewhere in this text."""
    last = b"\n\n"  # a text begins with a line
    for chunk in chunks:
        text = last + chunk
        if _BEGIN.search(text, 1):
            return True
        last = text[-_WINDOW:]
    return False


def read_uuencode(octets: Octets, start: int, end: int) -> list[Block]:
    """Find the files in a text; of more than a mail may have parts, one more.

    Raises:
        DamagedError: one of them breaks off.
    """
    found: list[Block] = []
    at = max(start - 1, 0)  # the line break before the text, which the pattern wants
    while len(found) <= PARTS and (match := _BEGIN.search(octets, at, end)):
        at = _end(octets, match.end(), end)
        found.append(Block(match[1], match.end(), at))
    return found


def decode(mail: Spooled, block: Block) -> Iterator[bytes]:
    """Decode a file, a chunk at a time."""
    rest = b""
    for piece in mail.pieces(block.start, block.end):
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        yield b"".join(map(_decoded, lines))
    yield _decoded(rest)


def _end(octets: Octets, at: int, end: int) -> int:
    """Where the lines of a file end; the text goes on with the line "end"."""
    for start, line in _lines(octets, at, end):
        if line == b"end":
            return max(start - 1, at)
        if not _fits(line):
            raise DamagedError
    raise DamagedError


def _lines(octets: Octets, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    while at < end:
        stop = octets.find(b"\n", at, min(end, at + CHUNK))
        following = stop + 1 if stop >= 0 else min(end, at + CHUNK)
        yield at, octets[at : following - (stop >= 0)].rstrip(b" \r\t")
        at = following


def _fits(line: bytes) -> bool:
    """Whether a line can be one of such a file; what it lacks at its end were spaces."""
    if not line:
        return True
    size = (line[0] - 32) & 63
    return len(line) - 1 <= _letters(size) + _GARBAGE and _LINE.fullmatch(line) is not None


def _letters(size: int) -> int:
    return (size + 2) // 3 * 4


def _decoded(line: bytes) -> bytes:
    text = line.rstrip(b" \r\t")
    if not text:
        return b""
    size = (text[0] - 32) & 63
    needed = 1 + (size * 8 + 5) // 6  # what stands behind, to the end of a group, means nothing
    return binascii.a2b_uu(text[:needed].ljust(1 + _letters(size)))
