"""All sessions of the house: how many there may be, and how they end together."""

import asyncio
from collections.abc import Hashable
from typing import Protocol

from gateway.smtp.reply import Reply

STOPPING = Reply(421, "4.3.2", "the gateway is stopping, please try again later")
FULL = Reply(421, "4.3.2", "too many sessions at the moment, please try again later")
TOO_MANY_OF_YOURS = Reply(421, "4.7.0", "too many sessions from your address, please try again later")


class Guest(Protocol):
    """What the lobby knows of a session."""

    def close_soon(self) -> None:
        """Say goodbye, at once or when the mail under way is answered."""

    def abort(self) -> None:
        """Hang up."""


class Lobby:
    """Counts sessions and ends them. Who has arrived is known; who was let in is counted."""

    def __init__(self, most: int) -> None:
        """Let in `most` sessions at a time, and from one address no more than half of them."""
        self._most = most
        self._most_of_one = max(1, most // 2)
        self._arrived: set[Guest] = set()
        self._let_in: dict[Guest, Hashable] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        self._closed = False

    def arrive(self, guest: Guest) -> None:
        """Know a session from its first moment, so that none is forgotten when all are ended."""
        self._arrived.add(guest)
        self._empty.clear()

    def enter(self, guest: Guest, origin: Hashable) -> Reply | None:
        """Let a session in, or return the reply that sends it away."""
        if self._closed:
            return STOPPING
        if len(self._let_in) >= self._most:
            return FULL
        if list(self._let_in.values()).count(origin) >= self._most_of_one:
            return TOO_MANY_OF_YOURS
        self._let_in[guest] = origin
        return None

    def leave(self, guest: Guest) -> None:
        """Forget a session that has ended."""
        self._let_in.pop(guest, None)
        self._arrived.discard(guest)
        if not self._arrived:
            self._empty.set()

    async def close(self, patience: float) -> None:
        """End all sessions; a mail that is under way has `patience` seconds to come to its end."""
        self._closed = True
        for guest in list(self._arrived):
            guest.close_soon()
        try:
            async with asyncio.timeout(patience):
                await self._empty.wait()
        except TimeoutError:
            for guest in list(self._arrived):
                guest.abort()
            await self._empty.wait()
