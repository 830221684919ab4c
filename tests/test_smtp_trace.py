"""The trace header: who handed the mail over, how, and when."""

from ipaddress import ip_address

import pytest

from gateway.smtp.address import Address
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.trace import header

DATE = "Fri, 15 Jan 2027 08:00:00 +0000"


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ({"name": "printer"}, "from printer ([192.0.2.17])\r\n\tby gw.example with SMTP\r\n"),
        (
            {"name": "[192.0.2.17]", "extended": True},
            "from [192.0.2.17] ([192.0.2.17])\r\n\tby gw.example with ESMTP\r\n",
        ),
        (
            {"name": "a", "extended": True, "tls": "TLSv1.3", "user": "alice"},
            "from a ([192.0.2.17])\r\n\tby gw.example with ESMTPSA (TLSv1.3)\r\n",
        ),
        (
            {"name": "a", "extended": True, "tls": "TLSv1.2"},
            "from a ([192.0.2.17])\r\n\tby gw.example with ESMTPS (TLSv1.2)\r\n",
        ),
        ({"name": "x\r\nInjected: y"}, "from unknown ([192.0.2.17])\r\n\tby gw.example with SMTP\r\n"),
        ({"name": "(comment) evil"}, "from unknown ([192.0.2.17])\r\n\tby gw.example with SMTP\r\n"),
        ({"name": "x" * 300}, "from unknown ([192.0.2.17])\r\n\tby gw.example with SMTP\r\n"),
    ],
)
def test_header(client: dict[str, object], expected: str) -> None:
    """What the client says about itself cannot break out of its place."""
    envelope = Envelope(
        client=Client(ip=ip_address("192.0.2.17"), **client),  # type: ignore[arg-type]  # a table of keyword arguments
        sender=Address("a", "example.org", "a@example.org"),
    )
    text = f"Return-Path: <a@example.org>\r\nReceived: {expected}\tid id1; {DATE}\r\n"

    assert text == header(envelope, "gw.example", "id1", 1_800_000_000.0).decode()
