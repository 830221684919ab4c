"""The FAX.PLUS API v3, call by call. What an answer means is decided in `answers`, how it is read in `shapes`.

Source of every path and field: the vendor's API reference, https://apidoc.fax.plus, and its client, faxplus-api 3.0.5.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import structlog

from gateway.config import FaxPlusSettings
from gateway.faxplus import shapes
from gateway.faxplus.account import (
    Account,
    Balance,
    FaxNumber,
    Hook,
    read_account,
    read_balance,
    read_hooks,
    read_numbers,
)
from gateway.faxplus.answers import Call, FaxPlusError, Verdict, unreadable
from gateway.faxplus.cover import Cover
from gateway.faxplus.exchange import Answer
from gateway.faxplus.shapes import Listing, Place, Record
from gateway.faxplus.token import TokenSource
from gateway.faxplus.upload import MIME, Form
from gateway.faxplus.wire import Ask, Wire
from gateway.submission import Kind

log = structlog.get_logger()

T = TypeVar("T")

PAGE = 50
"""Sent faxes asked for at a time: the documented default, and the most that the vendor's own tools ask for."""
MOST_PAGES = 200
"""Pages after which a listing is called incomplete."""
LONG = 10
"""A document may take so many times the request timeout, either way."""
LONGEST_FILE = 160_000_000
"""Octets of a document; FAX.PLUS takes 150 MB for a fax."""
EVENT = "fax_sent"
ABSENT = frozenset({400, 404, 410, 422})
"""Answers about an id that FAX.PLUS does not show: unknown, ended, or too new (vendor's tools: "immediate 4xx")."""
NOT_TAKEN_BACK = frozenset({400, 404, 409, 410, 422})
"""Answers about a fax that is no longer open to change: unknown, or being sent (E-outbulk: 409)."""
DONE = frozenset({200, 204})
"""Answers to a change that say: done. A 202 only promises."""


