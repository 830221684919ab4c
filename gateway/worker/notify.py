"""Hands owed mails to the relay until it takes them: at least once, always the same mail."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from email.message import EmailMessage

import structlog

from gateway import notice as notices
from gateway.fax import Change, Fax
from gateway.mailer import Mailer, MailerError
from gateway.schedule import Schedule
from gateway.spool import Spool
from gateway.store import Store
from gateway.submission import Notice, NoticeKind, Submission
from gateway.worker.ledger import Ledger, owed_id
from gateway.worker.patience import Patience

log = structlog.get_logger()

LEASE_USED = 0.8
"""Share of its lease for which a notice is offered; what is left keeps two nodes from offering it at the same time."""


class OvertakenError(Exception):
    """What a notice is about is no longer so."""


class Notifier:
    """Sends what is owed and due."""

    def __init__(
        self,
        *,
        store: Store,
        spool: Spool,
        mailer: Mailer,
        ledger: Ledger,
        schedule: Schedule,
        patience: Patience,
        sender: str,
        own_name: str,
        lease: float,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._spool = spool
        self._mailer = mailer
        self._ledger = ledger
        self._schedule = schedule
        self._patience = patience
        self._from = {"sender": sender, "own_name": own_name}
        self._lease = lease
        self._now = now

    async def notify_due(self) -> None:
        """Offer every notice whose time has come to the relay."""
        now = self._now()
        for notice in await self._store.due_notices(now, astray_after=self._schedule.astray_after(now)):
            if await self._store.take_notice(notice, self._now() + self._lease):
                await self._offer(notice)

    async def _offer(self, notice: Notice) -> None:
        try:
            async with asyncio.timeout(LEASE_USED * self._lease):
                mail = await self._compose(notice)
                await self._mailer.send(notice.recipient, notices.to_bytes(mail))
        except OvertakenError as error:
            await self._store.tried(replace(notice, due_at=None, last_error=str(error)))
            log.info("notice.overtaken", notice=notice.id, fax=notice.fax_id)
        except MailerError as error:
            await self._not_taken(notice, error.words, permanent=error.permanent)
        except TimeoutError:
            await self._not_taken(notice, "the relay took too long", permanent=False)
        except Exception:
            log.exception("notice.stumbled", notice=notice.id)
            await self._not_taken(notice, "an error of our own; see the log", permanent=False)
        else:
            await self._taken(notice)

    async def _compose(self, notice: Notice) -> EmailMessage:
        if notice.kind is NoticeKind.OPERATOR:
            return notices.operator(notice, **self._from)
        if notice.kind is NoticeKind.FORWARD:
            async with self._spool.opened(notice.submission_id or "") as mail:
                return notices.forward(notice, await asyncio.to_thread(mail.read_bytes), **self._from)
        fax = await self._store.fax(notice.fax_id or "")
        submission = await self._store.submission(notice.submission_id or "")
        if fax is None or submission is None:
            raise LookupError(f"notice {notice.id} is about a fax that is not on record")
        history = await self._store.history(fax.id)
        if notice.kind is NoticeKind.LATE:
            return self._late(notice, fax, submission, history)
        if notice.id != owed_id(fax):
            raise OvertakenError("overtaken: the fax was sent once more, and how that ends is told instead")
        return notices.outcome(notice, fax, submission, history, **self._from)

    def _late(self, notice: Notice, fax: Fax, submission: Submission, history: Sequence[Change]) -> EmailMessage:
        if fax.final:
            raise OvertakenError("overtaken: the fax has ended, and how is told instead")
        gives_up_at = self._schedule.gives_up_at(fax)
        return notices.late(notice, fax, submission, history, gives_up_at=gives_up_at, **self._from)

    async def _taken(self, notice: Notice) -> None:
        now = self._now()
        await self._store.tried(replace(notice, attempts=notice.attempts + 1, due_at=None, sent_at=now, last_error=""))
        log.info("notice.sent", notice=notice.id, kind=notice.kind, fax=notice.fax_id)

    async def _not_taken(self, notice: Notice, words: str, *, permanent: bool) -> None:
        now = self._now()
        attempts = notice.attempts + 1
        over = permanent or (self._schedule.notice_over(notice.created_at, now) and self._patience.may_end())
        due_at = None if over else self._schedule.notice_at(attempts, now)
        await self._store.tried(replace(notice, attempts=attempts, due_at=due_at, last_error=words))
        log.warning("notice.dropped" if over else "notice.deferred", notice=notice.id, reason=words)
        if over and notice.kind is not NoticeKind.OPERATOR:  # a mail about a mail to the operator would never end
            await self._ledger.tell_operator(
                f"notice-{notice.id}",
                "A confirmation could not be delivered",
                f"The mail relay did not take notice {notice.id} (fax {notice.fax_id}): {words}.\n"
                "Its sender has not been told how the fax ended. `fax-gateway show` tells.\n",
            )
