"""FAX.PLUS calls here when a fax has ended. The call carries no signature, so it is a hint and nothing more.

The right address always gets its 200 at once, whatever the body: FAX.PLUS learns nothing about what we know, and has
no reason to call again. The wrong address gets the same 404 as every other.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import Generic

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from gateway.web.hints import Hints, HintT

log = structlog.get_logger()

LONGEST_BODY = 64 * 1024
"""Octets; FAX.PLUS sends less than one thousand."""

PATIENCE = 10.0
"""Seconds that a body may take to arrive."""

NOTHING_HERE = PlainTextResponse("nothing here\n", status_code=404)


class Webhook(Generic[HintT]):
    """The endpoint behind the secret address."""

    def __init__(self, secret: str, read: Callable[[bytes], HintT | None], hints: Hints[HintT]) -> None:
        self._secret = secret.encode()
        self._read = read
        self._hints = hints

    async def answer(self, request: Request) -> Response:
        """Pass the hint on if there is one in it."""
        if not self._is_secret(request.path_params["secret"]):
            return NOTHING_HERE
        self._hints.counts.received += 1
        body = await _body(request)
        hint = None if body is None else self._hint(body)
        if hint is None:
            self._hints.counts.unreadable += 1
            log.warning("webhook.unreadable", size=None if body is None else len(body))
        else:
            self._hints.add(hint)
        return Response(headers={"Connection": "close"} if body is None else None)

    def _is_secret(self, said: str) -> bool:
        """Takes the same time however much of it is right."""
        return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), self._secret)

    def _hint(self, body: bytes) -> HintT | None:
        try:
            return self._read(body)
        except Exception:  # noqa: BLE001  # nothing that a stranger sends may turn our 200 into something else
            return None


async def _body(request: Request) -> bytes | None:
    """What was sent; None if it is longer or slower than FAX.PLUS ever is, or breaks off."""
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LONGEST_BODY:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return bytes(body)
