"""Octets between the wire and the disk: handed on in large pieces, and held back at the wire while the disk lags."""

import asyncio
from typing import Protocol

from gateway.smtp.reservoir import Reservoir

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

    def __init__(self, wire: Wire, reservoir: Reservoir) -> None:
        self._wire = wire
        self._reservoir = reservoir
        self._waiting = bytearray()
        self._taken = 0
        self._something = asyncio.Event()
        self._ended = False
        self._shut = False
        self._stopped = False
        reservoir.join(self)

    def put(self, chunk: bytes) -> None:
        """Add what came from the wire."""
        self._waiting += chunk
        self._something.set()
        self._reservoir.add(len(chunk))
        self._stop_or_go()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._something.set()

    async def take(self) -> bytes:
        """Wait for something and return all of it. What was taken before is on disk by now.

        Raises:
            asyncio.IncompleteReadError: nothing more will come.
        """
        self._settle()
        await self._something.wait()
        taken = self._empty()
        if not taken:
            raise asyncio.IncompleteReadError(taken, None)
        return taken

    def leave(self) -> bytes:
        """Return what is there, for good, and let the wire run."""
        left = self._empty()
        self._settle()
        self._reservoir.part(self)
        self._shut = False
        self._stop_or_go()
        return left

    def shut(self) -> None:
        """There is too much in all sessions together."""
        self._shut = True
        self._stop_or_go()

    def open(self) -> None:
        """There is room again."""
        self._shut = False
        self._stop_or_go()

    def _empty(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        self._taken += len(taken)
        if not self._ended:
            self._something.clear()
        self._stop_or_go()
        return taken

    def _settle(self) -> None:
        settled, self._taken = self._taken, 0
        self._reservoir.drain(settled)

    def _stop_or_go(self) -> None:
        stop = self._shut or len(self._waiting) > MOST_WAITING
        if stop != self._stopped:
            self._stopped = stop
            (self._wire.pause_reading if stop else self._wire.resume_reading)()
