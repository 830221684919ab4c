"""All mail that is between the wires and the disk, over all sessions: bounded, whoever sends how much how fast."""

from typing import Protocol


class Inflow(Protocol):
    """One session's mail that is arriving."""

    def shut(self) -> None:
        """Take no more from the wire."""

    def open(self) -> None:
        """Take more again."""


class Reservoir:
    """Counts octets. When there are too many every wire is stopped, until half of them have gone to disk."""

    def __init__(self, most: int) -> None:
        """Hold `most` octets, and on top of it what one wire brings at once, or brought before its mail began."""
        self.octets = 0
        self.full = False
        self._most = most
        self._inflows: set[Inflow] = set()

    def join(self, inflow: Inflow) -> None:
        """Know of a mail that begins to arrive."""
        self._inflows.add(inflow)
        if self.full:
            inflow.shut()

    def part(self, inflow: Inflow) -> None:
        """Forget it."""
        self._inflows.discard(inflow)

    def add(self, octets: int) -> None:
        """So many have come."""
        self.octets += octets
        if not self.full and self.octets > self._most:
            self.full = True
            for inflow in self._inflows:
                inflow.shut()

    def drain(self, octets: int) -> None:
        """So many are on disk, or thrown away."""
        self.octets -= octets
        if self.full and self.octets <= self._most // 2:
            self.full = False
            for inflow in self._inflows:
                inflow.open()
