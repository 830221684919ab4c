"""One SMTP session: commands in, replies out, with a limit to everything that a client may do.

Stock aiosmtpd answers its own failures with 500, guesses of passwords without end, and lets one client stay for ever.
"""

import asyncio
from base64 import b64encode
from collections import Counter

import structlog
from aiosmtpd.smtp import TLSSetupException

from gateway.policy import IPAddress
from gateway.smtp.conversation import Conversation, Offer
from gateway.smtp.data import DataReader
from gateway.smtp.door import Door
from gateway.smtp.envelope import Client
from gateway.smtp.failure import failed
from gateway.smtp.incoming import Incoming
from gateway.smtp.lobby import STOPPING
from gateway.smtp.login import log_in
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.wire import COMMAND_PATIENCE, LINE_TOO_LONG, TOO_SLOW, Wire

DATA_PATIENCE = 600.0
SLOWEST = 500
"""A mail may take DATA_PATIENCE seconds, and one more for each SLOWEST octets."""

WRONG_END_PATIENCE = 30.0
"""Seconds for a client that stands still where it may think that it ended its mail."""

SESSION_PATIENCE = 3600.0
"""Seconds after which a session ends at its next reply; whoever has more mail comes back."""

LONGEST_COMMAND = 2048
MOST_ERRORS = 20
MOST_FAILED_LOGINS = 3
WRONG_LOGIN = 535
MOST_IDLE_COMMANDS = 100
IDLE_COMMANDS = frozenset({b"NOOP", b"RSET", b"VRFY", b"HELP", b"EXPN", b"EHLO", b"HELO"})
WEB = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"CONNECT"})
"""A web page can make its reader's browser talk to us from a listed network; it must not get as far as its body."""

GO_AHEAD = Reply(354, "", "end the mail with <CR><LF>.<CR><LF>")
LOGGED_IN = Reply(235, "2.7.0", "logged in")
BYE = Reply(221, "2.0.0", "bye")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "too many errors")
TOO_MANY_LOGINS = Reply(421, "4.7.0", "too many failed logins")
TOO_LONG_HERE = Reply(421, "4.4.2", "this session has lasted long enough, please come back")
TOO_MANY_COMMANDS = Reply(421, "4.7.0", "too many commands without a mail")
NO_WEB_SERVER = Reply(421, "4.7.0", "this is not a web server")

log = structlog.get_logger()


