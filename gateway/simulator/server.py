"""The simulator on a socket: serves the API with uvicorn in the current event loop and makes the webhook calls."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
import structlog
import uvicorn

from gateway.simulator.account import Account
from gateway.simulator.app import ROOT, app
from gateway.simulator.faults import Faults
from gateway.simulator.settings import SimulatorSettings
from gateway.simulator.webhooks import Call
from gateway.simulator.wire import CuttableProtocol

log = structlog.get_logger()

TICK = 0.05
"""Seconds between looks for webhooks that are due."""
CALL_TIMEOUT = 10.0
"""Seconds that the receiver of a webhook may take."""


async def serve(
    host: str, port: int, settings: SimulatorSettings, *, listening: Callable[[str], None] = lambda _base_url: None
) -> None:
    """Serve until cancelled; `listening` is told the base URL once requests are taken.

    Raises:
        OSError: the address cannot be listened on.
    """
    async with running(settings, host=host, port=port) as base_url:
        listening(base_url)
        await asyncio.Event().wait()


@asynccontextmanager
async def running(
    settings: SimulatorSettings | None = None,
    *,
    account: Account | None = None,
    faults: Faults | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[str]:
    """Run a simulator, give its base URL such as http://127.0.0.1:8900/v3, and stop it.

    Whoever wants to look inside passes an `account` (`settings` are then its own) and `faults`.

    Raises:
        OSError: the address cannot be listened on.
    """
    if account is None:
        chance = random.Random()  # noqa: S311  # draws nuisances, not secrets
        account = Account(settings or SimulatorSettings(), now=time.time, chance=chance)
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    server = _Server(account, faults)
    tasks = [asyncio.create_task(server.serve(sockets=[listener])), asyncio.create_task(make_calls(account))]
    try:
        await server.listening.wait()
        yield f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}{ROOT}"
    finally:
        server.stop()
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def make_calls(account: Account) -> None:
    """Make every webhook call when it is due, until cancelled. Nobody is called again."""
    async with (
        httpx.AsyncClient(timeout=CALL_TIMEOUT, follow_redirects=False, trust_env=False) as client,
        asyncio.TaskGroup() as group,
    ):
        while True:
            for call in account.calls_due(account.now()):
                group.create_task(_make(call, client))
            await asyncio.sleep(TICK)


async def _make(call: Call, client: httpx.AsyncClient) -> None:
    fax, status = call.body["data"]["id"], call.body["data"]["status"]
    try:
        answer = await client.post(call.target, json=call.body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("webhook.failed", fax=fax, reason=type(error).__name__)
    else:
        log.info("webhook.called", fax=fax, status=status, answer=answer.status_code)


class _Server(uvicorn.Server):
    """A uvicorn that says when it listens, leaves signals to its host, and stops at once."""

    def __init__(self, account: Account, faults: Faults | None) -> None:
        super().__init__(
            uvicorn.Config(
                app(account, faults),
                http=CuttableProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signals: they belong to the program around."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.listening.set()

    def stop(self) -> None:
        """Stop serving; whoever is still connected is cut off."""
        self.should_exit = True
        for connection in list(self.server_state.connections):
            connection.transport.abort()
