"""What the way in works with, beside the configuration."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.fax import Fax
from gateway.origin import Verifier
from gateway.smtp.allowance import Used
from gateway.smtp.examine import Inspect, Join
from gateway.smtp.fragments import Shelf
from gateway.smtp.room import Waiting
from gateway.spool import Spool
from gateway.submission import Notice, Submission

Accept = Callable[[Submission, Sequence[Fax], Sequence[Notice], float], Awaitable[Sequence[Fax]]]
"""Commits a mail with its faxes and notices. Raises when it is not committed.

Faxes that repeat others of the last so many seconds are folded into those, which it returns, oldest first.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """All that leads out of the way in."""

    spool: Spool  #: where mail is written
    inspect: Inspect  #: opens a document, and repairs it if it must
    join: Join  #: makes one document of many
    origin: Verifier  #: finds out whose mail it is
    accept: Accept  #: commits
    waiting: Waiting  #: counts the faxes that wait to be sent
    used: Used  #: tells how much of the quotas is used
    shelf: Shelf  #: knows the pieces of split mails that wait for others
    kick: Callable[[], None]  #: wakes the worker
    now: Callable[[], float]  #: the clock
    new_id: Callable[[], str]  #: makes ids
