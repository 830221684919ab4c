"""What monitors and balancers ask: whether the process lives, and whether it can take mail, in words."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

PATIENCE = 5.0
"""Seconds that finding out may take."""


async def alive(_request: Request) -> Response:
    """Answer at all: that is the answer."""
    return PlainTextResponse("alive\n")


async def readiness(ready: Callable[[], Awaitable[str | None]], _request: Request) -> Response:
    """200 when mail can be taken, else 503 with the reason."""
    reason = await _reason(ready)
    return PlainTextResponse(f"{reason or 'ready'}\n", status_code=503 if reason else 200)


async def _reason(ready: Callable[[], Awaitable[str | None]]) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await ready()
    except Exception as error:  # noqa: BLE001  # a check that fails is a reason not to be ready
        return f"it could not be found out: {type(error).__name__}"