class Session(Wire):
    """One client's session."""

    _conversation: Conversation

    def __init__(self, door: Door) -> None:
        super().__init__(door.own_name, door.starttls)
        self._door = door
        self._own = {
            b"AUTH": self._log_in,
            b"DATA": self._take_mail,
            b"MAIL": self._begin_mail,
            b"QUIT": self._quit,
            b"STARTTLS": self._start_tls,
        }
        self._said = Counter[bytes]()
        self._errors = 0
        self._failed_logins = 0
        self._begun = self.loop.time()
        self._busy = False
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
            self._part(STOPPING)

    # The dialogue.

    async def _handle_client(self) -> None:
        try:
            await self._converse()
        except (ConnectionError, asyncio.IncompleteReadError):
            log.debug("session.lost", listener=self._door.listener)
        except TLSSetupException as error:
            log.info("tls.failed", listener=self._door.listener, error=type(error.__cause__ or error).__name__)
            self.abort()
            self.connection_lost(None)  # a TLS layer that never came up would not tell us
        finally:
            if self.transport is not None:
                self.transport.close()

    async def _converse(self) -> None:
        ip = self._ip()
        if ip is None:
            return
        refusal = self._door.lobby.enter(self, ip)
        if refusal is not None:
            await self._say(refusal)
            return
        self._conversation = self._begin_conversation(ip)
        await self._say(Reply(220, "", f"{self.hostname} {self.__ident__}"))
        while not self._over:
            self._reset_timeout()
            reply = await self._next_reply()
            if reply is not None:
                await self._say(self._judged(reply))
            self._busy = False
            if self._farewell is not None and not self._over:
                self._part(self._farewell)

    def _begin_conversation(self, ip: IPAddress) -> Conversation:
        door = self._door
        offer = Offer(own_name=door.own_name, starttls=door.starttls is not None, logins=door.logins)
        client = Client(ip=ip, tls=self._tls_version(), login_helps=door.logins is not None)
        return Conversation(offer, door.intake, client)

    async def _next_reply(self) -> Reply | None:
        try:
            line = await self._line()
            self._busy = True
            return await self._answer(line)
        except RefusedError as error:
            return error.reply
        except (ConnectionError, asyncio.IncompleteReadError, TLSSetupException):
            raise
        except Exception as error:  # noqa: BLE001  # whatever broke, the client must be able to try again
            return failed("session.failed", error, listener=self._door.listener)

    async def _answer(self, line: bytes) -> Reply | None:
        verb, _, argument = line.partition(b" ")
        verb, argument = verb.upper(), argument.strip(b" ")
        if len(line) > LONGEST_COMMAND and verb != b"AUTH":
            return LINE_TOO_LONG
        self._said[verb] += verb in IDLE_COMMANDS
        if self._said[verb] > MOST_IDLE_COMMANDS:
            return TOO_MANY_COMMANDS
        if verb in WEB:
            return NO_WEB_SERVER
        own = self._own.get(verb)
        return await own(argument) if own is not None else self._conversation.answer(verb, argument)

    def _judged(self, reply: Reply) -> Reply:
        """Count errors, and end a session that makes too many or lasts too long."""
        self._errors += reply.code >= 500  # noqa: PLR2004  # RFC 5321 section 4.2.1
        if self._errors >= MOST_ERRORS:
            reply = TOO_MANY_ERRORS
        elif self.loop.time() - self._begun > SESSION_PATIENCE:
            self._farewell = self._farewell or TOO_LONG_HERE
        self._over = self._over or reply.code in {BYE.code, STOPPING.code}
        return reply

    async def _quit(self, argument: bytes) -> Reply:
        return Reply(501, "5.5.4", "write QUIT alone") if argument else BYE

    # AUTH and STARTTLS.

    async def _log_in(self, argument: bytes) -> Reply:
        client = self._conversation.client.who
        logins = self._conversation.check_login()
        try:
            user = await log_in(argument, self._ask, logins)
        except RefusedError as error:
            log.info("login.refused", client=client, code=error.reply.code)
            self._failed_logins += error.reply.code == WRONG_LOGIN
            return TOO_MANY_LOGINS if self._failed_logins >= MOST_FAILED_LOGINS else error.reply
        self._conversation.logged_in(user)
        log.info("login.accepted", client=client, user=user)
        return LOGGED_IN

    async def _ask(self, challenge: bytes) -> bytes:
        self._writer.write(b"334 " + b64encode(challenge) + b"\r\n")
        await self._writer.drain()
        self._reset_timeout()
        return (await self._line()).strip()

    async def _start_tls(self, argument: bytes) -> Reply | None:
        """Begin again, protected: nothing that was said in the open counts any more (RFC 3207 section 4.2)."""
        self._conversation.check_starttls(argument)
        await self.smtp_STARTTLS("")
        if self.session is None or self.session.ssl is None:  # the client hung up meanwhile
            raise TLSSetupException
        self._conversation = self._begin_conversation(self._conversation.client.ip)
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

    async def _take_mail(self, argument: bytes) -> Reply:
        if argument:
            raise RefusedError(501, "5.5.4", "write DATA alone")
        incoming = self._door.intake.begin(self._conversation.for_content())
        try:
            await self._receive(incoming)
        except BaseException:
            incoming.draft.discard()
            raise
        self._over = self._over or not incoming.reader.ended  # far too large: its sender does not stop by itself
        self._stop_clock()
        reply = await self._door.intake.finish(incoming)
        self._reset_timeout()
        self._errors = 0 if reply.ok else self._errors
        return reply

    async def _receive(self, incoming: Incoming) -> None:
        reader, begun = incoming.reader, self.loop.time()
        arrival = await self._divert()
        try:
            await self._say(GO_AHEAD)
            while not reader.ended and not reader.hopeless:
                self._be_patient(reader, begun)
                await asyncio.to_thread(reader.feed, await arrival.take())
        finally:
            self._last_words = TOO_SLOW
            self._restore(reader.rest)

    def _be_patient(self, reader: DataReader, begun: float) -> None:
        """Give a client time for the next octets, but less where it may think that it has ended its mail."""
        if reader.looks_ended:
            self._last_words = reader.fault or TOO_SLOW
            self._reset_timeout(WRONG_END_PATIENCE)
            return
        self._last_words = TOO_SLOW
        left = begun + DATA_PATIENCE + reader.received / SLOWEST - self.loop.time()
        self._reset_timeout(max(0.001, min(COMMAND_PATIENCE, left)))
