"""The way to FAX.PLUS: every call bears our token, has one deadline, and ends in an answer or in an error of ours."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx
import structlog

from gateway.config import FaxPlusSettings
from gateway.faxplus.answers import FOREIGN, Call, FaxPlusError, Verdict, failed, refused
from gateway.faxplus.exchange import LONGEST, Answer, exchange
from gateway.faxplus.token import TokenSource

log = structlog.get_logger()

UNAUTHORIZED = 401
SPARE = 4
"""Connections beside those of faxes being submitted: asking, looking, tokens, the operator's commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One call to make."""

    method: str
    path: tuple[str, ...]  #: below the base address; encoded by us
    call: Call = Call.REPEATABLE
    query: Mapping[str, str | int] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Callable[[], AsyncIterator[bytes]] | None = None
    patience: int = 1  #: deadline, as a multiple of `request_timeout`
    longest: int = LONGEST  #: octets of the answer


def http_client(settings: FaxPlusSettings) -> httpx.AsyncClient:
    """Make the HTTP client that `FaxPlus` uses: HTTP/1.1, no redirects, proxies only from the environment."""
    connections = settings.at_once + SPARE
    return httpx.AsyncClient(
        http2=False,
        follow_redirects=False,
        timeout=_timeout(settings.request_timeout, settings.request_timeout),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
    )


class Wire:
    """Makes calls."""

    def __init__(
        self, settings: FaxPlusSettings, http: httpx.AsyncClient, token: TokenSource, now: Callable[[], float]
    ) -> None:
        self._base = settings.base_url.rstrip("/")
        self._patience = settings.request_timeout
        self._http = http
        self._token = token
        self._now = now
        self.ahead = 0.0
        """Seconds by which FAX.PLUS's clock is ahead of ours, by the Date of its last answer; 0 when it never said."""

    async def ask(self, ask: Ask) -> Answer:
        """Make a call; once more with a new token, when the token had expired. Returns a 2xx.

        Raises:
            FaxPlusError: anything else, with what it means.
        """
        answer = await self.answer(ask)
        if not answer.good:
            raise self.refusal(ask, answer)
        return answer

    async def answer(self, ask: Ask) -> Answer:
        """Make a call; return the answer, whatever its status.

        Raises:
            FaxPlusError: there is none.
        """
        try:
            async with asyncio.timeout(self._patience * ask.patience):
                headers = await self._token.headers()
                answer = await self._exchange(ask, headers)
                if answer.status == UNAUTHORIZED and await self._renewed(headers):
                    answer = await self._exchange(ask, await self._token.headers())
        except FOREIGN as error:
            raise failed(ask.call, error) from error
        self._compare_clocks(answer)
        log.debug("faxplus.answered", method=ask.method, path="/".join(ask.path), status=answer.status)
        return answer

    def refusal(self, ask: Ask, answer: Answer) -> FaxPlusError:
        """What an answer means that is no 2xx."""
        try:
            body = answer.json()
        except ValueError:
            body = None
        return refused(ask.call, answer.status, answer.headers, body, self._now() + self.ahead)

    def _compare_clocks(self, answer: Answer) -> None:
        try:
            said = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        except (ValueError, OverflowError):  # none, or nonsense: what we knew is still the best we know
            return
        self.ahead = said - self._now()

    async def _renewed(self, rejected: Mapping[str, str]) -> bool:
        """Whether there is another token than the rejected one: somebody else got one meanwhile, or we do."""
        return await self._token.headers() != rejected or await self._token.renew()

    async def _exchange(self, ask: Ask, token: Mapping[str, str]) -> Answer:
        patience = self._patience * ask.patience
        request = self._http.build_request(
            ask.method,
            "/".join((self._base, *map(_step, ask.path))),
            params=ask.query or None,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **ask.headers, **token},
            json=ask.json,
            content=ask.content() if ask.content else None,
            timeout=_timeout(patience, self._patience),
        )
        return await exchange(self._http, request, ask.longest)


def _step(text: str) -> str:
    """Write one step of a path, whatever stands in it.

    Raises:
        FaxPlusError: it is nothing, or dots, which would lead up and out: to the outbox in place of one fax in it.
    """
    if not text.strip("."):
        raise FaxPlusError(Verdict.PERMANENT, f'"{text}" is no id')
    return quote(text, safe="", errors="replace")


def _timeout(whole: float, usual: float) -> httpx.Timeout:
    """Getting a connection ends well before the deadline: then it is sure that nothing was sent."""
    return httpx.Timeout(whole, connect=usual / 3, pool=usual / 3)
