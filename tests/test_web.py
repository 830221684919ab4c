"""The web door over a real socket: the right address always gets 200, every other one 404, and hints go on once."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from structlog.testing import capture_logs

from gateway import web
from gateway.web import health, hints, webhook

SECRET = "0f8fad5bd9cb469fa165"
ADDRESS = f"/faxplus/{SECRET}"
GONE = (404, "nothing here\n")


class Named(NamedTuple):
    """A hint, as the reader of bodies makes it."""

    ids: tuple[str, ...]


def read(body: bytes) -> Named | None:
    """A reader as strict as may be: raises on whatever is not as expected."""
    return Named(tuple(json.loads(body)["ids"]))


async def ready() -> str | None:
    """All is well."""
    return None


class Worker:
    """Remembers what was hurried."""

    def __init__(self) -> None:
        self.hurried: list[Named] = []
        self._arrived = asyncio.Event()

    async def hurry(self, hint: Named) -> None:
        """Note it."""
        self.hurried.append(hint)
        self._arrived.set()

    async def seen(self, count: int) -> list[Named]:
        """All hints, as soon as there are so many."""
        while len(self.hurried) < count:
            await self._arrived.wait()
            self._arrived.clear()
        return self.hurried


def door(worker: Worker, **changed: object) -> Starlette:
    """The application as most tests want it."""
    usual: dict[str, object] = {"secret": SECRET, "read": read, "hurry": worker.hurry, "ready": ready}
    return web.app(**usual | changed)  # type: ignore[arg-type]  # each test knows what it changes


@asynccontextmanager
async def served(application: Starlette) -> AsyncIterator[tuple[httpx.AsyncClient, int]]:
    """A client of the application on a real socket, and its port."""
    server = web.Server(application, web.listen("127.0.0.1:0"))
    await server.start()
    limits = httpx.Limits(max_connections=20)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", limits=limits) as client:
            yield client, server.port
    finally:
        await server.stop()


def answers(application: Starlette, *requests: tuple[str, str, bytes]) -> list[tuple[int, str]]:
    """What each request (method, path, body) is answered, in turn."""

    async def run() -> list[tuple[int, str]]:
        async with served(application) as (client, _):
            responses = [await client.request(method, path, content=body) for method, path, body in requests]
            return [(response.status_code, response.text) for response in responses]

    return asyncio.run(run())


def body(*ids: str) -> bytes:
    """A webhook's body that names these ids."""
    return json.dumps({"ids": ids}).encode()


def test_a_webhook_hurries_its_fax() -> None:
    """The hint goes on, and the answer is an empty 200."""
    worker = Worker()

    async def run() -> tuple[int, bytes, list[Named]]:
        async with served(door(worker)) as (client, _):
            response = await client.post(ADDRESS, content=body("a", "b"))
            return response.status_code, response.content, await worker.seen(1)

    assert (200, b"", [Named(("a", "b"))]) == asyncio.run(run())


JUNK = {
    "nothing": b"",
    "not JSON": b"hello",
    "not UTF-8": b"\xff\xfe{",
    "another shape": b'{"ids": 7}',
    "no hint in it": b'{"hook": {}}',
    "deep": b"[" * 60_000,
    "deep objects": b'{"ids":' * 9_000,
    "a huge number": b'{"ids": ' + b"9" * 60_000 + b"}",
    "NaN": b'{"ids": NaN}',
}


def test_junk_is_answered_200_and_counted() -> None:
    """Whatever the body of the right address: 200, a count, a log event without the body, and nothing is hurried."""
    worker = Worker()
    application = door(worker)
    with capture_logs() as logs:
        answered = answers(application, *(("POST", ADDRESS, junk) for junk in JUNK.values()))

    assert dict.fromkeys(JUNK, (200, "")) == dict(zip(JUNK, answered, strict=True))
    assert len(JUNK) == application.state.webhooks.unreadable
    assert [
        {"event": "webhook.unreadable", "log_level": "warning", "size": len(junk)} for junk in JUNK.values()
    ] == logs
    assert [] == worker.hurried


