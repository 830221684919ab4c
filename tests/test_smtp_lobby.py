"""The lobby: how many sessions there may be, and of whom, and how they end."""

import asyncio
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from gateway.config import LimitSettings
from gateway.smtp.lobby import (
    FULL,
    STOPPING,
    TOO_MANY_NEAR_YOU,
    TOO_MANY_OF_YOURS,
    TOO_OFTEN,
    Lobby,
    household,
    neighbourhood,
)
from gateway.smtp.reply import Reply

LISTED = [ip_network("192.0.2.0/24")]


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Guest:
    """A session that leaves when it is told to, or only when it is thrown out."""

    def __init__(self, lobby: Lobby, *, stubborn: bool = False) -> None:
        self.heard: list[str] = []
        self._lobby = lobby
        self._stubborn = stubborn

    def close_soon(self) -> None:
        """Say goodbye."""
        self.heard.append("close")
        if not self._stubborn:
            self._lobby.leave(self)

    def abort(self) -> None:
        """Hang up."""
        self.heard.append("abort")
        self._lobby.leave(self)


def a_lobby(clock: Clock | None = None, **limits: Any) -> Lobby:
    """Open one with these limits; 192.0.2.0/24 is listed."""
    return Lobby(LimitSettings.model_validate(limits), LISTED, clock or Clock())


def enter(lobby: Lobby, *addresses: str) -> list[Reply | None]:
    """Let them come one after the other, and stay."""
    return [lobby.enter(Guest(lobby), ip_address(address)) for address in addresses]


def test_places_of_listed_addresses() -> None:
    """Half of the places for one address, all for everybody; who leaves makes room."""
    lobby = a_lobby(sessions=4)
    guests = [Guest(lobby) for _ in range(6)]
    said = [
        lobby.enter(guest, ip_address(f"192.0.2.{last}"))
        for guest, last in zip(guests, (1, 1, 1, 2, 2, 3), strict=True)
    ]
    lobby.leave(guests[0])
    said.append(lobby.enter(guests[2], ip_address("192.0.2.1")))

    assert [None, None, TOO_MANY_OF_YOURS, None, None, FULL, None] == said


def test_the_reserve() -> None:
    """Strangers never take the last tenth of the places; those are there for who may fax."""
    lobby = a_lobby(sessions=20, sessions_per_address=100, sessions_per_network=100)

    assert [None] * 10 == enter(lobby, *["198.51.100.1"] * 10)
    assert [None] * 8 + [FULL] == enter(lobby, *["203.0.113.1"] * 9)
    assert [None, None, FULL] == enter(lobby, *["192.0.2.1"] * 3)


def test_places_of_strangers() -> None:
    """One address gets so many, its network some more; others are not to blame for either."""
    lobby = a_lobby(sessions_per_address=2, sessions_per_network=3)

    assert [None, None, TOO_MANY_OF_YOURS] == enter(lobby, *["198.51.100.1"] * 3)
    assert [None, TOO_MANY_NEAR_YOU] == enter(lobby, "198.51.100.2", "198.51.100.3")
    assert [None] == enter(lobby, "198.51.101.1")
    assert [None, None, None, TOO_MANY_NEAR_YOU] == enter(lobby, *(f"2001:db8::{last}" for last in range(4)))
    assert [None] * 5 == enter(lobby, *["192.0.2.1"] * 5)


def test_how_often_strangers_may_come() -> None:
    """So many connections a minute from one address, whether they stay or not; listed ones come as they like."""
    clock = Clock()
    lobby = a_lobby(clock, connections=3)
    said = []
    for wait in (0, 0, 0, 0, 20, 0):
        clock.now += wait
        guest = Guest(lobby)
        said.append(lobby.enter(guest, ip_address("198.51.100.1")))
        lobby.leave(guest)

    assert [None, None, None, TOO_OFTEN, None, TOO_OFTEN] == said
    assert [None] == enter(lobby, "198.51.100.2")
    assert [None] * 10 == enter(lobby, *["192.0.2.1"] * 10)


def test_what_is_put_on_record() -> None:
    """A flood that is sent away does not become a flood in the log."""
    clock = Clock()
    lobby = a_lobby(clock)
    told = []
    for wait, address in ((0, "192.0.2.1"), (0, "192.0.2.1"), (1, "192.0.2.2"), (60, "192.0.2.1")):
        clock.now += wait
        told.append(lobby.tells(ip_address(address)))

    assert [True, False, True, True] == told


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.1"])
def test_one_place_is_a_place(address: str) -> None:
    """The smallest lobby still lets somebody in."""

    assert [None] == enter(a_lobby(sessions=1), address)


def test_crowded() -> None:
    """From four fifths on, strangers must be quick."""
    lobby = a_lobby(sessions=10)
    enter(lobby, *(f"198.51.100.{last}" for last in range(7)))

    assert not lobby.crowded

    enter(lobby, "192.0.2.1")

    assert lobby.crowded


def test_nothing_is_left_of_who_has_left() -> None:
    """Counts of addresses that are gone take no memory."""
    lobby = a_lobby()
    guests = [Guest(lobby) for _ in range(20)]
    for last, guest in enumerate(guests):
        lobby.enter(guest, ip_address(f"198.51.100.{last}"))
    for guest in guests:
        lobby.leave(guest)

    assert (0, 0) == (len(lobby._addresses), len(lobby._networks))


@pytest.mark.parametrize(
    ("address", "near", "home"),
    [
        ("192.0.2.17", "192.0.2.0/24", "192.0.2.17/32"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1:2::/64"),
    ],
)
def test_neighbours(address: str, near: str, home: str) -> None:
    """Who counts as near, and who as one and the same."""

    assert (near, home) == (str(neighbourhood(ip_address(address))), str(household(ip_address(address))))


def test_closing() -> None:
    """Everybody is asked to leave, let in or not; who does not go is thrown out, and nobody comes in any more."""

    async def run() -> tuple[list[str], list[str], object]:
        lobby = a_lobby()
        polite, stubborn = Guest(lobby), Guest(lobby, stubborn=True)
        for guest in (polite, stubborn):
            lobby.arrive(guest)
        lobby.enter(stubborn, ip_address("192.0.2.1"))
        await lobby.close(patience=0.01)
        return polite.heard, stubborn.heard, lobby.enter(Guest(lobby), ip_address("192.0.2.1"))

    assert (["close"], ["close", "abort"], STOPPING) == asyncio.run(run())


def test_closing_an_empty_lobby() -> None:
    """Nobody there: nothing to wait for."""

    asyncio.run(a_lobby().close(patience=1000.0))
