"""Every call on the wire: what it bears, how long it may take, and what each way of going wrong means to a send."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate
from typing import Any

import httpx
import pytest
import trustme

from gateway.faxplus import FaxPlusError, TokenSource, Verdict, http_client
from gateway.faxplus.answers import Call
from gateway.faxplus.exchange import Answer
from gateway.faxplus.wire import Ask, Wire
from tests.scripted import (
    FixedToken,
    Play,
    Server,
    answer,
    dripping,
    endless,
    half,
    hang_up,
    reset,
    serving,
    settings,
    silence,
)
from tests.values import NOW

SEND = Ask(method="POST", path=("accounts", "self", "outbox"), call=Call.ONCE, json={"a": "b"})
READ = Ask(method="GET", path=("accounts", "self", "outbox"))


def asked(
    ask: Ask, *script: bytes | Play, token: TokenSource | None = None, **changed: Any
) -> tuple[Answer | FaxPlusError, Server]:
    """Make a call to a server that plays this script."""

    async def inside() -> tuple[Answer | FaxPlusError, Server]:
        async with serving(*script) as server:
            chosen = settings(server.url, **changed)
            async with http_client(chosen) as http:
                try:
                    return await Wire(chosen, http, token or FixedToken(), lambda: NOW).ask(ask), server
                except FaxPlusError as error:
                    return error, server

    return asyncio.run(inside())


def refused(ask: Ask, *script: bytes | Play, **changed: Any) -> FaxPlusError:
    """Make a call that fails; why."""
    error, _ = asked(ask, *script, **changed)
    assert isinstance(error, FaxPlusError)
    return error


def test_request() -> None:
    """A request bears the token, says what it takes, and nothing that identifies a document."""
    found, server = asked(SEND, answer(200, {}))
    [request] = server.received

    assert isinstance(found, Answer)
    assert ("POST", "/v3/accounts/self/outbox", b'{"a":"b"}') == (request.method, request.target, request.body)
    assert "Bearer alohi_pat_test" == request.headers["authorization"]
    assert ("application/json", "identity") == (request.headers["accept"], request.headers["accept-encoding"])
    assert "x-fax-clientid" not in request.headers


@pytest.mark.parametrize(
    ("step", "target"),
    [
        ("a/b", "a%2Fb"),
        ("..%2f", "..%252f"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("a b", "a%20b"),
        ("\u00fc", "%C3%BC"),
        ("a\\b", "a%5Cb"),
        ("+1555", "%2B1555"),
        ("..a", "..a"),
        ("\ud800", "%3F"),
    ],
)
def test_one_step_of_a_path(step: str, target: str) -> None:
    """Whatever stands in an id stays one step of the path."""
    _, server = asked(Ask(method="GET", path=("accounts", step, "faxes")), answer(200, {}))

    assert f"/v3/accounts/{target}/faxes" == server.received[0].target


@pytest.mark.parametrize("step", ["", ".", "..", "..."])
def test_no_step_of_a_path(step: str) -> None:
    """Nothing and dots are no ids: with them a DELETE would mean the outbox, or the account."""
    found, server = asked(Ask(method="DELETE", path=("accounts", "self", "outbox", step)), answer(200))

    assert isinstance(found, FaxPlusError)
    assert (Verdict.PERMANENT, []) == (found.verdict, server.received)


FAULTS: list[tuple[Play | bytes, str]] = [
    (reset, "the connection to FAX.PLUS broke"),
    (hang_up, "the connection to FAX.PLUS broke"),
    (half, "the connection to FAX.PLUS broke"),
    (silence, "FAX.PLUS did not answer in time"),
    (dripping, "FAX.PLUS did not answer in time"),
    (b"\x00\x01garbage\r\n\r\n", "the connection to FAX.PLUS broke"),
    (b"HTTP/1.1 2000 Much\r\n\r\n", "the connection to FAX.PLUS broke"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "the connection to FAX.PLUS broke"),
    (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", "the connection to FAX.PLUS broke"),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_faults_on_the_wire(fault: Play | bytes, words: str) -> None:
    """After each of these nobody knows whether a send was carried out; a read is simply made again."""
    sending = refused(SEND, fault, request_timeout="300ms")

    assert Verdict.UNCERTAIN is sending.verdict
    assert sending.words.startswith(words)
    assert Verdict.TEMPORARY is refused(READ, fault, request_timeout="300ms").verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (302, Verdict.UNCERTAIN),
        (400, Verdict.PERMANENT),
        (401, Verdict.TEMPORARY),
        (402, Verdict.TEMPORARY),
        (403, Verdict.TEMPORARY),
        (404, Verdict.TEMPORARY),
        (408, Verdict.UNCERTAIN),
        (409, Verdict.UNCERTAIN),
        (413, Verdict.PERMANENT),
        (429, Verdict.TEMPORARY),
        (499, Verdict.UNCERTAIN),
        (500, Verdict.UNCERTAIN),
        (502, Verdict.UNCERTAIN),
        (503, Verdict.UNCERTAIN),
    ],
)
def test_refusals_of_a_send(status: int, verdict: Verdict) -> None:
    """A status on the wire means what the table says, with FAX.PLUS's own words and its wish to be left alone."""
    error = refused(SEND, answer(status, {"error": "code"}, Retry_After="7", Location="http://127.0.0.1:9/"))

    assert (verdict, status, "code", 7.0) == (error.verdict, error.status, error.code, error.retry_after)


