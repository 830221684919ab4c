"""One SMTP session: commands in, replies out, with a limit to everything that a client may do.

Stock aiosmtpd answers its own failures with 500, guesses of passwords without end, and lets one client stay for ever.
"""

import asyncio
from base64 import b64encode

import structlog
from aiosmtpd.smtp import TLSSetupException

from gateway.policy import IPAddress
from gateway.smtp import lines
from gateway.smtp.content import Content
from gateway.smtp.conversation import Conversation
from gateway.smtp.door import Door
from gateway.smtp.envelope import Client
from gateway.smtp.failure import failed, tell_refused
from gateway.smtp.lobby import STOPPING
from gateway.smtp.login import log_in
from gateway.smtp.manners import Manners
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.welcome import introduced, let_in
from gateway.smtp.wire import COMMAND_PATIENCE, Wire

FIRST_PATIENCE = 30.0
"""Seconds for the first command of somebody who is not listed."""

CROWDED_PATIENCE = 60.0
"""Seconds for each command of somebody who is not listed, while most places are taken."""

SESSION_PATIENCE = 3600.0
"""Seconds after which a session ends at its next reply; whoever has more mail comes back."""

LONGEST_COMMAND = 2048
RESETS = frozenset({b"RSET", b"EHLO", b"HELO"})
NOT_BETWEEN_CHUNKS = frozenset({b"AUTH", b"DATA", b"MAIL", b"RCPT", b"STARTTLS"})

READY_FOR_TLS = Reply(220, "2.0.0", "ready for TLS")
LOGGED_IN = Reply(235, "2.7.0", "logged in")
BYE = Reply(221, "2.0.0", "bye")
TOO_LONG_HERE = Reply(421, "4.4.2", "this session has lasted long enough, please come back")
ENOUGH = Reply(421, "4.7.0", "enough mails in one session, please come back with the others")
CHUNKS_FIRST = Reply(503, "5.5.1", "a mail is coming in chunks; send the rest of it, or RSET")
TOO_SOON = Reply(503, "5.5.1", "wait for each question before you answer it")

REFUSED = {b"AUTH": "login.refused", b"RCPT": "recipient.refused"}
"""What the log calls a command that was refused; all others are "command.refused"."""

log = structlog.get_logger()


