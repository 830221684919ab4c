"""The facts of a confirmation: labels and values, bounded, in plain words."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.notice import Library, Story, facts
from gateway.submission import LeftOut, Submission
from tests.histories import ACCEPTED, BUSY, CLAIMED, CUT_OFF, DELIVERED, GIVEN_UP, RESENT, WRONG_NUMBER, lived
from tests.values import a_document, a_submission

SENT = (CLAIMED, ACCEPTED)
ENGLISH = Library().words("en")


def told(submission: Submission, *events: Any, **changed: Any) -> dict[str, str]:
    """Label and values, as the recipient reads them."""
    fax, history = lived(*events, **changed)
    story = Story(fax=fax, changes=history)
    known = [
        *facts.of_fax(story, submission.pages, ENGLISH),
        *facts.of_mail(submission, ENGLISH),
    ]
    return {fact.label: "\n".join(fact.values) for fact in known}


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+493012345678", "+49 30 12345678 (DE)"),
        ("+14165550123", "+1 416-555-0123 (CA)"),
        ("+80012345678", "+800 1234 5678"),
        ("nonsense", "nonsense"),
    ],
)
def test_the_country_stands_behind_its_number(number: str, shown: str) -> None:
    """If it is of one."""

    assert shown == told(a_submission(), *SENT, DELIVERED, number=number)["Number"]


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ((*SENT, DELIVERED), "2 of 5 sent"),
        ((*SENT, CUT_OFF), "pages 1 to 2 of 5 may have arrived"),
        ((*SENT, replace(CUT_OFF, pages=1)), "page 1 of 5 may have arrived"),
        ((*SENT, GIVEN_UP), "5, any of which may have arrived"),
        ((*SENT, WRONG_NUMBER), "5 in your documents"),
        ((GIVEN_UP,), "5 in your documents"),
    ],
)
def test_pages_are_claimed_as_far_as_known(events: tuple[Any, ...], shown: str) -> None:
    """Sent only when delivered."""

    assert shown == told(a_submission(documents=(a_document(pages=5),)), *events)["Pages"]


def test_facts_that_nobody_knows_are_left_out() -> None:
    """No duration, no cost, no attempt, nothing left out: no line."""
    facts = told(a_submission(left_out=(), subject=""), GIVEN_UP)

    assert {"Number", "Sent to", "Pages", "Documents", "Your mail", "Fax id"} == set(facts)
    assert "without a subject (15 Jan 2027, 08:00:00 UTC)" == facts["Your mail"]


def test_many_documents_are_counted() -> None:
    """The first and the last are named."""
    documents = tuple(a_document(position=number, name=f"{number}.pdf", pages=1) for number in range(300))
    shown = told(a_submission(documents=documents), *SENT, WRONG_NUMBER)["Documents"].split("\n")

    assert 21 == len(shown)
    assert ["0.pdf (PDF, 1 page)", "(280 more)", "299.pdf (PDF, 1 page)"] == [shown[0], shown[10], shown[20]]


def test_what_was_left_out_has_its_reason() -> None:
    """So that the sender sees that his signature's logo was not faxed."""
    left_out = (LeftOut("logo.png", "a picture"), LeftOut("", "empty"))

    assert "logo.png (a picture)\nunnamed (empty)" == told(a_submission(left_out=left_out), GIVEN_UP)["Not faxed"]


@pytest.mark.parametrize(
    ("every", "shown"),
    [
        (30.0, "1. 15 Jan 2027, 08:00:30 to 08:01:30 UTC: the line was busy"),
        (0.0, "1. 15 Jan 2027, 08:00:00 UTC: the line was busy"),
        (40_000.0, "1. 15 Jan 2027, 19:06:40 to 16 Jan 2027, 17:20:00 UTC: the line was busy"),
    ],
)
def test_times_are_as_short_as_they_can_be(every: float, shown: str) -> None:
    """The day once, the second attempt's own line below."""
    facts = told(a_submission(), *SENT, BUSY, GIVEN_UP, every=every)

    assert shown == facts["Attempts"]


@pytest.mark.parametrize(
    ("duration", "shown"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3725.0, "62 min 5 s")]
)
def test_time_on_the_line(duration: float, shown: str) -> None:
    """In minutes and seconds."""
    event = type(DELIVERED)(pages=2, duration=duration)

    assert shown == told(a_submission(), *SENT, event)["On the line"]


def test_a_resent_fax_says_so() -> None:
    """The recipient has had a mail about the earlier failure."""
    facts = told(a_submission(), *SENT, WRONG_NUMBER, RESENT, *SENT, WRONG_NUMBER)

    assert "15 Jan 2027, 08:02:00 UTC by the operator; this mail is about that" == facts["Resent"]


def test_a_discreet_mail_has_no_subject() -> None:
    """Only when it came."""
    submission = a_submission(subject="HIV test", discreet=True)

    assert "15 Jan 2027, 08:00:00 UTC" == told(submission, *SENT, DELIVERED)["Your mail"]


def test_the_newest_id_of_fax_plus_is_told() -> None:
    """For whoever asks FAX.PLUS about it."""

    assert "r1" == told(a_submission(), *SENT, DELIVERED)["FAX.PLUS id"]


def test_a_cover_page_counts() -> None:
    """It is faxed before the documents, and FAX.PLUS counts it."""
    submission = a_submission(cover="For Ann Lee", documents=(a_document(pages=1),))
    facts_ = told(submission, *SENT, DELIVERED)

    assert ("2 of 2 sent", "cover page\nletter.pdf (PDF, 1 page)") == (facts_["Pages"], facts_["Documents"])


def test_what_was_done_to_a_document_is_told() -> None:
    """In the words of whoever did it."""
    submission = a_submission(documents=(a_document(repair="its password was taken off"),))

    assert "letter.pdf (PDF, 2 pages): its password was taken off" == told(submission, *SENT, DELIVERED)["Documents"]
