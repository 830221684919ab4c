"""The API answers as it is written down: every path, every answer, errors too."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from starlette.types import Message

from gateway.simulator import Account, Fault, Faults, app
from tests.simulated import BUSY_TWICE, OURS, PDF, PLENTY, THEIRS, Clock, a_post, an_account, client, hooked, sent

WRITTEN = Path(__file__).parent / "data" / "faxplus-openapi.yaml"
API: dict[str, Any] = yaml.safe_load(WRITTEN.read_text())
OPERATIONS = {
    (method, path)
    for path, item in API["paths"].items()
    for method in item
    if method in {"get", "post", "put", "delete"}
}
ME = "/accounts/self"


def _text(content: bytes) -> str:
    return content.decode("latin-1")


@pytest.fixture(scope="module")
def openapi() -> OpenAPI:
    """The written API, ready to hold answers against; documents count as text, since JSON Schema knows no octets."""
    octets: dict[str, Callable[[bytes], Any]] = {"application/pdf": _text, "image/tiff": _text}
    return OpenAPI.from_file_path(str(WRITTEN), config=Config(extra_media_type_deserializers=octets))


class Session:
    """Calls the simulator, and holds every answer against the written API."""

    def __init__(self, openapi: OpenAPI, account: Account, clock: Clock, http: httpx.AsyncClient) -> None:
        self.account = account
        self.clock = clock
        self.http = http
        self.seen: set[tuple[str, str]] = set()
        self.statuses: list[int] = []
        self._openapi = openapi

    async def __call__(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Call; the answer's status and body must be written down for this operation."""
        answer = await self.http.request(method, path, **request)
        sent = answer.request
        self._openapi.validate_response(
            MockRequest("https://restapi.fax.plus", method, sent.url.path, args=dict(sent.url.params)),
            MockResponse(
                answer.content,
                answer.status_code,
                dict(answer.headers),
                answer.headers.get("Content-Type", "").partition(";")[0],
            ),
        )
        self.seen.add((method.lower(), written_path(path)))
        self.statuses.append(answer.status_code)
        return answer

    async def error(self, method: str, path: str, **request: Any) -> tuple[int, str]:
        """Call what must be refused; status and code of the refusal."""
        answer = await self(method, path, **request)
        return answer.status_code, answer.json()["error"]

    def order(self, **changed: Any) -> dict[str, Any]:
        """An order whose file is uploaded."""
        return a_post(self.account, **changed)


def written_path(path: str) -> str:
    """The path as the written API names it."""
    bare = "/v3" + path.partition("?")[0]
    paths: list[str] = list(API["paths"])
    return next(one for one in paths if re.fullmatch("/v3" + re.sub(r"\{\w+\}", "[^/]+", one), bare))


def session(
    openapi: OpenAPI, doing: Callable[[Session], Awaitable[Any]], faults: Faults | None = None, **settings: Any
) -> Any:
    """Do something in a session with an account of its own."""
    account, clock = an_account(**settings)

    async def run() -> Any:
        async with client(account, faults) as http:
            return await doing(Session(openapi, account, clock, http))

    return asyncio.run(run())


