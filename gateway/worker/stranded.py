"""Tells senders of mails that were split by size when the missing pieces stay away; nothing of them was faxed."""

from collections.abc import Callable, Sequence
from itertools import groupby

import structlog

from gateway.store import Store
from gateway.submission import Notice, NoticeKind, Submission
from gateway.worker.patience import Patience

log = structlog.get_logger()

TEXT = """\
Your mail was not faxed: {there} of its {total} pieces came, and then no more.
{subject}{numbers}
The device or program that sent it divides large mails into pieces. They are joined
here, but only when all have come, and nothing is faxed before.

Please send it again; if that does not help, turn the division off (it is called
"split", "divide" or "partial mode"), or send less at a time.
"""


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
            subject="Not faxed: pieces of your mail are missing",
            text=words(pieces),
            created_at=now,
            due_at=now,
            mail=id,
        )
        await self._shelf.give_up([piece.id for piece in pieces], notice)
        log.warning("mail.stranded", pieces=[piece.id for piece in pieces])
        self._kick()


def words(pieces: Sequence[Submission]) -> str:
    """What the sender is told; the subject only if mails to them may name it."""
    there = {piece.fragment.number for piece in pieces if piece.fragment is not None}
    total = max((piece.fragment.total for piece in pieces if piece.fragment is not None), default=0)
    subject = "" if pieces[0].discreet or not pieces[0].subject else f"Its subject was: {pieces[0].subject}\n"
    missing = sorted(set(range(1, total + 1)) - there)
    numbers = f"Missing: {', '.join(map(str, missing))}\n" if missing else ""
    return TEXT.format(there=len(there), total=total or "unknown number of", subject=subject, numbers=numbers)


def _whole(piece: Submission) -> str:
    return piece.fragment.whole if piece.fragment is not None else ""
