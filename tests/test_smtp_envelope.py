"""Who is on the line, in words for the record; and what a mail's envelope collects."""

from ipaddress import ip_address

from gateway.smtp.address import NOBODY
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.parameters import RcptWishes


def test_who() -> None:
    """The address, and the login if there is one."""
    ip = ip_address("192.0.2.17")

    assert "192.0.2.17" == Client(ip=ip).who
    assert "192.0.2.17 as alice" == Client(ip=ip, user="alice").who


def test_two_spellings_are_one_fax() -> None:
    """A number given twice is one fax, in its first spelling, and what either asked for is kept."""
    envelope = Envelope(client=Client(ip=ip_address("192.0.2.17")), sender=NOBODY)
    envelope.add("+12025550123", "12025550123@fax.local", RcptWishes(notify="SUCCESS"))
    envelope.add("+12025550123", "FAX=+1-202-555-0123@fax.local", RcptWishes(notify="DELAY", orcpt="rfc822;a"))
    envelope.add("+12025550124", "12025550124@fax.local", RcptWishes(notify="NEVER"))

    assert {"+12025550123": "12025550123@fax.local", "+12025550124": "12025550124@fax.local"} == envelope.numbers
    assert RcptWishes(notify="SUCCESS,DELAY", orcpt="rfc822;a") == envelope.asked_of("+12025550123")
    assert RcptWishes(notify="NEVER") == envelope.asked_of("+12025550124")
    assert ["12025550123@fax.local", "FAX=+1-202-555-0123@fax.local"] == list(envelope.written["+12025550123"])


def test_nobody_asked() -> None:
    """Of a number that nothing was asked for, nothing is."""
    envelope = Envelope(client=Client(ip=ip_address("192.0.2.17")), sender=NOBODY)

    assert RcptWishes() == envelope.asked_of("+12025550123")
