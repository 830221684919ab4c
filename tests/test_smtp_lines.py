"""Lines of commands: their ends, and what is no line."""

import asyncio

import pytest

from gateway.smtp import lines
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.wire import Wire
from tests.test_smtp_wire import a_wire


@pytest.mark.parametrize("cut", range(1, 24))
@pytest.mark.parametrize("half_closed", [False, True])
def test_ends_of_lines(cut: int, half_closed: bool) -> None:  # noqa: FBT001  # a table
    """Old devices may end a line as they like, also in the middle of a packet, and none is read as two."""
    stream = b"one\r\ntwo\nthree\rfour\r\nend\r"

    async def run() -> list[bytes]:
        wire = await a_wire(lenient=True)
        reading = asyncio.create_task(read(wire))
        for packet in (stream[:cut], stream[cut:]):
            wire.data_received(packet)
            await asyncio.sleep(0)
        if half_closed:
            wire._half_closed = True
            wire._reader.feed_eof()
        return await reading

    async def read(wire: Wire) -> list[bytes]:
        return [await wire.line() for _ in range(5)]

    assert [b"one", b"two", b"three", b"four", b"end"] == asyncio.run(run())


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize(
    ("said", "refusal"),
    [(b"x" * 50_000 + b"\r\n", lines.TOO_LONG), (b"NOOP\n", lines.NOT_CRLF)],
    ids=["long", "bare LF"],
)
def test_no_line(said: bytes, refusal: Reply, lenient: bool) -> None:  # noqa: FBT001  # a table
    """What is too long is refused and forgotten, a bare LF is refused but for old devices; then comes the next line."""

    async def run() -> list[Reply | bytes]:
        wire = await a_wire(lenient=lenient)
        for start in range(0, len(said), 8000):
            wire.data_received(said[start : start + 8000])
        wire.data_received(b"RSET\r\n")
        return [await read(wire), await read(wire)]

    async def read(wire: Wire) -> Reply | bytes:
        try:
            return await wire.line()
        except RefusedError as error:
            return error.reply

    taken = lenient and refusal is lines.NOT_CRLF

    assert [b"NOOP" if taken else refusal, b"RSET"] == asyncio.run(run())