class FaxPlus:
    """One account at FAX.PLUS. Every call raises `FaxPlusError` when it is not clearly done."""

    def __init__(
        self, settings: FaxPlusSettings, http: httpx.AsyncClient, token: TokenSource, *, now: Callable[[], float]
    ) -> None:
        self._from = settings.from_
        self._account = ("accounts", settings.account)
        self._wire = Wire(settings, http, token, now)

    async def upload(self, kind: Kind, size: int, chunks: Callable[[], Iterator[bytes]]) -> str:
        """Upload a document of so many octets; `chunks` begins anew each time it is called, and runs in threads.

        Returns:
            FAX.PLUS's path of it, for `send`. It is temporary, for how long is not documented.
        """
        form = Form(kind, size, chunks)
        ask = Ask(
            method="POST",
            path=(*self._account, "files"),
            query={"format": kind.value},
            headers=form.headers,
            content=form.content,
            patience=LONG,
        )
        return _read(ask, await self._wire.ask(ask), shapes.read_path)

    async def send(
        self, *, to: str, files: Sequence[str], token: str, from_: str = "", cover: Cover | None = None
    ) -> tuple[str, ...]:
        """Have uploads faxed to one number, now and once: redialling is ours, and so is knowing who was sent what.

        Args:
            to: E.164, with its plus.
            files: FAX.PLUS's paths of the uploads, in their order.
            token: what the fax is recognised by.
            from_: one of our numbers; left out: the account's.
            cover: what stands on the page before them; None: there is no such page.

        Returns:
            FAX.PLUS's ids of the fax; none if it accepted without naming any.

        Raises:
            FaxPlusError: with the verdict UNCERTAIN it may have been taken: look for the token before sending again.
        """
        order: dict[str, Any] = {
            "from": from_ or self._from,
            "to": [to],
            "files": list(files),
            "comment": {"text": token, "tags": [token]},
            "options": {"enhancement": True, "retry": {"count": 0, "delay": 0}},
            "return_ids": True,
        }
        if cover is not None:
            order["cover_page"] = asdict(cover)
        ask = Ask(method="POST", path=(*self._account, "outbox"), call=Call.ONCE, json=order)
        return _read(ask, await self._wire.ask(ask), lambda body: shapes.read_ids(body, to))

    async def outbox(self) -> Listing:
        """List what is not sent yet. No pages are documented, so a list as long as full pages is called incomplete."""
        listing = await self._get((*self._account, "outbox"), lambda body: shapes.read_listing(body, "outbox"))
        may_be_cut = listing.length > 0 and listing.length % PAGE == 0
        return replace(listing, complete=listing.complete and not may_be_cut)

    @property
    def ahead(self) -> float:
        """Seconds by which FAX.PLUS's clock is ahead of ours, as far as it told."""
        return self._wire.ahead

    async def sent(self, after: float) -> Listing:
        """List what was sent since then (seconds, by FAX.PLUS's clock), page by page until one is empty."""
        found: dict[str, Record] = {}
        readable, offset = True, 0
        for _ in range(MOST_PAGES):
            page = await self._page(after, offset)
            readable = readable and page.complete
            fresh = {record.id: record for record in page.records if record.id not in found}
            found |= fresh
            offset += page.length
            if not fresh:
                seen_all = page.length == 0 or (offset == 2 * page.length and _uncut(page.length))
                return Listing(tuple(found.values()), complete=readable and seen_all)
        log.warning("listing.cut", pages=MOST_PAGES)
        return Listing(tuple(found.values()), complete=False)

    async def fax(self, id: str) -> Record | None:  # the house says id everywhere
        """Ask for one fax that was sent. None when FAX.PLUS does not show it (yet), which proves nothing."""
        return await self._record("faxes", id, "sent")

    async def outbox_fax(self, id: str) -> Record | None:
        """Ask for one fax that is not sent yet. None when it is not in the outbox: not yet, or not any more."""
        return await self._record("outbox", id, "outbox")

    async def cancel(self, id: str) -> bool:
        """Take a fax out of the outbox. True only when FAX.PLUS says that it is done."""
        return await self._change("DELETE", (*self._account, "outbox", id))

    async def update_comment(self, id: str, comment: str) -> bool:
        """Change the comment of a fax in the outbox (here a plain string). False when it is not there any more."""
        return await self._change("PUT", (*self._account, "outbox", id), {"comment": comment})

    async def file(self, id: str, kind: Kind = Kind.PDF) -> bytes:
        """Fetch the document of a fax as it was sent, by the id of the fax or of its session."""
        return await self._octets(("files", id), MIME[kind], {"format": kind.value})

    async def report(self, id: str) -> bytes:
        """Fetch FAX.PLUS's own confirmation of a fax, a PDF."""
        return await self._octets(("report", id), MIME[Kind.PDF])

    async def account(self) -> Account:
        """Ask whose token it is, and whether sent faxes are kept in the history."""
        return await self._get(self._account, read_account)

    async def numbers(self) -> tuple[FaxNumber, ...]:
        """List the account's numbers."""
        return await self._get((*self._account, "numbers"), read_numbers)

    async def balance(self) -> Balance:
        """Ask for the credit."""
        return await self._get(("shop", "balance"), read_balance)

    async def hooks(self, event: str = EVENT) -> tuple[Hook, ...]:
        """List the webhooks that are registered for an event."""
        return await self._get(("hooks",), read_hooks, {"event": event})

    async def register_hook(self, target: str, event: str = EVENT) -> str:
        """Have FAX.PLUS call this URL. Registering twice makes two of them: list first. Returns its id."""
        ask = Ask(method="POST", path=("hooks",), call=Call.ONCE, json={"target": target, "event": event})
        return _read(ask, await self._wire.ask(ask), shapes.read_id)

    async def remove_hook(self, id: str) -> bool:
        """Remove a webhook. False when there is none of that id."""
        return await self._change("DELETE", ("hooks", id))

    async def _page(self, after: float, offset: int) -> Listing:
        # The oldest first: what ends meanwhile joins at the end, and moves nothing from one page to another.
        query = {
            "category": "sent",
            "after": datetime.fromtimestamp(after, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "limit": PAGE,
            "offset": offset,
            "sort_by": "date",
            "order": "asc",
        }
        return await self._get((*self._account, "faxes"), lambda body: shapes.read_listing(body, "sent"), query)

    async def _record(self, where: str, id: str, place: Place) -> Record | None:
        ask = Ask(method="GET", path=(*self._account, where, id))
        answer = await self._wire.answer(ask)
        if answer.status in ABSENT:
            return None
        if not answer.good:
            raise self._wire.refusal(ask, answer)
        return _read(ask, answer, lambda body: shapes.read_record(body, place))

    async def _change(self, method: str, path: tuple[str, ...], json: Mapping[str, str] | None = None) -> bool:
        ask = Ask(method=method, path=path, call=Call.ONCE, json=json)
        answer = await self._wire.answer(ask)
        if answer.status in NOT_TAKEN_BACK:
            return False
        if not answer.good:
            raise self._wire.refusal(ask, answer)
        return answer.status in DONE

    async def _octets(self, where: tuple[str, ...], mime: str, query: Mapping[str, str] | None = None) -> bytes:
        path, accept = (*self._account, *where), {"Accept": mime}
        ask = Ask(method="GET", path=path, query=query or {}, headers=accept, patience=LONG, longest=LONGEST_FILE)
        answer = await self._wire.answer(ask)
        if answer.status in ABSENT:
            words = f"FAX.PLUS shows no document of this fax ({answer.status})"
            raise FaxPlusError(Verdict.TEMPORARY, words, status=answer.status)
        if not answer.good:
            raise self._wire.refusal(ask, answer)
        if answer.fault or answer.kind not in {mime, "application/octet-stream"}:
            raise unreadable(ask.call, answer.status, answer.fault or f"it is {answer.kind or 'unnamed'}, not {mime}")
        return answer.body

    async def _get(
        self, path: tuple[str, ...], read: Callable[[object], T | None], query: Mapping[str, Any] | None = None
    ) -> T:
        ask = Ask(method="GET", path=path, query=query or {})
        return _read(ask, await self._wire.ask(ask), read)


def _uncut(length: int) -> bool:
    """Whether a list is all there is, where a server that knows no pages gave it twice.

    It is if it was not even full, or longer than asked for; but not by a round number, which may be the most it gives.
    """
    return length < PAGE or (length > PAGE and length % 10 != 0)


def _read(ask: Ask, answer: Answer, read: Callable[[object], T | None]) -> T:
    """Read the JSON of a 2xx.

    Raises:
        FaxPlusError: it does not say what it should.
    """
    try:
        value = read(answer.json())
    except ValueError as error:
        raise unreadable(ask.call, answer.status, str(error)) from error
    if value is None:
        raise unreadable(ask.call, answer.status, "it does not say what it should")
    return value
