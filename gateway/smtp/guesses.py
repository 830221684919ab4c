"""Failed logins over time: whoever guesses passwords is slowed down by the account and shut out by the address."""

from collections.abc import Callable

from gateway.policy import IPAddress
from gateway.smtp.bucket import Buckets
from gateway.smtp.lobby import MINUTE, household
from gateway.smtp.reply import RefusedError

DAY = 86400.0

MOST_A_MINUTE = 10
MOST_A_DAY = 50
"""Failed logins from one address; a listed one may be a whole office, so the day does not count for it."""

ACCOUNT_FORGIVES = 1000
"""Failed logins of one account that are forgotten in a day. No account is locked: anybody could have it locked."""

FREE = 3
"""Failed logins of an account before the first pause; with each further one it doubles."""
LONGEST_PAUSE = 10.0
"""Seconds: less than the patience of mail programs."""

LONGEST_NAME = 64


class Guesses:
    """Counts failed logins."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._minute = Buckets(MOST_A_MINUTE, MINUTE, clock)
        self._day = Buckets(MOST_A_DAY, DAY, clock)
        self._account = Buckets(ACCOUNT_FORGIVES, DAY, clock)

    def check(self, ip: IPAddress, *, listed: bool) -> None:
        """Return if this address may try.

        Raises:
            RefusedError: there were too many failed logins from it.
        """
        home = household(ip)
        if self._minute.full(home) or (self._day.full(home) and not listed):
            raise RefusedError(421, "4.7.0", "too many failed logins from your address, please try again later")

    def pause(self, name: str) -> float:
        """Return the seconds that a login of this account should wait."""
        beyond = self._account.level(name[:LONGEST_NAME]) - FREE
        return 0.0 if beyond < 0 else min(LONGEST_PAUSE, 2.0 ** min(beyond, 10.0))

    def failed(self, ip: IPAddress, name: str) -> None:
        """Count a failed login."""
        self._minute.add(household(ip))
        self._day.add(household(ip))
        self._account.add(name[:LONGEST_NAME])
