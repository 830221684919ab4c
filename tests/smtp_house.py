"""A whole SMTP door for tests: real listeners, a real spool, and an `accept` that remembers."""

import asyncio
import functools
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from gateway import users
from gateway.config import Config
from gateway.fax import Fax
from gateway.smtp.intake import Accept, Intake
from gateway.smtp.listener import Listeners
from gateway.smtp.room import Waiting
from gateway.spool import Spool
from gateway.submission import Kind, Notice, Submission
from tests.values import NOW

LISTED = "127.0.0.1"
STRANGER = "127.0.0.2"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def a_mail(*documents: tuple[str, bytes], before: str = "") -> bytes:
    """Write a mail with these attachments; one PDF when none is named. Lines end in CRLF."""
    boundary = "b0undary"
    parts = [
        f'--{boundary}\r\nContent-Type: application/octet-stream; name="{name}"\r\n\r\n'.encode()
        + content.replace(b"\n", b"\r\n")
        + b"\r\n"
        for name, content in documents or (("letter.pdf", PDF),)
    ]
    head = (
        f"{before}From: Alice <alice@example.org>\r\nSubject: Invoice 17\r\nMessage-ID: <1@example.org>\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
    )
    return head.encode() + b"".join(parts) + f"--{boundary}--\r\n".encode()


def a_config(directory: Path, **changed: Any) -> Config:
    """Three listeners; whoever comes from 127.0.0.1 or logs in as Alice may fax."""
    tls = {"certificate": directory / "tls.crt", "key": directory / "tls.key"}
    usual: dict[str, Any] = {
        "operator": "it@example.org",
        "state": directory,
        "users_file": directory / "users",
        "faxplus": {"token_file": directory / "token", "from": "+12025550100"},
        "listener": [
            {"name": "plain", "address": "127.0.0.1:0"},
            {"name": "starttls", "address": "127.0.0.1:0", "tls": "starttls", **tls},
            {"name": "implicit", "address": "127.0.0.1:0", "tls": "implicit", **tls},
        ],
        "sender": [
            {"name": "office", "networks": [LISTED], "confirm_to": "front-desk@example.org"},
            {"name": "staff", "users": ["alice"], "from": ["*@example.org"]},
        ],
    }
    return Config.model_validate(usual | changed)


async def two_pages(path: Path, kind: Kind, name: str) -> int:
    """Stand where the inspector stands: every document has two pages."""
    return 2


async def nothing_waits(most: int) -> int:
    """Stand where the database counts: no fax waits."""
    return 0


@functools.cache
def _alice() -> str:
    """A users file with Alice in it; hashing takes its time, so once is enough."""
    with tempfile.TemporaryDirectory() as directory:
        users.add(Path(directory) / "users", "alice", "correct horse")
        return (Path(directory) / "users").read_text()


@dataclass
class Desk:
    """An intake, and what came of it."""

    intake: Intake
    spool: Spool
    directory: Path
    accepted: list[tuple[Submission, Sequence[Fax], Sequence[Notice]]]
    kicks: list[None]

    def drafts(self) -> list[Path]:
        """What lies among the drafts."""
        return list((self.directory / "spool" / "drafts").iterdir())


def a_desk(
    config: Config,
    *,
    spool: Spool | None = None,
    inspect: Callable[[Path, Kind, str], Awaitable[int]] = two_pages,
    accept: Accept | None = None,
    waiting: Waiting = nothing_waits,
) -> Desk:
    """Wire an intake whose `accept` remembers, unless another is given."""
    numbers = iter(range(1, 100_000))
    accepted: list[tuple[Submission, Sequence[Fax], Sequence[Notice]]] = []
    kicks: list[None] = []

    async def remember(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        accepted.append((submission, faxes, notices))
        return ()

    used = spool or Spool(config.state / "spool")
    intake = Intake(
        config,
        spool=used,
        inspect=inspect,
        accept=accept or remember,
        waiting=waiting,
        kick=lambda: kicks.append(None),
        now=lambda: NOW,
        new_id=lambda: f"id{next(numbers)}",
    )
    return Desk(intake, used, config.state, accepted, kicks)


@dataclass
class House:
    """An open door, and what a test may look at behind it."""

    config: Config
    desk: Desk
    listeners: Listeners
    authority: trustme.CA
    ports: dict[str, int]

    @property
    def accepted(self) -> list[tuple[Submission, Sequence[Fax], Sequence[Notice]]]:
        """What was committed."""
        return self.desk.accepted

    def drafts(self) -> list[Path]:
        """What lies among the drafts."""
        return self.desk.drafts()

    def connect(self, listener: str = "plain", source: str = LISTED) -> socket.socket:
        """Open a connection, blocking; a listed client's unless told otherwise."""
        made = socket.create_connection((LISTED, self.ports[listener]), timeout=10, source_address=(source, 0))
        return self.tls(made) if listener == "implicit" else made

    def tls(self, plain: socket.socket) -> ssl.SSLSocket:
        """Protect a connection."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context.wrap_socket(plain, server_hostname="localhost")


@asynccontextmanager
async def open_house(
    directory: Path,
    *,
    spool: Spool | None = None,
    inspect: Callable[[Path, Kind, str], Awaitable[int]] = two_pages,
    accept: Accept | None = None,
    waiting: Waiting = nothing_waits,
    **changed: Any,
) -> AsyncIterator[House]:
    """Open the door, and close it at the end."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(directory / "tls.crt")
    certificate.private_key_pem.write_to_path(directory / "tls.key")
    (directory / "users").write_text(_alice())
    config = a_config(directory, **changed)
    desk = a_desk(config, spool=spool, inspect=inspect, accept=accept, waiting=waiting)
    listeners = Listeners(config, desk.intake)
    ports = await listeners.start()
    try:
        yield House(config, desk, listeners, authority, ports)
    finally:
        await listeners.close(patience=0.0)


def with_house(directory: Path, what: Callable[[House], Any], **options: Any) -> House:
    """Run a blocking client against an open door; return what is left of the house."""

    async def run() -> House:
        async with open_house(directory, **options) as house:
            await asyncio.to_thread(what, house)
        return house

    return asyncio.run(run())
