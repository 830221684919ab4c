"""Octets between the wire and the disk: handed on in large pieces, and held back at the wire while the disk lags."""

import asyncio
from typing import Protocol

MOST_WAITING = 256 * 1024
"""Octets that wait for the disk before the wire is stopped."""


class Wire(Protocol):
    """What can be stopped and started: a transport."""

    def pause_reading(self) -> None:
        """Stop."""

    def resume_reading(self) -> None:
        """Start again."""


class Arrival:
    """What has come and was not taken yet."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting = bytearray()
        self._something = asyncio.Event()
        self._ended = False
        self._stopped = False

    def put(self, chunk: bytes) -> None:
        """Add what came from the wire."""
        self._waiting += chunk
        self._something.set()
        if len(self._waiting) > MOST_WAITING and not self._stopped:
            self._stopped = True
            self._wire.pause_reading()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._something.set()

    async def take(self) -> bytes:
        """Wait for something and return all of it.

        Raises:
            asyncio.IncompleteReadError: nothing more will come.
        """
        await self._something.wait()
        taken = self.leave()
        if not taken:
            raise asyncio.IncompleteReadError(taken, None)
        return taken

    def leave(self) -> bytes:
        """Return what is there, and let the wire run."""
        taken = bytes(self._waiting)
        self._waiting.clear()
        if not self._ended:
            self._something.clear()
        if self._stopped:
            self._stopped = False
            self._wire.resume_reading()
        return taken
