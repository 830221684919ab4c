"""The life of one fax: where it can be, what can happen to it, and what follows.

Pure: no clock and no I/O. `advance` is the only way in which a fax changes; `NEXT` says what is possible.
Times are seconds since the epoch, UTC.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from gateway.event import (
    Accepted,
    AnyEvent,
    Busy,
    Cancelled,
    Claimed,
    Deferred,
    Delivered,
    GivenUp,
    Late,
    NotSeen,
    NotThere,
    Refused,
    Resent,
    StillSending,
    Undelivered,
    Unpaid,
)

UNKNOWN = "unknown"
"""Our own status, beside those of FAX.PLUS: we asked for long enough and never learnt how it ended."""


class State(StrEnum):
    """Where a fax is. `due_at` says when we must look at it next."""

    QUEUED = "queued"  #: to be submitted at `due_at`
    SUBMITTING = "submitting"  #: a POST may be under way, or its answer was lost: look for it at `due_at`
    SUBMITTED = "submitted"  #: FAX.PLUS has it: ask about it at `due_at`
    DELIVERED = "delivered"  #: FAX.PLUS said `success` when we asked
    FAILED = "failed"  #: it ended without success, or nobody can say (status `unknown`)
    CANCELLED = "cancelled"  #: the operator took it back before it was sent


FINAL = frozenset({State.DELIVERED, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a mail, and what was asked for at its RCPT."""

    address: str  #: as the sender wrote it
    notify: str = ""  #: NOTIFY, as in `Fax`
    orcpt: str = ""  #: ORCPT, as in `Fax`


@dataclass(frozen=True, slots=True, kw_only=True)
class Fax:
    """One submission to one number."""

    id: str
    submission_id: str
    number: str  #: E.164, with its plus
    recipient: str  #: the address as the sender wrote it
    state: State = State.QUEUED
    due_at: float | None
    version: int = 0  #: grows with every change; a change is written only over the version it was made from
    attempt: int = 1  #: the how-manieth dialling this is; part of the token
    redials: int = 0  #: diallings used up on a busy line since the fax was queued or resent
    deferrals: int = 0  #: times in a row that FAX.PLUS would not take it
    claimed_at: float | None = None  #: when the present attempt to submit was put on record
    looks: int = 0  #: searches that should have shown a lost attempt, and did not
    asks: int = 0  #: questions about this dialling, answered or not, since it was claimed or accepted
    remote_ids: tuple[str, ...] = ()  #: every id that FAX.PLUS gave this dialling
    status: str = ""  #: FAX.PLUS's last word on it, or `unknown`
    reason: str = ""  #: the last event in words
    pages: int | None = None  #: pages that FAX.PLUS says went out
    duration: float | None = None  #: seconds on the line
    cost: float | None = None  #: as FAX.PLUS counts it
    created_at: float
    queued_at: float  #: when it was accepted, or last resent: giving up counts from here
    ended_at: float | None = None
    late_at: float | None = None  #: when its sender was told that it takes longer than expected
    notify: str = ""  #: NOTIFY of RCPT: "NEVER", or some of "SUCCESS,FAILURE,DELAY"; empty: nobody asked (RFC 3461)
    orcpt: str = ""  #: ORCPT of RCPT, "type;address", decoded (RFC 3461 section 4.2)
    by_at: float | None = None  #: until when its sender wants it delivered (RFC 2852)
    by_mode: str = ""  #: what follows then: "R" gives it up, "N" only tells that it is late
    written: tuple[Recipient, ...] = ()  #: all recipients that are this number, if the mail has it in several spellings

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Every recipient of the mail that this fax is for."""
        return self.written or (Recipient(self.recipient, self.notify, self.orcpt),)

    @property
    def token(self) -> str:
        """What we write into FAX.PLUS's comment to recognise this dialling among others."""
        return f"{self.id}-{self.attempt}"

    @property
    def final(self) -> bool:
        """Nothing more will happen by itself."""
        return self.state in FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row of a fax's history: what happened, and where it led."""

    at: float
    event: str  #: the event's name, such as "Busy"
    state: State  #: the state that followed
    attempt: int  #: the dialling it belongs to
    status: str  #: FAX.PLUS's word at that time
    reason: str


