"""The wire: what changes hands between commands and mail, and who is at its other end."""

import asyncio

import pytest

from gateway.smtp.reservoir import Reservoir
from gateway.smtp.wire import Wire


class Plug(asyncio.Transport):
    """A transport that goes nowhere, from somebody."""

    def __init__(self, peer: object) -> None:
        super().__init__({"peername": peer})

    def is_closing(self) -> bool:
        """It leads nowhere from the beginning."""
        return True

    def pause_reading(self) -> None:
        """Nothing to pause."""

    def resume_reading(self) -> None:
        """Nothing to resume."""

    def close(self) -> None:
        """Nothing to close."""


async def a_wire(peer: object = ("127.0.0.1", 1), *, lenient: bool = False) -> Wire:
    """A connected wire that nobody talks to."""
    wire = Wire("gw.example", Reservoir(10**9), lenient=lenient)
    wire.connection_made(Plug(peer))
    assert wire._handler_coroutine is not None
    wire._handler_coroutine.cancel()
    wire.stop_clock()
    return wire


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        (("192.0.2.17", 5), "192.0.2.17"),
        (("::ffff:192.0.2.17", 5, 0, 0), "192.0.2.17"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::1"),
        (("2001:db8::1", 5, 0, 0), "2001:db8::1"),
        (None, "None"),
        ("", "None"),
    ],
)
def test_ip(peer: object, expected: str) -> None:
    """IPv4 in IPv6 is IPv4, and scopes do not matter."""

    async def run() -> str:
        return str((await a_wire(peer)).ip())

    assert expected == asyncio.run(run())


@pytest.mark.parametrize("half_closed", [False, True])
def test_octets_change_hands_in_order(half_closed: bool) -> None:  # noqa: FBT001  # a table
    """What came before, during and after the mail is nowhere lost, doubled or mixed up."""

    async def run() -> tuple[bytes, list[bytes]]:
        wire = await a_wire()
        wire.data_received(b"DATA\r\nearly ")
        line = await wire.line()
        if half_closed:
            wire.eof_received()
        arrival = await wire.divert()
        if not half_closed:
            wire.data_received(b"mail")
        mail = await arrival.take()
        if not half_closed:
            wire.data_received(b"QUIT\r\n")
        wire.restore(b"NOOP\r\n")
        if not half_closed:
            wire.data_received(b"RSET\r\n")
            wire.eof_received()
        return line + b" " + mail, (await wire._reader.read()).split()

    expected = (b"DATA early ", [b"NOOP"]) if half_closed else (b"DATA early mail", [b"NOOP", b"QUIT", b"RSET"])

    assert expected == asyncio.run(run())


def test_nothing_is_shared_between_sessions() -> None:
    """Stock aiosmtpd keeps its size limits in one dictionary for all, and each EHLO raises them."""

    async def run() -> bool:
        return (await a_wire()).command_size_limits is (await a_wire()).command_size_limits

    assert not asyncio.run(run())
