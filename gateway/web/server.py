"""Runs uvicorn inside the daemon's event loop: its signals stay the daemon's, and every connection has an end."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

LONGEST_CONNECTION = 30.0
"""Seconds after which a connection is closed, so that nobody holds one by sending a request letter by letter."""

CONNECTIONS = 500
"""At the same time; further ones are answered 503."""

IDLE = 5
"""Seconds that a connection may wait for its next request."""

GRACE = 3
"""Seconds that requests have to end in when we stop."""


def listen(address: str) -> socket.socket:
    """Open a listening socket at "127.0.0.1:8025" or "[::1]:8025"; port 0 is any free one.

    Raises:
        OSError: the address is taken, not ours, or not allowed; its text says which, and why.
    """
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), int(port)), family=family)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while ")[0]
        raise OSError(f"webhook.listen: cannot listen on {address}: {why}") from error


class Server:
    """Serves an application on a listening socket: one of `listen`, or one that systemd opened for us."""

    def __init__(self, application: Starlette, listening: socket.socket) -> None:
        self.port: int = listening.getsockname()[1]
        # Connections inherit it. Without it the second half of an answer waits 40 ms for the other side's word.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listening = listening
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                application,
                http=_Connection,
                ws="none",
                lifespan="on",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=CONNECTIONS,
                timeout_keep_alive=IDLE,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when requests are answered."""
        self._serving = asyncio.create_task(self._uvicorn.serve(sockets=[self._listening]))
        listens = asyncio.create_task(self._uvicorn.listens.wait())
        await asyncio.wait({self._serving, listens}, return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            listens.cancel()
            await self._serving

    async def stop(self) -> None:
        """Take no more requests, let those under way end, and close the socket."""
        if self._serving is None:
            self._listening.close()
            return
        self._uvicorn.should_exit = True
        await self._serving


class _Uvicorn(uvicorn.Server):
    """Leaves the signals alone, and tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none; the daemon does."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.listens.set()


class _Connection(H11Protocol):
    """A connection that ends: at once if nothing is under way by then, else with the answer."""

    def connection_made(self, transport: Any) -> None:
        """Begin, and set the end."""
        super().connection_made(transport)
        self._end = self.loop.call_later(LONGEST_CONNECTION, self._close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the end."""
        self._end.cancel()
        super().connection_lost(exc)

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.shutdown()
