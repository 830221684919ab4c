"""10,000 clients that connect and are silent, 1,000 that send an octet a second: how long an honest one waits for 250.

`python -m bench.crowd` sends mails of 1 MB from a listed address, first alone and then in the crowd, and prints the
times side by side, with the memory that the gateway takes. Strangers come from many networks; limits are the defaults.
"""

import asyncio
import contextlib
import itertools
import os
import smtplib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from tests.outlasting import unique
from tests.running import ALICE, GatewayProcess, a_mail, gateway_process, surroundings

IDLE, DRIPPING, MAILS = 10_000, 1_000, 100
AT_ONCE = 200
"""Clients that connect at the same time."""
PADDING = 700_000


def strangers() -> Iterator[str]:
    """Loopback addresses, each in a network of its own."""
    for high, low in itertools.product(range(1, 255), range(1, 255)):
        yield f"127.{high}.{low}.9"


async def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="faxgw-bench") as place:
        async with surroundings(Path(place), seconds_to_convert=3600.0) as around:
            text = around.config.read_text().replace("127.0.0.0/8", "127.0.0.1")
            around.config.write_text(text)
            async with gateway_process(around.config) as gateway:
                print(await _measured(gateway))


async def _measured(gateway: GatewayProcess) -> str:
    numbers = (unique(serial, "000") for serial in itertools.count())
    alone = [await asyncio.to_thread(_send, gateway.port, next(numbers)) for _ in range(MAILS)]
    addresses = strangers()
    crowd = await _gathered(gateway.port, [next(addresses) for _ in range(IDLE + DRIPPING)])
    async with asyncio.TaskGroup() as group:
        dripping = group.create_task(_drip([writer for _, writer in crowd[-DRIPPING:]]))
        crowded = [await asyncio.to_thread(_send, gateway.port, next(numbers)) for _ in range(MAILS)]
        memory = await asyncio.to_thread(_memory, gateway.pid)
        dripping.cancel()
    for _, writer in crowd:
        writer.close()
    last, first = quantiles(crowded, n=100)[98], quantiles(alone, n=100)[98]
    return (
        f"idle={IDLE} dripping={DRIPPING} connected={len(crowd)} mails={MAILS} alone_p99_ms={first * 1000:.0f} "
        f"crowded_p99_ms={last * 1000:.0f} ratio={last / first:.1f} rss_MB={memory:.0f}"
    )


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _gathered(port: int, addresses: list[str]) -> list[Line]:
    places = asyncio.Semaphore(AT_ONCE)

    async def come(address: str) -> Line | None:
        async with places:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
        return None

    return [line for line in await asyncio.gather(*map(come, addresses)) if line is not None]


async def _drip(writers: list[asyncio.StreamWriter]) -> None:
    octets = itertools.chain(b"EHLO dripping\r\n", itertools.repeat(ord("x")))
    for octet in octets:
        for writer in writers:
            if not writer.is_closing():
                writer.write(bytes([octet]))
        await asyncio.sleep(1)


def _memory(pid: int) -> float:
    """Its resident memory in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _send(port: int, number: str) -> float:
    mail = a_mail()
    mail["X-Padding"] = "x"
    mail.add_attachment(number.encode() + b"%" * PADDING, maintype="image", subtype="gif", filename="logo.gif")
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.send_message(mail, ALICE, [f"{number}@fax.local"])
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
