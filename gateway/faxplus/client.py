"""The FAX.PLUS API v3, call by call. What an answer means is decided in `answers`, how it is read in `shapes`.

Source of every path and field: the vendor's API reference, https://apidoc.fax.plus.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from gateway.config import FaxPlusSettings
from gateway.faxplus import shapes
from gateway.faxplus.answers import FaxPlusError, Verdict, unreadable
from gateway.faxplus.shapes import Account, Balance, FaxNumber, Hook, Listing, Record, digits
from gateway.faxplus.token import TokenSource
from gateway.faxplus.wire import Wire
from gateway.submission import Kind

PAGE = 50
"""Records asked for at a time: the documented default, and the most that the vendor's own tools ask for."""
MOST_PAGES = 400
"""Pages after which a listing is called incomplete."""
EVENT = "fax_sent"
MIME = {Kind.PDF: "application/pdf", Kind.TIFF: "image/tiff"}
UPLOAD_SHARE = 10
"""An upload may take so many times the request timeout."""


class FaxPlus:
    """One account at FAX.PLUS. Every call raises `FaxPlusError` when it is not clearly done."""

    def __init__(
        self, settings: FaxPlusSettings, http: httpx.AsyncClient, token: TokenSource, *, now: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._wire = Wire(settings, http, token, now=now)
        self._account = f"/accounts/{settings.account}"

    async def upload(self, kind: Kind, size: int, chunks: Callable[[], Iterator[bytes]]) -> str:
        """Upload one document of so many octets; `chunks` begins anew each time it is called.

        Returns:
            FAX.PLUS's path of it, for `send`.
        """
        boundary = secrets.token_hex(16)
        head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="fax_file"; filename="document.{kind.value}"\r\n'
            f"Content-Type: {MIME[kind]}\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()

        async def body() -> AsyncIterator[bytes]:
            yield head
            for chunk in chunks():
                yield chunk
            yield tail

        answer = await self._wire.call(
            "POST",
            f"{self._account}/files",
            params={"format": kind.value},
            content=body,
            headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": str(len(head) + size + len(tail)),
            },
            deadline=UPLOAD_SHARE * self._settings.request_timeout,
        )
        return _text(answer, "path")

    async def send(self, *, to: str, files: Sequence[str], token: str) -> tuple[str, ...]:
        """Have these uploads faxed to one number, now and once: redialling is ours.

        Returns:
            FAX.PLUS's ids of the fax.

        Raises:
            FaxPlusError: with the verdict UNCERTAIN it may have been taken: look for the token before trying again.
        """
        order = {
            "from": self._settings.from_,
            "to": [to],
            "files": list(files),
            "comment": {"text": token, "tags": [token]},
            "options": {"enhancement": True, "retry": {"count": 0, "delay": 0}},
            "return_ids": True,
        }
        answer = await self._wire.call("POST", f"{self._account}/outbox", json=order, sending=True)
        ids = _ids(answer, to)
        if not ids:
            raise unreadable(201, sending=True)
        return ids

    async def outbox(self) -> Listing:
        """Everything that is not yet sent."""
        return shapes.listing(_list(await self._wire.call("GET", f"{self._account}/outbox"), "records"), "outbox")

    async def sent(self, after: float) -> Listing:
        """Everything that was sent since `after` (seconds since the epoch), to the last page."""
        since = datetime.fromtimestamp(after, UTC).strftime("%Y-%m-%d %H:%M:%S")
        found: dict[str, Record] = {}
        readable = True
        for page in range(MOST_PAGES):
            # The oldest first: what ends meanwhile joins at the end and moves nothing from one page to the next.
            window = {"offset": page * PAGE, "limit": PAGE, "sort_by": "date", "order": "asc"}
            answer = await self._wire.call(
                "GET", f"{self._account}/faxes", params={"category": "sent", "after": since, **window}
            )
            raw = _list(answer, "data", "records")
            part = shapes.listing(raw, "sent")
            readable = readable and part.complete
            fresh = {one.id: one for one in part.records if one.id not in found}
            found |= fresh
            if len(raw) < PAGE or not fresh:  # the last page; or a server that does not know paging
                return Listing(tuple(found.values()), complete=readable and len(raw) < PAGE)
        return Listing(tuple(found.values()), complete=False)

    async def fax(self, id: str) -> Record | None:  # noqa: A002  # the house says id everywhere
        """One fax that was sent; None when FAX.PLUS does not show it (also: not yet)."""
        return await self._record(f"{self._account}/faxes/{_quoted(id)}", "sent")

    async def outbox_fax(self, id: str) -> Record | None:  # noqa: A002
        """One fax that is not yet sent; None when it is not in the outbox (any more, or not yet)."""
        return await self._record(f"{self._account}/outbox/{_quoted(id)}", "outbox")

    async def cancel(self, id: str) -> bool:  # noqa: A002
        """Take a fax out of the outbox. True only when it is surely not sent."""
        return await self._done("DELETE", f"{self._account}/outbox/{_quoted(id)}")

    async def update_comment(self, id: str, comment: str) -> bool:  # noqa: A002
        """Change the comment of a fax in the outbox (a plain string here). False when it is not there any more."""
        return await self._done("PUT", f"{self._account}/outbox/{_quoted(id)}", json={"comment": comment})

    async def file(self, id: str, kind: Kind) -> bytes:  # noqa: A002
        """The document of a fax as it was sent."""
        path = f"{self._account}/files/{_quoted(id)}"
        return await self._wire.octets("GET", path, params={"format": kind.value}, headers={"Accept": MIME[kind]})

    async def report(self, id: str) -> bytes:  # noqa: A002
        """FAX.PLUS's own confirmation of a fax, a PDF."""
        return await self._wire.octets("GET", f"{self._account}/report/{_quoted(id)}")

    async def account(self) -> Account:
        """The account: its status, and whether it keeps a history."""
        return _shaped(Account, await self._wire.call("GET", self._account))

    async def numbers(self) -> tuple[FaxNumber, ...]:
        """The account's numbers."""
        raw = _list(await self._wire.call("GET", f"{self._account}/numbers"), "numbers")
        return tuple(_shaped(FaxNumber, number) for number in raw)

    async def balance(self) -> Balance:
        """The account's credit."""
        return _shaped(Balance, await self._wire.call("GET", "/shop/balance"))

    async def hooks(self) -> tuple[Hook, ...]:
        """The webhooks that are registered for ended faxes."""
        raw = _list(await self._wire.call("GET", "/hooks", params={"event": EVENT}), "data")
        return tuple(_shaped(Hook, hook) for hook in raw)

    async def register_hook(self, target: str) -> str:
        """Have FAX.PLUS call this URL when a fax has ended. Not idempotent: list first. Returns its id."""
        return _text(await self._wire.call("POST", "/hooks", json={"target": target, "event": EVENT}), "id")

    async def remove_hook(self, id: str) -> bool:  # noqa: A002
        """Remove a webhook. False when there is none of that id."""
        return await self._done("DELETE", f"/hooks/{_quoted(id)}")

    async def _record(self, path: str, place: shapes.Place) -> Record | None:
        try:
            answer = await self._wire.call("GET", path)
        except FaxPlusError as error:
            if _not_there(error):
                return None
            raise
        record = shapes.record(answer, place)
        if record is None:
            raise unreadable(200, sending=False)
        return record

    async def _done(self, method: str, path: str, **more: Any) -> bool:
        try:
            await self._wire.octets(method, path, **more)
        except FaxPlusError as error:
            if _not_there(error):
                return False
            raise
        return True