@pytest.mark.parametrize("ahead", [-5400, 0, 5400])
def test_wait_until_a_time_of_theirs(ahead: int) -> None:
    """A time in Retry-After is by the clock that the same answer tells, and not by ours."""
    theirs = NOW + ahead
    script = answer(429, Date=formatdate(theirs, usegmt=True), Retry_After=formatdate(theirs + 7, usegmt=True))

    assert 7.0 == refused(SEND, script).retry_after


def test_nothing_is_repeated() -> None:
    """No fault and no status makes the wire send twice by itself."""
    for script in (reset, hang_up, half, answer(500), answer(429), answer(401), answer(308, Location="/v3/x")):
        _, server = asked(SEND, script)

        assert 1 == len(server.received)


def test_connection_kept_alive_that_is_gone() -> None:
    """A request on a connection that the server has just closed is in doubt, not silently made again."""

    async def inside() -> tuple[FaxPlusError, int]:
        async def once(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(request.length)
            writer.write(answer(200, {}))
            await reader.readuntil(b"\r\n\r\n")  # the second request's head arrives, and the server goes
            server.received.append(request)

        async with serving(once) as server, http_client(settings(server.url)) as http:
            wire = Wire(settings(server.url), http, FixedToken(), lambda: NOW)
            await wire.ask(SEND)
            with pytest.raises(FaxPlusError) as caught:
                await wire.ask(SEND)
            return caught.value, len(server.received)

    error, received = asyncio.run(inside())

    assert (Verdict.UNCERTAIN, 2) == (error.verdict, received)


def test_nobody_listens() -> None:
    """Where no connection comes about, a send was surely not carried out."""

    async def inside() -> FaxPlusError:
        async with serving(answer(200)) as server:
            gone = settings(server.url)
        async with http_client(gone) as http:
            with pytest.raises(FaxPlusError) as caught:
                await Wire(gone, http, FixedToken(), lambda: NOW).ask(SEND)
            return caught.value

    error = asyncio.run(inside())

    assert (Verdict.TEMPORARY, None, False) == (error.verdict, error.status, error.operator)
    assert error.words.startswith("FAX.PLUS cannot be reached")


def test_certificate_of_nobody() -> None:
    """To a server with a certificate that nobody vouches for nothing is sent, token included."""

    async def inside() -> tuple[FaxPlusError, int]:
        certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(certificate)
        heads = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal heads
            heads += bool(await reader.read())
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=certificate)
        port = server.sockets[0].getsockname()[1]
        chosen = settings(f"https://127.0.0.1:{port}")
        async with server, http_client(chosen) as http:
            with pytest.raises(FaxPlusError) as caught:
                await Wire(chosen, http, FixedToken(), lambda: NOW).ask(SEND)
            return caught.value, heads

    error, heads = asyncio.run(inside())

    assert (Verdict.TEMPORARY, 0) == (error.verdict, heads)
    assert "certificate" in error.words.lower()


def test_full_house() -> None:
    """A send that finds no free connection in time was surely not carried out."""

    async def inside() -> FaxPlusError:
        arrived = asyncio.Event()

        async def holding(_request: object, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            arrived.set()
            await reader.read()

        async with serving(holding) as server:
            chosen = settings(server.url, request_timeout="600ms")
            async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as http:
                wire = Wire(chosen, http, FixedToken(), lambda: NOW)
                first = asyncio.create_task(wire.ask(READ))
                await arrived.wait()
                with pytest.raises(FaxPlusError) as caught:
                    await wire.ask(SEND)
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)
                return caught.value

    error = asyncio.run(inside())

    assert Verdict.TEMPORARY is error.verdict
    assert error.words.startswith("too many requests")


def test_deadline_is_hard() -> None:
    """An answer that never pauses and never ends is over at the deadline; no pause between octets was ever long."""

    async def inside() -> float:
        async with serving(dripping) as server:
            chosen = settings(server.url, request_timeout="300ms")
            async with http_client(chosen) as http:
                begun = asyncio.get_running_loop().time()
                with pytest.raises(FaxPlusError):
                    await Wire(chosen, http, FixedToken(), lambda: NOW).ask(SEND)
                return asyncio.get_running_loop().time() - begun

    assert 0.28 <= asyncio.run(inside()) < 2.0


def test_deadline_covers_the_token() -> None:
    """A token source that never answers ends at the deadline as well."""

    class Slow(FixedToken):
        async def headers(self) -> dict[str, str]:
            await asyncio.Event().wait()
            return {}

    error, server = asked(SEND, answer(200), token=Slow(), request_timeout="100ms")

    assert isinstance(error, FaxPlusError)
    assert 0 == len(server.received)


