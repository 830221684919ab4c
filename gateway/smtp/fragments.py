"""Pieces of a mail that a device has split by size: held until all are there, then joined (RFC 2046 section 5.2.2).

The last piece is answered when the whole has been looked at, so that a refusal reaches its sender on the line.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from gateway import message
from gateway.message import Piece
from gateway.smtp.envelope import Envelope
from gateway.smtp.incoming import Incoming
from gateway.smtp.reply import RefusedError, Reply
from gateway.spool import Spool
from gateway.submission import Fragment, Submission

HELD = 4
"""Times the largest mail that is held in pieces for the senders of one rule."""

MOST = 1000
"""Pieces that are held for the senders of one rule."""

CHANGED = Reply(451, "4.3.0", "another piece of this mail came at the same moment, please try again")


class Shelf(Protocol):
    """Where the pieces are that wait: `gateway.store.Shelf`."""

    async def of(self, whole: str) -> Sequence[Submission]:
        """Return the pieces of a mail that wait for others, oldest first."""

    async def load(self, rule: str) -> tuple[int, int]:
        """Return how many pieces wait for others, of all senders of a rule, and how many octets they are."""


class Fragments:
    """Holds and joins."""

    def __init__(self, spool: Spool, shelf: Shelf, largest: int) -> None:
        """Prepare to hold.

        Args:
            spool: where the pieces lie.
            shelf: knows which are there.
            largest: octets that the whole may have.
        """
        self._spool = spool
        self._shelf = shelf
        self._largest = largest
        self._alone: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def add(self, incoming: Incoming, piece: Piece, until: AsyncExitStack) -> tuple[Fragment, int | None]:
        """Say where a piece belongs, and join it with the others if it is the last one.

        Args:
            incoming: the mail that is the piece.
            piece: which one it is.
            until: as long as it lasts, other pieces of this mail wait.

        Returns:
            What is put on record, and where the whole begins in the draft; None while others are missing.

        Raises:
            RefusedError: it does not fit with the others, or too much is held.
            OSError: another piece cannot be read, or there is no room to join them.
        """
        whole = whole_of(incoming.envelope, piece)
        await until.enter_async_context(self._alone.setdefault(whole, asyncio.Lock()))
        others = await self._shelf.of(whole)
        by_number = {other.fragment.number: other for other in others if other.fragment is not None}
        by_number.pop(piece.number, None)
        total = _total(piece, others)
        self._check_size(incoming, by_number.values())
        if not total or set(by_number) | {piece.number} != set(range(1, total + 1)):
            await self._check_room(incoming)
            return Fragment(whole=whole, number=piece.number, total=total), None
        start = await self._join(incoming, piece.number, by_number)
        joins = tuple(other.id for other in others)
        return Fragment(whole=whole, number=piece.number, total=total, joined=incoming.draft.id, joins=joins), start

    def _check_size(self, incoming: Incoming, others: Iterable[Submission]) -> None:
        if sum(other.size for other in others) + incoming.draft.size > self._largest:
            limit = f"{self._largest / 1_000_000:g} MB"
            raise RefusedError(552, "5.3.4", f"the pieces of this mail are larger than {limit} together")

    async def _check_room(self, incoming: Incoming) -> None:
        rule = incoming.envelope.rule
        count, octets = await self._shelf.load(rule.name if rule else "")
        if count >= MOST or octets + incoming.draft.size > HELD * self._largest:
            raise RefusedError(452, "4.3.1", "too many pieces of mails wait for others, please try again later")

    async def _join(self, incoming: Incoming, number: int, others: dict[int, Submission]) -> int:
        draft = incoming.draft
        start = None
        for place in range(1, len(others) + 2):
            if place == number:
                begin = await self._append(incoming, draft.path, draft.size, first=place == 1)
            else:
                async with self._spool.opened(others[place].id) as path:
                    begin = await self._append(incoming, path, others[place].size, first=place == 1)
            start = begin if start is None else start
        return start or 0

    async def _append(self, incoming: Incoming, path: Path, size: int, *, first: bool) -> int:
        def work() -> int:
            return incoming.draft.append(_joining(path, size, first=first))[0]

        return await asyncio.to_thread(work)


def _joining(path: Path, size: int, *, first: bool) -> Iterator[bytes]:
    try:
        yield from message.joining(path, size, first=first)
    except message.RefusedError as error:
        raise RefusedError(error.code, error.enhanced, "", error.words) from error


def whole_of(envelope: Envelope, piece: Piece) -> str:
    """What tells that pieces belong together: nobody can add to the mail of another, or change who gets it."""
    rule = envelope.rule.name if envelope.rule else ""
    said = (rule, envelope.sender.written, piece.id, *sorted(envelope.numbers))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def _total(piece: Piece, others: Sequence[Submission]) -> int:
    """How many pieces there are; only the last one must say so.

    Raises:
        RefusedError: they do not agree.
    """
    totals = {piece.total, *(other.fragment.total for other in others if other.fragment is not None)} - {0}
    numbers = [piece.number, *(other.fragment.number for other in others if other.fragment is not None)]
    if len(totals) > 1 or (totals and max(numbers) > max(totals)):
        raise RefusedError(554, "5.6.1", "the pieces of this mail do not agree on how many there are")
    return max(totals, default=0)
