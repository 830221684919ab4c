"""10,000 webhooks in a burst, true and forged, at a gateway with faxes in flight: how long each waits for its 200.

`python -m bench.webhooks` prints that time beside an idle `/healthz`, and how often the burst made us look at FAX.PLUS.
"""

import asyncio
import json
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from tests.outlasting import unique
from tests.running import WEBHOOK_SECRET, GatewayProcess, gateway_process, send, surroundings

BURST, CLIENTS, FAXES = 10_000, 50, 60


async def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="faxgw-bench") as place:
        async with surroundings(Path(place), speed=1.0, seconds_to_convert=600.0) as around:
            config = around.configure(ask_after="60s")
            config.write_text(config.read_text().replace('level = "info"', 'level = "debug"'))
            async with gateway_process(config) as gateway:
                numbers = [unique(serial, "000") for serial in range(FAXES)]
                await asyncio.to_thread(send, gateway.port, numbers)
                for serial in range(FAXES):
                    await gateway.event("fax.accepted", fax=await _fax(gateway, serial))
                print(await _burst(gateway, [job.id for job in around.account.jobs]))


async def _fax(gateway: GatewayProcess, serial: int) -> str:
    accepted = await gateway.event("mail.accepted")
    return str(accepted["faxes"][serial])


async def _burst(gateway: GatewayProcess, ids: list[str]) -> str:
    port = (await gateway.event("gateway.ready"))["web"]
    idle = await _call(port, iter([_request("GET", "/healthz", "")] * 500))
    path = f"/faxplus/{WEBHOOK_SECRET}"
    requests = iter([_request("POST", path, _body(ids[n % len(ids)] if n % 2 else f"forged{n}")) for n in range(BURST)])
    looks, began = _looks(gateway), time.perf_counter()
    waits = await asyncio.gather(*(_call(port, requests) for _ in range(CLIENTS)))
    seconds = time.perf_counter() - began
    return _line([wait for some in waits for wait in some], idle, seconds, _looks(gateway) - looks)


async def _call(port: int, requests: Iterator[bytes]) -> list[float]:
    """Make one call after the other on one connection, and on a new one when that has come to its end."""
    waits: list[float] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        began = time.perf_counter()
        while not await _answered(reader, writer, request):
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        waits.append(time.perf_counter() - began)
    writer.close()
    return waits


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bool:
    """Whether it was answered 200; False when the connection ended before."""
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return False
    if not head.startswith(b"HTTP/1.1 200"):
        raise ValueError(head)
    length = re.search(rb"(?i)content-length: *([0-9]+)", head)
    await reader.readexactly(int(length[1]) if length else 0)
    return True


def _request(method: str, path: str, body: str) -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def _line(waits: list[float], idle: list[float], seconds: float, looks: int) -> str:
    middle, last = quantiles(waits, n=100)[49::49]
    alone = quantiles(idle, n=100)[49]
    return (
        f"webhooks={len(waits)} clients={CLIENTS} per_second={len(waits) / seconds:.0f} median_ms={middle * 1000:.1f} "
        f"p99_ms={last * 1000:.1f} idle_median_ms={alone * 1000:.1f} ratio={middle / alone:.1f} looks={looks}"
    )


def _looks(gateway: GatewayProcess) -> int:
    return sum(
        str(event.get("path", "")).endswith("/outbox") for event in gateway.events if event.get("method") == "GET"
    )


def _body(id: str) -> str:
    return json.dumps({"hook": {"event": "fax_sent"}, "data": {"id": id, "status": "success"}})


if __name__ == "__main__":
    asyncio.run(main())
