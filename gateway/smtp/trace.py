"""The trace header that we put on top of each mail (RFC 5321 section 4.4)."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime

from gateway.smtp.envelope import Client, Envelope

_NAME = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")


def header(envelope: Envelope, own_name: str, id: str, now: float) -> bytes:  # the house says id everywhere
    """Return `Return-Path` and `Received` for a mail that is arriving.

    Args:
        envelope: of the mail.
        own_name: how we introduce ourselves.
        id: what the mail will be queued as.
        now: seconds since the epoch.
    """
    client = envelope.client
    name = client.name if _NAME.fullmatch(client.name) else "unknown"
    date = format_datetime(datetime.fromtimestamp(now, UTC))
    return (
        f"Return-Path: <{envelope.sender.written}>\r\n"
        f"Received: from {name} ([{client.ip}])\r\n"
        f"\tby {own_name} with {_protocol(client)}{f' ({client.tls})' if client.tls else ''}\r\n"
        f"\tid {id}; {date}\r\n"
    ).encode("ascii")


def _protocol(client: Client) -> str:
    """RFC 3848: what was spoken."""
    if not client.extended:
        return "SMTP"
    return f"ESMTP{'S' if client.tls else ''}{'A' if client.user else ''}"
