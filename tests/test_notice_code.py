"""Action and status of every outcome: the table of the checklist's section H, row by row."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.event import AnyEvent, Busy, Refused, Undelivered
from gateway.notice import Story
from gateway.notice.code import action, status
from gateway.outcome import MEANINGS, Ending
from tests.histories import (
    ACCEPTED,
    BUSY,
    CANCELLED,
    CLAIMED,
    CUT_OFF,
    DEFERRED,
    DELIVERED,
    GIVEN_UP,
    NOT_SEEN,
    REFUSED,
    STILL_SENDING,
    STRANGE_WORD,
    UNPAID,
    lived,
)
from tests.values import NOW

SENT = (CLAIMED, ACCEPTED, STILL_SENDING)
TOO_LARGE = Refused(reason="FAX.PLUS says that the documents are too large (413)")


def coded(*events: AnyEvent, at: float = NOW + 60, **changed: Any) -> tuple[str, str]:
    """What a report says of a fax to which these events happened."""
    fax, history = lived(*events, **changed)
    return action(fax), status(Story(fax=fax, changes=history), at)


@pytest.mark.parametrize(
    ("outcome", "events", "expected"),
    [
        ("success", (*SENT, DELIVERED), ("delivered", "2.1.5")),
        ("success, fewer pages counted", (*SENT, replace(DELIVERED, pages=1)), ("delivered", "2.1.5")),
        ("in the queue, nothing went wrong", (), ("delayed", "4.0.0")),
        ("under way", SENT, ("delayed", "4.0.0")),
        ("busy, still trying", (*SENT, BUSY), ("delayed", "4.4.1")),
        ("FAX.PLUS takes nothing", (CLAIMED, DEFERRED), ("delayed", "4.3.0")),
        ("nobody knows whether FAX.PLUS has it", (CLAIMED, NOT_SEEN), ("delayed", "4.0.0")),
        ("no credit, held", (*SENT, UNPAID), ("delayed", "4.3.5")),
        (
            "network congestion, still trying",
            (*SENT, Busy(status="failed_to_send", redial_at=NOW)),
            ("delayed", "4.4.5"),
        ),
        ("no credit until the end", (*SENT, UNPAID, GIVEN_UP), ("failed", "4.3.5")),
        ("busy until the end", (*SENT, BUSY, GIVEN_UP), ("failed", "4.4.1")),
        ("FAX.PLUS's 5xx for too long", (CLAIMED, DEFERRED, GIVEN_UP), ("failed", "4.3.0")),
        ("time over, no cause", (GIVEN_UP,), ("failed", "4.4.7")),
        ("outcome unknown", (*SENT, GIVEN_UP), ("failed", "4.4.7")),
        ("outcome unknown after a lost answer", (CLAIMED, NOT_SEEN, GIVEN_UP), ("failed", "4.4.7")),
        ("broken off", (*SENT, CUT_OFF), ("failed", "4.4.2")),
        ("a new failure", (*SENT, Undelivered(status="failed_by_a_bear")), ("failed", "5.0.0")),
        ("a new word", (*SENT, STRANGE_WORD), ("failed", "4.0.0")),
        ("refused", (CLAIMED, REFUSED), ("failed", "5.0.0")),
        ("too large", (CLAIMED, TOO_LARGE), ("failed", "5.3.4")),
        ("cancelled", (CANCELLED,), ("failed", "5.7.0")),
    ],
)
def test_every_row(outcome: str, events: tuple[AnyEvent, ...], expected: tuple[str, str]) -> None:
    """What happened, and what a report says of it."""

    assert expected == coded(*events), outcome


FAILURES = [word for word, means in MEANINGS.items() if word.startswith(("failed", "partially"))]


@pytest.mark.parametrize("word", FAILURES)
def test_every_failure_of_fax_plus(word: str) -> None:
    """The code that the table of outcomes has, whose own test names each."""

    assert ("failed", MEANINGS[word].dsn) == coded(*SENT, Undelivered(status=word))


@pytest.mark.parametrize("word", [word for word in FAILURES if MEANINGS[word].ending is Ending.REDIAL])
def test_every_failure_that_is_dialled_again(word: str) -> None:
    """While it is tried again, it is delayed by what went wrong last."""

    assert ("delayed", MEANINGS[word].dsn) == coded(*SENT, Busy(status=word, redial_at=NOW))


@pytest.mark.parametrize(
    ("mode", "events", "at", "expected"),
    [
        ("R", (*SENT, BUSY, GIVEN_UP), NOW, ("failed", "5.4.7")),
        ("R", (*SENT, GIVEN_UP), NOW, ("failed", "4.4.7")),  # nobody knows whether it was sent
        ("N", (*SENT, BUSY), NOW + 200, ("delayed", "4.4.7")),
        ("N", (*SENT, BUSY), NOW + 5, ("delayed", "4.4.1")),
        ("N", (*SENT, BUSY, GIVEN_UP), NOW + 200, ("failed", "4.4.1")),
    ],
)
def test_the_senders_own_time_limit(
    mode: str, events: tuple[AnyEvent, ...], at: float, expected: tuple[str, str]
) -> None:
    """Checklist E3 and E4: its time is over."""

    assert expected == coded(*events, at=at, by_mode=mode, by_at=NOW + 10)
