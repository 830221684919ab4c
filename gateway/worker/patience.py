"""Whether the clock may be trusted to end things: nothing is given up or removed because somebody set the clock.

The wall clock says how old a fax is, and it can jump by years. The monotonic clock cannot, but begins anew with each
process. Together they tell: a process that has run for a while, and saw both clocks go at the same pace.
"""

from collections.abc import Callable

import structlog

log = structlog.get_logger()

STEP = 5.0
"""Seconds by which the two clocks may drift apart between two looks before waits can no longer be read off the wall."""
JUMP = 3600.0
"""Seconds of drift that shake our belief in what day it is."""
VOUCHED = 10_000
"""Claims that a process remembers to have made by the clock of now; those before them are looked for more widely."""
PROBATION = 0.01
"""Share of the time after which things end that a new process must have run, and tried them, before it ends any."""


class Patience:
    """Watches the clock."""

    def __init__(self, give_up: float, *, now: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._give_up = give_up
        self._now = now
        self._monotonic = monotonic
        self._started = monotonic()
        self._trusted_from = self._started + PROBATION * give_up
        self._steady_from = self._started
        self._offset = now() - self._started
        self._vouched: dict[str, None] = {}

    def may_end(self) -> bool:
        """Whether what is over by the clock is over.

        A jump freezes that for as long as things are given anyway; then time itself has confirmed the new clock.
        """
        return self._look() >= self._trusted_from

    def steady_for(self, seconds: float) -> bool:
        """Whether both clocks have gone together for so long, in this process, that a wait by the wall was real."""
        return self._look() - self._steady_from >= seconds

    def vouch(self, token: str) -> None:
        """A dialling was claimed just now, by this clock."""
        self._look()
        self._vouched[token] = None
        if len(self._vouched) > VOUCHED:
            del self._vouched[next(iter(self._vouched))]

    def vouches(self, token: str) -> bool:
        """Whether a dialling was claimed by this process, and nobody has set the clock since.

        The time of a claim alone does not tell: an hour before the clock was set back by one, it was as late as now.
        """
        self._look()
        return token in self._vouched

    def _look(self) -> float:
        """Compare the clocks; return the monotonic one."""
        monotonic = self._monotonic()
        offset = self._now() - monotonic
        jump = offset - self._offset
        self._offset = offset
        if abs(jump) > STEP:
            log.warning("clock.jumped", seconds=round(jump))
            self._steady_from = monotonic
            self._vouched.clear()
        if abs(jump) > JUMP:
            self._trusted_from = monotonic + self._give_up
        return monotonic
