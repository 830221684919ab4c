"""Every call of the API, held against the written one, and what becomes of odd answers."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest
from python_multipart import create_form_parser
from python_multipart.multipart import Field, File
from structlog.testing import capture_logs

from gateway.faxplus import Cover, FaxPlus, FaxPlusError, Listing, Record, Verdict
from gateway.faxplus.account import Account, Balance, FaxNumber, Hook
from gateway.faxplus.client import MOST_PAGES, PAGE
from gateway.submission import Kind
from tests.scripted import (
    OURS,
    THEIRS,
    Play,
    Received,
    answer,
    dripping,
    endless,
    faxplus,
    half,
    mocked,
    serving,
)
from tests.values import NOW

T = TypeVar("T")
Doing = Callable[[FaxPlus], Awaitable[T]]
WRITTEN = Path(__file__).parent / "data" / "faxplus-openapi.yaml"
PATHS = yaml.safe_load(WRITTEN.read_text())["paths"]
PDF = b"%PDF-1.4 three pages, honestly"
IDS = {"ids": {THEIRS: "a1"}}


def example(path: str, method: str, status: str) -> object:
    """The written example of an answer."""
    written: object = PATHS[path][method]["responses"][status]["content"]["application/json"]["example"]
    return written


def did(doing: Doing[T], *script: bytes | Play, **changed: Any) -> tuple[T, list[Received]]:
    """Do something with a client whose server plays this script."""

    async def inside() -> tuple[T, list[Received]]:
        async with serving(*script) as server, faxplus(server.url, **changed) as client:
            return await doing(client), server.received

    return asyncio.run(inside())


def refused(doing: Doing[Any], *script: bytes | Play, **changed: Any) -> FaxPlusError:
    """Do something that fails; why."""
    with pytest.raises(FaxPlusError) as caught:
        did(doing, *script, **changed)
    return caught.value


async def send(client: FaxPlus) -> tuple[str, ...]:
    """Send two documents to one number."""
    return await client.send(to=THEIRS, files=["/storage/1.pdf", "/storage/2.tiff"], token="f1-1")


async def upload(client: FaxPlus) -> str:
    """Upload a small document in two chunks."""
    return await client.upload(Kind.PDF, len(PDF), lambda: iter([PDF[:7], PDF[7:]]))


ME = "/accounts/{user_id}"
FILE = answer(200, PDF, Content_Type="application/pdf")
CALLS: list[tuple[str, str, Doing[Any], bytes, object]] = [
    ("post", f"{ME}/files", upload, answer(200, example(f"{ME}/files", "post", "200")), None),
    ("post", f"{ME}/outbox", send, answer(201, IDS), ("a1",)),
    ("get", f"{ME}/outbox", FaxPlus.outbox, answer(200, example(f"{ME}/outbox", "get", "200")), None),
    (
        "get",
        f"{ME}/faxes",
        lambda one: one.sent(NOW),
        answer(200, {"data": {"records": []}}),
        Listing((), complete=True),
    ),
    ("get", f"{ME}/faxes/{{fax_id}}", lambda one: one.fax("a1"), answer(404), None),
    ("get", f"{ME}/outbox/{{outbox_fax_id}}", lambda one: one.outbox_fax("a1"), answer(404), None),
    ("delete", f"{ME}/outbox/{{outbox_fax_id}}", lambda one: one.cancel("a1"), answer(204), True),
    ("put", f"{ME}/outbox/{{outbox_fax_id}}", lambda one: one.update_comment("a1", "x"), answer(200), True),
    ("get", f"{ME}/files/{{fax_id}}", lambda one: one.file("a1"), FILE, PDF),
    ("get", f"{ME}/report/{{fax_id}}", lambda one: one.report("a1"), FILE, PDF),
    ("get", ME, FaxPlus.account, answer(200, {"uid": "u"}), Account("u", "", "", saves_history=None)),
    (
        "get",
        f"{ME}/numbers",
        FaxPlus.numbers,
        answer(200, {"numbers": [{"number": "+1"}]}),
        (FaxNumber("1", "", None),),
    ),
    ("get", "/shop/balance", FaxPlus.balance, answer(200, {"amount": 1, "currency": "USD"}), Balance(1.0, "USD")),
    ("get", "/hooks", FaxPlus.hooks, answer(200, {"data": [{"id": "1", "target": "t"}]}), (Hook("1", "t", ""),)),
    ("post", "/hooks", lambda one: one.register_hook("https://gw.example.net/x"), answer(201, {"id": "1"}), "1"),
    ("delete", "/hooks/{hook_id}", lambda one: one.remove_hook("1"), answer(204), True),
]


@pytest.fixture(scope="module")
def openapi() -> OpenAPI:
    """The written API, ready to hold requests against."""
    octets: dict[str, Callable[[bytes], Any]] = {"application/pdf, image/tiff": bytes.decode}
    return OpenAPI.from_file_path(str(WRITTEN), config=Config(extra_media_type_deserializers=octets))


def as_written(openapi: OpenAPI, request: Received) -> None:
    """Hold a request against the written API."""
    shown = MockRequest(
        "https://restapi.fax.plus",
        request.method,
        request.path,
        args=request.query,
        headers=request.headers,
        data=request.body,
        content_type=request.headers.get("content-type", "application/json"),
    )
    openapi.validate_request(shown)


@pytest.mark.parametrize(("method", "path", "doing", "script", "expected"), CALLS)
def test_every_call(
    openapi: OpenAPI, method: str, path: str, doing: Doing[Any], script: bytes, expected: object
) -> None:
    """Each call is one request of the written API, and its answer is read."""
    found, [request] = did(doing, script)
    as_written(openapi, request)

    assert expected is None or expected == found
    assert method.upper() == request.method
    assert len(path.split("/")) + 1 == len(request.path.split("/"))


@pytest.mark.parametrize("body", [b'{"from": "+1"}', b'{"from": "+12025550100", "to": [], "files": ["x"]}'])
def test_the_written_api_refuses(openapi: OpenAPI, body: bytes) -> None:
    """The comparison is a real one: a wrong order does not pass it."""
    wrong = Received("POST", "/v3/accounts/self/outbox", {"content-type": "application/json"}, body)

    with pytest.raises(OpenAPIError):
        as_written(openapi, wrong)


def test_order() -> None:
    """One number, our token twice, ids wanted, and FAX.PLUS never dials again by itself."""
    _, [request] = did(send, answer(201, IDS))

    assert {
        "from": OURS,
        "to": [THEIRS],
        "files": ["/storage/1.pdf", "/storage/2.tiff"],
        "comment": {"text": "f1-1", "tags": ["f1-1"]},
        "options": {"enhancement": True, "retry": {"count": 0, "delay": 0}},
        "return_ids": True,
    } == yaml.safe_load(request.body)
    assert "application/json" == request.headers["content-type"]


def test_order_with_a_cover_page() -> None:
    """What stands on the page before the documents goes with the order, in the words of the written API."""
    cover = Cover(name_to=THEIRS, name_from="alice@example.org", subject="Invoice 17", message="Hello")

    async def with_cover(client: FaxPlus) -> tuple[str, ...]:
        return await client.send(to=THEIRS, files=["/storage/1.pdf"], token="f1-1", cover=cover)

    _, [request] = did(with_cover, answer(201, IDS))

    assert {
        "name_to": THEIRS,
        "name_from": "alice@example.org",
        "subject": "Invoice 17",
        "message": "Hello",
    } == yaml.safe_load(request.body)["cover_page"]


def test_order_from_another_number() -> None:
    """A fax is sent from the number of its sender rule, if that has one."""

    async def from_another(client: FaxPlus) -> tuple[str, ...]:
        return await client.send(to=THEIRS, files=["/storage/1.pdf"], token="f1-1", from_="+12025550101")

    _, [request] = did(from_another, answer(201, IDS))

    assert "+12025550101" == yaml.safe_load(request.body)["from"]


@pytest.mark.parametrize(
    ("script", "ids"),
    [
        (answer(201, IDS), ("a1",)),
        (answer(200, IDS), ("a1",)),
        (answer(202, {"ids": {"+1 555-123-4567": "a1"}}), ("a1",)),
        (answer(201, {}), ()),
        (answer(201, IDS, Content_Type="text/html"), ("a1",)),
    ],
)
def test_accepted(script: bytes, ids: tuple[str, ...]) -> None:
    """Any 2xx with an object is an acceptance, with the id if it names one."""

    assert ids == did(send, script)[0]


@pytest.mark.parametrize(
    "script",
    [
        answer(201),
        answer(204),
        answer(200, b"<html>Please log in</html>", Content_Type="text/html"),
        answer(200, {}, Content_Type="text/html"),
        answer(201, b'{"ids": {"+1'),
        answer(201, []),
        answer(201, None),
        answer(200, {"error": "queue_full", "description": "later"}),
        answer(201, b"[" * 100_000),
        answer(200, IDS, Content_Encoding="gzip"),
        endless,
        half,
        dripping,
    ],
)
def test_accepted_perhaps(script: bytes | Play) -> None:
    """A 2xx that cannot be read leaves the send in doubt: it must be looked for."""

    assert Verdict.UNCERTAIN is refused(send, script, request_timeout="1s").verdict


def test_upload_of_an_expired_file() -> None:
    """A refusal that names an upload can be told: code and words are passed on."""
    error = refused(send, answer(400, {"error": "file_not_found", "description": "/storage/1.pdf"}))

    assert (Verdict.PERMANENT, "file_not_found") == (error.verdict, error.code)
    assert "/storage/1.pdf" in error.words


def files_in(request: Received) -> list[tuple[bytes, bytes, bytes]]:
    """Names, file names and contents of the parts of a form."""
    parts: list[tuple[bytes, bytes, bytes]] = []

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        parts.append((file.field_name or b"", file.file_name or b"", file.file_object.read()))

    def on_field(field: Field) -> None:
        raise AssertionError(field)

    headers = {"Content-Type": request.headers["content-type"].encode()}
    parser = create_form_parser(headers, on_field, on_file)
    parser.write(request.body)
    parser.finalize()
    return parts


def test_upload() -> None:
    """The document arrives octet by octet, under a name of ours; the path is passed on as it is."""
    path, [request] = did(upload, answer(200, {"path": "/storage/transient-1.pdf"}))

    assert "/storage/transient-1.pdf" == path
    assert {"format": "pdf"} == request.query
    assert [(b"fax_file", b"document.pdf", PDF)] == files_in(request)
    assert len(request.body) == request.length


@pytest.mark.parametrize(
    ("script", "verdict", "operator"),
    [
        (answer(200, {"path": ""}), Verdict.TEMPORARY, False),
        (answer(200, b"ok"), Verdict.TEMPORARY, False),
        (answer(500), Verdict.TEMPORARY, False),
        (answer(404), Verdict.TEMPORARY, True),
        (answer(403), Verdict.TEMPORARY, True),
        (answer(413), Verdict.PERMANENT, False),
        (answer(415), Verdict.PERMANENT, False),
    ],
)
def test_upload_refused(script: bytes, verdict: Verdict, *, operator: bool) -> None:
    """An upload can be repeated, so it is never in doubt; only a clear word about the document is final."""
    error = refused(upload, script)

    assert (verdict, operator) == (error.verdict, error.operator)


def test_upload_that_cannot_be_read() -> None:
    """When our own spool fails, the caller gets that very error."""

    def gone() -> Iterator[bytes]:
        yield PDF[:5]
        raise FileNotFoundError("spool")

    with pytest.raises(FileNotFoundError, match="spool"):
        did(lambda client: client.upload(Kind.TIFF, 50, gone), answer(200, {"path": "x"}))


@pytest.mark.parametrize("size", [0, len(PDF) - 8, len(PDF) - 1, len(PDF) + 1])
def test_upload_of_another_size(size: int) -> None:
    """A document that is not as long as it was accepted is never sent, and never will be."""
    chunks = [PDF[:-1], PDF[-1:]]
    error = refused(lambda one: one.upload(Kind.PDF, size, lambda: iter(chunks)), answer(200, {"path": "x"}))

    assert (Verdict.PERMANENT, "the document differs from what was accepted") == (error.verdict, error.words)


def test_upload_is_streamed() -> None:
    """Forty megabytes go through a few hundred kilobytes of memory, and arrive as they are."""
    block, count, digest, seen = bytes(range(256)) * 1024, 160, hashlib.sha256(), 0

    def chunks() -> Iterator[bytes]:
        for number in range(count):
            yield number.to_bytes(4) + block[4:]

    async def swallowing(request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        around = len(await reader.readuntil(b"\r\n\r\n")) + len(request.headers["content-type"].partition("=")[2]) + 8
        while seen < request.length - around:
            octets = await reader.read(min(65536, request.length - around - seen))
            digest.update(octets)
            seen += len(octets)
        await reader.readuntil(b"--\r\n")
        writer.write(answer(200, {"path": "x"}))
        await writer.drain()

    size = len(block) * count
    tracemalloc.start()
    did(lambda client: client.upload(Kind.TIFF, size, chunks), swallowing)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert seen == size > 40_000_000
    assert hashlib.sha256(b"".join(chunks())).digest() == digest.digest()
    assert peak < 5_000_000


def fax(number: int, **changed: Any) -> dict[str, Any]:
    """A sent fax as FAX.PLUS writes it."""
    return {"id": f"r{number}", "status": "success", "comment": f"f{number}-1", "to": THEIRS} | changed


Reply = Callable[[dict[str, str]], dict[str, Any]]


def listed(reply: Reply) -> tuple[Listing, list[dict[str, str]]]:
    """List the sent faxes of a server that answers each page with a function."""
    queries: list[dict[str, str]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        queries.append(dict(request.url.params))
        return httpx.Response(200, json=reply(queries[-1]))

    async def inside() -> Listing:
        async with mocked(handler) as client:
            return await client.sent(after=1767595384.9)

    return asyncio.run(inside()), queries


def paged(count: int, *, most: int = PAGE) -> Reply:
    """A server with so many faxes that gives at most so many at a time."""

    def reply(query: dict[str, str]) -> dict[str, Any]:
        start, limit = int(query["offset"]), min(int(query["limit"]), most)
        return {"data": {"records": [fax(number) for number in range(count)][start : start + limit]}}

    return reply


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
def test_all_pages(count: int) -> None:
    """Every fax is listed once, the oldest first, from a second that does not lie after the one asked for."""
    listing, queries = listed(paged(count))

    assert [f"r{number}" for number in range(count)] == [record.id for record in listing.records]
    assert listing.complete
    expected = {"category": "sent", "after": "2026-01-05 06:43:04", "limit": "50", "sort_by": "date", "order": "asc"}
    assert all(expected == {key: text for key, text in query.items() if key != "offset"} for query in queries)
    assert len({query["offset"] for query in queries}) == len(queries)


def test_smaller_pages_than_asked_for() -> None:
    """A server that gives 20 where 50 are asked for is listed to the end: a short page is no end."""
    listing, queries = listed(paged(95, most=20))

    assert (95, True) == (len(listing.records), listing.complete)
    assert ["0", "20", "40", "60", "80", "95"] == [query["offset"] for query in queries]


@pytest.mark.parametrize(
    ("count", "complete"),
    [(3, True), (PAGE, False), (PAGE + 1, True), (PAGE + 30, False), (2 * PAGE, False), (1000, False), (1234, True)],
)
def test_server_without_pages(count: int, *, complete: bool) -> None:
    """One that repeats itself is not asked for ever; a full page of it proves nothing about what is missing.

    One that gives more than it was asked for gives all, unless it stops at a round number of its own.
    """
    listing, queries = listed(lambda _: {"data": {"records": [fax(number) for number in range(count)]}})

    assert (count, complete, 2) == (len(listing.records), listing.complete, len(queries))


def test_server_that_half_repeats_itself() -> None:
    """A short page of faxes that are known already is no end: what comes behind it was not seen."""
    known = [fax(number) for number in range(PAGE)]
    listing, _ = listed(lambda query: {"data": {"records": known if query["offset"] == "0" else known[:30]}})

    assert (PAGE, False) == (len(listing.records), listing.complete)


def test_server_without_end() -> None:
    """One that always has more is left after a bounded number of pages, and the listing says so."""
    with capture_logs() as logs:
        listing, queries = listed(lambda query: {"data": {"records": [fax(int(query["offset"]))]}})

    assert (MOST_PAGES, False) == (len(queries), listing.complete)
    assert "listing.cut" in {entry["event"] for entry in logs}


def test_broken_record_on_a_page() -> None:
    """The others are listed, on this page and the next, and the listing is not complete."""

    def reply(query: dict[str, str]) -> dict[str, Any]:
        pages = {"0": [fax(0), {"id": None}], "2": [fax(2)]}
        return {"data": {"records": pages.get(query["offset"], [])}}

    listing, _ = listed(reply)

    assert ["r0", "r2"] == [record.id for record in listing.records]
    assert not listing.complete


def test_fax_that_moves_between_pages() -> None:
    """One that is seen on two pages is listed once."""

    def reply(query: dict[str, str]) -> dict[str, Any]:
        pages = {"0": [fax(0), fax(1)], "2": [fax(1), fax(2)]}
        return {"data": {"records": pages.get(query["offset"], [])}}

    listing, _ = listed(reply)

    assert (["r0", "r1", "r2"], True) == ([record.id for record in listing.records], listing.complete)


@pytest.mark.parametrize(("count", "complete"), [(0, True), (PAGE - 1, True), (PAGE, False), (2 * PAGE, False)])
def test_outbox_that_may_be_cut(count: int, *, complete: bool) -> None:
    """An outbox as long as full pages may have been cut there, so that absence from it proves nothing."""
    outbox = answer(200, {"records": [fax(number) for number in range(count)]})
    listing, _ = did(FaxPlus.outbox, outbox)

    assert (count, complete) == (len(listing.records), listing.complete)


@pytest.mark.parametrize("body", [{}, [], {"data": None}, {"data": {}}, {"records": None}, "x"])
def test_listing_that_is_none(body: object) -> None:
    """What is no list is an error, never an empty list."""

    assert Verdict.TEMPORARY is refused(lambda client: client.sent(NOW), answer(200, body)).verdict
    assert Verdict.TEMPORARY is refused(FaxPlus.outbox, answer(200, body)).verdict


def test_failure_on_a_later_page() -> None:
    """A listing of which a part could not be had is an error, not a short list."""
    first = answer(200, {"data": {"records": [fax(0)]}})

    assert 500 == refused(lambda client: client.sent(NOW), first, answer(500)).status


ONE: list[tuple[str, Doing[Record | None]]] = [
    ("sent", lambda client: client.fax("r1")),
    ("outbox", lambda client: client.outbox_fax("r1")),
]


@pytest.mark.parametrize(("place", "doing"), ONE)
def test_one_fax(place: str, doing: Doing[Record | None]) -> None:
    """One fax is read as in a list, and knows where it was seen."""
    found, _ = did(doing, answer(200, fax(1)))

    assert found is not None
    assert ("r1", "f1-1", place) == (found.id, found.token, found.place)


@pytest.mark.parametrize(("place", "doing"), ONE)
@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_fax_that_is_not_shown(place: str, doing: Doing[Record | None], status: int) -> None:
    """An unknown id is no error: it may be too new."""

    assert did(doing, answer(status))[0] is None


@pytest.mark.parametrize(("place", "doing"), ONE)
@pytest.mark.parametrize(
    "script", [answer(401), answer(403), answer(429), answer(500), answer(302), answer(200, {}), answer(200, b"")]
)
def test_fax_that_cannot_be_asked_for(place: str, doing: Doing[Record | None], script: bytes) -> None:
    """Everything else is an error that passes, never the absence of a fax."""

    assert Verdict.TEMPORARY is refused(doing, script).verdict


@pytest.mark.parametrize(
    ("status", "taken_back"),
    [(200, True), (204, True), (202, False), (400, False), (404, False), (409, False), (410, False), (422, False)],
)
def test_cancel(status: int, *, taken_back: bool) -> None:
    """Only a word that it is done counts."""

    assert taken_back is did(lambda client: client.cancel("a1"), answer(status))[0]


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        (answer(401), Verdict.TEMPORARY),
        (answer(403), Verdict.TEMPORARY),
        (answer(429), Verdict.TEMPORARY),
        (answer(500), Verdict.UNCERTAIN),
        (answer(302), Verdict.UNCERTAIN),
        (half, Verdict.UNCERTAIN),
    ],
)
def test_cancel_in_doubt(script: bytes | Play, verdict: Verdict) -> None:
    """A lost answer to a cancellation is no cancellation, and no refusal either."""

    assert verdict is refused(lambda client: client.cancel("a1"), script).verdict


def test_update_comment() -> None:
    """In a change the comment is a plain string; a fax that has gone cannot be changed."""
    found, [request] = did(lambda client: client.update_comment("a1", "f1-1"), answer(409))

    assert (False, b'{"comment":"f1-1"}') == (found, request.body)


@pytest.mark.parametrize("kind", [Kind.PDF, Kind.TIFF])
def test_file(kind: Kind) -> None:
    """The document is fetched in the form that is asked for."""
    mime = {Kind.PDF: "application/pdf", Kind.TIFF: "image/tiff"}[kind]
    found, [request] = did(lambda client: client.file("a1", kind), answer(200, b"abc", Content_Type=mime))

    assert (b"abc", mime, {"format": kind.value}) == (found, request.headers["accept"], request.query)


@pytest.mark.parametrize(
    "script",
    [
        answer(200, b"<html>", Content_Type="text/html"),
        answer(200, {"error": "x"}),
        answer(200, b"abc", Content_Type=""),
        answer(200, b"abc", Content_Type="application/pdf", Content_Encoding="gzip"),
        answer(404),
    ],
)
def test_no_file(script: bytes) -> None:
    """A page or an error is not passed on as a document."""

    assert Verdict.TEMPORARY is refused(lambda client: client.report("a1"), script).verdict


@pytest.mark.parametrize("doing", [lambda one: one.file("a1"), lambda one: one.report("a1")])
def test_file_that_is_not_shown(doing: Doing[bytes]) -> None:
    """An unknown id is not the operator's matter; a token without the right is."""
    absent = refused(doing, answer(404))

    assert (Verdict.TEMPORARY, False, 404) == (absent.verdict, absent.operator, absent.status)
    assert refused(doing, answer(403)).operator


