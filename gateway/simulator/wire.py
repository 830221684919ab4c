"""Where faults happen: between the application and the connection, which can really be cut under uvicorn."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from typing import Any

import httpx
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.simulator.faults import Fault, Faults

TRANSPORT = "simulator.transport"
"""The ASGI extension under which a request finds its connection."""
CHUNK = b'{"endless": "' + b"x" * 65_536
ENOUGH = 256
"""Chunks of an endless answer where there is no real connection that somebody could close: 16 MiB."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: closing sends RST (socket(7))."""
UNTOUCHED = "/_simulator"


class CutError(httpx.ReadError):
    """The connection is cut. Through httpx.ASGITransport the client sees just this."""


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 whose requests can get at their connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the parent
        """Wrap the application for this connection."""
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = with_transport


class FaultyWire:
    """ASGI middleware that lets ordered faults happen. The control interface is spared."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or let it be befallen."""
        spared = scope["type"] != "http" or scope["path"].startswith(UNTOUCHED)
        fault = None if spared else self._faults.pick(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._befall(fault, scope, receive, send)

    async def _befall(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "reset":
                await _cut(scope, receive, reset=True)
            case "lost_answer":
                await self._app(scope, receive, _Answer().take)
                await _hold(receive, fault.seconds)
                await _cut(scope, receive, reset=False)
            case "status":
                await self._status(fault, scope, receive, send)
            case "slow":
                receive = await _received(receive)
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case "endless":
                await _endless(scope, send)
            case "malformed":
                await self._changed(_broken_off, scope, receive, send)
            case "wrong_types":
                await self._changed(_twisted, scope, receive, send)

    async def _status(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.work_done:
            await self._app(scope, receive, _Answer().take)
        headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
        content = {"error": "simulated_fault", "description": f"The simulator was told to answer {fault.status}"}
        await JSONResponse(content, fault.status, headers)(scope, receive, send)

    async def _changed(self, change: Callable[[bytes], bytes], scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work and answer with something else."""
        answer = _Answer()
        await self._app(scope, receive, answer.take)
        body = change(answer.body)
        headers = [(key, value) for key, value in answer.headers if key != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": answer.status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})


class _Answer:
    """Takes an answer in place of the connection."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def take(self, message: Message) -> None:
        """Keep a part of the answer; in place of an ASGI `send`."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


async def _received(receive: Receive) -> Receive:
    """Take the whole request now; what stands in place of `receive` from then on."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    messages.reverse()

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


async def _gone(receive: Receive) -> None:
    """Wait until the connection is closed."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hold(receive: Receive, seconds: float) -> None:
    """Wait, but not longer than the client does."""
    try:
        async with asyncio.timeout(seconds):
            await _gone(receive)
    except TimeoutError:
        pass


async def _cut(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Cut the connection, with an RST or without.

    Raises:
        CutError: there is no real connection.
    """
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        raise CutError("the simulator cut the connection")
    if reset and not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()
    await _gone(receive)


async def _endless(scope: Scope, send: Send) -> None:
    """Answer until the client closes the connection."""
    transport = scope.get("extensions", {}).get(TRANSPORT)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    sent = 0
    while sent < ENOUGH if transport is None else not transport.is_closing():
        await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        await asyncio.sleep(0)
        sent += 1
    await send({"type": "http.response.body", "body": b""})


def _broken_off(body: bytes) -> bytes:
    return body[: len(body) // 2] or b"{"


def _twisted(body: bytes) -> bytes:
    """Give every value in the JSON another type, and keep its structure."""
    return json.dumps(_other(json.loads(body or b"{}"))).encode()


def _other(value: object) -> object:
    match value:
        case dict():
            return {key: _other(inner) for key, inner in value.items()}
        case list():
            return [_other(inner) for inner in value]
        case str():
            return 17
        case bool():
            return "perhaps"
        case int() | float():
            return {"amount": str(value)}
        case _:
            return []
