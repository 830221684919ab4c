"""10,000 webhooks in a burst, true and forged, at a gateway with faxes in flight: how long each waits for its 200.

`python -m bench.webhooks` prints that time beside an idle `/healthz`, and how often the burst made us look at FAX.PLUS.
"""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from statistics import quantiles

import httpx

from tests.outlasting import unique
from tests.running import WEBHOOK_SECRET, GatewayProcess, gateway_process, send, surroundings

BURST, CLIENTS, FAXES = 10_000, 16, 60


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
    web = (await gateway.event("gateway.ready"))["web"]
    bodies = iter([_body(ids[n % len(ids)] if n % 2 else f"forged{n}") for n in range(BURST)])
    waits: list[float] = []
    limits = httpx.Limits(max_keepalive_connections=CLIENTS)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{web}", timeout=30, limits=limits) as client:
        idle = [await _timed(client, "GET", "/healthz") for _ in range(500)]
        looks, began = _looks(gateway), time.perf_counter()

        async def caller() -> None:
            for body in bodies:
                waits.append(await _timed(client, "POST", f"/faxplus/{WEBHOOK_SECRET}", body))  # noqa: PERF401  # one list for all

        await asyncio.gather(*(caller() for _ in range(CLIENTS)))
    seconds = time.perf_counter() - began
    return _line(waits, idle, seconds, _looks(gateway) - looks)


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


async def _timed(client: httpx.AsyncClient, method: str, path: str, body: str | None = None) -> float:
    began = time.perf_counter()
    try:
        response = await client.request(method, path, content=body)
    except httpx.ReadError:  # every connection has an end, and this one came to it
        response = await client.request(method, path, content=body)
    response.raise_for_status()
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