async def everything(call: Session) -> set[tuple[str, str]]:
    """Live a whole life with an account."""
    await call("GET", ME)
    await call("GET", f"/accounts/{call.account.settings.uid}")
    await call("GET", f"{ME}/numbers")
    await call("GET", f"{ME}/numbers/%2B12025550100")
    await call("GET", "/shop/balance")
    hook = await call("POST", "/hooks", json={"target": "http://127.0.0.1:9/hook", "event": "fax_sent"})
    await call("GET", "/hooks?event=fax_sent")
    upload = await call("POST", f"{ME}/files?format=pdf", files={"fax_file": ("a.pdf", PDF, "application/pdf")})
    files = [upload.json()["path"]]
    ids = (await call("POST", f"{ME}/outbox", json=call.order(files=files))).json()["ids"]
    await call("POST", f"{ME}/outbox", json=call.order(files=files, return_ids=None, to=[BUSY_TWICE]))
    await call("GET", f"{ME}/outbox")
    await call("GET", f"{ME}/outbox/{ids[THEIRS]}")
    await call("PUT", f"{ME}/outbox/{ids[THEIRS]}", json={"comment": "changed"})
    cancelled = (await call("POST", f"{ME}/outbox", json=call.order(files=files))).json()["ids"]
    await call("DELETE", f"{ME}/outbox/{cancelled[THEIRS]}")
    call.clock.at += PLENTY
    await call("GET", f"{ME}/faxes?category=sent&after=2027-01-15 07:00:00&limit=10&offset=0&sort_by=date&order=asc")
    await call("GET", f"{ME}/faxes/{ids[THEIRS]}")
    await call("GET", f"{ME}/files/{ids[THEIRS]}?format=pdf")
    await call("GET", f"{ME}/report/{ids[THEIRS]}")
    await call("PUT", f"{ME}/faxes/{ids[THEIRS]}", json={"comment": "read", "is_read": True})
    await call("DELETE", f"{ME}/faxes/{ids[THEIRS]}")
    await call("DELETE", f"/hooks/{hook.json()['id']}")
    return call.seen


def test_every_operation(openapi: OpenAPI) -> None:
    """Every path and method of the written API is served, and answers as written."""

    assert OPERATIONS == session(openapi, everything)


@pytest.mark.parametrize("ids", ["equal", "differ"])
@pytest.mark.parametrize("keys", ["from", "from_number"])
@pytest.mark.parametrize("code", [0, 1, 20, 21, 23, 90, 91])
def test_every_kind_of_record(openapi: OpenAPI, ids: str, keys: str, code: int) -> None:
    """Whatever becomes of a fax, and however it is spelt, outbox and archive show it as written, at every stage."""

    async def doing(call: Session) -> set[int]:
        cover = {"name_to": "A", "name_from": "B", "subject": "C", "flags": ["urgent"]}
        order = call.order(to=[f"+1555222{code:04}"], cover_page=cover, send_time="2027-01-15 08:00:30 +0000")
        await call("POST", f"{ME}/outbox", json=order)
        for seconds in (0.0, 2.0, 10.0, 30.0, PLENTY):
            call.clock.at += seconds
            await call("GET", f"{ME}/outbox")
            await call("GET", f"{ME}/faxes")
        return set(call.statuses)

    assert {200, 201} == session(openapi, doing, ids=ids, number_keys=keys)


def test_refusals_of_requests(openapi: OpenAPI) -> None:
    """What is wrong with a request is told with its status and code."""

    async def doing(call: Session) -> list[tuple[int, str]]:
        many = [f"+1555{number:07}" for number in range(4001)]
        outbox = f"{ME}/outbox"
        return [
            await call.error("POST", outbox, json=call.order(files=["/storage/x.pdf"] * 11)),
            await call.error("POST", outbox, json=call.order(to=many)),
            await call.error("POST", outbox, json=call.order(files=["/storage/x.pdf"])),
            await call.error("POST", outbox, json=call.order(to=["5551234567"])),
            await call.error("POST", outbox, json=call.order(send_time="2027-01-15T08:00:00Z")),
            await call.error("POST", outbox, json=call.order(comment="text")),
            await call.error("POST", outbox, json=call.order(**{"from": "+12025550199"})),
            await call.error("POST", outbox, content=b"{"),
            await call.error("POST", f"{ME}/files", files={"file": ("a.pdf", PDF, "application/pdf")}),
            await call.error("POST", f"{ME}/files", files={"fax_file": ("a.exe", PDF, "application/pdf")}),
            await call.error("POST", f"{ME}/files", data={"fax_file": "text"}),
            await call.error("POST", f"{ME}/files", content=b"x", headers={"Content-Type": "multipart/form-data"}),
            await call.error("POST", f"{ME}/files?format=doc", files={"fax_file": ("a.pdf", PDF, "application/pdf")}),
            await call.error("GET", f"{ME}/faxes?limit=0"),
            await call.error("GET", "/hooks"),
            await call.error("POST", "/hooks", json={"target": "http://x/", "event": "fax_sent", "numbers": []}),
        ]

    assert [
        (400, "too_many_files"),
        (400, "too_many_destinations"),
        (400, "invalid_file"),
        (400, "validation_error"),
        (400, "validation_error"),
        (400, "validation_error"),
        (400, "invalid_from"),
        (400, "validation_error"),
        (400, "validation_error"),
        (400, "invalid_file_type"),
        (400, "validation_error"),
        (400, "validation_error"),
        (400, "validation_error"),
        (400, "validation_error"),
        (400, "validation_error"),
        (400, "validation_error"),
    ] == session(openapi, doing)


