"""The way in: who may fax, to where, what. One commit, then 250: before it nothing is ours, and after it everything."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog

from gateway.config import Config
from gateway.fax import Fax
from gateway.message import Mail
from gateway.smtp import examine, record, trace
from gateway.smtp.address import Address
from gateway.smtp.envelope import Envelope
from gateway.smtp.examine import Inspect
from gateway.smtp.failure import failed
from gateway.smtp.incoming import Incoming
from gateway.smtp.recipients import Recipients
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.room import Room, Waiting
from gateway.spool import Spool
from gateway.submission import Document, Notice, Submission

Accept = Callable[[Submission, Sequence[Fax], Sequence[Notice], float], Awaitable[Sequence[Fax]]]
"""Commits a mail with its faxes and notices. Raises when it is not committed.

Faxes that repeat others of the last so many seconds are folded into those, which it returns, oldest first.
"""

COMMIT_PATIENCE = 4.0
"""Seconds that a client waits at the dot for a database that does not answer."""

SETTLE_PATIENCE = COMMIT_PATIENCE + 1.0
"""Seconds that mail whose dot has come still has when we stop."""

LARGEST_FROM_STRANGERS = 1_000_000
"""Octets of a mail to postmaster from somebody who may not fax."""

log = structlog.get_logger()


class Intake:
    """Takes mail over, or says why not."""

    def __init__(
        self,
        config: Config,
        *,
        spool: Spool,
        inspect: Inspect,
        accept: Accept,
        waiting: Waiting,
        kick: Callable[[], None],
        now: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        """Wire the way in.

        Args:
            config: domains, sender rules, number rules and limits.
            spool: where mail is written.
            inspect: opens a document and counts its pages.
            accept: commits.
            waiting: counts the faxes that wait to be sent.
            kick: wakes the worker.
            now: the clock.
            new_id: makes ids.
        """
        self.largest = config.limits.message_size
        """Octets of the largest mail."""
        self.room = Room(config, waiting)
        """Whether there is room for another one."""
        self._recipients = Recipients(config)
        self._own_name = config.own_name
        self._operator = config.operator
        self._spool = spool
        self._inspect = inspect
        self._accept = accept
        self._kick = kick
        self._now = now
        self._new_id = new_id
        self._repeat_window = config.limits.repeat_window
        self._under_way: set[asyncio.Task[Reply]] = set()
        self._late: set[asyncio.Task[Reply]] = set()

    def recipient(self, envelope: Envelope, recipient: Address) -> Reply:
        """Answer RCPT.

        Raises:
            RefusedError: this cannot be a recipient.
        """
        try:
            return self._recipients.add(envelope, recipient)
        except RefusedError as error:
            _tell("recipient.refused", envelope, error.reply)
            raise

    def begin(self, envelope: Envelope) -> Incoming:
        """Prepare for the content of a mail.

        Raises:
            RefusedError: there is no room for it.
        """
        limit = self.largest if envelope.rule is not None else min(self.largest, LARGEST_FROM_STRANGERS)
        id = self._new_id()  # the house says id everywhere
        try:
            draft = self._spool.draft(id)
        except OSError as error:
            raise RefusedError.of(failed("mail.failed", error, id=id)) from None
        preface = trace.header(envelope, self._own_name, id, self._now())
        return Incoming(envelope, draft, preface, limit=limit, may_write=self.room.disk.check)

    async def finish(self, incoming: Incoming) -> Reply:
        """Answer the dot. Once begun it comes to its end, also when the caller is cancelled: the client may be gone."""
        task = asyncio.create_task(self._finish(incoming))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for all that was begun, but for commits that their clients no longer wait for.

        A document that takes very long to open is left: its sender is gone by then, and was promised nothing.
        """
        if self._under_way:
            _, unfinished = await asyncio.wait(self._under_way, timeout=SETTLE_PATIENCE)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    async def _finish(self, incoming: Incoming) -> Reply:
        try:
            return await self._take(incoming)
        except RefusedError as error:
            _tell("mail.refused", incoming.envelope, error.reply)
            return error.reply
        except Exception as error:  # noqa: BLE001  # whatever it was, the client keeps the mail and tries again
            self.room.doubt()
            return failed("mail.failed", error, id=incoming.draft.id)

    async def _take(self, incoming: Incoming) -> Reply:
        draft = incoming.draft
        try:
            mail, documents = await self._examine(incoming)
            await asyncio.to_thread(self._spool.keep, draft)
        except BaseException:
            draft.discard()
            self._spool.remove(draft.id)
            raise
        return await self._in_time(self._commit(incoming, mail, documents), draft.id)

    async def _examine(self, incoming: Incoming) -> tuple[Mail | None, tuple[Document, ...]]:
        """Read what arrived and open its documents. Mail for the operator alone need not have any."""
        if incoming.reader.fault is not None:
            raise RefusedError.of(incoming.reader.fault)
        if incoming.failure is not None:
            raise incoming.failure
        path = incoming.draft.path
        await asyncio.to_thread(incoming.draft.flush)
        await asyncio.to_thread(self.room.disk.check, incoming.draft.size)  # documents are unpacked beside it
        if not incoming.envelope.numbers:
            return await examine.read_leniently(path), ()
        mail = await examine.read(path)
        return mail, await examine.documents(path, mail, self._inspect)

    async def _in_time(self, commit: Coroutine[Any, Any, Reply], id: str) -> Reply:
        """Wait for a commit as long as a client should wait. It comes to its end also when that takes longer.

        Raises:
            TimeoutError: nobody knows yet.
        """
        task = asyncio.create_task(commit, name=id)
        done, _ = await asyncio.wait({task}, timeout=COMMIT_PATIENCE)
        if not done:
            self._late.add(task)
            task.add_done_callback(self._came_late)
            raise TimeoutError
        return task.result()

    def _came_late(self, task: asyncio.Task[Reply]) -> None:
        self._late.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            failed("mail.failed", error, id=task.get_name())

    async def _commit(self, incoming: Incoming, mail: Mail | None, documents: tuple[Document, ...]) -> Reply:
        """Make it ours, but for what is a repeat; when it is nothing else its file goes again."""
        now = self._now()
        submission = record.submission(incoming, mail, documents, now)
        faxes = record.faxes(incoming, self._new_id, now)
        notices = record.notices(incoming, self._operator, self._new_id, now)
        earlier = await self._accepted(submission, faxes, notices)
        there = {fax.number for fax in earlier}
        fresh = [fax for fax in faxes if fax.number not in there]
        if earlier:
            repeated = [fax.id for fax in earlier]
            log.info("mail.repeated", id=submission.id, client=submission.client, faxes=repeated)
        if earlier and not fresh and not notices:
            await asyncio.to_thread(self._spool.remove, submission.id)
            return _queued_as(earlier[0].submission_id)
        _tell_accepted(submission, fresh)
        self._kick()
        return _queued_as(submission.id)

    async def _accepted(self, submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice]) -> Sequence[Fax]:
        """Commit. When that fails the file goes again, unless nobody knows whether it failed."""
        try:
            return await self._accept(submission, faxes, notices, self._repeat_window)
        except (TimeoutError, ConnectionError):
            raise
        except Exception:
            self._spool.remove(submission.id)
            raise


def _queued_as(id: str) -> Reply:
    return Reply(250, "2.0.0", f"queued as {id}")


def _tell_accepted(submission: Submission, faxes: Sequence[Fax]) -> None:
    log.info(
        "mail.accepted",
        id=submission.id,
        client=submission.client,
        rule=submission.rule,
        faxes=[fax.id for fax in faxes],
        pages=sum(document.pages for document in submission.documents),
        size=submission.size,
    )


def _tell(event: str, envelope: Envelope, reply: Reply) -> None:
    log.info(event, client=envelope.client.who, code=reply.code, status=reply.enhanced, words=reply.words)
