"""Octets on their way from the wire to the disk: in order, in large pieces, and never too many at once."""

import asyncio

import pytest

from gateway.smtp.arrival import MOST_WAITING, Arrival
from gateway.smtp.reservoir import Reservoir


class Wire:
    """Remembers whether it runs."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def pause_reading(self) -> None:
        """Stop."""
        self.calls.append("stop")

    def resume_reading(self) -> None:
        """Start again."""
        self.calls.append("start")


def test_pieces_are_joined() -> None:
    """What came in small pieces is taken in one."""

    async def run() -> bytes:
        arrival = Arrival(Wire(), Reservoir(10**9))
        arrival.put(b"one ")
        arrival.put(b"two")
        return await arrival.take()

    assert b"one two" == asyncio.run(run())


def test_taking_waits() -> None:
    """With nothing there, taking waits for the next octets."""

    async def run() -> list[bytes]:
        arrival = Arrival(Wire(), Reservoir(10**9))
        arrival.put(b"first")
        taken = [await arrival.take()]
        waiting = asyncio.create_task(arrival.take())
        await asyncio.sleep(0)
        arrival.put(b"second")
        return [*taken, await waiting]

    assert [b"first", b"second"] == asyncio.run(run())


def test_the_wire_is_stopped_and_started() -> None:
    """Beyond a limit the wire stops, once; when the octets are taken it runs again."""

    async def run() -> list[str]:
        wire = Wire()
        arrival = Arrival(wire, Reservoir(10**9))
        arrival.put(b"x" * MOST_WAITING)
        wire.calls.append("full")
        arrival.put(b"x")
        arrival.put(b"x")
        await arrival.take()
        arrival.put(b"x")
        arrival.leave()
        return wire.calls

    assert ["full", "stop", "start"] == asyncio.run(run())


def test_the_end() -> None:
    """What came before the end is still taken; then there is nothing more."""

    async def run() -> bytes:
        arrival = Arrival(Wire(), Reservoir(10**9))
        arrival.put(b"last")
        arrival.end()
        last = await arrival.take()
        with pytest.raises(asyncio.IncompleteReadError):
            await arrival.take()
        return last

    assert b"last" == asyncio.run(run())
