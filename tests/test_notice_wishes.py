"""Who is owed what: RFC 3461's NOTIFY, and RFC 3834's manners."""

from typing import Any

import pytest

from gateway.event import AnyEvent
from gateway.notice import owed, owed_accepted, owed_late, reported
from gateway.submission import Submission
from tests.histories import ACCEPTED, CANCELLED, CLAIMED, DELIVERED, GIVEN_UP, STILL_SENDING, WRONG_NUMBER, lived
from tests.values import a_submission

SENT = (CLAIMED, ACCEPTED, STILL_SENDING)
QUIET = a_submission(quiet=True)
ALICE = "alice@example.org"


@pytest.mark.parametrize(
    ("submission", "events", "expected"),
    [
        (a_submission(), (*SENT, DELIVERED), ALICE),
        (a_submission(), (*SENT, WRONG_NUMBER), ALICE),
        (a_submission(), (CANCELLED,), ALICE),
        (a_submission(confirm_to="desk@example.org"), (*SENT, DELIVERED), "desk@example.org"),
        (a_submission(sender=""), (*SENT, WRONG_NUMBER), None),
        (a_submission(sender="", confirm_to="desk@example.org"), (*SENT, DELIVERED), "desk@example.org"),
        (QUIET, (*SENT, DELIVERED), None),
        (QUIET, (*SENT, WRONG_NUMBER), ALICE),
        (QUIET, (*SENT, GIVEN_UP), ALICE),
        (QUIET, (CANCELLED,), ALICE),
        (a_submission(), SENT, None),
    ],
)
def test_who_is_owed_a_mail(submission: Submission, events: tuple[Any, ...], expected: str | None) -> None:
    """The sender, or whom the operator named; a machine only when it went wrong; nobody before the end."""
    fax, _ = lived(*events)

    assert expected == owed(fax, submission)


@pytest.mark.parametrize(
    ("notify", "success", "failure", "delay"),
    [
        ("", "plain", "report", "report"),
        ("NEVER", None, None, None),
        ("SUCCESS", "report", None, None),
        ("FAILURE", None, "report", None),
        ("DELAY", None, None, "report"),
        ("SUCCESS,FAILURE", "report", "report", None),
        ("FAILURE,DELAY", None, "report", "report"),
        ("SUCCESS,FAILURE,DELAY", "report", "report", "report"),
        ("success,delay", "report", None, "report"),
    ],
)
def test_notify(notify: str, success: str | None, failure: str | None, delay: str | None) -> None:
    """Checklist H4 to H7: a table of what was asked for and what is sent about each event."""

    def sent(*events: AnyEvent) -> str | None:
        fax, _ = lived(*events, notify=notify)
        to = owed(fax, a_submission()) if fax.final else owed_late(fax, a_submission())
        return None if to is None else "report" if reported(fax) else "plain"

    assert (success, failure, delay) == (sent(*SENT, DELIVERED), sent(*SENT, WRONG_NUMBER), sent(*SENT))


def test_a_machine_that_asks_for_success_hears_of_it() -> None:
    """NOTIFY says more about what is wanted than `Auto-Submitted`."""
    fax, _ = lived(*SENT, DELIVERED, notify="SUCCESS")

    assert ALICE == owed(fax, QUIET)


@pytest.mark.parametrize(
    ("notify", "submission", "expected"),
    [
        ("", a_submission(), ALICE),
        ("NEVER", a_submission(), None),
        ("SUCCESS", a_submission(), None),
        ("", QUIET, None),
        ("", a_submission(sender=""), None),
    ],
)
def test_who_hears_that_a_fax_is_on_its_way(notify: str, submission: Submission, expected: str | None) -> None:
    """Nobody who has said by NOTIFY what they want to hear."""
    fax, _ = lived(CLAIMED, notify=notify)

    assert expected == owed_accepted(fax, submission)