def _not_there(error: FaxPlusError) -> bool:
    """Any plain refusal of one id: unknown, not yet visible, or no longer open to change (404, 409, other 4xx)."""
    return error.status == httpx.codes.NOT_FOUND or error.verdict is Verdict.PERMANENT


def _quoted(id: str) -> str:  # noqa: A002
    """An id as one segment of a path, whatever characters somebody else put into it."""
    return "".join(
        char if (char.isascii() and char.isalnum()) or char in "-_" else f"%{octet:02X}"
        for char in id
        for octet in char.encode()
    )


def _ids(answer: object, to: str) -> tuple[str, ...]:
    ids = answer.get("ids") if isinstance(answer, dict) else None
    if not isinstance(ids, dict):
        return ()
    ours = [found for number, found in ids.items() if digits(number) == digits(to)]
    return tuple(found for found in ours if isinstance(found, str) and found)


def _list(answer: object, *way: str) -> list[Any]:
    """Follow keys to a list."""
    for key in way:
        answer = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(answer, list):
        raise unreadable(200, sending=False)
    return answer


def _text(answer: object, key: str) -> str:
    text = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(text, str) or not text:
        raise unreadable(200, sending=False)
    return text


def _shaped(kind: type[shapes.ShapeT], answer: object) -> shapes.ShapeT:
    try:
        return shapes.shape(kind, answer)
    except ValueError:
        raise unreadable(200, sending=False) from None
