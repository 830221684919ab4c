"""The lobby: how many sessions there may be, and how they end."""

import asyncio

from gateway.smtp.lobby import FULL, STOPPING, TOO_MANY_OF_YOURS, Lobby


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


def test_places() -> None:
    """Half of the places for one address, all for everybody; who leaves makes room."""

    async def run() -> list[object]:
        lobby = Lobby(4)
        guests = [Guest(lobby) for _ in range(6)]
        for guest in guests:
            lobby.arrive(guest)
        said: list[object] = [lobby.enter(guest, origin) for guest, origin in zip(guests, "aaabbc", strict=True)]
        lobby.leave(guests[0])
        said.append(lobby.enter(guests[2], "a"))
        return said

    assert [None, None, TOO_MANY_OF_YOURS, None, None, FULL, None] == asyncio.run(run())


def test_one_place_is_a_place() -> None:
    """The smallest lobby still lets somebody in."""

    async def run() -> object:
        lobby = Lobby(1)
        return lobby.enter(Guest(lobby), "a")

    assert asyncio.run(run()) is None


def test_closing() -> None:
    """Everybody is asked to leave, let in or not; who does not go is thrown out, and nobody comes in any more."""

    async def run() -> tuple[list[str], list[str], object]:
        lobby = Lobby(10)
        polite, stubborn = Guest(lobby), Guest(lobby, stubborn=True)
        for guest in (polite, stubborn):
            lobby.arrive(guest)
        lobby.enter(stubborn, "a")
        await lobby.close(patience=0.01)
        return polite.heard, stubborn.heard, lobby.enter(Guest(lobby), "a")

    assert (["close"], ["close", "abort"], STOPPING) == asyncio.run(run())


def test_closing_an_empty_lobby() -> None:
    """Nobody there: nothing to wait for."""

    asyncio.run(Lobby(1).close(patience=1000.0))
