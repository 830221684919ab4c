"""When to try again, when to ask, when to look, when to give up. Pure; the tables are configuration.

Times are seconds since the epoch, spans are seconds.
"""

import hashlib
import math
from collections.abc import Sequence

from gateway.config import ScheduleSettings
from gateway.fax import Fax, State

SPREAD = 0.1
"""Waits are lengthened by up to this share, so that faxes that failed together do not come back together."""

LONGEST_ASKED_FOR = 3600.0
"""Seconds that FAX.PLUS may ask us to wait; it is not asked to wait longer (`faxplus.answers`)."""


class Schedule:
    """Answers every question about time that the life of a fax asks."""

    def __init__(self, settings: ScheduleSettings, redials: Sequence[float]) -> None:
        self._settings = settings
        self._redials = redials

    @property
    def quarantine(self) -> float:
        """Seconds after which FAX.PLUS must show a fax that reached it."""
        return self._settings.quarantine

    def look_at(self, now: float) -> float:
        """When to look for a fax whose submission begins now, should its answer be lost."""
        return now + self._settings.quarantine

    def look_again_at(self, now: float) -> float:
        """When to look once more for a fax that was not seen."""
        return now + self._settings.look_again

    def looked_enough(self, fax: Fax) -> bool:
        """Whether one more complete search without a sight proves that the fax never reached FAX.PLUS."""
        return fax.looks + 1 >= self._settings.looks

    def may_post(self, fax: Fax, now: float) -> bool:
        """Whether the claim on this fax is so fresh that nobody can be looking for it before the POST has ended.

        The fence of a process that was asleep between its claim and its POST.
        """
        claimed_at = fax.claimed_at if fax.claimed_at is not None else float("-inf")
        return 0 <= now - claimed_at <= self._settings.quarantine / 4

    def ask_at(self, fax: Fax, now: float) -> float:
        """When to ask about a fax that FAX.PLUS has."""
        return now + _step(self._settings.ask_after, fax.asks)

    def retry_at(self, fax: Fax, now: float, *, retry_after: float = 0.0) -> float:
        """When to look again at what FAX.PLUS did not take now; it is never submitted before FAX.PLUS asked us to."""
        wait = max(_step(self._settings.retry_after, fax.deferrals), retry_after)
        return _in_time(fax, now, now + wait * (1 + SPREAD * _fraction(fax)))

    def redial_at(self, fax: Fax, now: float) -> float | None:
        """When to dial a busy number again; None when all redials are used up."""
        if fax.redials >= len(self._redials):
            return None
        return _in_time(fax, now, now + self._redials[fax.redials] * (1 + SPREAD * _fraction(fax)))

    def notice_at(self, attempts: int, now: float) -> float:
        """When to offer a notice to the relay again, after so many attempts."""
        return now + _step(self._settings.notice_after, attempts - 1)

    def notice_over(self, created_at: float, now: float) -> bool:
        """Whether a notice has waited for so long that the relay will not take it any more."""
        return now - created_at >= self._settings.notice_give_up

    def aside_until(self, now: float) -> float:
        """When to try what made us stumble again and again."""
        return now + 6 * self._settings.retry_after[-1]

    def late_before(self, now: float) -> float:
        """Faxes queued before then and not ended are late."""
        return now - self._settings.late

    def at_rest_before(self, now: float) -> float:
        """Claims from before then have no POST under way any more, so that the fax may be changed."""
        return now - self._settings.quarantine

    def astray_after(self, now: float) -> float:
        """No wait of ours leads beyond this: what is due later was scheduled by a clock that was set back since."""
        tables = (self._settings.retry_after, self._settings.ask_after, self._settings.notice_after, self._redials)
        longest = max(max(table, default=0.0) for table in tables)
        return now + 6 * max(longest, self._settings.quarantine, LONGEST_ASKED_FOR)

    def missed(self, fax: Fax, now: float) -> bool:
        """Whether a fax that waits can no longer leave in the time that its sender gave (RFC 2852, "R").

        What is under way by then comes to its end: it may well arrive, and nobody could say that it did not. A time
        that was over when the operator resent the fax binds it no more.
        """
        return fax.state is State.QUEUED and _last_call(fax) <= now

    def over(self, fax: Fax, now: float) -> bool:
        """Whether our time for this fax is over, or that of its sender.

        Should the clock have been set back since, it cannot tell; then the waits that it has seen add up to its age.
        """
        if self.missed(fax, now):
            return True
        if _since(fax) <= now:
            return now >= _since(fax) + self._settings.give_up
        return self._waited(fax) >= self._settings.give_up

    def _waited(self, fax: Fax) -> float:
        """The seconds that a fax has waited at least, by what it waited for."""
        queued = fax.state is State.QUEUED
        waits, count = (self._settings.retry_after, fax.deferrals) if queued else (self._settings.ask_after, fax.asks)
        return sum(_step(waits, index) for index in range(count))

    def gives_up_at(self, fax: Fax) -> float:
        """When our time for this fax is over, or that of its sender."""
        ours = _since(fax) + self._settings.give_up
        return min(ours, _last_call(fax)) if fax.state is State.QUEUED else ours


def _since(fax: Fax) -> float:
    """What giving up counts from: in doubt or with FAX.PLUS, from the claim; before that, from the queue."""
    if fax.state is State.QUEUED or fax.claimed_at is None:
        return fax.queued_at
    return fax.claimed_at


def _last_call(fax: Fax) -> float:
    """The time after which its sender does not want it sent any more; infinity when there is none."""
    if fax.by_mode != "R" or fax.by_at is None or fax.by_at <= fax.queued_at:
        return math.inf
    return fax.by_at


def _in_time(fax: Fax, now: float, at: float) -> float:
    """Not later than its last call: nothing is submitted then, but its sender hears."""
    return min(at, max(now, _last_call(fax)))


def _step(waits: Sequence[float], index: int) -> float:
    return waits[min(index, len(waits) - 1)]


def _fraction(fax: Fax) -> float:
    """A number from 0 to 1 that differs from fax to fax and from try to try, and is the same when asked twice."""
    digest = hashlib.sha256(f"{fax.id}/{fax.version}".encode()).digest()
    return digest[0] / 255