class Renewing(FixedToken):
    """A token that can be renewed, or was renewed by somebody else."""

    def __init__(self, *, by_another: bool = False, to: bool = True) -> None:
        self.asked = 0
        self.renewed = 0
        self._by_another = by_another
        self._to = to

    async def headers(self) -> dict[str, str]:
        """Give the token of now."""
        self.asked += 1
        new = self.renewed or (self._by_another and self.asked > 1)
        return {"Authorization": "Bearer new" if new else "Bearer old"}

    async def renew(self) -> bool:
        """Get a new one, if there is one."""
        self.renewed += self._to
        return self._to


@pytest.mark.parametrize("ask", [SEND, READ])
def test_renewed_token(ask: Ask) -> None:
    """A 401 means that nothing was done: the call is made once more with a new token, and no third time."""
    token = Renewing()
    found, server = asked(ask, answer(401), answer(200, {}), token=token)

    assert isinstance(found, Answer)
    assert ["Bearer old", "Bearer new"] == [request.headers["authorization"] for request in server.received]
    assert 1 == token.renewed
    again, server = asked(ask, answer(401), token=Renewing())
    assert isinstance(again, FaxPlusError)
    assert (True, 401, 2) == (again.operator, again.status, len(server.received))


def test_token_renewed_by_another() -> None:
    """When there is another token already, nobody renews it a second time."""
    token = Renewing(by_another=True)
    found, server = asked(READ, answer(401), answer(200, {}), token=token)

    assert isinstance(found, Answer)
    assert (0, "Bearer new") == (token.renewed, server.received[1].headers["authorization"])


def test_no_other_token() -> None:
    """A personal token that is refused is the operator's matter at once."""
    error, server = asked(SEND, answer(401), token=Renewing(to=False))

    assert isinstance(error, FaxPlusError)
    assert (Verdict.TEMPORARY, True, 1) == (error.verdict, error.operator, len(server.received))


def test_no_token_at_all() -> None:
    """Without a token nothing leaves, and the token's own error is passed on."""

    class Empty(FixedToken):
        async def headers(self) -> dict[str, str]:
            raise FaxPlusError(Verdict.TEMPORARY, "the file is empty", operator=True)

    error, server = asked(SEND, answer(200), token=Empty())

    assert isinstance(error, FaxPlusError)
    assert ("the file is empty", 0) == (error.words, len(server.received))


def test_content_is_made_anew() -> None:
    """The body of an upload is made a second time when the token had expired."""
    made = 0

    def content() -> AsyncIterator[bytes]:
        nonlocal made
        made += 1

        async def chunks() -> AsyncIterator[bytes]:
            yield b"abc"

        return chunks()

    upload = Ask(method="POST", path=("files",), content=content, headers={"Content-Length": "3"})
    _, server = asked(upload, answer(401), answer(200, {}), token=Renewing())

    assert (2, [b"abc", b"abc"]) == (made, [request.body for request in server.received])
    assert all("transfer-encoding" not in request.headers for request in server.received)


def test_refusal_before_the_body_is_sent() -> None:
    """A server that answers 413 before it has read everything is understood."""

    async def early(_request: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(answer(413, {"error": "payload_too_large"}, Connection="close"))
        await writer.drain()
        await reader.read(-1)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield bytes(10_000)

    upload = Ask(method="POST", path=("files",), content=chunks, headers={"Content-Length": "200000"})

    error = refused(upload, early)

    assert (413, Verdict.PERMANENT) == (error.status, error.verdict)


def test_cancelled_is_cancelled() -> None:
    """A task that is stopped stops; nothing is made of it."""

    async def inside() -> None:
        arrived = asyncio.Event()

        async def holding(_request: object, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            arrived.set()
            await reader.read()

        async with serving(holding) as server, http_client(settings(server.url)) as http:
            sending = asyncio.create_task(Wire(settings(server.url), http, FixedToken(), lambda: NOW).ask(SEND))
            await arrived.wait()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending

    asyncio.run(inside())


def test_client() -> None:
    """The client follows nothing, stays with HTTP/1.1, and has a connection for each fax and some to spare."""

    async def inside() -> Callable[[], httpx.AsyncClient]:
        async with http_client(settings("http://127.0.0.1:9", at_once=7)) as http:
            assert not http.follow_redirects
            pool = http._transport._pool  # type: ignore[attr-defined]  # nothing public tells it
            assert (True, False, 11) == (pool._http1, pool._http2, pool._max_connections)
            assert http.timeout.connect is not None
            assert http.timeout.pool is not None
            assert http.timeout.connect + http.timeout.pool < 5.0
        return lambda: http

    asyncio.run(inside())


def test_endless_body() -> None:
    """A body that is too long is no answer; the caller learns why."""
    found, _ = asked(READ, endless)

    assert isinstance(found, Answer)
    assert "it is longer than 10000000 octets" == found.fault
