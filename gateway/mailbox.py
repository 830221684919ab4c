"""A mail server on the loopback that takes everything and remembers it: there demo and tests find the confirmations."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

TAKEN = "250 2.0.0 taken"
NULL = "<>"
"""How aiosmtpd writes the null return path."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived."""

    sender: str  #: the envelope sender; empty for the null return path
    recipients: tuple[str, ...]
    content: bytes


class Mailbox:
    """Listens in the running event loop between `start` and `stop`, or inside `async with`."""

    def __init__(
        self,
        *,
        on_arrival: Callable[[Mail], None] | None = None,
        implicit_tls: ssl.SSLContext | None = None,
        **smtp: Any,
    ) -> None:
        """Make a mailbox.

        Args:
            on_arrival: called with each mail that is taken, before its sender hears so.
            implicit_tls: speak TLS from the first octet, as on port 465.
            smtp: what else aiosmtpd's `SMTP` takes, such as `tls_context` and `authenticator`.
        """
        self.mails: list[Mail] = []
        self._on_arrival = on_arrival
        self._implicit_tls = implicit_tls
        self._smtp: dict[str, Any] = {"hostname": "localhost", "data_size_limit": None} | smtp
        self._answers: deque[str] = deque()
        self._arrived = asyncio.Condition()
        self._sessions: list[SMTP] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 is any free one.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", port, ssl=self._implicit_tls)

    async def stop(self) -> None:
        """Stop listening, and hang up on whoever is still there."""
        if self._server is None:
            return
        self._server.close()
        for session in self._sessions:
            if session.transport is not None:
                session.transport.close()
        await self._server.wait_closed()
        self._server = None

    @property
    def port(self) -> int:
        """Where it listens.

        Raises:
            RuntimeError: it does not listen.
        """
        if self._server is None:
            raise RuntimeError("the mailbox is not started")
        return int(self._server.sockets[0].getsockname()[1])

    def refuse(self, reply: str, times: int = 1) -> None:
        """Answer the next mails with this reply after the final dot, such as "451 4.3.0 try later"."""
        self._answers.extend([reply] * times)

    async def wait_for(self, count: int) -> list[Mail]:
        """Return all mails as soon as there are so many."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.mails) >= count)
        return list(self.mails)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002  # aiosmtpd calls it by this name, with these
        """Take a mail, or answer as `refuse` said."""
        if self._answers:
            return self._answers.popleft()
        sender = (envelope.mail_from or NULL).replace(NULL, "")
        mail = Mail(sender, tuple(envelope.rcpt_tos), envelope.original_content or b"")
        self.mails.append(mail)
        if self._on_arrival is not None:
            self._on_arrival(mail)
        async with self._arrived:
            self._arrived.notify_all()
        return TAKEN

    def _session(self) -> SMTP:
        self._sessions = [session for session in self._sessions if session.transport is not None]
        session = SMTP(self, loop=asyncio.get_running_loop(), **self._smtp)
        self._sessions.append(session)
        return session