def test_refusals_about_faxes(openapi: OpenAPI) -> None:
    """Unknown ids are 404, a fax that is being sent 409, an object where text belongs 400."""

    async def doing(call: Session) -> list[tuple[int, str]]:
        fax_id = sent(call.account)
        wrong = await call.error("PUT", f"{ME}/outbox/{fax_id}", json={"comment": {"text": "x"}})
        call.clock.at += 10.0
        return [
            wrong,
            await call.error("PUT", f"{ME}/outbox/{fax_id}", json={"comment": "x"}),
            await call.error("DELETE", f"{ME}/outbox/{fax_id}"),
            *[
                await call.error(method, f"{ME}/{place}/0123456789abcdef", json={"comment": "x", "is_read": False})
                for place, method in (("faxes", "GET"), ("faxes", "PUT"), ("faxes", "DELETE"), ("outbox", "GET"))
            ],
            await call.error("GET", f"{ME}/files/0123456789abcdef"),
            await call.error("GET", f"{ME}/report/0123456789abcdef"),
            await call.error("GET", f"{ME}/numbers/%2B12025550199"),
            await call.error("DELETE", "/hooks/0123456789abcdef"),
            await call.error("GET", "/accounts/somebody-else"),
        ]

    assert [(400, "validation_error"), (409, "conflict"), (409, "conflict"), *[(404, "not_found")] * 9] == session(
        openapi, doing
    )


@pytest.mark.parametrize("octets", [1000, 200_000])
def test_too_large(openapi: OpenAPI, octets: int) -> None:
    """A file over the limit is refused with 413, whether that shows in the length announced or only in the end."""

    async def doing(call: Session) -> Any:
        return await call.error("POST", f"{ME}/files", files={"fax_file": ("a.pdf", b"x" * octets, "application/pdf")})

    assert (413, "payload_too_large") == session(openapi, doing, size_limit=999)


def test_token(openapi: OpenAPI) -> None:
    """Without a token nobody is let in, nor with a wrong one when there is a right one; the scheme's case is free."""

    async def doing(call: Session) -> list[int]:
        headers = ["", "Bearer", "Bearer ", "Basic dDp0", "Bearer wrong", "Bearer right", "bearer right"]
        return [(await call("GET", ME, headers={"Authorization": one})).status_code for one in headers]

    assert [401] * 5 + [200] * 2 == session(openapi, doing, token="right")
    assert [401] * 4 + [200] * 3 == session(openapi, doing)


@pytest.mark.parametrize(("method", "path"), sorted(OPERATIONS))
def test_every_operation_wants_a_token(openapi: OpenAPI, method: str, path: str) -> None:
    """No operation is open to strangers."""

    async def doing(call: Session) -> Any:
        return await call.error(method.upper(), re.sub(r"\{\w+\}", "self", path), headers={"Authorization": ""})

    assert (401, "unauthorized") == session(openapi, doing)


@pytest.mark.parametrize("status", [402, 403, 429, 500, 503])
def test_ordered_faults_answer_as_written(openapi: OpenAPI, status: int) -> None:
    """Statuses on order have the shape of the written errors."""
    faults = Faults(Fault(kind="status", status=status, retry_after="1"))

    async def doing(call: Session) -> Any:
        return await call.error("POST", f"{ME}/outbox", json=call.order())

    assert (status, "simulated_fault") == session(openapi, doing, faults)


