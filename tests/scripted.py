"""An HTTP server on a real socket that answers as its script says, or breaks off, drips and babbles."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import httpx

from gateway.config import FaxPlusSettings
from gateway.faxplus import FaxPlus, TokenSource, http_client
from tests.values import NOW

OURS = "+12025550100"
THEIRS = "+15551234567"


@dataclass
class Received:
    """A request as it came in."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """Without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Decoded."""
        return {key: values[0] for key, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def length(self) -> int:
        """Octets of the body, as announced."""
        return int(self.headers.get("content-length", 0))


Play: TypeAlias = Callable[[Received, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request whose head has been read. A server plays `bytes` as they are, after reading the body."""


@dataclass
class Server:
    """What was asked, and where to ask."""

    url: str = ""
    received: list[Received] = field(default_factory=list)


def answer(status: int, body: object = None, **headers: str) -> bytes:
    """A whole answer; `body` is bytes, or becomes JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    shown = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}", *(f"{k}: {v}" for k, v in shown.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def reset(_request: Received, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Break off without a word, before the body has been read."""
    writer.transport.abort()


async def hang_up(request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the whole request and close without an answer."""
    await reader.readexactly(request.length)
    writer.close()


async def silence(request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Never answer; return when the other side goes."""
    await reader.readexactly(request.length)
    await reader.read()


async def half(request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promise more than is sent."""
    await reader.readexactly(request.length)
    writer.write(answer(201, b'{"ids": {"', Content_Length="5000").replace(b"Content-Length: 10\r\n", b""))
    await writer.drain()
    writer.close()


async def endless(request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body without an end, as fast as it is taken."""
    await reader.readexactly(request.length)
    writer.write(b"HTTP/1.1 201 Said\r\nContent-Type: application/json\r\n\r\n{")
    while not writer.transport.is_closing():
        writer.write(b" " * 65536)
        await writer.drain()


async def dripping(request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body without an end, an octet at a time, so that no pause is ever long."""
    await reader.readexactly(request.length)
    writer.write(b"HTTP/1.1 201 Said\r\nContent-Type: application/json\r\n\r\n{")
    while not writer.transport.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(*script: bytes | Play) -> AsyncIterator[Server]:
    """Serve a script: one entry for each request; the last is repeated."""
    server, plays = Server(), list(script)
    connections: dict[asyncio.Task[Any] | None, asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections[asyncio.current_task()] = writer
        try:
            while not writer.transport.is_closing():
                request = _head(await reader.readuntil(b"\r\n\r\n"))
                server.received.append(request)
                play = plays.pop(0) if len(plays) > 1 else plays[0]
                if callable(play):
                    await play(request, reader, writer)
                    break
                request.body = await reader.readexactly(request.length)
                writer.write(play)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for writer in connections.values():
            writer.transport.abort()
        await asyncio.gather(*filter(None, connections))


def _head(octets: bytes) -> Received:
    first, *lines = octets.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    return Received(
        method, target, {name.lower(): text.strip() for name, _, text in (li.partition(":") for li in lines)}
    )


class FixedToken:
    """A token that is what it is."""

    async def headers(self) -> dict[str, str]:
        """Give it."""
        return {"Authorization": "Bearer alohi_pat_test"}

    async def renew(self) -> bool:
        """There is no other."""
        return False


def settings(url: str, **changed: Any) -> FaxPlusSettings:
    """Settings that lead to a test's server."""
    usual = {"token_file": "unused.token", "from": OURS, "base_url": f"{url}/v3", "request_timeout": "5s"}
    return FaxPlusSettings.model_validate(usual | changed)


@asynccontextmanager
async def faxplus(url: str, token: TokenSource | None = None, **changed: Any) -> AsyncIterator[FaxPlus]:
    """The real client, on its way to a test's server."""
    chosen = settings(url, **changed)
    async with http_client(chosen) as http:
        yield FaxPlus(chosen, http, token or FixedToken(), now=lambda: NOW)


@asynccontextmanager
async def mocked(handler: Callable[[httpx.Request], httpx.Response], **changed: Any) -> AsyncIterator[FaxPlus]:
    """The real client, over a function in place of a network."""
    chosen = settings("http://127.0.0.1:9", **changed)
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http:
        yield FaxPlus(chosen, http, FixedToken(), now=lambda: NOW)
