"""Manners: how much a client may do wrong, and what is forgiven."""

import pytest

from gateway.smtp.manners import (
    ERROR_PAUSE,
    IDLE_COMMANDS,
    MOST_ERRORS,
    MOST_FAILED_LOGINS,
    MOST_IDLE_COMMANDS,
    MOST_MAILS,
    MOST_VAIN_RECIPIENTS,
    NO_WEB_SERVER,
    SLOW_FROM,
    TOO_MANY_COMMANDS,
    TOO_MANY_ERRORS,
    TOO_MANY_LOGINS,
    Manners,
)
from gateway.smtp.reply import Reply

OK = Reply(250, "2.0.0", "OK")
LATER = Reply(451, "4.3.0", "later")
WRONG = Reply(500, "5.5.1", "wrong")
WRONG_LOGIN = Reply(535, "5.7.8", "wrong")


@pytest.mark.parametrize(
    ("verb", "most"),
    [(verb, MOST_IDLE_COMMANDS) for verb in sorted(IDLE_COMMANDS)] + [(b"RCPT", MOST_VAIN_RECIPIENTS + 3)],
)
def test_commands_that_lead_to_nothing(verb: bytes, most: int) -> None:
    """So many of each, then one too many; others are counted for themselves."""
    manners = Manners(3)
    said = [manners.object_to(verb) for _ in range(most + 1)]

    assert [None] * most + [TOO_MANY_COMMANDS] == said
    assert manners.object_to(b"MAIL") is None


def test_the_web() -> None:
    """A browser is sent away at its first word."""

    assert NO_WEB_SERVER == Manners(3).object_to(b"POST")


def test_errors() -> None:
    """Errors are counted, refusals for a while are not."""
    manners = Manners(3)
    said = [manners.judge(reply) for reply in [OK, LATER, WRONG] * MOST_ERRORS]

    assert [OK, LATER, WRONG] * (MOST_ERRORS - 1) + [OK, LATER, TOO_MANY_ERRORS] == said


def test_answers_become_slow() -> None:
    """The first mistakes cost no time."""
    manners = Manners(3)
    pauses = [(manners.judge(WRONG), manners.pause())[1] for _ in range(SLOW_FROM)]

    assert [0.0] * (SLOW_FROM - 1) + [ERROR_PAUSE] == pauses


def test_mails() -> None:
    """So many, and the last one is known as such."""
    manners = Manners(3)

    assert [False] * (MOST_MAILS - 1) + [True] == [manners.enough() for _ in range(MOST_MAILS)]


def test_failed_logins() -> None:
    """Few guesses are enough."""
    manners = Manners(3)
    said = [manners.judge(WRONG_LOGIN) for _ in range(MOST_FAILED_LOGINS)]

    assert [WRONG_LOGIN] * (MOST_FAILED_LOGINS - 1) + [TOO_MANY_LOGINS] == said


def test_mail_that_is_taken_forgives() -> None:
    """Errors and recipients before an accepted mail are forgotten."""
    manners = Manners(0)
    for _ in range(MOST_ERRORS - 1):
        manners.judge(WRONG)
    for _ in range(MOST_VAIN_RECIPIENTS):
        manners.object_to(b"RCPT")
    manners.forgive()

    assert WRONG == manners.judge(WRONG)
    assert manners.object_to(b"RCPT") is None


def test_guesses_are_not_forgiven() -> None:
    """Who may send mail may not guess for that."""
    manners = Manners(0)
    for _ in range(MOST_FAILED_LOGINS - 1):
        manners.judge(WRONG_LOGIN)
    manners.forgive()

    assert TOO_MANY_LOGINS == manners.judge(WRONG_LOGIN)
