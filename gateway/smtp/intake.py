"""The way in: who may fax, to where, what. One commit, then 250: before it nothing is ours, and after it everything."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any

import structlog

from gateway.config import Config
from gateway.fax import Fax
from gateway.message import Mail
from gateway.policy import OverQuotaError
from gateway.smtp import examine, record, trace
from gateway.smtp.address import Address
from gateway.smtp.allowance import Allowance, refusal
from gateway.smtp.envelope import Envelope
from gateway.smtp.failure import failed, tell_refused
from gateway.smtp.fragments import CHANGED, Fragments
from gateway.smtp.incoming import Incoming
from gateway.smtp.means import Means
from gateway.smtp.parameters import NO_WISHES, RcptWishes
from gateway.smtp.postbox import Postbox
from gateway.smtp.recipients import Recipients
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.room import Room
from gateway.smtp.terms import Terms
from gateway.smtp.vouching import Vouching
from gateway.store import FragmentAgainError, FragmentsChangedError
from gateway.submission import Document, Notice, Submission

COMMIT_PATIENCE = 4.0
"""Seconds that a client waits at the dot for a database that does not answer."""

EXAMINE_PATIENCE = 60.0
"""Seconds that a client waits at the dot while documents are opened, or wait for their turn."""

SETTLE_PATIENCE = COMMIT_PATIENCE + 1.0
"""Seconds that mail whose dot has come still has when we stop."""

LARGEST_FROM_STRANGERS = 1_000_000
"""Octets of a mail to postmaster from somebody who may not fax."""

IN_PIECES = Reply(554, "5.6.1", "mail that comes in pieces needs its number in the address, not in the Subject")
TOO_BUSY = Reply(451, "4.3.0", "opening these documents takes too long at the moment, please try again later")

log = structlog.get_logger()


class Intake:
    """Takes mail over, or says why not."""

    def __init__(self, config: Config, means: Means) -> None:
        """Wire the way in: domains, sender rules, number rules and limits, and what is done to mail."""
        self.largest = config.limits.message_size
        """Octets of the largest mail."""
        self.room = Room(config, means.waiting)
        """Whether there is room for another one."""
        self.allowance = Allowance(config, means.used, means.now)
        """Whether its sender may fax as much as that."""
        self.vouching = Vouching(config.sender, means.origin)
        """Whether it comes from the domain that lets it in."""
        self._postbox = Postbox()
        self._recipients = Recipients(config)
        self._fragments = Fragments(means.spool, means.shelf, self.largest)
        self._config = config
        self._means = means
        self._spool = means.spool
        self._now = means.now
        self._under_way: set[asyncio.Task[Reply]] = set()
        self._late: set[asyncio.Task[Reply]] = set()

    def terms(self, *, submission: bool) -> Terms:
        """Return what MAIL may ask for at this moment; on listeners for submission it is more."""
        return Terms(
            now=self._now(),
            largest=self.largest,
            submission=submission,
            longest_hold=self._config.schedule.hold,
            shortest_by=self._config.schedule.by,
        )

    def recipient(self, envelope: Envelope, recipient: Address, wishes: RcptWishes = NO_WISHES) -> Reply:
        """Answer RCPT.

        Raises:
            RefusedError: this cannot be a recipient.
        """
        return self._recipients.add(envelope, recipient, wishes)

    def begin(self, envelope: Envelope) -> Incoming:
        """Prepare for the content of a mail.

        Raises:
            RefusedError: there is no room for it, or too much has come for the operator.
        """
        if not envelope.faxed:
            self._postbox.add(envelope.client.ip)
        limit = self.largest if envelope.rule is not None else min(self.largest, LARGEST_FROM_STRANGERS)
        id = self._means.new_id()  # the house says id everywhere
        try:
            draft = self._spool.draft(id)
        except OSError as error:
            raise RefusedError.of(failed("mail.failed", error, id=id)) from None
        preface = trace.header(envelope, self._config.own_name, id, self._now())
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
            tell_refused("mail.refused", incoming.envelope.client, error.reply)
            return error.reply
        except Exception as error:  # noqa: BLE001  # whatever it was, the client keeps the mail and tries again
            self.room.doubt()
            return failed("mail.failed", error, id=incoming.draft.id)

    async def _take(self, incoming: Incoming) -> Reply:
        draft = incoming.draft
        async with AsyncExitStack() as alone:
            try:
                mail, documents = await self._examined_in_time(incoming, alone)
                await asyncio.to_thread(self._spool.keep, draft)
            except BaseException:
                draft.discard()
                self._spool.remove(draft.id)
                raise
            return await self._in_time(self._commit(incoming, mail, documents), draft.id)

    async def _examined_in_time(
        self, incoming: Incoming, alone: AsyncExitStack
    ) -> tuple[Mail | None, tuple[Document, ...]]:
        try:
            async with asyncio.timeout(EXAMINE_PATIENCE):
                return await self._examine(incoming, alone)
        except TimeoutError:
            raise RefusedError.of(TOO_BUSY) from None

    async def _examine(self, incoming: Incoming, alone: AsyncExitStack) -> tuple[Mail | None, tuple[Document, ...]]:
        """Read what arrived and open its documents. Mail for the operator alone, and a piece, need not have any."""
        if incoming.reader.fault is not None:
            raise RefusedError.of(incoming.reader.fault)
        if incoming.failure is not None:
            raise incoming.failure
        await asyncio.to_thread(incoming.draft.flush)
        await asyncio.to_thread(self.room.disk.check, incoming.draft.size)  # documents are unpacked beside it
        if not incoming.envelope.faxed:
            return await examine.read_leniently(incoming.draft), ()
        await self.vouching.check(incoming)
        settings = examine.wanted(self._config.documents, incoming.envelope.rule)
        mail = await examine.read(incoming.draft, settings)
        if mail.piece is not None and incoming.envelope.in_subject:
            raise RefusedError.of(IN_PIECES)
        self._recipients.add_from_subject(incoming.envelope, mail.subject)
        if mail.piece is not None:
            incoming.fragment, start = await self._fragments.add(incoming, mail.piece, alone)
            if start is None:
                return mail, ()
            mail = await examine.read(incoming.draft, settings, start)
        documents = await examine.documents(incoming.draft, mail, self._means.inspect, self._means.join)
        await asyncio.to_thread(self.room.disk.check, 0)  # what was repaired lies behind the mail now
        return mail, documents

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
        faxes = record.faxes(incoming, self._means.new_id, now)
        notices = record.notices(incoming, self._config.operator, self._means.new_id, now)
        try:
            earlier = await self._accepted(submission, faxes, notices)
        except FragmentAgainError as again:
            return _queued_as(again.id)
        there = {fax.number for fax in earlier}
        fresh = [fax for fax in faxes if fax.number not in there]
        if earlier:
            repeated = [fax.id for fax in earlier]
            log.info("mail.repeated", id=submission.id, client=submission.client, faxes=repeated)
        if earlier and not fresh and not notices:
            await asyncio.to_thread(self._spool.remove, submission.id)
            return _queued_as(earlier[0].submission_id)
        _tell_accepted(submission, fresh)
        self._means.kick()
        return _queued_as(submission.id) if faxes or notices else _held(submission)

    async def _accepted(self, submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice]) -> Sequence[Fax]:
        """Commit. When that fails the file goes again, unless nobody knows whether it failed."""
        try:
            return await self._means.accept(submission, faxes, notices, self._config.limits.repeat_window)
        except (TimeoutError, ConnectionError):
            raise
        except OverQuotaError as error:
            self._spool.remove(submission.id)
            raise RefusedError.of(refusal(error)) from None
        except FragmentsChangedError:
            self._spool.remove(submission.id)
            raise RefusedError.of(CHANGED) from None
        except Exception:
            self._spool.remove(submission.id)
            raise


def _queued_as(id: str) -> Reply:
    return Reply(250, "2.0.0", f"queued as {id}")


def _held(submission: Submission) -> Reply:
    fragment = submission.fragment
    piece = f"{fragment.number} of {fragment.total or 'some'}" if fragment else "of a mail"
    return Reply(250, "2.0.0", f"queued as {submission.id}; piece {piece} is held until all are here")


def _tell_accepted(submission: Submission, faxes: Sequence[Fax]) -> None:
    log.info(
        "mail.accepted",
        id=submission.id,
        client=submission.client,
        rule=submission.rule,
        faxes=[fax.id for fax in faxes],
        pages=submission.pages,
        size=submission.size,
    )
