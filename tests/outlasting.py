"""What outlasts a gateway that is killed: its addresses, the mails that its clients still hold, its database."""

import asyncio
import random
import smtplib
import socket
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count

from gateway import samples
from gateway.simulator.orders import HookOrder
from tests.packing import split
from tests.reckoning import Letter
from tests.running import ALICE, WEBHOOK_SECRET, Surroundings

UNFINISHED = (
    "SELECT count(*) FROM faxes WHERE due_at IS NOT NULL",
    "SELECT count(*) FROM notices WHERE due_at IS NOT NULL",
)


class BouncedError(Exception):
    """A client was told that its mail will never be taken."""


def numbers(endings: Sequence[str], chance: random.Random) -> Iterator[str]:
    """Numbers that nobody else has, with last three digits as they come: those tell the simulator how it ends."""
    for serial in count():
        yield unique(serial, chance.choice(endings))


def unique(serial: int, ending: str) -> str:
    """A number that nobody else has."""
    return f"+1{555 + serial // 8000}{2000 + serial % 8000}{ending}"


def letter(id: str, to: Sequence[str]) -> Letter:
    """A mail with a document that no other mail has."""
    return Letter(id, tuple(to), samples.LETTER.read_bytes() + f"% {id}\n".encode())


def offer(port: int, letter: Letter, pieces: int = 1) -> bool:
    """Offer a mail once, as a mail program does, or in pieces. Whether it was taken; if the connection broke: no.

    Raises:
        BouncedError: it was refused for good, and its sender would have to be told so.
    """
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = ALICE, "fax@fax.local", "A fax", letter.id
    mail.set_content("Please find a document attached.\n")
    mail.add_attachment(letter.document, maintype="application", subtype="pdf", filename="letter.pdf")
    mail.set_boundary("=_the-same-at-every-try")
    content = mail.as_bytes(policy=SMTP)
    contents = split(content, pieces, letter.id) if pieces > 1 else [content]
    recipients = [f"{number}@fax.local" for number in letter.numbers]
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            for piece in contents:
                refused = client.sendmail(ALICE, recipients, piece)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except smtplib.SMTPResponseException as error:
        refused = {"": (error.smtp_code, b"")}
    except (smtplib.SMTPException, OSError):
        return False
    if any(code >= 500 for code, _ in refused.values()):
        raise BouncedError(f"{letter.id}: {refused}")
    return not refused


def pinned(around: Surroundings, changes: Mapping[str, str], *, ask_after: str = "300ms") -> int:
    """Configure a gateway that is always found at the same ports, also by webhooks. Returns the SMTP port.

    Args:
        around: what it works with.
        changes: lines of the usual test configuration, and what stands in their place.
        ask_after: the wait between questions about a fax.
    """
    smtp, web = free_port(), free_port()
    text = around.configure(ask_after=ask_after).read_text("utf-8")
    ports = {
        'address = "127.0.0.1:0"': f'address = "127.0.0.1:{smtp}"',
        'listen      = "127.0.0.1:0"': f'listen      = "127.0.0.1:{web}"',
        'gather   = "each"': 'gather_for = "2s"',
    }
    for old, new in ports.items() | changes.items():
        if old not in text:
            raise LookupError(f"{old} does not stand in the test configuration")
        text = text.replace(old, new)
    around.config.write_text(text, "utf-8")
    target = f"http://127.0.0.1:{web}/faxplus/{WEBHOOK_SECRET}"
    around.account.add_hook(HookOrder(target=target, event="fax_sent"))
    return smtp


async def settled(around: Surroundings) -> None:
    """Return when every fax has ended and nobody is owed a mail any more, as the gateway's database has it."""
    while _unfinished(around):  # noqa: ASYNC110  # another process writes it, and rings no bell
        await asyncio.sleep(0.1)


def _unfinished(around: Surroundings) -> int:
    database = around.place / "state" / "fax-gateway.sqlite3"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        return sum(int(connection.execute(question).fetchone()[0]) for question in UNFINISHED)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
