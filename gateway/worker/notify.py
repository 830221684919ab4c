"""Hands owed mails to the relay until it takes them: at least once, always the same mail."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from gateway import notice as notices
from gateway.mailer import Mailer, MailerError
from gateway.schedule import Schedule
from gateway.store import Store
from gateway.submission import Notice, NoticeKind
from gateway.worker.ledger import Ledger
from gateway.worker.patience import Patience
from gateway.worker.scribe import ElsewhereError, OvertakenError, Scribe

log = structlog.get_logger()

TRIES = 5
"""Times that a mail is offered at least: its age may be that of a clock that was set while it waited for others."""
LEASE_USED = 0.8
"""Share of its lease for which a notice is offered; what is left keeps two nodes from offering it at the same time."""


HOUR = 3600.0
HELD = 300.0
"""Seconds that a mail is held back at least."""
HELD_WORDS = """\
Somebody has had as many mails within an hour as `confirmations.per_hour` allows. Further ones are sent later; none is
lost. The log names them (notice.held).
"""


class Notifier:
    """Sends what is owed and due."""

    def __init__(
        self,
        *,
        store: Store,
        mailer: Mailer,
        ledger: Ledger,
        schedule: Schedule,
        patience: Patience,
        scribe: Scribe,
        per_hour: int,
        lease: float,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._scribe = scribe
        self._mailer = mailer
        self._ledger = ledger
        self._schedule = schedule
        self._patience = patience
        self._per_hour = per_hour
        self._lease = lease
        self._now = now

    async def notify_due(self) -> None:
        """Offer every notice whose time has come to the relay."""
        now = self._now()
        for notice in await self._store.due_notices(now, astray_after=self._schedule.astray_after(now)):
            if await self._store.take_notice(notice, self._now() + self._lease) and not await self._held(notice):
                await self._offer(notice)

    async def _offer(self, notice: Notice) -> None:
        try:
            async with asyncio.timeout(LEASE_USED * self._lease):
                mail = await self._scribe.write(notice)
                octets = await asyncio.to_thread(notices.to_bytes, mail)  # a mail passed on may be very large
                await self._mailer.send(notice.recipient, octets)
        except ElsewhereError:
            return
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

    async def _held(self, notice: Notice) -> bool:
        """Put a mail off when its recipient has had very many within an hour: whatever loops is slowed down."""
        if notice.kind is NoticeKind.OPERATOR:
            return False
        now = self._now()
        full = await self._store.sent_to(notice.recipient, now - HOUR, self._per_hour)
        if full is None:
            return False
        await self._store.tried(replace(notice, due_at=max(full + HOUR, now + HELD)))
        log.warning("notice.held", notice=notice.id)
        await self._ledger.tell_operator("confirmations-held", "Confirmations are held back", HELD_WORDS)
        return True

    async def _taken(self, notice: Notice) -> None:
        now = self._now()
        await self._store.tried(replace(notice, attempts=notice.attempts + 1, due_at=None, sent_at=now, last_error=""))
        log.info("notice.sent", notice=notice.id, kind=notice.kind, fax=notice.fax_id)

    async def _not_taken(self, notice: Notice, words: str, *, permanent: bool) -> None:
        now = self._now()
        attempts = notice.attempts + 1
        old = self._schedule.notice_over(notice.created_at, now) and self._patience.may_end()
        over = permanent or (old and attempts >= TRIES)
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
