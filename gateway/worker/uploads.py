"""The documents of a mail at FAX.PLUS: uploaded once for all its faxes, and again when FAX.PLUS has forgotten them."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from weakref import WeakValueDictionary

from gateway import message
from gateway.faxplus import FaxPlus
from gateway.spool import Spool
from gateway.store import Store
from gateway.submission import Document, Submission

KEPT_FOR = 3600.0
"""Seconds for which an upload is used again. FAX.PLUS calls them temporary and gives no duration."""


class DocumentLostError(Exception):
    """What was accepted can no longer be read as it was."""


class Uploads:
    """Knows which documents FAX.PLUS has, and brings it those that it has not."""

    def __init__(self, *, store: Store, spool: Spool, faxplus: FaxPlus, now: Callable[[], float]) -> None:
        self._store = store
        self._spool = spool
        self._faxplus = faxplus
        self._now = now
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, submission_id: str) -> tuple[Submission, list[str]]:
        """Upload what is not there yet. Returns the mail, and FAX.PLUS's paths in the order of its documents.

        Raises:
            DocumentLostError: a document, or the record of the mail, is gone or not what it was.
            gateway.faxplus.FaxPlusError: FAX.PLUS did not take a document.
        """
        async with self._turns.setdefault(submission_id, asyncio.Lock()):
            submission = await self._store.submission(submission_id)
            if submission is None:
                raise DocumentLostError("its record is gone")
            there = [one.remote_path for one in submission.documents if one.remote_path and self._fresh(one)]
            if len(there) == len(submission.documents):
                return submission, there
            async with self._spool.opened(submission.id) as mail:
                return submission, [
                    await self._path(mail, submission.id, document) for document in submission.documents
                ]

    async def forget(self, submission_id: str, before: float) -> bool:
        """Use no more what was uploaded before then. Whether there was anything."""
        submission = await self._store.submission(submission_id)
        documents = submission.documents if submission else ()
        old = [one for one in documents if one.remote_path and (one.uploaded_at or 0) < before]
        for document in old:
            await self._store.uploaded(submission_id, document.position, None, self._now())
        return bool(old)

    async def _path(self, mail: Path, submission_id: str, document: Document) -> str:
        if document.remote_path is not None and self._fresh(document):
            return document.remote_path
        remote_path = await self._upload(mail, document)
        await self._store.uploaded(submission_id, document.position, remote_path, self._now())
        return remote_path

    async def _upload(self, mail: Path, document: Document) -> str:
        """Upload a document, decoded straight from the spooled mail, and see that it is the one that was accepted."""
        _check_it_is_whole(mail, document)
        digest = hashlib.sha256()

        def chunks() -> Iterator[bytes]:
            nonlocal digest
            digest = hashlib.sha256()  # anew: with a renewed token the document leaves a second time
            for chunk in message.decoded(mail, document):
                digest.update(chunk)
                yield chunk

        remote_path = await self._faxplus.upload(document.kind, document.size, chunks)
        if digest.hexdigest() != document.sha256:
            raise DocumentLostError(f'"{document.name}" differs from what was accepted')
        return remote_path

    def _fresh(self, document: Document) -> bool:
        return document.uploaded_at is not None and 0 <= self._now() - document.uploaded_at < KEPT_FOR


def _check_it_is_whole(mail: Path, document: Document) -> None:
    try:
        size = mail.stat().st_size
    except FileNotFoundError:
        raise DocumentLostError("its mail is gone") from None
    if size < document.offset + document.length:
        raise DocumentLostError("its mail is shorter than it was")
