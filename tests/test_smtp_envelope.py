"""Who is on the line, in words for the record."""

from ipaddress import ip_address

from gateway.smtp.envelope import Client


def test_who() -> None:
    """The address, and the login if there is one."""
    ip = ip_address("192.0.2.17")

    assert "192.0.2.17" == Client(ip=ip).who
    assert "192.0.2.17 as alice" == Client(ip=ip, user="alice").who