class Session(Wire):
    """One client's session."""

    _conversation: Conversation

    def __init__(self, door: Door) -> None:
        super().__init__(door.own_name, door.reservoir, lenient=door.settings.legacy)
        self._door = door
        self._content = Content(self, door.intake)
        self._own = {
            b"AUTH": self._log_in,
            b"BDAT": self._take_chunk,
            b"DATA": self._take_mail,
            b"MAIL": self._begin_mail,
            b"QUIT": self._quit,
            b"RCPT": self._add_recipient,
            b"STARTTLS": self._start_tls,
        }
        self._manners = Manners(door.most_recipients)
        self._begun = self.loop.time()
        self._busy = False
        self._verb = b""
        self._client = ""
        self._farewell: Reply | None = None
        """What to say and hang up with, once the command under way is answered."""

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came, or its connection is protected now."""
        super().connection_made(transport)
        self._door.lobby.arrive(self)

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone."""
        self._door.lobby.leave(self)
        super().connection_lost(error)

    # What the lobby calls.

    def close_soon(self) -> None:
        """Say goodbye, at once or when the command under way is answered."""
        self._farewell = STOPPING
        if not self._busy:
            self.part(STOPPING)

    # The dialogue.

    async def _handle_client(self) -> None:
        try:
            await self._converse()
        except (ConnectionError, asyncio.IncompleteReadError):
            log.debug("session.lost", listener=self._door.listener)
        except TLSSetupException as error:
            self._tell_of_tls(error.__cause__ or error)
            self.abort()
            self.connection_lost(None)  # a TLS layer that never came up would not tell us
        finally:
            self._content.forget()
            if self.transport is not None:
                self.transport.close()

    def _tell_of_tls(self, error: BaseException) -> None:
        """OpenSSL's reason tells the operator what an old device lacks, such as NO_SHARED_CIPHER."""
        reason, name = getattr(error, "reason", None), type(error).__name__
        log.info("tls.failed", listener=self._door.listener, client=self._client, error=name, reason=reason)

    async def _converse(self) -> None:
        visitor = await introduced(self, self._door)
        self._client = str(visitor.ip) if visitor is not None else ""
        if visitor is None or not await let_in(self, self, self._door, visitor.ip):
            return
        self._conversation = self._begin_conversation(visitor.ip, visitor.called)
        await self.say(Reply(220, "", f"{self.hostname} {self.__ident__}"))
        while not self.over:
            self.be_patient(self._patience())
            reply = await self._next_reply()
            if reply is not None:
                reply = self._judged(reply)
                await self._slow_down(reply)
                await self.say(reply)
            self._busy = False
            if self._farewell is not None and not self.over:
                self.part(self._farewell)

    def _begin_conversation(self, ip: IPAddress, called: IPAddress | None) -> Conversation:
        door = self._door
        client = Client(ip=ip, called=called, tls=self.tls_version(), login_helps=door.logins is not None)
        return Conversation(door.offer, door.intake, client)

    def _patience(self) -> float:
        """Seconds for the next command."""
        client, lobby = self._conversation.client, self._door.lobby
        if client.user is not None or lobby.lists(client.ip):
            return COMMAND_PATIENCE
        if not client.name:
            return min(FIRST_PATIENCE, COMMAND_PATIENCE)
        return min(CROWDED_PATIENCE, COMMAND_PATIENCE) if lobby.crowded else COMMAND_PATIENCE

    async def _next_reply(self) -> Reply | None:
        self._verb = b""
        try:
            line = await self.line()
            self._busy = True
            return await self._answer(line)
        except RefusedError as error:
            tell_refused(REFUSED.get(self._verb, "command.refused"), self._conversation.client, error.reply)
            return error.reply
        except (ConnectionError, asyncio.IncompleteReadError, TLSSetupException):
            raise
        except Exception as error:  # noqa: BLE001  # whatever broke, the client must be able to try again
            return failed("session.failed", error, listener=self._door.listener)

    async def _answer(self, line: bytes) -> Reply | None:
        verb, _, argument = line.partition(b" ")
        self._verb = verb = verb.upper()
        argument = argument.strip(b" ")
        if len(line) > LONGEST_COMMAND and verb != b"AUTH":
            raise RefusedError.of(lines.TOO_LONG)
        objection = self._manners.object_to(verb)
        if objection is not None:
            raise RefusedError.of(objection)
        if self._content.under_way and verb in NOT_BETWEEN_CHUNKS:
            raise RefusedError.of(CHUNKS_FIRST)
        own = self._own.get(verb)
        return await own(argument) if own is not None else self._simple(verb, argument)

    def _simple(self, verb: bytes, argument: bytes) -> Reply:
        reply = self._conversation.answer(verb, argument)
        if verb in RESETS:
            self._content.forget()
        return reply

    def _judged(self, reply: Reply) -> Reply:
        """End a session that makes too many errors or lasts too long."""
        reply = self._manners.judge(reply)
        if self.loop.time() - self._begun > SESSION_PATIENCE:
            self._farewell = self._farewell or TOO_LONG_HERE
        self.over = self.over or reply.code in {BYE.code, STOPPING.code}
        return reply

    async def _slow_down(self, reply: Reply) -> None:
        """Take our time with strangers who do nothing right."""
        pause = self._manners.pause()
        if pause and not reply.ok and not self._door.lobby.lists(self._conversation.client.ip):
            self.stop_clock()
            await asyncio.sleep(pause)

    async def _quit(self, argument: bytes) -> Reply:
        return Reply(501, "5.5.4", "write QUIT alone") if argument else BYE

    # AUTH and STARTTLS.

    async def _log_in(self, argument: bytes) -> Reply:
        client, ip = self._conversation.client.who, self._conversation.client.ip
        logins, listed = self._conversation.check_login(), self._door.lobby.lists(ip)

        async def prove(name: str, password: str) -> None:
            self.stop_clock()
            try:
                await logins.prove(name, password, ip, listed=listed)
            finally:
                self.be_patient(self._patience())

        user = await log_in(argument, self._ask, prove)
        self._conversation.logged_in(user)
        log.info("login.accepted", client=client, user=user)
        return LOGGED_IN

    async def _ask(self, challenge: bytes) -> bytes:
        """Put a question. What came before it cannot be its answer (RFC 4954 section 4): nor is it a command, then."""
        if not self.lenient and await self.pending():
            raise RefusedError.of(TOO_SOON)
        self._writer.write(b"334 " + b64encode(challenge) + b"\r\n")
        await self._writer.drain()
        self.be_patient(self._patience())
        return (await self.line()).strip()

    async def _start_tls(self, argument: bytes) -> Reply | None:
        """Begin again, protected: nothing that was said in the open counts any more (RFC 3207 section 4.2)."""
        self._conversation.check_starttls(argument)
        certificate = self._door.certificate
        if certificate is None:
            raise RefusedError(454, "4.7.0", "TLS is not to be had at the moment")
        await self.say(READY_FOR_TLS)
        await self.pending()  # thrown away: it was said in the open
        await self.protect(certificate.context())
        client = self._conversation.client
        self._conversation = self._begin_conversation(client.ip, client.called)
        return None  # the reply went before the handshake

    # MAIL and DATA.

    async def _begin_mail(self, argument: bytes) -> Reply:
        """Answer MAIL: it must be right, and there must be room."""
        reply = self._conversation.answer(b"MAIL", argument)
        try:
            await self._door.intake.room.check(self._conversation.announced)
        except RefusedError:
            self._conversation.forget()
            raise
        return reply

    async def _add_recipient(self, argument: bytes) -> Reply:
        """Answer RCPT: it must be right, and something must be left of the quotas of whose mail it is."""
        self.stop_clock()
        await self._door.intake.vouching.ask(self._conversation.envelope)
        self.be_patient(self._patience())
        reply = self._conversation.answer(b"RCPT", argument)
        await self._door.intake.allowance.check(self._conversation.envelope)
        return reply

    async def _take_mail(self, argument: bytes) -> Reply:
        if argument:
            raise RefusedError(501, "5.5.4", "write DATA alone")
        return self._accepted(await self._content.whole(self._conversation))

    async def _take_chunk(self, argument: bytes) -> Reply:
        reply = await self._content.chunk(argument, self._conversation)
        return reply if self._content.under_way else self._accepted(reply)

    def _accepted(self, reply: Reply) -> Reply:
        if self._manners.enough():
            self._farewell = self._farewell or ENOUGH
        if reply.ok:
            self._manners.forgive()
        return reply
