"""One request to FAX.PLUS and its answer: a deadline around the whole, a bound on the body, no redirects."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx

from gateway.config import FaxPlusSettings
from gateway.faxplus.answers import (
    EXCEPTIONS,
    Complaint,
    of_exception,
    of_status,
    seconds_to_wait,
    unreadable,
)
from gateway.faxplus.token import TokenSource

MOST_JSON = 10_000_000
"""Octets of a JSON answer; a page of 50 records has some 50 kB."""
MOST_FILE = 200_000_000
"""Octets of a document or report."""


class AnswerTooLongError(Exception):
    """The body of the answer does not end."""


def http_client(settings: FaxPlusSettings) -> httpx.AsyncClient:
    """Make the HTTP client: HTTP/1.1 (HTTP/2 uploads were measured three times slower), certificates verified."""
    connections = httpx.Limits(max_connections=2 * settings.at_once, max_keepalive_connections=settings.at_once)
    return httpx.AsyncClient(follow_redirects=False, limits=connections, timeout=settings.request_timeout)


class Wire:
    """Carries requests, and turns whatever goes wrong into a `FaxPlusError`."""

    def __init__(
        self, settings: FaxPlusSettings, http: httpx.AsyncClient, token: TokenSource, *, now: Callable[[], float]
    ) -> None:
        self._base_url = settings.base_url.rstrip("/")
        self._deadline = settings.request_timeout
        self._http = http
        self._token = token
        self._now = now

    async def call(self, method: str, path: str, *, sending: bool = False, **more: Any) -> Any:
        """Return the JSON of a 2xx answer.

        Args:
            method: the HTTP method.
            path: the path below the base URL.
            sending: whether repeating this call would do it twice.
            more: `params`, `json`, `headers`, `content` (a function that begins the body), `deadline` in seconds.
        """
        body = await self.octets(method, path, sending=sending, most=MOST_JSON, **more)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise unreadable(httpx.codes.OK, sending=sending) from None

    async def octets(
        self,
        method: str,
        path: str,
        *,
        sending: bool = False,
        most: int = MOST_FILE,
        deadline: float | None = None,
        **more: Any,
    ) -> bytes:
        """Return the body of a 2xx answer, at most so many octets of it."""
        try:
            # A proxy or a server may keep a connection alive for ever: the clock runs around the whole call.
            async with asyncio.timeout(deadline or self._deadline):
                status, headers, body = await self._answered(method, path, most, **more)
        except AnswerTooLongError:
            raise unreadable(httpx.codes.OK, sending=sending) from None
        except tuple(EXCEPTIONS) as error:
            raise of_exception(error, sending=sending) from error
        if httpx.codes.is_success(status):
            return body
        wait = seconds_to_wait(headers.get("Retry-After"), self._now())
        raise of_status(status, _complaint(body), sending=sending, retry_after=wait)

    async def _answered(self, method: str, path: str, most: int, **more: Any) -> tuple[int, Mapping[str, str], bytes]:
        """The answer; after a 401, which means that nothing was done, once more with a new token if there is one."""
        answer = await self._once(method, path, most, **more)
        if answer[0] == httpx.codes.UNAUTHORIZED and await self._token.renew():
            answer = await self._once(method, path, most, **more)
        return answer

    async def _once(
        self,
        method: str,
        path: str,
        most: int,
        *,
        content: Callable[[], AsyncIterator[bytes]] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> tuple[int, Mapping[str, str], bytes]:
        signed = {"Accept": "application/json", **(headers or {}), **await self._token.headers()}
        body = content() if content is not None else None
        async with self._http.stream(method, self._base_url + path, content=body, headers=signed, **more) as response:
            return response.status_code, response.headers, await _bounded(response, most)


async def _bounded(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > most:
            raise AnswerTooLongError
    return bytes(body)


def _complaint(body: bytes) -> Complaint:
    """Read an error's body; a proxy's may be anything."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return Complaint()
    if not isinstance(said, dict):
        return Complaint()
    return Complaint(str(said.get("error") or ""), str(said.get("description") or ""))
