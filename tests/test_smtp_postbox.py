"""Mail to postmaster: how much of it is taken, and from whom."""

from ipaddress import ip_address

import pytest

from gateway.smtp.postbox import HOUR, MOST, MOST_OF_ONE, Postbox
from gateway.smtp.reply import RefusedError


class Clock:
    """Stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def taken(postbox: Postbox, address: str, tries: int) -> int:
    """How many mails of so many are taken, before one is put off."""
    for count in range(tries):
        try:
            postbox.add(ip_address(address))
        except RefusedError as error:
            return count if error.reply.code == 450 else -1
    return tries


@pytest.mark.parametrize(("address", "near"), [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::2")])
def test_nobody_may_send_very_many(address: str, near: str) -> None:
    """Who has sent so many in an hour is told to come again; others have their turn, and so has everybody later."""
    clock = Clock()
    postbox = Postbox(clock)

    assert MOST_OF_ONE == taken(postbox, address, MOST_OF_ONE + 5)
    assert 0 == taken(postbox, near, 1)
    assert 1 == taken(postbox, "198.51.100.1", 1)
    clock.now += HOUR
    assert MOST_OF_ONE == taken(postbox, near, MOST_OF_ONE + 5)


def test_all_together_may_not_either() -> None:
    """However many addresses somebody has."""
    postbox = Postbox(Clock())

    assert MOST == sum(taken(postbox, f"192.0.2.{last}", 1) for last in range(MOST + 50))
