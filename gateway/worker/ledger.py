"""Writes down what happens to faxes, and sees to it that whoever is owed a mail for it gets one."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from gateway import notice as notices
from gateway.config import ConfirmationSettings
from gateway.event import AnyEvent, Claimed, Late
from gateway.fax import Fax, advance
from gateway.policy import Spend
from gateway.store import Store
from gateway.submission import Notice, NoticeKind, Submission

log = structlog.get_logger()

TOGETHER = 60.0
"""Seconds within which all faxes of a mail that became late at the same time are found to be late."""

USUAL = ConfirmationSettings()


class Ledger:
    """The one place where an event becomes a committed change."""

    def __init__(
        self,
        *,
        store: Store,
        operator: str,
        kick: Callable[[], None],
        now: Callable[[], float],
        confirmations: ConfirmationSettings = USUAL,
    ) -> None:
        self._store = store
        self._operator = operator
        self._kick = kick
        self._now = now
        self._confirmations = confirmations

    async def happened(self, fax: Fax, event: AnyEvent, spend: Spend | None = None) -> Fax | None:
        """Write an event; when somebody is to hear of it, also the notice owed for it, in the same transaction.

        With `spend` that much is set aside for the fax, in the same transaction too.

        Returns:
            The fax as it is now, or None when somebody else changed it first: then it is theirs to go on with.

        Raises:
            gateway.policy.CapReachedError: it would cost more than is left; nothing is written.
        """
        now = self._now()
        after = advance(fax, event, now)
        notice, gather_for = await self._owed(after, event, now)
        if not await self._store.change(fax, after, event, now, notice, spend, gather_for):
            log.info("fax.overtaken", fax=fax.id, event_lost=type(event).__name__)
            return None
        log.info(_verb(event), fax=fax.id, attempt=fax.attempt, state=after.state, reason=after.reason)
        self._kick()
        return after

    async def tell_operator(self, matter: str, subject: str, text: str, period: str = "") -> None:
        """Owe the operator a mail about a matter, at most one for each matter in a period; left out: in a day."""
        now = self._now()
        day = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d")
        notice = Notice(
            id=f"operator.{matter}.{period or day}",
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

    async def _owed(self, fax: Fax, event: AnyEvent, now: float) -> tuple[Notice | None, float | None]:
        """The notice that is owed for what happened, and how long it may wait for those about the other faxes."""
        begun = isinstance(event, Claimed) and fax.version == 1 and self._confirmations.accepted
        if not (fax.final or isinstance(event, Late) or begun):
            return None, None
        submission = await self._store.submission(fax.submission_id)
        if submission is None:
            return None, None
        gather_for = None if begun else self._gather_for(fax, submission)
        kind, recipient = _whom(fax, submission, begun=begun)
        if recipient is None:
            return None, gather_for
        id = f"{submission.id}.accepted" if begun else owed_id(fax)
        notice = Notice(
            id=id,
            kind=kind,
            recipient=recipient,
            fax_id=None if begun else fax.id,
            submission_id=fax.submission_id,
            created_at=now,
            due_at=now,
            mail=id if gather_for is None else "",
        )
        return notice, gather_for

    def _gather_for(self, fax: Fax, submission: Submission) -> float | None:
        """How long a notice may wait for those about the mail's other faxes; a receipt is about one fax (RFC 8098)."""
        confirmations = self._confirmations
        if confirmations.gather == "each" or (confirmations.receipts and submission.receipt_to):
            return None
        return confirmations.gather_for if fax.final else min(TOGETHER, confirmations.gather_for)


def _whom(fax: Fax, submission: Submission, *, begun: bool) -> tuple[NoticeKind, str | None]:
    """Which kind of notice what happened asks for, and who is to hear it."""
    if begun:
        return NoticeKind.ACCEPTED, notices.owed_accepted(fax, submission)
    if fax.final:
        return NoticeKind.OUTCOME, notices.owed(fax, submission)
    return NoticeKind.LATE, notices.owed_late(fax, submission)


def owed_id(fax: Fax) -> str:
    """The id of the notice that is owed for a fax as it is; each time it ends it is another."""
    return f"{fax.id}.{fax.version}"


def _verb(event: AnyEvent) -> str:
    """`NotSeen` in the words of logs: `fax.not_seen`."""
    return "fax." + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(event).__name__).lower()
