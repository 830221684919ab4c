"""What was tried, and when, from a fax's history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.fax import Change
from gateway.outcome import meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try, or several in a row that ended alike before the number was dialled."""

    begun: float
    ended: float
    words: str  #: what came of it
    dialled: bool  #: FAX.PLUS is known to have had it, so that the telephone may have rung
    times: int = 1


ENDS: dict[str, Callable[[Change], str]] = {
    "Deferred": lambda _: "FAX.PLUS did not take it",
    "NotThere": lambda _: "it did not reach FAX.PLUS",
    "Refused": lambda _: "FAX.PLUS refused it",
    "Busy": lambda change: meaning(change.status).words,
    "Unpaid": lambda change: meaning(change.status).words,
    "Undelivered": lambda change: meaning(change.status).words,
    "Delivered": lambda _: "delivered",
    "GivenUp": lambda _: "its outcome is unknown",
    "Cancelled": lambda _: "cancelled by the operator",
}
"""The events that end an attempt, in words."""

BETWEEN = frozenset({"GivenUp", "Cancelled"})
"""They also come while the fax waits in the queue, and then no attempt ends."""


def of(changes: Sequence[Change]) -> list[Attempt]:
    """Return the attempts since the fax was accepted, or last resent; oldest first."""
    found: list[Attempt] = []
    claimed: float | None = None
    accepted = False
    for change in latest_life(changes):
        if change.event == "Claimed":
            claimed = change.at
        elif change.event == "Accepted":
            accepted = True
        elif change.event in ENDS and (claimed is not None or change.event not in BETWEEN):
            begun = change.at if claimed is None else claimed
            words = ENDS[change.event](change)
            _add(found, Attempt(begun=begun, ended=change.at, words=words, dialled=accepted))
            claimed, accepted = None, False
    return found


def latest_life(changes: Sequence[Change]) -> Sequence[Change]:
    """Return what happened since the operator last had the fax sent again, or all of it."""
    resent = [index for index, change in enumerate(changes) if change.event == "Resent"]
    return changes[resent[-1] + 1 :] if resent else changes


def resent_at(changes: Sequence[Change]) -> float | None:
    """Return when the operator last had the fax sent again."""
    return max((change.at for change in changes if change.event == "Resent"), default=None)


def _add(found: list[Attempt], attempt: Attempt) -> None:
    """A day without FAX.PLUS is one line, not two hundred."""
    last = found[-1] if found else None
    if last is not None and not last.dialled and not attempt.dialled and last.words == attempt.words:
        found[-1] = replace(last, ended=attempt.ended, times=last.times + 1)
    else:
        found.append(attempt)
