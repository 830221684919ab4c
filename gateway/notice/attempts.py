"""What was tried, and when, from a fax's history."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.fax import Change
from gateway.notice.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try, or several in a row that ended alike before the number was dialled."""

    begun: float
    ended: float
    end: str  #: what came of it, as the catalogues call it: `attempt.refused`, or `status` with a word of FAX.PLUS
    status: str = ""  #: FAX.PLUS's word on it
    dialled: bool  #: FAX.PLUS is known to have had it, so that the telephone may have rung
    times: int = 1

    def said(self, words: Words) -> str:
        """What came of it, in words."""
        return words.status(self.status) if self.end == "status" else words(self.end)


ENDS: dict[str, str] = {
    "Deferred": "attempt.not_taken",
    "NotThere": "attempt.not_there",
    "Refused": "attempt.refused",
    "Busy": "status",
    "Unpaid": "status",
    "Undelivered": "status",
    "Delivered": "attempt.delivered",
    "GivenUp": "attempt.unknown",
    "Cancelled": "attempt.cancelled",
}
"""The events that end an attempt, and what is said of it."""

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
            end = ENDS[change.event]
            status = change.status if end == "status" else ""
            _add(found, Attempt(begun=begun, ended=change.at, end=end, status=status, dialled=accepted))
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
    if last is not None and not last.dialled and not attempt.dialled and last.end == attempt.end != "status":
        found[-1] = replace(last, ended=attempt.ended, times=last.times + 1)
    else:
        found.append(attempt)
