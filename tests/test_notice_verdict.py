"""How a fax ended, in words, for every way to end."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.event import Undelivered
from gateway.notice import Library, Story
from gateway.notice.verdict import Verdict, verdict
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
    NOT_THERE,
    REFUSED,
    RESENT,
    STILL_BUSY,
    STRANGE_WORD,
    WRONG_NUMBER,
    lived,
)

SENT = (CLAIMED, ACCEPTED)
LIBRARY = Library()
ENGLISH = LIBRARY.words("en")
EARLIER = ENGLISH("advice.earlier")
YOURS = "Your fax to +1 202-555-0123 "


def judged(*events: Any, pages: int = 2, language: str = "en") -> Verdict:
    """The verdict on a fax of so many pages to which these events happened."""
    fax, history = lived(*events)
    return verdict(Story(fax=fax, changes=history), pages, LIBRARY.words(language))


@pytest.mark.parametrize(
    ("events", "headline", "sentence", "advice"),
    [
        ((*SENT, DELIVERED), "Fax delivered", "was delivered: 2 pages.", ""),
        ((*SENT, replace(DELIVERED, pages=None)), "Fax delivered", "was delivered: 2 pages.", ""),
        ((*SENT, replace(DELIVERED, pages=3)), "Fax delivered", "was delivered.", "FAX.PLUS counted 3 pages"),
        (
            (*SENT, replace(DELIVERED, pages=1)),
            "Fax delivered, fewer pages counted",
            "was delivered.",
            "FAX.PLUS counted 1 page, your documents have 2. Please ask the recipient",
        ),
        ((CANCELLED,), "Fax cancelled", "was cancelled by the operator", ""),
        ((*SENT, GIVEN_UP), "Fax outcome unknown", "has an unknown outcome: ", "Ask the recipient"),
        ((CLAIMED, NOT_SEEN, GIVEN_UP), "Fax outcome unknown", "has an unknown outcome: ", "Ask the recipient"),
        ((*SENT, STRANGE_WORD), "Fax outcome unknown", "has an unknown outcome: ", "Ask the recipient"),
        (
            (CLAIMED, REFUSED),
            "Fax refused",
            "was not sent: FAX.PLUS refused the request (400",
            "It will not be",
        ),
        ((CLAIMED, replace(REFUSED, reason="")), "Fax refused", "was not sent: it was refused without", "It"),
        ((GIVEN_UP,), "Fax not sent", "was not sent: ", "Nothing of it was sent."),
        ((CLAIMED, DEFERRED, GIVEN_UP), "Fax not sent", "was not sent: ", "Nothing of it was sent."),
        ((CLAIMED, NOT_THERE, GIVEN_UP), "Fax not sent", "was not sent: ", "Nothing of it was sent."),
        (
            (*SENT, BUSY, GIVEN_UP),
            "Fax failed",
            "could not be delivered in the time it had. Last attempt: the line was busy.",
            "Try again later",
        ),
        ((*SENT, CUT_OFF), "Fax failed, part may have arrived", "failed: the call broke off", "Ask the recipient"),
        ((*SENT, WRONG_NUMBER), "Fax failed", "failed: there is no such number.", "Check the number"),
        ((*SENT, BUSY, *SENT, STILL_BUSY), "Fax failed", "failed after 2 attempts: the line was busy.", "Try again"),
    ],
)
def test_every_way_to_end(events: tuple[Any, ...], headline: str, sentence: str, advice: str) -> None:
    """A table of histories and what the sender is told first."""
    says = judged(*events)

    assert (headline, True, True) == (
        says.headline,
        says.sentence.startswith(YOURS + sentence),
        says.advice.startswith(advice) and bool(says.advice) == bool(advice),
    )


@pytest.mark.parametrize(
    "earlier", [(CLAIMED, NOT_SEEN, GIVEN_UP), (*SENT, GIVEN_UP), (*SENT, CUT_OFF), (*SENT, STRANGE_WORD)]
)
@pytest.mark.parametrize(
    "later", [(GIVEN_UP,), (CLAIMED, REFUSED), (CANCELLED,), (*SENT, WRONG_NUMBER), (CLAIMED, DEFERRED, GIVEN_UP)]
)
def test_an_earlier_doubt_is_not_forgotten(earlier: tuple[Any, ...], later: tuple[Any, ...]) -> None:
    """A fax that was resent after a doubtful end may lie at the recipient's, however surely the second life failed."""
    advice = judged(*earlier, RESENT, *later).advice

    assert advice.endswith(EARLIER)
    assert "Nothing of it was sent" not in advice


def test_without_an_earlier_doubt_none_is_raised() -> None:
    """Nothing of the first life can have arrived."""

    assert "Nothing of it was sent. You can send it again." == judged(CLAIMED, REFUSED, RESENT, GIVEN_UP).advice
    assert EARLIER not in judged(*SENT, WRONG_NUMBER, RESENT, *SENT, STILL_BUSY).advice
    assert "" == judged(*SENT, CUT_OFF, RESENT, *SENT, DELIVERED).advice


def test_pages_of_a_cut_call_are_told() -> None:
    """With their count if FAX.PLUS gave one, as what may have arrived."""
    counted = judged(*SENT, CUT_OFF, pages=5).sentence
    uncounted = judged(*SENT, replace(CUT_OFF, pages=None), pages=5).sentence

    assert counted.endswith("; FAX.PLUS counted 2 of 5 pages.")
    assert "counted" not in uncounted


@pytest.mark.parametrize("language", LIBRARY.languages)
@pytest.mark.parametrize("status", [word for word, means in MEANINGS.items() if means.ending is not Ending.DELIVERED])
def test_every_failure_of_fax_plus_has_words(status: str, language: str) -> None:
    """Each of its words becomes a sentence that claims no success, with advice, in every language."""
    says = judged(*SENT, Undelivered(status=status), language=language)

    assert says.kind in {"failed", "partial", "unknown"}
    assert says.sentence.endswith(".")
    assert says.advice
