"""The reservoir: whatever many sessions send at once, no more than so much of it is in memory."""

import asyncio
import itertools

from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.arrival import Arrival
from gateway.smtp.reservoir import Reservoir

PIECE = 100


class Plug:
    """A wire that remembers whether it runs."""

    def __init__(self) -> None:
        self.runs = True

    def pause_reading(self) -> None:
        """Stop."""
        self.runs = False

    def resume_reading(self) -> None:
        """Start again."""
        self.runs = True


def test_all_are_stopped_and_go_on_together() -> None:
    """When there is too much every wire stops, also one that came later; when half is gone all run again."""

    async def run() -> list[list[bool]]:
        reservoir = Reservoir(10)
        plugs = [Plug(), Plug(), Plug()]
        first, second = Arrival(plugs[0], reservoir), Arrival(plugs[1], reservoir)
        first.put(b"x" * 6)
        second.put(b"x" * 6)
        states = [[plug.runs for plug in plugs[:2]]]
        third = Arrival(plugs[2], reservoir)
        states.append([plug.runs for plug in plugs])
        await first.take()
        states.append([plug.runs for plug in plugs])
        first.leave()
        second.leave()
        states.append([plug.runs for plug in plugs])
        third.leave()
        return states

    assert [[False] * 2, [False] * 3, [False] * 3, [True] * 3] == asyncio.run(run())


@given(turns=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["put", "take", "leave"])), max_size=200))
def test_bounded(turns: list[tuple[int, str]]) -> None:
    """In any order of comings and goings the sum stays below the limit and one piece; at the end nothing is left."""

    async def run() -> tuple[int, int, bool]:
        reservoir = Reservoir(5 * PIECE)
        plugs = [Plug() for _ in range(5)]
        arrivals = [Arrival(plug, reservoir) for plug in plugs]
        most = 0
        for number, turn in turns:
            if turn == "put" and plugs[number].runs:
                arrivals[number].put(b"x" * PIECE)
            elif turn == "take" and arrivals[number]._something.is_set():
                await arrivals[number].take()
            elif turn == "leave":
                arrivals[number].leave()
                arrivals[number] = Arrival(plugs[number], reservoir)
            most = max(most, reservoir.octets)
        for arrival in itertools.chain(arrivals):
            arrival.leave()
        return most, reservoir.octets, all(plug.runs for plug in plugs)

    most, left, running = asyncio.run(run())

    assert most <= 6 * PIECE
    assert (0, True) == (left, running)
