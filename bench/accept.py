"""How many mails a second are taken for good, beside aiosmtpd as it comes with a handler that only syncs them.

`python -m bench.accept` sends mails with PDFs of several sizes in 20 sessions to each, one after the other, and prints
the ratios. The gateway reads, inspects and commits what the other only writes; FAX.PLUS is away, so nothing is sent.
"""

import asyncio
import base64
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable
from pathlib import Path

from gateway.samples import LETTER
from tests.outlasting import free_port, unique
from tests.running import gateway_process, surroundings

SESSIONS = 20
SIZES = {10_000: 600, 300_000: 300, 5_000_000: 40}
"""Octets of the PDF, and how many mails of that size."""


async def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="faxgw-bench") as place:
        bare = await _bare(Path(place))
        ours = await _ours(Path(place))
    for size, count in SIZES.items():
        print(
            f"pdf_kB={size // 1000} mails={count} sessions={SESSIONS} ours_per_s={count / ours[size]:.0f} "
            f"bare_per_s={count / bare[size]:.0f} ratio={bare[size] / ours[size]:.2f}"
        )


async def _ours(place: Path) -> dict[int, float]:
    async with surroundings(place) as around:
        text = around.config.read_text().replace(around.faxplus, f"http://127.0.0.1:{free_port()}/v3")
        around.config.write_text(text)
        async with gateway_process(around.config) as gateway:
            return {size: await _timed(gateway.port, size, count) for size, count in SIZES.items()}


async def _bare(place: Path) -> dict[int, float]:
    (place / "bare").mkdir()
    command = sys.executable, "-m", "bench.bare", str(place / "bare")
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout is not None  # noqa: S101  # it was asked for
    port = int(await process.stdout.readline())
    try:
        return {size: await _timed(port, size, count) for size, count in SIZES.items()}
    finally:
        process.kill()
        await process.wait()


async def _timed(port: int, size: int, count: int) -> float:
    """Send so many mails; the seconds it took."""
    serials = iter(range(count))
    began = time.perf_counter()
    await asyncio.gather(*(_session(port, size, lambda: next(serials, None)) for _ in range(SESSIONS)))
    return time.perf_counter() - began


async def _session(port: int, size: int, next_serial: Callable[[], int | None]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    await _said(reader, b"220")
    await _command(reader, writer, b"EHLO bench", b"250")
    while (serial := next_serial()) is not None:
        await _command(reader, writer, b"MAIL FROM:<alice@example.org>", b"250")
        await _command(reader, writer, f"RCPT TO:<{unique(serial, '000')}@fax.local>".encode(), b"250")
        await _command(reader, writer, b"DATA", b"354")
        await _command(reader, writer, _mail(size, serial) + b"\r\n.", b"250")
    await _command(reader, writer, b"QUIT", b"221")
    writer.close()


async def _command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: bytes, code: bytes) -> None:
    writer.write(line + b"\r\n")
    await writer.drain()
    await _said(reader, code)


async def _said(reader: asyncio.StreamReader, code: bytes) -> None:
    while (line := await reader.readline())[3:4] == b"-":
        pass
    if not line.startswith(code):
        raise ValueError(line)


def _mail(size: int, serial: int) -> bytes:
    """A mail with a PDF of about that size that no other mail has."""
    body = base64.encodebytes(_padded(LETTER.read_bytes(), size, serial)).replace(b"\n", b"\r\n")
    return (
        b"Subject: bench\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + body
    )


def _padded(document: bytes, size: int, serial: int) -> bytes:
    """A PDF made larger by a comment before its table, which is still found (ISO 32000-1, 7.5.5)."""
    head, end = document.rsplit(b"startxref\n", 1)
    place = int(end.split()[0])
    padding = b"%%%d %s\n" % (serial, b"x" * max(0, size - len(document)))
    return head[:place] + padding + head[place:] + b"startxref\n%d\n%%%%EOF\n" % (place + len(padding))


if __name__ == "__main__":
    asyncio.run(main())
