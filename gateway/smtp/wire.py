"""The wire under a session: aiosmtpd's connection, with our own reading, deadlines, back-pressure and TLS.

Stock aiosmtpd reads DATA line by line into memory without bounds, and drops what a client said before it half-closed.
"""

import asyncio
import ssl
from ipaddress import IPv6Address, ip_address
from typing import cast

from aiosmtpd.smtp import SMTP, TLSSetupException

from gateway.policy import IPAddress
from gateway.smtp import lines
from gateway.smtp.arrival import Arrival
from gateway.smtp.reply import Reply
from gateway.smtp.reservoir import Reservoir
from gateway.smtp.tls import TlsLayer

COMMAND_PATIENCE = 300.0
"""Seconds that a client may take for a command, or be silent in DATA (RFC 5321 section 4.5.3.2)."""

HANDSHAKE_PATIENCE = 30
"""Seconds for TLS to come up."""

TOO_SLOW = Reply(421, "4.4.2", "nothing came for too long")


class Wire(SMTP):
    """One client's connection."""

    line_length_limit = lines.LONGEST

    def __init__(self, own_name: str, reservoir: Reservoir, *, lenient: bool = False) -> None:
        """Prepare.

        Args:
            own_name: how we introduce ourselves.
            reservoir: counts the mail on its way, over all wires.
            lenient: whether commands may end in bare LF or CR.
        """
        self.command_size_limits: dict[str, int] = {}  # the class's own would be shared by all sessions
        super().__init__(
            object(),
            data_size_limit=None,
            hostname=own_name,
            ident="ESMTP fax-gateway",
            timeout=COMMAND_PATIENCE,
            loop=asyncio.get_running_loop(),
        )
        self.over = False
        """No more commands are answered."""
        self.last_words: Reply | None = TOO_SLOW
        """What a client hears that goes over its time; None: we hang up without a word."""
        self.lenient = lenient
        self._reservoir = reservoir
        self._arrival: Arrival | None = None
        self._half_closed = False

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came, or its connection is protected now."""
        if self._original_transport is None:  # until `listen` nothing is read: it may be TLS, or a balancer's header
            cast("asyncio.Transport", transport).pause_reading()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Octets came: of a mail past aiosmtpd's line reader, of commands into it."""
        if self._arrival is not None:
            self._arrival.put(data)
        else:
            super().data_received(data)

    def eof_received(self) -> bool:
        """The client will say no more. What it has said is still answered, unless TLS forbids that."""
        self._half_closed = True
        if self._arrival is not None:
            self._arrival.end()
        else:
            self._reader.feed_eof()
        return not self.tls_version()

    def _timeout_cb(self) -> None:
        """The client went over its time."""
        if self.last_words is None:
            self.abort()
        else:
            self.part(self.last_words)

    # Time.

    def be_patient(self, seconds: float, last_words: Reply | None = TOO_SLOW) -> None:
        """Give the client so much time from now on, and the words that it hears when that is over."""
        self.last_words = last_words
        self._reset_timeout(max(0.001, seconds))

    def stop_clock(self) -> None:
        """What takes its time now is not the client."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()

    # The beginning.

    @property
    def reader(self) -> asyncio.StreamReader:
        """What was read and is not mail."""
        return self._reader

    def listen(self) -> None:
        """Begin to read."""
        self._plug().resume_reading()

    async def protect(self, context: ssl.SSLContext, early: bytes = b"") -> None:
        """Let TLS come up. What was read before and is not TLS must be gone (RFC 3207 section 4.2).

        Args:
            context: the certificate, and which TLS.
            early: what was read already of the client's TLS.

        Raises:
            TLSSetupException: it did not come up.
        """
        plain, waiter = self._plug(), self.loop.create_future()
        layer = TlsLayer(self.loop, self, context, waiter, server_side=True, ssl_handshake_timeout=HANDSHAKE_PATIENCE)
        self.stop_clock()
        plain.pause_reading()
        plain.set_protocol(layer)
        self._tls_protocol, self._original_transport, self.transport = layer, plain, layer.app_transport
        layer.connection_made(plain)
        layer.feed(early)
        plain.resume_reading()
        try:
            await waiter
        except Exception as error:
            raise TLSSetupException from error
        if self.session is None or self.session.ssl is None:  # the client hung up meanwhile
            raise TLSSetupException

    async def pending(self) -> bytes:
        """Return what was read and nobody has taken. Nothing comes in between: this does not wait."""
        if self._half_closed:
            return bytes(await self._reader.read())
        self._reader.feed_data(b"\0")  # a reader with something in it answers at once
        return bytes((await self._reader.read(1 << 24))[:-1])

    async def speaks_within(self, seconds: float) -> bool:
        """Whether the client says something in this time, though it is not its turn; what it says is lost."""
        self.stop_clock()
        try:
            async with asyncio.timeout(seconds):
                await self._reader.readexactly(1)
        except TimeoutError:
            return False
        return True

    # Reading commands.

    async def line(self) -> bytes:
        """Read one line, without its end.

        Raises:
            RefusedError: it is too long, or ends in bare LF where that is not allowed.
        """
        return await (lines.any_line if self.lenient else lines.line)(self)

    async def exactly(self, octets: int) -> bytes:
        """Read a few octets."""
        return bytes(await self._reader.readexactly(octets))

    # Reading mail.

    async def divert(self) -> Arrival:
        """From now on, what arrives is mail; also what aiosmtpd's reader has already. Nothing may come in between."""
        arrival = Arrival(self._plug(), self._reservoir)
        early = await self.pending()
        if early:
            arrival.put(early)
        if self._half_closed:
            arrival.end()
        self._arrival = arrival
        return arrival

    def restore(self, rest: bytes) -> None:
        """From now on, what arrives is commands; also what came behind the mail."""
        arrival, self._arrival = self._arrival, None
        if arrival is None:
            return
        rest += arrival.leave()
        if self.transport is None:
            return
        self.put_back(rest)

    def put_back(self, octets: bytes) -> None:
        """Let these be read next. The reader is empty."""
        if self._half_closed:  # the old reader has seen the end and takes no more
            self._reader = asyncio.StreamReader(limit=self.line_length_limit, loop=self.loop)
        if octets:
            self._reader.feed_data(octets)
        if self._half_closed:
            self._reader.feed_eof()

    # Speaking and parting.

    async def say(self, reply: Reply) -> None:
        """Send a reply, and wait while the client does not read."""
        self._writer.write(reply.encoded())
        await self._writer.drain()

    def part(self, reply: Reply) -> None:
        """Say this and hang up; hang up alone where nobody reads what we say."""
        self.over = True
        if self.transport is None:
            return
        if self._plug().get_write_buffer_size():
            self.abort()
        else:
            self._writer.write(reply.encoded())
            self.transport.close()

    def abort(self) -> None:
        """Hang up."""
        for transport in (self.transport, self._original_transport):
            if transport is not None:
                cast("asyncio.Transport", transport).abort()

    def _plug(self) -> asyncio.Transport:
        """The transport, which aiosmtpd knows only as some transport."""
        return cast("asyncio.Transport", self.transport)

    def tls_version(self) -> str:
        """Return what protects the connection, such as "TLSv1.3"; nothing without."""
        tls = self.transport.get_extra_info("ssl_object") if self.transport is not None else None
        return str(tls.version()) if tls is not None else ""

    # Who it is.

    def ip(self) -> IPAddress | None:
        """The client's address; None when it hung up before we looked."""
        return _address(self.session.peer if self.session is not None else None)

    def called(self) -> IPAddress | None:
        """The address of ours that it connected to."""
        return _address(self.transport.get_extra_info("sockname") if self.transport is not None else None)


def _address(end: object) -> IPAddress | None:
    """Read an address as the socket has it: scopes do not matter, and IPv4 in IPv6 is IPv4."""
    if not isinstance(end, tuple):
        return None
    ip = ip_address(str(end[0]).partition("%")[0])
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
