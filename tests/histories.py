"""Faxes with the history that led to them, made by letting events happen to a new fax."""

from dataclasses import replace
from typing import Any

from gateway.event import (
    Accepted,
    AnyEvent,
    Busy,
    Cancelled,
    Claimed,
    Deferred,
    Delivered,
    GivenUp,
    NotSeen,
    NotThere,
    Refused,
    Resent,
    StillSending,
    Undelivered,
    Unpaid,
)
from gateway.fax import Change, Fax, advance
from tests.values import NOW, a_fax

CLAIMED = Claimed(look_at=NOW)
ACCEPTED = Accepted(remote_ids=("r1",), ask_at=NOW)
STILL_SENDING = StillSending(ask_at=NOW, status="in_progress")
DEFERRED = Deferred(retry_at=NOW, reason="FAX.PLUS answers 503")
NOT_SEEN = NotSeen(look_at=NOW, counts=True)
NOT_THERE = NotThere(retry_at=NOW)
UNPAID = Unpaid(status="insufficient_credit", retry_at=NOW)
BUSY = Busy(status="failed_user_busy", redial_at=NOW)
DELIVERED = Delivered(pages=2, duration=65.0, cost=2.0)
STILL_BUSY = Undelivered(status="failed_user_busy", pages=0, duration=3.0, cost=0.0)
WRONG_NUMBER = Undelivered(status="failed_unallocated_number")
CUT_OFF = Undelivered(status="partially_sent", pages=2, duration=48.0, cost=2.0)
STRANGE_WORD = Undelivered(status="half_delivered")
REFUSED = Refused(reason="FAX.PLUS refused the request (400 not_allowed: the account may not send to this number)")
GIVEN_UP = GivenUp(reason="24 hours are over")
CANCELLED = Cancelled(reason="cancelled by the operator")
RESENT = Resent(retry_at=NOW, reason="resent by the operator")


def lived(*events: AnyEvent, every: float = 30.0, **changed: Any) -> tuple[Fax, list[Change]]:
    """A fax to which these events happened, one every so many seconds, and its history."""
    fax = replace(a_fax(number="+12025550123", recipient="12025550123@fax.local"), **changed)
    history = [_change(fax, "Queued", NOW)]
    for number, event in enumerate(events, 1):
        now = NOW + number * every
        fax = advance(fax, event, now)
        history.append(_change(fax, type(event).__name__, now))
    return fax, history


def _change(fax: Fax, event: str, now: float) -> Change:
    return Change(at=now, event=event, state=fax.state, attempt=fax.attempt, status=fax.status, reason=fax.reason)
