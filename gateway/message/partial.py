"""Pieces of a mail that was split by its size, and the mail that they make together (RFC 2046 section 5.2.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from gateway.message.encoding import CHUNK
from gateway.message.header import Header, read_header
from gateway.message.limits import HEADER_OCTETS, PIECES
from gateway.message.mail import Piece, RefusedError
from gateway.message.original import original_end
from gateway.message.parameters import Field

TYPE = "message/partial"

_NUMBER = re.compile(r"[0-9]{1,6}")
_OF_THE_WHOLE = ("subject", "message-id", "encrypted", "mime-version")
"""Beside those that begin with "content-", the fields that the header inside the first piece gives to the whole."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A piece in its file: its own header, and where its body lies."""

    header: Header
    start: int
    end: int


def read_piece(content_type: Field) -> Piece | None:
    """Say which piece of which mail this is; None if it is a mail of its own.

    Raises:
        RefusedError: nobody can tell which piece it is, or there are too many.
    """
    if content_type.value != TYPE:
        return None
    said = content_type.parameters
    id, number, total = said.get("id", "").strip(), _number(said.get("number", "")), _number(said.get("total", "0"))
    if not id or number < 1 or (total and number > total):
        raise RefusedError(
            554, "5.6.1", "this is one piece of a mail that was split, and does not say which: turn splitting off"
        )
    if max(number, total) > PIECES:
        raise RefusedError(554, "5.6.0", f"this mail was split into more than {PIECES} pieces: turn splitting off")
    return Piece(id=id[:200], number=number, total=total)


def joining(path: Path, size: int, *, first: bool) -> Iterator[bytes]:
    """What a piece gives to the whole, a chunk at a time: the first its header and body, each other its body.

    Args:
        path: where it lies in the spool.
        size: octets that its sender sent.
        first: it is number 1.

    Raises:
        RefusedError: its header is too long.
        OSError: it cannot be read.
    """
    opened = _open(path, 0, original_end(path, size))
    if not first:
        return _octets(path, opened.start, opened.end)
    inside = _open(path, opened.start, opened.end)
    return chain([_header(opened.header, inside.header)], _octets(path, inside.start, inside.end))


def _open(path: Path, start: int, end: int) -> _Opened:
    with path.open("rb") as file:
        file.seek(start)
        header, length = read_header(file.read(min(HEADER_OCTETS, end - start)), end - start)
    return _Opened(header, start + length, end)


def _header(outer: Header, inner: Header) -> bytes:
    fields = [field for field in outer.fields if not _is_of_the_whole(field[0])]
    fields += [field for field in inner.fields if _is_of_the_whole(field[0])]
    return b"".join(name.encode() + b":" + value.rstrip(b"\r\n") + b"\r\n" for name, value in fields) + b"\r\n"


def _is_of_the_whole(name: str) -> bool:
    return name.startswith("content-") or name in _OF_THE_WHOLE


def _octets(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (chunk := file.read(min(CHUNK, end - start))):
            start += len(chunk)
            yield chunk


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text.strip()) else 0
