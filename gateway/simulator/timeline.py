"""What will happen by itself, in order of time; nothing happens until somebody asks what time it is."""

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[float], None]


class Timeline:
    """Actions with their times. Equal times keep the order in which they were planned."""

    def __init__(self) -> None:
        self._planned: list[tuple[float, int, Action]] = []
        self._order = count()

    def plan(self, at: float, action: Action) -> None:
        """Plan an action; it is called with its own time."""
        heapq.heappush(self._planned, (at, next(self._order), action))

    def run(self, now: float) -> None:
        """Do everything that is planned up to now, and what that plans in turn."""
        while self._planned and self._planned[0][0] <= now:
            at, _, action = heapq.heappop(self._planned)
            action(at)
