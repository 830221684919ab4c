"""What became of a fax as a report says it: action and enhanced status code (RFC 3464 section 2.3, RFC 3463)."""

import re

from gateway.fax import UNKNOWN, Fax, State
from gateway.notice.story import Story
from gateway.outcome import Ending, meaning

TOO_LARGE = re.compile(r"\btoo (large|many pages)\b")
"""How FAX.PLUS's refusal of an upload is put on record."""

OVERDUE = "4.4.7"
"""Its time was over, and no better cause is known (RFC 3463: delivery time expired)."""


def action(fax: Fax) -> str:
    """Return `delivered`, `failed` or `delayed`."""
    if not fax.final:
        return "delayed"
    return "delivered" if fax.state is State.DELIVERED else "failed"


def status(story: Story, at: float) -> str:
    """Return the status code.

    Args:
        story: the fax and its history.
        at: the time of the report; before its end, whether its sender's own time limit was over by then.
    """
    fax = story.fax
    if not fax.final:
        return OVERDUE if fax.by_mode == "N" and fax.by_at is not None and at >= fax.by_at else _trouble(fax, "4.0.0")
    if fax.state is State.DELIVERED:
        return meaning("success").dsn
    return "5.7.0" if fax.state is State.CANCELLED else _failed(story)


def _failed(story: Story) -> str:
    fax = story.fax
    last = story.changes[-1].event if story.changes else ""
    if fax.status == UNKNOWN:
        return OVERDUE
    if last == "Refused":
        return "5.3.4" if TOO_LARGE.search(fax.reason) else "5.0.0"
    if last != "GivenUp":
        return meaning(fax.status).dsn
    limited = fax.by_mode == "R" and fax.by_at is not None and (fax.ended_at or 0.0) >= fax.by_at
    return "5.4.7" if limited else _trouble(fax, OVERDUE)


def _trouble(fax: Fax, otherwise: str) -> str:
    """The code of what kept it from being sent so far."""
    means = meaning(fax.status)
    if means.ending in {Ending.REDIAL, Ending.CREDIT}:
        return means.dsn
    return "4.3.0" if fax.state is not State.SUBMITTED and fax.deferrals else otherwise
