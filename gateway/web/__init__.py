"""The door for HTTP: FAX.PLUS calls `/faxplus/<secret>` when a fax has ended; monitors ask `/healthz` and `/readyz`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.web.health import alive, readiness
from gateway.web.hints import Hint, Hints, HintT
from gateway.web.server import Server, listen
from gateway.web.webhook import NOTHING_HERE, Webhook

__all__ = ["Hint", "Server", "app", "listen"]


def app(
    *,
    secret: str | None,
    read: Callable[[bytes], HintT | None],
    hurry: Callable[[HintT], Awaitable[None]],
    ready: Callable[[], Awaitable[str | None]],
) -> Starlette:
    """Build the application. Every path and method that it does not know is a 404, always the same one.

    Its `state.webhooks` counts what came of the webhooks (`gateway.web.hints.Counts`).

    Args:
        secret: the last part of the webhook's address; without one there is no webhook.
        read: gets a hint out of a webhook's body, or None. May raise whatever it likes.
        hurry: has the fax that a hint names looked at. May be slow and may fail: polling finds every fax in the end.
        ready: why mail cannot be taken at the moment, in words for the operator, or None.
    """
    hints = Hints(hurry)
    routes = [Route("/healthz", alive), Route("/readyz", partial(readiness, ready))]
    if secret:
        routes.append(Route("/faxplus/{secret:path}", Webhook(secret, read, hints).answer, methods=["POST"]))
    unknown = {404: _nothing_here, 405: _nothing_here}
    built = Starlette(routes=routes, exception_handlers=unknown, lifespan=lambda _: _draining(hints))
    built.router.redirect_slashes = False
    built.state.webhooks = hints.counts
    return built


async def _nothing_here(_request: Request, _error: Exception) -> Response:
    return NOTHING_HERE


@asynccontextmanager
async def _draining(hints: Hints[HintT]) -> AsyncIterator[None]:
    """Hints are handed on while the application runs."""
    draining = asyncio.create_task(hints.drain())
    try:
        yield
    finally:
        draining.cancel()
        with suppress(asyncio.CancelledError):
            await draining
