"""Tells senders of mails that were split by size when the missing pieces stay away; nothing of them was faxed."""

from collections.abc import Callable, Sequence
from itertools import groupby

import structlog

from gateway.store import Store
from gateway.submission import Notice, NoticeKind, Submission
from gateway.worker.patience import Patience

log = structlog.get_logger()


class StrandedTeller:
    """Finds pieces whose others stay away."""

    def __init__(
        self, *, store: Store, wait: float, patience: Patience, kick: Callable[[], None], now: Callable[[], float]
    ) -> None:
        """Prepare to look.

        Args:
            store: knows the pieces.
            wait: seconds that pieces wait for the next one.
            patience: says whether the clock may be believed.
            kick: wakes whoever sends notices.
            now: the clock.
        """
        self._shelf = store.shelf
        self._wait = wait
        self._patience = patience
        self._kick = kick
        self._now = now

    async def tell_due(self) -> None:
        """Give up all mails whose pieces waited too long, and tell their senders."""
        if not self._patience.may_end():
            return
        stranded = await self._shelf.stranded(self._now() - self._wait)
        for _, pieces in groupby(stranded, _whole):
            await self._give_up(list(pieces))

    async def _give_up(self, pieces: Sequence[Submission]) -> None:
        first, now = pieces[0], self._now()
        id = f"{first.id}.pieces"
        notice = Notice(
            id=id,
            kind=NoticeKind.PIECES,
            recipient=first.confirm_to or first.sender,
            submission_id=first.id,
            created_at=now,
            due_at=now,
            mail=id,
        )
        await self._shelf.give_up([piece.id for piece in pieces], notice)
        log.warning("mail.stranded", pieces=[piece.id for piece in pieces])
        self._kick()


def _whole(piece: Submission) -> str:
    return piece.fragment.whole if piece.fragment is not None else ""
