"""What a page says of several faxes together."""

from typing import Any

import pytest

from gateway.notice import Library, Story
from gateway.notice.page import Page, Told, in_order, page
from gateway.notice.verdict import verdict
from tests.histories import ACCEPTED, CANCELLED, CLAIMED, CUT_OFF, DELIVERED, GIVEN_UP, WRONG_NUMBER, lived
from tests.values import a_submission

ENGLISH = Library().words("en")
SENT = (CLAIMED, ACCEPTED)
ARRIVED, FAILED, UNSURE = (*SENT, DELIVERED), (*SENT, WRONG_NUMBER), (*SENT, GIVEN_UP)


def a_page(*lives: tuple[Any, ...], others: int = 0) -> Page:
    """The page about faxes to which this happened."""
    told = []
    for number, events in enumerate(lives):
        fax, history = lived(*events, id=f"f{number}", number=f"+1202555012{number}")
        story = Story(fax=fax, changes=history)
        told.append(Told(story, verdict(story, 2, ENGLISH)))
    return page(a_submission(), in_order(told), ENGLISH, own_name="fax.local", others=others)


@pytest.mark.parametrize(
    ("lives", "headline", "tone"),
    [
        ((ARRIVED,), "Fax delivered", "good"),
        ((ARRIVED, ARRIVED), "All 2 faxes delivered", "good"),
        ((ARRIVED, FAILED), "Faxes: 1 failed, 1 delivered", "bad"),
        ((ARRIVED, UNSURE), "Faxes: 1 with unknown outcome, 1 delivered", "doubt"),
        ((ARRIVED, (*SENT, CUT_OFF)), "Faxes: 1 failed, 1 delivered", "doubt"),
        (((CANCELLED,), ARRIVED), "Faxes: 1 cancelled, 1 delivered", "still"),
        ((UNSURE, FAILED, FAILED), "Faxes: 2 failed, 1 with unknown outcome", "bad"),
    ],
)
def test_headline_and_tone(lives: tuple[Any, ...], headline: str, tone: str) -> None:
    """All of it in a few words; the gravest gives the colour, and nothing unknown is called failed or delivered."""
    shown = a_page(*lives)

    assert (headline, tone) == (shown.headline, shown.tone)


def test_what_needs_a_hand_comes_first() -> None:
    """Then by number."""
    shown = a_page(ARRIVED, UNSURE, FAILED, FAILED)

    assert ["+1 202-555-0122", "+1 202-555-0123", "+1 202-555-0121", "+1 202-555-0120"] == [
        entry.number for entry in shown.entries
    ]


def test_the_same_advice_is_given_once() -> None:
    """What differs stands with its fax."""

    assert "Check the number and send the document again." == a_page(FAILED, FAILED).advice
    assert "" == a_page(FAILED, UNSURE).advice


def test_others_are_announced() -> None:
    """Those that have not ended."""

    assert "You will hear of the others (2) separately." == a_page(ARRIVED, ARRIVED, others=2).advice
    assert a_page(FAILED, others=1).advice.endswith("You will hear of the others (1) separately.")
