"""Commands line by line: in CR LF and nothing else, or as old devices end them."""

import asyncio
from typing import Protocol

from gateway.smtp.reply import RefusedError, Reply

LONGEST = 12 * 1024
"""Octets of a line in AUTH (RFC 4954 section 4); those of other commands are shorter."""

ENDS = frozenset({b"\r", b"\n"})
LF_PATIENCE = 0.3
"""Seconds after which a CR from an old device was the whole end of a line."""

TOO_LONG = Reply(500, "5.5.2", "the line is too long")
NOT_CRLF = Reply(500, "5.5.2", "lines must end in CR LF")


class Source(Protocol):
    """Where they come from: `gateway.smtp.wire.Wire`."""

    @property
    def reader(self) -> asyncio.StreamReader:
        """What was read and is not mail."""

    async def pending(self) -> bytes:
        """Return what was read and nobody has taken."""

    def put_back(self, octets: bytes) -> None:
        """Let these be read next. The reader is empty."""


async def line(source: Source) -> bytes:
    """Read one line, without its end.

    Raises:
        RefusedError: it is too long, or ends in bare LF.
        asyncio.IncompleteReadError: nothing more comes.
    """
    try:
        found = await source.reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        await _skip(source.reader, error.consumed)
        raise RefusedError.of(TOO_LONG) from None
    if not found.endswith(b"\r\n"):
        raise RefusedError.of(NOT_CRLF)
    return bytes(found[:-2])


async def any_line(source: Source) -> bytes:
    """Read one line that ends in CR LF, LF, or a CR behind which no LF comes.

    Raises:
        RefusedError: it is too long.
        asyncio.IncompleteReadError: nothing more comes.
    """
    found = bytearray()
    while (octet := await source.reader.readexactly(1)) not in ENDS:
        found += octet
        if len(found) > LONGEST:
            await _skip(source.reader, 0)
            raise RefusedError.of(TOO_LONG)
    if octet == b"\r":
        await _take_lf(source)
    return bytes(found)


async def _take_lf(source: Source) -> None:
    """Take the LF behind a CR, which may come in a packet of its own."""
    try:
        async with asyncio.timeout(LF_PATIENCE):
            octet = await source.reader.readexactly(1)
    except (TimeoutError, asyncio.IncompleteReadError):
        return
    if octet != b"\n":
        source.put_back(octet + await source.pending())


async def _skip(reader: asyncio.StreamReader, seen: int) -> None:
    """Forget a line of any length, piece by piece."""
    while True:
        await reader.read(seen)
        try:
            await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            seen = error.consumed
        else:
            return
