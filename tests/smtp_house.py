"""A whole SMTP door for tests: real listeners, a real spool, and an `accept` that remembers."""

import asyncio
import functools
import socket
import ssl
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from gateway import users
from gateway.config import Config
from gateway.fax import Fax
from gateway.inspector import Finding
from gateway.origin import Verifier
from gateway.policy import Limit
from gateway.smtp.allowance import Used
from gateway.smtp.examine import Inspect
from gateway.smtp.fragments import Shelf
from gateway.smtp.intake import Intake
from gateway.smtp.listener import Listeners
from gateway.smtp.means import Accept, Means
from gateway.smtp.room import Waiting
from gateway.spool import Spool
from gateway.submission import Kind, Notice, Submission
from tests.values import NOW

LISTED = "127.0.0.1"
STRANGER = "127.0.0.2"
OLD_DEVICES = {"legacy": True, "open_login": True, "networks": ["127.0.0.1", "127.0.0.3"]}
OLD_TLS = {
    "1.0": (ssl.TLSVersion.TLSv1, "DEFAULT:@SECLEVEL=0"),
    "1.1": (ssl.TLSVersion.TLSv1_1, "DEFAULT:@SECLEVEL=0"),
    "1.2-rsa": (ssl.TLSVersion.TLSv1_2, "AES128-SHA:@SECLEVEL=0"),
}
"""What old devices speak: the highest version, and the ciphers."""
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
    """Listeners of every character; whoever comes from 127.0.0.1 or logs in as Alice may fax.

    For the two that speak the PROXY protocol, 127.0.0.1 is the load balancer.
    """
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
            {"name": "submission", "address": "127.0.0.1:0", "tls": "starttls", "submission": True, **tls},
            {"name": "legacy", "address": "127.0.0.1:0", "tls": "starttls", **tls, **OLD_DEVICES},
            {"name": "balanced", "address": "127.0.0.1:0", "proxy": [LISTED]},
            {"name": "balanced-implicit", "address": "127.0.0.1:0", "tls": "implicit", "proxy": [LISTED], **tls},
        ],
        "sender": [
            {"name": "office", "networks": [LISTED], "confirm_to": "front-desk@example.org"},
            {"name": "staff", "users": ["alice"], "from": ["*@example.org"]},
        ],
    }
    return Config.model_validate(usual | changed)


async def two_pages(path: Path, kind: Kind, name: str) -> Finding:
    """Stand where the inspector stands: every document has two pages."""
    return Finding(kind=kind, pages=2)


async def joined(parts: Sequence[tuple[Path, Kind]], name: str) -> Finding:
    """Stand where the inspector stands: two pages for each document, and what they become is a line of text."""
    target = parts[0][0].with_name(f"{parts[0][0].name}.all")
    await asyncio.to_thread(target.write_bytes, f"{len(parts)} in one".encode())
    return Finding(kind=Kind.PDF, pages=2 * len(parts), repaired=target)


async def nothing_waits(most: int) -> int:
    """Stand where the database counts: no fax waits."""
    return 0


async def nothing_used(limits: Sequence[Limit], now: float) -> Sequence[int]:
    """Stand where the database counts: nobody has faxed yet."""
    return [0 for _ in limits]


@functools.cache
def _certified() -> tuple[trustme.CA, trustme.LeafCert]:
    """A certificate with an RSA key, which old devices need; making one takes its time, so once is enough."""
    authority = trustme.CA()
    return authority, authority.issue_cert("localhost", key_type=trustme.KeyType.RSA)


class EmptyShelf:
    """Stands where the database knows of pieces: there are none."""

    async def of(self, whole: str) -> Sequence[Submission]:
        """No pieces wait."""
        return ()

    async def load(self, rule: str) -> tuple[int, int]:
        """Nothing is held."""
        return 0, 0


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
    inspect: Inspect = two_pages,
    accept: Accept | None = None,
    waiting: Waiting = nothing_waits,
    used: Used = nothing_used,
    shelf: Shelf | None = None,
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

    place = spool or Spool(config.state / "spool")
    means = Means(
        spool=place,
        inspect=inspect,
        join=joined,
        origin=Verifier(config.dns, lambda: NOW),
        accept=accept or remember,
        waiting=waiting,
        used=used,
        shelf=shelf or EmptyShelf(),
        kick=lambda: kicks.append(None),
        now=lambda: NOW,
        new_id=lambda: f"id{next(numbers)}",
    )
    return Desk(Intake(config, means), place, config.state, accepted, kicks)


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

    def tls(self, plain: socket.socket, old: str = "") -> ssl.SSLSocket:
        """Protect a connection, as today or in one of the ways of old devices."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if old:
            highest, ciphers = OLD_TLS[old]
            context.set_ciphers(ciphers)
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python deprecates what old devices still speak
                context.maximum_version = highest
        return context.wrap_socket(plain, server_hostname="localhost")


@asynccontextmanager
async def open_house(
    directory: Path,
    *,
    spool: Spool | None = None,
    inspect: Inspect = two_pages,
    accept: Accept | None = None,
    waiting: Waiting = nothing_waits,
    used: Used = nothing_used,
    **changed: Any,
) -> AsyncIterator[House]:
    """Open the door, and close it at the end."""
    authority, certificate = _certified()
    certificate.private_key_and_cert_chain_pem.write_to_path(directory / "tls.crt")
    certificate.private_key_pem.write_to_path(directory / "tls.key")
    (directory / "users").write_text(_alice())
    config = a_config(directory, **changed)
    desk = a_desk(config, spool=spool, inspect=inspect, accept=accept, waiting=waiting, used=used)
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