@given(st.lists(st.binary(max_size=300), min_size=20, max_size=20))
@settings(max_examples=5, deadline=None)
def test_no_body_changes_the_answer(bodies: list[bytes]) -> None:
    """Random bytes get the same 200 as everything else."""
    answered = answers(door(Worker()), *(("POST", ADDRESS, junk) for junk in bodies))

    assert [(200, "")] * 20 == answered


def test_an_oversized_body_is_cut() -> None:
    """64 kB are read and no more; the answer is 200 all the same, and the connection ends."""
    worker = Worker()
    application = door(worker)

    async def run() -> httpx.Response:
        async with served(application) as (client, _):
            return await client.post(ADDRESS, content=body("a") + b" " * webhook.LONGEST_BODY)

    response = asyncio.run(run())

    assert (200, "close") == (response.status_code, response.headers["connection"])
    assert 1 == application.state.webhooks.unreadable
    assert [] == worker.hurried


def test_a_body_of_64_kilobytes_is_read() -> None:
    """The limit itself is within the limit."""
    application = door(Worker())
    answers(application, ("POST", ADDRESS, body("a").ljust(webhook.LONGEST_BODY)))

    assert (1, 0) == (application.state.webhooks.received, application.state.webhooks.unreadable)


STRANGE = [
    ("POST", "/"),
    ("POST", "/faxplus"),
    ("POST", "/faxplus/"),
    ("POST", "/faxplus/wrong"),
    ("POST", f"{ADDRESS}/"),
    ("POST", f"{ADDRESS}x"),
    ("POST", f"/faxplus/{SECRET[:-1]}"),
    ("POST", f"/faxplus/{SECRET.upper()}"),
    ("POST", f"/FAXPLUS/{SECRET}"),
    ("POST", "/faxplus/%ff%00%ed%b2%80"),
    ("POST", "/faxplus/" + "x" * 5000),
    ("POST", "/healthz"),
    ("GET", "/faxplus/wrong"),
    ("GET", ADDRESS),
    ("PUT", ADDRESS),
    ("DELETE", ADDRESS),
    ("OPTIONS", ADDRESS),
    ("PURGE", ADDRESS),
    ("GET", "/docs"),
    ("GET", "/healthz/"),
    ("GET", "/../../etc/passwd"),
]


def test_everything_else_is_the_same_404() -> None:
    """Neither method nor path tells a stranger how near he is to the right address."""
    worker = Worker()
    answered = answers(door(worker), *((method, path, body("a")) for method, path in STRANGE))

    assert dict.fromkeys(STRANGE, GONE) == dict(zip(STRANGE, answered, strict=True))
    assert [] == worker.hurried


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_there_is_no_webhook(secret: str | None) -> None:
    """No secret is not an empty secret."""

    assert [GONE] * 2 == answers(door(Worker(), secret=secret), ("POST", "/faxplus/", b"{}"), ("POST", ADDRESS, b"{}"))


def test_a_burst_is_answered_and_coalesced(monkeypatch: pytest.MonkeyPatch) -> None:
    """2,000 webhooks, most of them repeats, while the worker is stuck: each gets its 200, each fax is hurried once."""
    monkeypatch.setattr(hints, "PATIENCE", 100)
    worker = Worker()
    stuck, unstuck = asyncio.Event(), asyncio.Event()

    async def hurry(hint: Named) -> None:
        stuck.set()
        await unstuck.wait()
        await worker.hurry(hint)

    application = door(worker, hurry=hurry)

    async def post_all(client: httpx.AsyncClient) -> set[int]:
        return {(await client.post(ADDRESS, content=body(f"fax{number % 100}"))).status_code for number in range(400)}

    async def run() -> set[int]:
        async with served(application) as (client, _):
            await client.post(ADDRESS, content=body("fax0"))
            await stuck.wait()
            statuses = await asyncio.gather(*(post_all(client) for _ in range(5)))
            unstuck.set()
            await worker.seen(101)
            return set().union(*statuses)

    statuses = asyncio.run(run())

    assert {200} == statuses
    assert {Named((f"fax{number}",)) for number in range(100)} == set(worker.hurried)
    assert 101 == len(worker.hurried)  # fax0 once more: it was being hurried already, and may have changed since
    assert (2001, 1900) == (application.state.webhooks.received, application.state.webhooks.repeated)


