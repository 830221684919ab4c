"""What can happen to a fax, each with what it brings. `gateway.fax` says where it leads.

Times are seconds since the epoch, UTC.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a fax, with its reason in words."""

    reason: str = ""
    remote_ids: tuple[str, ...] = ()  #: ids that FAX.PLUS turned out to have for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(Event):
    """We are about to submit it. Committed before the request leaves."""

    look_at: float  #: when to look for it should no answer come


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Event):
    """FAX.PLUS has it: by its answer, or because we found it there."""

    ask_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred(Event):
    """FAX.PLUS surely did not take it, and may take it later."""

    retry_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """FAX.PLUS surely did not take it and never will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSeen(Event):
    """We looked for it and did not see it, or could not look: look again."""

    look_at: float
    counts: bool  #: the search was complete, so that it counts as evidence
    claimed_at: float | None = None  #: from when the claim counts, should the clock have been set back since


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThere(Event):
    """We looked often and late enough: it never reached FAX.PLUS."""

    retry_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StillSending(Event):
    """FAX.PLUS has not finished with it."""

    ask_at: float
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy(Event):
    """This dialling failed in a way that a later one may not."""

    status: str
    redial_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaid(Event):
    """FAX.PLUS did not send it for want of credit: the operator's problem, not the fax's."""

    status: str
    retry_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Event):
    """FAX.PLUS says that all of it arrived."""

    status: str = "success"
    pages: int | None = None
    duration: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered(Event):
    """FAX.PLUS says that it failed, and another dialling would not help."""

    status: str
    pages: int | None = None
    duration: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Late(Event):
    """It takes longer than its sender expects, and the sender is told so. Everything goes on as planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp(Event):
    """Our time for it is over. What was under way by then has an unknown outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Event):
    """The operator took it back, and FAX.PLUS surely does not send it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resent(Event):
    """The operator wants a finished fax sent once more."""

    retry_at: float


AnyEvent: TypeAlias = (
    Claimed
    | Accepted
    | Deferred
    | Refused
    | NotSeen
    | NotThere
    | StillSending
    | Busy
    | Unpaid
    | Delivered
    | Undelivered
    | Late
    | GivenUp
    | Cancelled
    | Resent
)
