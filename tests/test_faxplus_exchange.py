"""One request and its answer, against answers that are too long, compressed, broken off or elsewhere."""

import asyncio
import gzip
import tracemalloc

import httpx
import pytest

from gateway.faxplus.exchange import LONGEST, LONGEST_REFUSAL, Answer, exchange, parse
from tests.scripted import Play, answer, endless, half, serving


def answered(*script: bytes | Play, longest: int = LONGEST) -> Answer:
    """Ask a server that plays this script."""

    async def ask() -> Answer:
        async with serving(*script) as server, httpx.AsyncClient() as http:
            return await exchange(http, http.build_request("GET", server.url), longest)

    return asyncio.run(ask())


def test_whole_answer() -> None:
    """Status, headers and body are as they were sent."""
    found = answered(answer(201, {"a": 1}, X_Request="7"))

    assert (201, "7", b'{"a": 1}', "") == (found.status, found.headers["x-request"], found.body, found.fault)
    assert found.good
    assert {"a": 1} == found.json()


@pytest.mark.parametrize(
    "kind", ["application/json", "application/problem+json; charset=utf-8", "Application/JSON", ""]
)
def test_json(kind: str) -> None:
    """JSON is read under each of its names, and without a name."""

    assert [] == answered(answer(200, b"[]", Content_Type=kind)).json()


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/plain", "application/octet-stream", "nonsense"])
def test_json_under_a_wrong_name(kind: str) -> None:
    """Servers send JSON under their default name; what reads as JSON and says something is no login page."""

    assert {"ids": {}} == answered(answer(200, b'{"ids": {}}', Content_Type=kind)).json()


@pytest.mark.parametrize(
    "script",
    [
        answer(200, b"<html>", Content_Type="text/html"),
        answer(200, b"{}", Content_Type="text/html"),
        answer(200, b"{"),
        answer(200, b""),
        answer(204),
        answer(200, b"\xff"),
        answer(200, b"[" * 5000),
        answer(200, gzip.compress(b"{}"), Content_Encoding="gzip"),
        answer(200, b"{}", Content_Encoding="br"),
    ],
)
def test_no_json(script: bytes) -> None:
    """A login page, half an answer and a compressed one are not JSON."""
    with pytest.raises(ValueError, match=r"\w"):
        answered(script).json()


def test_gzip_bomb() -> None:
    """What is compressed is not unpacked, so it cannot swell."""
    bomb = answer(200, gzip.compress(bytes(30_000_000)), Content_Encoding="gzip")
    tracemalloc.start()
    found = answered(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "it is compressed, which we did not ask for" == found.fault
    assert peak < 5_000_000


def test_endless_answer() -> None:
    """It is cut off where it becomes too long, and is no longer an answer."""
    found = answered(endless, longest=300_000)

    assert (b"", "it is longer than 300000 octets") == (found.body, found.fault)


def test_exactly_as_long_as_allowed() -> None:
    """The limit itself is allowed."""

    assert "" == answered(answer(200, bytes(1000)), longest=1000).fault
    assert "it is longer than 999 octets" == answered(answer(200, bytes(1000)), longest=999).fault


def test_long_refusal() -> None:
    """Of a refusal the status counts: a body without an end is left alone."""
    found = answered(answer(413, bytes(LONGEST_REFUSAL + 1)))

    assert (413, b"") == (found.status, found.body)


async def broken_refusal(request: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promise a body that never comes."""
    writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 50\r\n\r\n{")
    await writer.drain()
    writer.close()


def test_broken_refusal() -> None:
    """A refusal whose body breaks off is still that refusal."""

    assert 403 == answered(broken_refusal).status


def test_half_answer() -> None:
    """Of a 2xx nothing is missing, or there is none."""
    with pytest.raises(httpx.RemoteProtocolError):
        answered(half)


def test_redirect_is_an_answer() -> None:
    """Nobody goes where an answer points, not even with a client that would."""

    async def ask() -> tuple[int, int]:
        async with (
            serving(answer(308, Location="/elsewhere")) as server,
            httpx.AsyncClient(follow_redirects=True) as http,
        ):
            found = await exchange(http, http.build_request("GET", server.url))
            return found.status, len(server.received)

    assert (308, 1) == asyncio.run(ask())


def test_parse_keeps_big_numbers() -> None:
    """Numbers of any size and infinities are read, so that one odd value does not spoil a whole answer."""

    assert [10**40, float("inf")] == parse(b"[1" + b"0" * 40 + b", Infinity]")