def test_a_failing_worker_does_not_show() -> None:
    """The database is down: FAX.PLUS still gets its 200, and the next hint is tried."""
    tried = asyncio.Queue[Named]()

    async def hurry(hint: Named) -> None:
        await tried.put(hint)
        raise OSError("disk full")

    async def run() -> tuple[list[int], list[Named]]:
        async with served(door(Worker(), hurry=hurry)) as (client, _):
            statuses = [(await client.post(ADDRESS, content=body(name))).status_code for name in "ab"]
            return statuses, [await tried.get(), await tried.get()]

    assert ([200, 200], [Named(("a",)), Named(("b",))]) == asyncio.run(run())


async def begin(port: int, beginning: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send the beginning of a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(beginning)
    await writer.drain()
    return reader, writer


HEAD = f"POST {ADDRESS} HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n".encode()


def test_half_a_body_holds_up_nobody() -> None:
    """Clients that stop in the middle of a body wait alone."""

    async def run() -> int:
        async with served(door(Worker())) as (client, port):
            stuck = [await begin(port, HEAD + b'{"ids"') for _ in range(20)]
            response = await client.post(ADDRESS, content=body("a"))
            for _, writer in stuck:
                writer.close()
                await writer.wait_closed()
            return response.status_code

    assert 200 == asyncio.run(run())


def test_a_slow_body_ends_in_200(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not arrive in time is given up, and its connection closed."""
    monkeypatch.setattr(webhook, "PATIENCE", 0.05)
    application = door(Worker())

    async def run() -> bytes:
        async with served(application) as (_, port):
            reader, writer = await begin(port, HEAD + b'{"ids"')
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer

    assert asyncio.run(run()).startswith(b"HTTP/1.1 200 OK\r\n")
    assert 1 == application.state.webhooks.unreadable


def test_a_body_that_breaks_off_is_forgotten() -> None:
    """The caller hangs up before the end: counted, nothing hurried."""
    worker = Worker()
    application = door(worker)

    async def run() -> None:
        async with served(application) as (_, port):
            reader, writer = await begin(port, HEAD.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue"))
            await reader.readline()  # "100 Continue": it waits for the body
            writer.write(b'{"ids"')
            writer.close()
            await writer.wait_closed()

    asyncio.run(run())

    assert (1, 1) == (application.state.webhooks.received, application.state.webhooks.unreadable)
    assert [] == worker.hurried


def test_alive_while_the_process_is() -> None:
    """`/healthz` asks nobody."""

    assert [(200, "alive\n")] == answers(door(Worker()), ("GET", "/healthz", b""))


async def _closed() -> str | None:
    return "FAX.PLUS refuses our token"


async def _broken() -> str | None:
    raise OSError("disk")


async def _stuck() -> str | None:
    await asyncio.Event().wait()
    return None


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (ready, (200, "ready\n")),
        (_closed, (503, "FAX.PLUS refuses our token\n")),
        (_broken, (503, "it could not be found out: OSError\n")),
        (_stuck, (503, "it could not be found out: TimeoutError\n")),
    ],
)
def test_ready_or_why_not(
    check: Callable[[], Awaitable[str | None]], expected: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/readyz` says in words what is in the way; not to know is not to be ready."""
    monkeypatch.setattr(health, "PATIENCE", 0.05)

    assert [expected] == answers(door(Worker(), ready=check), ("GET", "/readyz", b""))


def test_secret_and_body_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither our log nor those of the libraries below show what must stay secret."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        requests = [("POST", ADDRESS, b"canary"), ("POST", ADDRESS, body("canary")), ("GET", ADDRESS, b"canary")]
        answers(door(Worker()), *requests)
    ours = [record for record in caplog.records if record.name.split(".")[0] not in {"httpx", "httpcore"}]
    said = repr(logs) + "".join(record.getMessage() for record in ours)

    assert not [word for word in (SECRET, "canary") if word in said]
