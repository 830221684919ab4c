"""How a fax ended, in words that claim no more than is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.fax import UNKNOWN, Change, Fax, State
from gateway.notice.attempts import Attempt, latest_life
from gateway.notice.plain import cut
from gateway.outcome import MEANINGS, Ending, Meaning, meaning
from gateway.submission import Submission

LONGEST_REASON = 300

EARLIER = "An earlier attempt may have arrived: ask the recipient before you send it again."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the sender is told first."""

    headline: str  #: begins the subject
    sentence: str  #: says it all; goes behind "Your fax to <number>"
    advice: str = ""  #: what to do now


def verdict(fax: Fax, submission: Submission, changes: Sequence[Change], tried: Sequence[Attempt]) -> Verdict:
    """Judge a fax that has ended. It is called delivered only in the state that FAX.PLUS's own `success` leads to."""
    total = sum(document.pages for document in submission.documents)
    if fax.state is State.DELIVERED:
        return _delivered(fax, total)
    says = _not_delivered(fax, total, changes, tried)
    earlier = changes[: len(changes) - len(latest_life(changes))]
    return replace(says, advice=f"{says.advice} {EARLIER}".strip()) if _in_doubt(earlier) else says


def not_yet(fax: Fax, gives_up: str) -> Verdict:
    """Say of a fax that has not ended where it is, and what happens next."""
    where = {
        State.QUEUED: "is still waiting to be sent.",
        State.SUBMITTING: "has not been confirmed: FAX.PLUS has not said yet whether it has it.",
        State.SUBMITTED: "is still being sent by FAX.PLUS.",
    }[fax.state]
    advice = (
        f"There is nothing to do. We go on until {gives_up} UTC, and another mail will tell how it ended. "
        "Please do not send it again meanwhile: it could arrive twice."
    )
    return Verdict("Fax delayed", where, advice)


def _in_doubt(changes: Sequence[Change]) -> bool:
    """Something of it may have arrived by then."""
    return any(meaning(change.status).ending is Ending.PARTIAL for change in changes)


def _not_delivered(fax: Fax, total: int, changes: Sequence[Change], tried: Sequence[Attempt]) -> Verdict:
    last = changes[-1].event if changes else ""
    if fax.state is State.CANCELLED:
        return Verdict("Fax cancelled", "was cancelled by the operator and will not be sent.")
    if fax.status == UNKNOWN:
        return _unknown(meaning(UNKNOWN))
    if last == "Refused":
        return _refused(fax)
    if last == "GivenUp":
        return _given_up(fax, changes, tried)
    return _undelivered(fax, total, tried)


def _undelivered(fax: Fax, total: int, tried: Sequence[Attempt]) -> Verdict:
    means = meaning(fax.status)
    if means.ending is not Ending.PARTIAL:
        return _failed(means, tried)
    return _partial(means, fax.pages, total) if fax.status in MEANINGS else _unknown(means)


def _delivered(fax: Fax, total: int) -> Verdict:
    if fax.pages is None or fax.pages == total:
        return Verdict("Fax delivered", f"was delivered: {pages(total)}.")
    counted = f"FAX.PLUS counted {pages(fax.pages)}, your documents have {total}."
    if fax.pages > total:
        return Verdict("Fax delivered", "was delivered.", counted)
    advice = f"{counted} Please ask the recipient whether all of it arrived."
    return Verdict("Fax delivered, fewer pages counted", "was delivered.", advice)


def _refused(fax: Fax) -> Verdict:
    reason = cut(fax.reason, LONGEST_REASON).rstrip(".") or "it gave no reason"
    advice = "It will not be tried again. If the reason does not tell you what to change, please ask the operator."
    return Verdict("Fax refused", f"was not sent: FAX.PLUS refused it ({reason}).", advice)


def _given_up(fax: Fax, changes: Sequence[Change], tried: Sequence[Attempt]) -> Verdict:
    """Its time ended while it waited for its next attempt: no attempt is in doubt."""
    if not any(change.event == "Accepted" for change in changes) and not _in_doubt(changes):
        advice = "Nothing of it was sent. You can send it again."
        return Verdict("Fax not sent", "was not sent: FAX.PLUS did not take it in time.", advice)
    dialled = [attempt for attempt in tried if attempt.dialled]
    why = f" Last attempt: {dialled[-1].words}." if dialled else ""
    means = meaning(fax.status)
    advice = means.advice if means.ending is Ending.REDIAL else "Please ask the operator before you send it again."
    return Verdict("Fax failed", f"could not be delivered in the time it had.{why}", advice)


def _partial(means: Meaning, counted: int | None, total: int) -> Verdict:
    of_all = f"; FAX.PLUS counted {counted} of {pages(total)}" if counted else ""
    return Verdict("Fax failed, part may have arrived", f"failed: {means.words}{of_all}.", means.advice)


def _failed(means: Meaning, tried: Sequence[Attempt]) -> Verdict:
    dialled = sum(attempt.dialled for attempt in tried)
    after = f" after {dialled} attempts" if dialled > 1 else ""
    return Verdict("Fax failed", f"failed{after}: {means.words}.", means.advice)


def _unknown(means: Meaning) -> Verdict:
    return Verdict("Fax outcome unknown", f"has an unknown outcome: {means.words}.", means.advice)


def pages(count: int) -> str:
    """Count pages in words."""
    return f"{count} page" if count == 1 else f"{count} pages"