def test_unknown_paths_answer_in_json(openapi: OpenAPI) -> None:
    """What does not exist is told in JSON too."""

    async def doing(call: Session) -> list[Any]:
        answers = [await call.http.get("/archives"), await call.http.delete(ME)]
        return [(answer.status_code, answer.json()["error"]) for answer in answers]

    assert [(404, "not_found"), (405, "method_not_allowed")] == session(openapi, doing)


def test_ids_only_on_request(openapi: OpenAPI) -> None:
    """Without return_ids the answer names no ids, though the fax is accepted."""

    async def doing(call: Session) -> Any:
        answer = await call("POST", f"{ME}/outbox", json=call.order(return_ids=False))
        return answer.json(), len(call.account.jobs)

    assert ({}, 1) == session(openapi, doing)


def test_shapes_of_the_comment(openapi: OpenAPI) -> None:
    """The outbox shows the comment as an object, the archive as text."""

    async def doing(call: Session) -> list[Any]:
        fax_id = sent(call.account)
        waiting = (await call("GET", f"{ME}/outbox/{fax_id}")).json()
        call.clock.at += PLENTY
        return [waiting["comment"], (await call("GET", f"{ME}/faxes/{fax_id}")).json()["comment"]]

    assert [{"tags": ["f1-1"], "text": "f1-1"}, "f1-1"] == session(openapi, doing)


@pytest.mark.parametrize("code", [0, 1, 20, 23])
def test_webhooks_tell_as_written(openapi: OpenAPI, code: int) -> None:
    """What a webhook tells has the shape of the written API, and of the vendor's example."""
    account, clock = an_account()
    hooked(account)
    sent(account, f"+1555222{code:04}")
    clock.at += PLENTY
    (call,) = account.calls_due(clock.at)
    request = MockRequest("http://127.0.0.1:9", "POST", "/hook", data=json.dumps(call.body).encode())
    request.name = "faxEvent"  # type: ignore[attr-defined]  # what openapi-core asks of a webhook's request
    openapi.validate_webhook_request(request)  # type: ignore[arg-type]  # likewise
    examples = API["webhooks"]["faxEvent"]["post"]["requestBody"]["content"]["application/json"]["examples"]

    assert examples["firstTry"]["value"]["data"].keys() == call.body["data"].keys()
    assert examples["firstTry"]["value"]["hook"].keys() == call.body["hook"].keys()


def test_account_of_numbers(openapi: OpenAPI) -> None:
    """The account lists its numbers, active, and a page costs one."""

    async def doing(call: Session) -> list[Any]:
        sent(call.account)
        call.clock.at += PLENTY
        numbers = (await call("GET", f"{ME}/numbers")).json()["numbers"]
        return [(one["number"], one["status"]) for one in numbers] + [(await call("GET", "/shop/balance")).json()]

    assert [(OURS, "active"), {"amount": 8.0, "currency": "USD"}] == session(openapi, doing, balance=10.0)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/v3{ME}/outbox", []),
        (f"/v3{ME}/files", [(b"content-type", b"multipart/form-data; boundary=b")]),
        ("/_simulator/faults", []),
    ],
)
def test_client_hangs_up(path: str, headers: list[tuple[bytes, bytes]]) -> None:
    """A gateway that is killed in the middle of a request is no fault of the simulator, which says nothing of it."""
    account, _ = an_account()
    heard: list[Message] = [{"type": "http.request", "body": b"--b", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return heard.pop(0)

    async def send(_message: Message) -> None:
        """Nobody is there."""

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "http_version": "1.1"}
    bearer = (b"authorization", b"Bearer alohi_pat_test")
    asyncio.run(app(account)(scope | {"headers": [bearer, *headers]}, receive, send))

    assert [] == heard
