"""Mail to postmaster: anybody may write, but nobody may bury the operator under it, or fill the disk with it."""

import time
from collections.abc import Callable

from gateway.policy import IPAddress
from gateway.smtp.bucket import Buckets
from gateway.smtp.lobby import household
from gateway.smtp.reply import RefusedError

HOUR = 3600.0
MOST_OF_ONE = 20
MOST = 100
"""Mails in an hour, from one client and from all together. Each may be as large as a stranger's may, and lies in the
spool until the operator's relay has taken it; and confirmations to the same address must have their turn, too."""


class Postbox:
    """Counts what comes for the operator alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none, by a clock that is never set."""
        self._of_one = Buckets(MOST_OF_ONE, HOUR, clock)
        self._all = Buckets(MOST, HOUR, clock)

    def add(self, ip: IPAddress) -> None:
        """Count a mail.

        Raises:
            RefusedError: it is one too many, for a while (450).
        """
        if self._of_one.full(household(ip)) or self._all.full(None):
            raise RefusedError(450, "4.7.1", "too much mail for the operator within an hour, please try again later")
        self._of_one.add(household(ip))
        self._all.add(None)