def test_hooks() -> None:
    """Hooks are listed by event; registering names only target and event, so that no number is left out."""
    _, [request] = did(FaxPlus.hooks, answer(200, {"data": []}))
    _, [registered] = did(lambda client: client.register_hook("https://gw.example.net/x"), answer(201, {"id": "1"}))

    assert {"event": "fax_sent"} == request.query
    assert b'{"target":"https://gw.example.net/x","event":"fax_sent"}' == registered.body
    assert Verdict.UNCERTAIN is refused(lambda client: client.register_hook("https://x"), answer(201, {})).verdict


def test_account_of_a_member() -> None:
    """With an admin's token, the configured member's account is used; its name stays one step of the path."""
    _, [request] = did(FaxPlus.outbox, answer(200, {"records": []}), account="uid/1")

    assert "/v3/accounts/uid%2F1/outbox" == request.target


def test_nothing_secret_in_the_log() -> None:
    """At the lowest level neither token, number, path nor comment is logged."""
    with capture_logs() as logs:
        did(send, answer(201, IDS))
        did(upload, answer(200, {"path": "/storage/transient-1.pdf"}))

    assert {"faxplus.answered"} == {entry["event"] for entry in logs}
    assert not any(hidden in str(logs) for hidden in ("alohi_pat", THEIRS[1:], "transient", "f1-1", "/storage"))
