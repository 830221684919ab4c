"""A picture of what was faxed, for the confirmation: the first page of the first document, if it can be drawn."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import structlog

from gateway import message
from gateway.spool import Draft, Spool
from gateway.submission import Document, Kind, Submission

Draw: TypeAlias = Callable[[Path, Kind], Awaitable[bytes | None]]
"""Draws the first page of the document at that path as PNG; None when it cannot: `gateway.inspector.Thumbnails`."""

LARGEST = 50_000_000
"""Octets of a document that is drawn."""

REMEMBERED = 64
"""Pictures that are kept in memory, so that a mail that is offered again soon is the same mail."""

log = structlog.get_logger()


class FrontPages:
    """Draws from the spool. Nothing that goes wrong here keeps a confirmation from leaving."""

    def __init__(self, spool: Spool, draw: Draw) -> None:
        self._spool = spool
        self._draw = draw
        self._drawn: dict[str, bytes | None] = {}

    async def of(self, submission: Submission) -> bytes | None:
        """Return a picture of the mail's first page; None if it cannot be drawn, or must not be seen."""
        if submission.discreet or not submission.documents:
            return None
        if submission.id not in self._drawn:
            self._drawn[submission.id] = await self._drawing(submission.id, submission.documents[0])
            while len(self._drawn) > REMEMBERED:
                del self._drawn[next(iter(self._drawn))]
        return self._drawn[submission.id]

    async def _drawing(self, submission_id: str, document: Document) -> bytes | None:
        if document.size > LARGEST:
            return None
        try:
            draft = self._spool.draft(f"page-{secrets.token_hex(8)}")
            try:
                async with self._spool.opened(submission_id) as mail:
                    await asyncio.to_thread(_unpack, mail, document, draft)
                return await self._draw(draft.path, document.kind)
            finally:
                draft.discard()
        except OSError as error:  # the mail is gone, or there is no room: the confirmation goes without
            log.warning("thumbnail.failed", reason=type(error).__name__)
            return None


def _unpack(mail: Path, document: Document, draft: Draft) -> None:
    for chunk in message.decoded(mail, document):
        draft.write(chunk)
    draft.flush()
