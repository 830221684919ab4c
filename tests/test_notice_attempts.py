"""From a fax's history to what was tried."""

from gateway.notice import Library
from gateway.notice.attempts import Attempt, of, resent_at
from tests.histories import (
    ACCEPTED,
    BUSY,
    CANCELLED,
    CLAIMED,
    DEFERRED,
    DELIVERED,
    GIVEN_UP,
    NOT_SEEN,
    NOT_THERE,
    REFUSED,
    RESENT,
    STILL_SENDING,
    UNPAID,
    lived,
)
from tests.values import NOW

ENGLISH = Library().words("en")


def told(*events: object) -> list[tuple[float, float, str, bool, int]]:
    """The attempts, with times from acceptance on."""
    _, history = lived(*events, every=1.0)  # type: ignore[arg-type]  # events, every one
    return [(a.begun - NOW, a.ended - NOW, a.said(ENGLISH), a.dialled, a.times) for a in of(history)]


def test_each_dialling_has_its_times() -> None:
    """From the claim to FAX.PLUS's final word; what happens in between is no attempt of its own."""
    attempts = told(CLAIMED, ACCEPTED, STILL_SENDING, BUSY, CLAIMED, ACCEPTED, DELIVERED)

    assert [(1.0, 4.0, "the line was busy", True, 1), (5.0, 7.0, "delivered", True, 1)] == attempts


def test_a_lost_answer_that_is_found_is_one_attempt() -> None:
    """Looking is not trying."""

    assert [(1.0, 4.0, "delivered", True, 1)] == told(CLAIMED, NOT_SEEN, ACCEPTED, DELIVERED)


def test_a_lost_request_is_no_dialling() -> None:
    """It never reached FAX.PLUS, so the telephone cannot have rung."""

    assert (1.0, 3.0, "it did not reach FAX.PLUS", False, 1) == told(CLAIMED, NOT_SEEN, NOT_THERE)[0]


def test_an_outage_is_one_line() -> None:
    """However often FAX.PLUS took nothing."""
    attempts = told(*[CLAIMED, DEFERRED] * 50, CLAIMED, ACCEPTED, UNPAID, CLAIMED, DEFERRED, DEFERRED)
    words = "FAX.PLUS did not take it"

    assert [(1.0, 100.0, words, False, 50), (104.0, 106.0, words, False, 2)] == [attempts[0], attempts[2]]
    assert 3 == len(attempts)


def test_refused_and_out_of_credit() -> None:
    """The other ends, in words."""

    assert ["refused"] == [attempt[2] for attempt in told(CLAIMED, REFUSED)]
    assert ["the gateway's account at FAX.PLUS could not send it"] == [a[2] for a in told(CLAIMED, ACCEPTED, UNPAID)]


def test_ending_in_the_queue_ends_no_attempt() -> None:
    """Given up or cancelled while it waited: nothing was under way."""

    assert [] == told(CANCELLED)
    assert [(1.0, 2.0, "FAX.PLUS did not take it", False, 1)] == told(CLAIMED, DEFERRED, GIVEN_UP)


def test_ending_under_way_ends_the_attempt() -> None:
    """Given up or cancelled after the claim: this attempt is what it is about."""

    assert [(1.0, 2.0, "its outcome is unknown", False, 1)] == told(CLAIMED, GIVEN_UP)
    assert [(1.0, 3.0, "cancelled by the operator", True, 1)] == told(CLAIMED, ACCEPTED, CANCELLED)


def test_only_the_latest_life_counts() -> None:
    """What was told in an earlier mail is not told again; when the fax was resent is."""
    _, history = lived(CLAIMED, REFUSED, RESENT, CLAIMED, REFUSED, RESENT, CLAIMED, ACCEPTED, DELIVERED, every=1.0)

    assert [Attempt(begun=NOW + 7, ended=NOW + 9, end="attempt.delivered", dialled=True)] == of(history)
    assert NOW + 6 == resent_at(history)


def test_no_history_no_attempts() -> None:
    """An empty history is not an error."""

    assert ([], None) == (of([]), resent_at([]))