NEXT: dict[State, dict[type[AnyEvent], State]] = {
    State.QUEUED: {
        Claimed: State.SUBMITTING,
        Late: State.QUEUED,
        Deferred: State.QUEUED,
        Refused: State.FAILED,
        GivenUp: State.FAILED,
        Cancelled: State.CANCELLED,
    },
    State.SUBMITTING: {
        Accepted: State.SUBMITTED,
        Deferred: State.QUEUED,
        Refused: State.FAILED,
        NotSeen: State.SUBMITTING,
        Late: State.SUBMITTING,
        NotThere: State.QUEUED,
        GivenUp: State.FAILED,
    },
    State.SUBMITTED: {
        StillSending: State.SUBMITTED,
        Late: State.SUBMITTED,
        Busy: State.QUEUED,
        Unpaid: State.QUEUED,
        Delivered: State.DELIVERED,
        Undelivered: State.FAILED,
        GivenUp: State.FAILED,
        Cancelled: State.CANCELLED,
    },
    State.DELIVERED: {},
    State.FAILED: {Resent: State.QUEUED},
    State.CANCELLED: {Resent: State.QUEUED},
}


class ImpossibleError(Exception):
    """This event cannot happen to a fax in this state."""


def advance(fax: Fax, event: AnyEvent, now: float) -> Fax:
    """Return the fax as it is after the event.

    Raises:
        ImpossibleError: `NEXT` has no way from the fax's state by this event.
    """
    state = NEXT[fax.state].get(type(event))
    if state is None:
        raise ImpossibleError(f"a fax that is {fax.state} cannot be {type(event).__name__}")
    after = replace(_changed(fax, event, now), state=state, version=fax.version + 1, reason=event.reason)
    return replace(after, due_at=None, ended_at=now) if after.final else replace(after, ended_at=None)


def _changed(fax: Fax, event: AnyEvent, now: float) -> Fax:  # noqa: C901, PLR0911, PLR0912  # every event is a visible case
    """What an event changes beside the state."""
    match event:
        case Claimed():
            return replace(fax, claimed_at=now, looks=0, asks=0, due_at=event.look_at)
        case Accepted():
            return replace(_known_as(fax, event.remote_ids), asks=0, deferrals=0, due_at=event.ask_at)
        case Deferred() | NotThere():
            return replace(fax, claimed_at=None, deferrals=fax.deferrals + 1, due_at=event.retry_at)
        case NotSeen():
            since = fax.claimed_at if event.claimed_at is None else event.claimed_at
            looks = fax.looks + event.counts
            return replace(fax, claimed_at=since, looks=looks, asks=fax.asks + 1, due_at=event.look_at)
        case Late():
            return replace(fax, late_at=now)
        case StillSending():
            known = _known_as(fax, event.remote_ids)
            return replace(known, asks=fax.asks + 1, status=event.status, due_at=event.ask_at)
        case Busy():
            return replace(_dial_again(fax), redials=fax.redials + 1, status=event.status, due_at=event.redial_at)
        case Unpaid():
            return replace(_dial_again(fax), status=event.status, due_at=event.retry_at)
        case Delivered() | Undelivered():
            return replace(_measured(fax, event), status=event.status)
        case GivenUp():
            return fax if fax.state is State.QUEUED else replace(fax, status=UNKNOWN)
        case Resent():
            again = replace(_dial_again(fax), redials=0, deferrals=0, status="", queued_at=now, late_at=None)
            return replace(again, pages=None, duration=None, cost=None, due_at=event.retry_at)
        case Refused() | Cancelled():
            return fax
        case _:
            assert_never(event)


def _known_as(fax: Fax, remote_ids: tuple[str, ...]) -> Fax:
    return replace(fax, remote_ids=tuple(dict.fromkeys((*fax.remote_ids, *remote_ids))))


def _dial_again(fax: Fax) -> Fax:
    return replace(fax, attempt=fax.attempt + 1, claimed_at=None, looks=0, asks=0, remote_ids=())


def _measured(fax: Fax, event: Delivered | Undelivered) -> Fax:
    return replace(fax, pages=event.pages, duration=event.duration, cost=event.cost)
