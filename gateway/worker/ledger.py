"""Writes down what happens to faxes, and sees to it that whoever is owed a mail for it gets one."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from gateway import notice as notices
from gateway.event import AnyEvent, Late
from gateway.fax import Fax, advance
from gateway.store import Store
from gateway.submission import Notice, NoticeKind

log = structlog.get_logger()


class Ledger:
    """The one place where an event becomes a committed change."""

    def __init__(self, *, store: Store, operator: str, kick: Callable[[], None], now: Callable[[], float]) -> None:
        self._store = store
        self._operator = operator
        self._kick = kick
        self._now = now

    async def happened(self, fax: Fax, event: AnyEvent) -> Fax | None:
        """Write an event; when somebody is to hear of it, also the notice owed for it, in the same transaction.

        Returns:
            The fax as it is now, or None when somebody else changed it first: then it is theirs to go on with.
        """
        now = self._now()
        after = advance(fax, event, now)
        notice = await self._owed(after, event, now) if after.final or isinstance(event, Late) else None
        if not await self._store.change(fax, after, event, now, notice):
            log.info("fax.overtaken", fax=fax.id, event_lost=type(event).__name__)
            return None
        log.info(_verb(event), fax=fax.id, attempt=fax.attempt, state=after.state, reason=after.reason)
        self._kick()
        return after

    async def tell_operator(self, matter: str, subject: str, text: str) -> None:
        """Owe the operator a mail about a matter, at most one a day for each matter."""
        now = self._now()
        day = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d")
        notice = Notice(
            id=f"operator.{matter}.{day}",
            kind=NoticeKind.OPERATOR,
            recipient=self._operator,
            subject=subject,
            text=text,
            created_at=now,
            due_at=now,
        )
        if await self._store.owe(notice):
            log.warning("operator.told", matter=matter)
            self._kick()

    async def _owed(self, fax: Fax, event: AnyEvent, now: float) -> Notice | None:
        submission = await self._store.submission(fax.submission_id)
        if submission is None:
            return None
        late = isinstance(event, Late)
        recipient = notices.addressee(submission) if late else notices.owed(fax, submission)
        if recipient is None:
            return None
        return Notice(
            id=owed_id(fax),
            kind=NoticeKind.LATE if late else NoticeKind.OUTCOME,
            recipient=recipient,
            fax_id=fax.id,
            submission_id=fax.submission_id,
            created_at=now,
            due_at=now,
        )


def owed_id(fax: Fax) -> str:
    """The id of the notice that is owed for a fax as it is; each time it ends it is another."""
    return f"{fax.id}.{fax.version}"


def _verb(event: AnyEvent) -> str:
    """`NotSeen` in the words of logs: `fax.not_seen`."""
    return "fax." + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()
