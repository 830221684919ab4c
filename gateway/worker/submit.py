"""Takes queued faxes to FAX.PLUS: upload, put the attempt on record, POST once.

There is no idempotency key, so the order is the whole point: the claim is committed before the
request leaves, and when no clear answer comes, nothing is written; `ask` looks for the fax later.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from gateway import message
from gateway.event import Accepted, Claimed, Deferred, GivenUp, Refused
from gateway.fax import Fax, State
from gateway.faxplus import FaxPlus, FaxPlusError, Verdict
from gateway.schedule import Schedule
from gateway.spool import Spool
from gateway.store import Store
from gateway.submission import Document
from gateway.worker.gate import Gate
from gateway.worker.ledger import Ledger

log = structlog.get_logger()

UPLOAD_KEEPS = 3600.0
"""Seconds for which an upload is used again. FAX.PLUS calls them temporary and gives no duration."""
UPLOADS_UNKNOWN = frozenset({400, 404, 410, 422})
"""Answers that may be about uploads which FAX.PLUS has forgotten."""


class DocumentLostError(Exception):
    """What was accepted can no longer be read as it was."""


class Submitter:
    """Submits what is due."""

    def __init__(
        self,
        *,
        store: Store,
        spool: Spool,
        faxplus: FaxPlus,
        ledger: Ledger,
        schedule: Schedule,
        gate: Gate,
        now: Callable[[], float],
        at_once: int,
    ) -> None:
        self._store = store
        self._spool = spool
        self._faxplus = faxplus
        self._ledger = ledger
        self._schedule = schedule
        self._gate = gate
        self._now = now
        self._at_once = asyncio.Semaphore(at_once)
        self._uploading: dict[str, asyncio.Lock] = {}

    async def submit_due(self) -> None:
        """Submit every queued fax whose time has come, a few at a time."""
        now = self._now()
        if self._gate.wait(now) > 0:
            return
        faxes = (await self._store.due({State.QUEUED}, now))[: self._gate.admits()]
        self._uploading = {fax.submission_id: asyncio.Lock() for fax in faxes}
        async with asyncio.TaskGroup() as group:
            for fax in faxes:
                group.create_task(self._in_turn(fax))

    async def _in_turn(self, fax: Fax) -> None:
        async with self._at_once:
            if self._gate.wait(self._now()) > 0:  # closed meanwhile by one of the others
                return
            try:
                await self._submit(fax)
            except Exception:
                log.exception("fax.stumbled", fax=fax.id)
                await self._put_off(fax, "an error of our own; see the log")

    async def _submit(self, fax: Fax) -> None:
        if self._schedule.over(fax, self._now()):
            await self._ledger.happened(fax, GivenUp(reason=f"not sent in time: {fax.reason or 'never taken'}"))
            return
        started = self._now()
        try:
            paths = await self._uploads(fax)
        except DocumentLostError as error:
            await self._ledger.happened(fax, Refused(reason=f"the document is no longer readable here: {error}"))
        except FaxPlusError as error:
            await self._not_taken(fax, error)
        else:
            await self._post(fax, paths, started)

    async def _post(self, fax: Fax, paths: list[str], started: float) -> None:
        claimed = await self._ledger.happened(fax, Claimed(look_at=self._schedule.look_at(self._now())))
        if claimed is None or not self._schedule.may_post(claimed, self._now()):
            return
        try:
            remote_ids = await self._faxplus.send(to=fax.number, files=paths, token=claimed.token)
        except FaxPlusError as error:
            if error.verdict is Verdict.UNCERTAIN:
                log.warning("fax.in_doubt", fax=fax.id, reason=error.words)
            elif error.status in UPLOADS_UNKNOWN and await self._stale(fax, started):
                await self._put_off(claimed, f"{error.words}; uploading again", at=self._now())
            else:
                await self._not_taken(claimed, error)
        else:
            self._gate.open()
            ask_at = self._schedule.ask_at(claimed, self._now())
            await self._ledger.happened(claimed, Accepted(remote_ids=remote_ids, ask_at=ask_at))

    async def _not_taken(self, fax: Fax, error: FaxPlusError) -> None:
        """FAX.PLUS surely did not take it: later again, or never."""
        if error.operator:
            self._gate.close(self._now())
            await self._ledger.tell_operator(*_wanted(error))
        if error.verdict is Verdict.PERMANENT:
            await self._ledger.happened(fax, Refused(reason=error.words))
        else:
            retry_at = self._schedule.retry_at(fax, self._now(), retry_after=error.retry_after or 0.0)
            await self._put_off(fax, error.words, at=retry_at)

    async def _put_off(self, fax: Fax, reason: str, at: float | None = None) -> None:
        retry_at = self._schedule.retry_at(fax, self._now()) if at is None else at
        await self._ledger.happened(fax, Deferred(reason=reason, retry_at=retry_at))

    async def _uploads(self, fax: Fax) -> list[str]:
        """Upload what is not there yet; once for all faxes of a mail."""
        async with self._uploading[fax.submission_id]:
            submission = await self._store.submission(fax.submission_id)
            if submission is None:
                raise DocumentLostError("its record is gone")
            return [await self._upload(submission.id, document) for document in submission.documents]

    async def _upload(self, submission_id: str, document: Document) -> str:
        if document.remote_path is not None and self._fresh(document):
            return document.remote_path
        path, digest = self._mail(submission_id, document), hashlib.sha256()

        def chunks() -> Iterator[bytes]:
            for chunk in message.decoded(path, document):
                digest.update(chunk)
                yield chunk

        remote_path = await self._faxplus.upload(document.kind, document.size, chunks)
        if digest.hexdigest() != document.sha256:
            raise DocumentLostError(f'"{document.name}" differs from what was accepted')
        await self._store.uploaded(submission_id, document.position, remote_path, self._now())
        return remote_path

    def _mail(self, submission_id: str, document: Document) -> Path:
        """Where the mail lies, with all of the document still in it."""
        path = self._spool.path(submission_id)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise DocumentLostError("its mail is gone") from None
        if size < document.offset + document.length:
            raise DocumentLostError("its mail is shorter than it was")
        return path

    def _fresh(self, document: Document) -> bool:
        return document.uploaded_at is not None and 0 <= self._now() - document.uploaded_at < UPLOAD_KEEPS

    async def _stale(self, fax: Fax, started: float) -> bool:
        """Whether the refusal may be due to uploads from before this try; then forget them."""
        submission = await self._store.submission(fax.submission_id)
        old = [one for one in submission.documents if (one.uploaded_at or 0) < started] if submission else []
        for document in old:
            await self._store.uploaded(fax.submission_id, document.position, None, self._now())
        return bool(old)


def _wanted(error: FaxPlusError) -> tuple[str, str, str]:
    """What the operator is told when FAX.PLUS wants them: matter, subject, text."""
    text = f"""Requests to FAX.PLUS fail: {error.words}.

No fax is lost or called failed for this. They wait, sending is tried again all the time, and it goes on by itself
as soon as the cause is mended. `fax-gateway check --live` tells what is wrong.
"""
    return f"faxplus-{error.status or 'unasked'}", "Faxes are waiting: FAX.PLUS does not let us in", text
