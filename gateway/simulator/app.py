"""The API of FAX.PLUS over an `Account`, as written in tests/data/faxplus-openapi.yaml."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from gateway.simulator import shapes
from gateway.simulator.account import Account
from gateway.simulator.control import control_routes
from gateway.simulator.faults import Faults
from gateway.simulator.files import refuse_size
from gateway.simulator.orders import (
    FaxChange,
    FaxQuery,
    FileQuery,
    HookOrder,
    HookQuery,
    Order,
    OutboxChange,
    read,
    read_query,
)
from gateway.simulator.refusal import RefusedError
from gateway.simulator.wire import FaultyWire

ROOT = "/v3"
ENVELOPE = 65_536
"""Octets of a multipart body beside the file."""
CODES = {404: "not_found", 405: "method_not_allowed"}
"""Error codes where no endpoint was reached."""
Endpoint = Callable[[Request], Awaitable[Response]]


def app(account: Account, faults: Faults | None = None) -> Starlette:
    """Build the application: the API under /v3, and under /_simulator what tests and people steer it by."""
    faults = faults or Faults()
    answers: dict[Any, Any] = {RefusedError: _refused, HTTPException: _unserved, ClientDisconnect: _left}
    return Starlette(
        routes=[
            Mount(ROOT, routes=Api(account).routes()),
            Mount("/_simulator", routes=control_routes(account, faults)),
        ],
        middleware=[Middleware(FaultyWire, faults=faults)],
        exception_handlers=answers,
    )


async def _refused(_request: Request, error: RefusedError) -> Response:
    return JSONResponse({"error": error.error, "description": error.description}, error.status)


async def _unserved(_request: Request, error: HTTPException) -> Response:
    code = CODES.get(error.status_code, "validation_error")
    return JSONResponse({"error": code, "description": error.detail}, error.status_code, error.headers)


async def _left(_request: Request, _gone: ClientDisconnect) -> Response:
    """Nobody reads this: the client hung up, as one does that is killed."""
    return Response(status_code=400)


def _done() -> Response:
    return Response(status_code=204)


class Api:
    """The endpoints. Each reads the request, asks the account, and writes the answer."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[BaseRoute]:
        """All paths below the root."""
        own = "/accounts/{user_id}"
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", own, self.user),
            ("GET", f"{own}/numbers", self.numbers),
            ("GET", f"{own}/numbers/{{number}}", self.number),
            ("POST", f"{own}/files", self.upload),
            ("GET", f"{own}/files/{{fax_id}}", self.file),
            ("GET", f"{own}/report/{{fax_id}}", self.report),
            ("GET", f"{own}/outbox", self.outbox),
            ("POST", f"{own}/outbox", self.send),
            ("GET", f"{own}/outbox/{{outbox_fax_id}}", self.outbox_fax),
            ("PUT", f"{own}/outbox/{{outbox_fax_id}}", self.change_outbox_fax),
            ("DELETE", f"{own}/outbox/{{outbox_fax_id}}", self.cancel),
            ("GET", f"{own}/faxes", self.faxes),
            ("GET", f"{own}/faxes/{{fax_id}}", self.fax),
            ("PUT", f"{own}/faxes/{{fax_id}}", self.change_fax),
            ("DELETE", f"{own}/faxes/{{fax_id}}", self.delete_fax),
            ("GET", "/hooks", self.hooks),
            ("POST", "/hooks", self.add_hook),
            ("DELETE", "/hooks/{hook_id}", self.remove_hook),
            ("GET", "/shop/balance", self.balance),
        ]
        return [Route(path, self._guarded(endpoint), methods=[method]) for method, path, endpoint in table]

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """Let in who has the token and asks for their own account."""

        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            expected = self._account.settings.token
            if scheme.lower() != "bearer" or not token or expected not in {None, token}:
                raise RefusedError("unauthorized", "Invalid token")
            if request.path_params.get("user_id", "self") not in {"self", self._account.settings.uid}:
                raise RefusedError("not_found", "No such user")
            return await endpoint(request)

        return guarded

    async def user(self, _request: Request) -> Response:
        """Show the account."""
        return JSONResponse(shapes.account(self._account.settings))

    async def numbers(self, _request: Request) -> Response:
        """List its numbers."""
        settings = self._account.settings
        return JSONResponse({"numbers": [shapes.number(number, settings) for number in settings.numbers]})

    async def number(self, request: Request) -> Response:
        """Show one number."""
        settings, number = self._account.settings, request.path_params["number"]
        if number not in settings.numbers:
            raise RefusedError("not_found", "No such number")
        return JSONResponse(shapes.number(number, settings))

    async def upload(self, request: Request) -> Response:
        """Take a file."""
        read_query(FileQuery, dict(request.query_params))
        announced = request.headers.get("Content-Length", "")
        refuse_size(int(announced) - ENVELOPE if announced.isdecimal() else 0, self._account.settings)
        async with request.form() as form:
            part = form.get("fax_file")
            if not isinstance(part, UploadFile):
                raise RefusedError("validation_error", "fax_file: a part with a file name is required")
            content = await part.read()
            return JSONResponse({"path": self._account.upload(part.filename or "", part.content_type or "", content)})

    async def file(self, request: Request) -> Response:
        """Give the document of a fax, in the type in which it was uploaded."""
        read_query(FileQuery, dict(request.query_params))
        content, media_type = self._account.document(request.path_params["fax_id"])
        return Response(content, media_type=media_type)

    async def report(self, request: Request) -> Response:
        """Give the confirmation report."""
        return Response(self._account.report(request.path_params["fax_id"]), media_type="application/pdf")

    async def outbox(self, _request: Request) -> Response:
        """List what is not sent yet."""
        jobs = self._account.outbox()
        return JSONResponse({"records": [shapes.outbox_fax(job, self._account.settings) for job in jobs]})

    async def send(self, request: Request) -> Response:
        """Queue a fax."""
        order = read(Order, await request.body())
        ids = self._account.send(order)
        return JSONResponse({"ids": ids} if order.return_ids else {}, 201)

    async def outbox_fax(self, request: Request) -> Response:
        """Show a fax that is not sent yet."""
        job = self._account.outbox_fax(request.path_params["outbox_fax_id"])
        return JSONResponse(shapes.outbox_fax(job, self._account.settings))

    async def change_outbox_fax(self, request: Request) -> Response:
        """Change its comment."""
        change = read(OutboxChange, await request.body())
        self._account.change_outbox_fax(request.path_params["outbox_fax_id"], change)
        return _done()

    async def cancel(self, request: Request) -> Response:
        """Take it back."""
        self._account.cancel(request.path_params["outbox_fax_id"])
        return _done()

    async def faxes(self, request: Request) -> Response:
        """List a page of the archive."""
        records = self._account.faxes(read_query(FaxQuery, dict(request.query_params)))
        shown: list[Any] = [shapes.fax(job, attempt, self._account.settings) for job, attempt in records]
        return JSONResponse({"data": {"records": shown}})

    async def fax(self, request: Request) -> Response:
        """Show a fax of the archive."""
        return JSONResponse(shapes.fax(*self._account.fax(request.path_params["fax_id"]), self._account.settings))

    async def change_fax(self, request: Request) -> Response:
        """Change its comment and its read mark."""
        self._account.change_fax(request.path_params["fax_id"], read(FaxChange, await request.body()))
        return _done()

    async def delete_fax(self, request: Request) -> Response:
        """Remove it."""
        self._account.delete_fax(request.path_params["fax_id"])
        return _done()

    async def hooks(self, request: Request) -> Response:
        """List the webhooks of an event."""
        hooks = self._account.hooks(read_query(HookQuery, dict(request.query_params)).event)
        return JSONResponse({"data": [{"id": one.id, "target": one.target, "event": one.event} for one in hooks]})

    async def add_hook(self, request: Request) -> Response:
        """Register a webhook."""
        return JSONResponse({"id": self._account.add_hook(read(HookOrder, await request.body()))}, 201)

    async def remove_hook(self, request: Request) -> Response:
        """Take a webhook back."""
        self._account.remove_hook(request.path_params["hook_id"])
        return _done()

    async def balance(self, _request: Request) -> Response:
        """Show the credit."""
        return JSONResponse({"amount": self._account.balance(), "currency": "USD"})
