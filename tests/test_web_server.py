"""Uvicorn inside our own event loop: starts, stops, leaves signals alone, and holds no connection for ever."""

import asyncio
import signal
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.web import server
from gateway.web.server import Server, listen


async def hello(request: Request) -> PlainTextResponse:
    """Say hello."""
    return PlainTextResponse("hello")


def application() -> Starlette:
    """Something to serve."""
    return Starlette(routes=[Route("/", hello)])


async def get(serving: Server) -> httpx.Response:
    """Ask it."""
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{serving.port}/")


def test_serves_between_start_and_stop() -> None:
    """It answers once `start` has returned, on the port that it reports, and no longer after `stop`."""

    async def run() -> str:
        serving = Server(application(), listen("127.0.0.1:0"))
        await serving.start()
        text = (await get(serving)).text
        await serving.stop()
        with pytest.raises(httpx.ConnectError):
            await get(serving)
        return text

    assert "hello" == asyncio.run(run())


def test_says_nothing_about_itself() -> None:
    """No Server header tells a stranger what to try."""

    async def run() -> httpx.Response:
        serving = Server(application(), listen("127.0.0.1:0"))
        await serving.start()
        response = await get(serving)
        await serving.stop()
        return response

    assert "server" not in asyncio.run(run()).headers


def test_leaves_signals_alone() -> None:
    """Stopping is the daemon's decision: its handlers stay in place."""

    async def run() -> object:
        serving = Server(application(), listen("127.0.0.1:0"))
        await serving.start()
        handler = signal.getsignal(signal.SIGTERM)
        await serving.stop()
        return handler

    assert signal.getsignal(signal.SIGTERM) == asyncio.run(run())


def test_takes_a_socket_that_others_opened() -> None:
    """As systemd hands it over."""

    async def run() -> int:
        opened = socket.create_server(("127.0.0.1", 0))
        serving = Server(application(), opened)
        await serving.start()
        response = await get(serving)
        await serving.stop()
        return response.status_code

    assert 200 == asyncio.run(run())


def test_listens_on_ipv6() -> None:
    """Brackets as in the configuration."""
    with listen("[::1]:0") as opened:
        assert "::1" == opened.getsockname()[0]


def test_a_taken_address_is_an_error_of_the_caller() -> None:
    """Not the end of the process; the setting, the address and the reason are named."""
    with listen("127.0.0.1:0") as opened:
        address = f"127.0.0.1:{opened.getsockname()[1]}"
        with pytest.raises(OSError, match=f"^webhook.listen: cannot listen on {address}: Address already in use$"):
            listen(address)


def test_stops_before_it_has_started() -> None:
    """The socket is closed all the same."""
    opened = listen("127.0.0.1:0")
    asyncio.run(Server(application(), opened).stop())

    assert -1 == opened.fileno()


def test_a_start_that_fails_says_why() -> None:
    """An error on the way is raised by `start`, not lost in a task."""

    async def run() -> None:
        opened = listen("127.0.0.1:0")
        serving = Server(application(), opened)
        opened.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            await serving.start()

    asyncio.run(run())


@pytest.mark.parametrize(
    "beginning", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]
)
def test_every_connection_has_an_end(beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silent, letter by letter or idle after its answer: after its time it is closed."""
    monkeypatch.setattr(server, "LONGEST_CONNECTION", 0.1)

    async def run() -> bytes:
        serving = Server(application(), listen("127.0.0.1:0"))
        await serving.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
        writer.write(beginning)
        async with asyncio.timeout(3):
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        await serving.stop()
        return answer

    assert beginning.endswith(b"\r\n\r\n") == asyncio.run(run()).endswith(b"hello")


def test_what_is_under_way_gets_its_answer() -> None:
    """A connection whose time is over in the middle of a request ends behind the answer, an idle one at once."""
    serving: Server

    def end() -> None:
        for connection in list(serving._uvicorn.server_state.connections):
            connection._close()  # type: ignore[union-attr]  # they are all of our own kind

    async def slow(request: Request) -> PlainTextResponse:
        end()
        end()
        return PlainTextResponse("late")

    async def run() -> bytes:
        nonlocal serving
        serving = Server(Starlette(routes=[Route("/", slow)]), listen("127.0.0.1:0"))
        await serving.start()
        idle = await asyncio.open_connection("127.0.0.1", serving.port)
        busy = await asyncio.open_connection("127.0.0.1", serving.port)
        busy[1].write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await idle[0].read() + await busy[0].read()
        for _, writer in (idle, busy):
            writer.close()
            await writer.wait_closed()
        await serving.stop()
        return answer

    assert asyncio.run(run()).endswith(b"\r\n\r\nlate")


def test_junk_is_refused_and_changes_nothing() -> None:
    """What is not HTTP gets 400; the next request is answered."""

    async def run() -> tuple[bytes, int]:
        serving = Server(application(), listen("127.0.0.1:0"))
        await serving.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
        writer.write(b"EHLO spammer\r\n\x00\x01\r\n\r\n")
        answer = await reader.readline()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        response = await get(serving)
        await serving.stop()
        return answer, response.status_code

    assert (b"HTTP/1.1 400 Bad Request\r\n", 200) == asyncio.run(run())
