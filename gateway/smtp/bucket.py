"""How often something happened of late, by whom: buckets that leak, of which only those that are not empty are kept."""

from collections.abc import Callable, Hashable

MOST_REMEMBERED = 100_000
"""Keys; with more of them whoever was quiet the longest is forgotten."""


class Buckets:
    """One bucket for each key. Each event is a drop, and a full bucket leaks dry within its span."""

    def __init__(self, most: int, span: float, clock: Callable[[], float]) -> None:
        """Make buckets for `most` drops that leak dry in `span` seconds of a clock that is never set."""
        self._most = most
        self._leak = most / span
        self._clock = clock
        self._levels: dict[Hashable, tuple[float, float]] = {}
        """The level at a time; who had a drop last stands last."""

    def level(self, key: Hashable) -> float:
        """Return how many drops there are."""
        level, at = self._levels.get(key, (0.0, 0.0))
        return max(0.0, level - (self._clock() - at) * self._leak)

    def full(self, key: Hashable) -> bool:
        """Whether another drop would be one too many."""
        return self.level(key) + 1 > self._most

    def add(self, key: Hashable) -> None:
        """Add a drop."""
        level = self.level(key) + 1
        self._levels.pop(key, None)
        self._levels[key] = level, self._clock()
        self._forget()

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._levels)

    def _forget(self) -> None:
        while self._levels:
            oldest = next(iter(self._levels))
            if len(self._levels) <= MOST_REMEMBERED and self.level(oldest) > 0:
                return
            del self._levels[oldest]
