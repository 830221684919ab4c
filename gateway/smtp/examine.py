"""What a mail that has arrived would fax: its documents, opened and counted, or why it is refused."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from gateway import message
from gateway.inspector import UnreadableError
from gateway.message import Mail, Part
from gateway.smtp.reply import RefusedError, Reply
from gateway.submission import Document, Kind

Inspect = Callable[[Path, Kind, str], Awaitable[int]]
"""Opens a document of that kind and name in a child process; returns its pages."""

MOST_HOPS = 100
"""`Received` fields after which a mail is going round in circles (RFC 5321 section 6.3)."""


LONGEST_HEADER = 256 * 1024
"""Octets that are searched for them in a mail that cannot be read otherwise."""

GOING_ROUND = Reply(554, "5.4.6", "this mail is going round in circles")


async def read(path: Path) -> Mail:
    """Read a mail that has arrived.

    Raises:
        RefusedError: it cannot be read, or it is going round in circles.
        OSError: it cannot be read from disk.
    """
    try:
        mail = await asyncio.to_thread(message.read, path)
    except message.RefusedError as error:
        raise RefusedError(error.code, error.enhanced, "", error.words) from None
    if mail.received > MOST_HOPS + 1:  # ours is one of them
        raise RefusedError.of(GOING_ROUND)
    return mail


async def read_leniently(path: Path) -> Mail | None:
    """Read a mail that is for a person: None when it cannot be read by a program.

    Raises:
        RefusedError: it is going round in circles.
        OSError: it cannot be read from disk.
    """
    try:
        return await read(path)
    except RefusedError:
        if await asyncio.to_thread(_hops, path) > MOST_HOPS + 1:
            raise RefusedError.of(GOING_ROUND) from None
        return None


def _hops(path: Path) -> int:
    with path.open("rb") as file:
        header = file.read(LONGEST_HEADER).partition(b"\r\n\r\n")[0]
    return len(re.findall(rb"^received:", header, re.IGNORECASE | re.MULTILINE))


async def documents(path: Path, mail: Mail, inspect: Inspect) -> tuple[Document, ...]:
    """Open and count the documents of a mail.

    Args:
        path: where the mail lies. Documents are unpacked beside it, one at a time, and removed again.
        mail: what was read there.
        inspect: opens one document.

    Raises:
        RefusedError: it must not be faxed, has no document, or one that cannot be faxed. All are faxed, or none.
        OSError: a document could not be unpacked.
    """
    if mail.automatic is not None:
        raise RefusedError(550, "5.7.1", mail.automatic)
    if not mail.documents:
        raise RefusedError(554, "5.6.1", "no PDF or TIFF document is attached")
    return tuple([await _document(path, place, part, inspect) for place, part in enumerate(mail.documents)])


async def _document(path: Path, position: int, part: Part, inspect: Inspect) -> Document:
    unpacked = path.with_suffix(f".{position}")
    try:
        size, sha256 = await asyncio.to_thread(_unpack, path, part, unpacked)
        pages = await inspect(unpacked, part.kind, part.name)
    except UnreadableError as error:
        raise RefusedError(554, "5.6.5", "", error.words) from None
    finally:
        unpacked.unlink(missing_ok=True)
    return Document(
        position=position,
        name=part.name,
        kind=part.kind,
        pages=pages,
        offset=part.offset,
        length=part.length,
        encoding=part.encoding,
        size=size,
        sha256=sha256,
    )


def _unpack(path: Path, part: Part, target: Path) -> tuple[int, str]:
    """Write a document to a file of its own; return its size and hash."""
    size, seen = 0, hashlib.sha256()
    with target.open("xb") as file:
        for chunk in message.decoded(path, part):
            file.write(chunk)
            seen.update(chunk)
            size += len(chunk)
    return size, seen.hexdigest()
