"""Guessed passwords: shut out by the address, slowed down by the account, and nobody is locked out for good."""

import contextlib
from ipaddress import ip_address

import pytest

from gateway.smtp.guesses import LONGEST_PAUSE, MOST_A_DAY, MOST_A_MINUTE, Guesses
from gateway.smtp.reply import RefusedError

HERE = ip_address("192.0.2.17")
ELSEWHERE = ip_address("198.51.100.1")


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def tries(guesses: Guesses, clock: Clock, minutes: int, *, listed: bool) -> int:
    """Guess twenty times a minute; return how many guesses were heard."""
    heard = 0
    for _ in range(minutes * 20):
        clock.now += 3.0
        with contextlib.suppress(RefusedError):
            guesses.check(HERE, listed=listed)
            guesses.failed(HERE, f"user{heard}")
            heard += 1
    return heard


def test_a_minute() -> None:
    """A burst ends soon; a listed address, which may be a whole office, gets so many each minute."""
    clock = Clock()

    assert 10 * MOST_A_MINUTE + 9 == pytest.approx(tries(Guesses(clock), clock, 10, listed=True), abs=10)


def test_a_day() -> None:
    """A stranger gets so many a day, and as many again on the next, though nobody waits for midnight."""
    clock = Clock()

    assert 2 * MOST_A_DAY == pytest.approx(tries(Guesses(clock), clock, 24 * 60, listed=False), abs=2)


def test_neighbours_are_served() -> None:
    """Another address is not to blame; but all addresses of one IPv6 network are one."""
    guesses = Guesses(Clock())
    for number in range(MOST_A_MINUTE):
        guesses.failed(HERE, f"user{number}")
        guesses.failed(ip_address(f"2001:db8::{number}"), f"user{number}")
    guesses.check(ELSEWHERE, listed=False)
    for ip in (HERE, ip_address("2001:db8::ffff")):
        with pytest.raises(RefusedError, match="421 4\\.7\\.0"):
            guesses.check(ip, listed=False)


def test_an_account_is_slowed_down() -> None:
    """After a few failures each login of the account waits, twice as long each time, but never too long."""
    clock = Clock()
    guesses = Guesses(clock)
    pauses = []
    for _ in range(9):
        pauses.append(guesses.pause("alice"))
        guesses.failed(ELSEWHERE, "alice")

    assert [0, 0, 0, 1, 2, 4, 8, LONGEST_PAUSE, LONGEST_PAUSE] == pauses
    assert 0.0 == guesses.pause("bob")

    clock.now += 86400.0

    assert 0.0 == guesses.pause("alice")
