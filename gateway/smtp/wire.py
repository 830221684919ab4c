"""The wire under a session: aiosmtpd's connection and STARTTLS, with our own reading, deadlines and back-pressure.

Stock aiosmtpd reads DATA line by line into memory without bounds, and drops what a client said before it half-closed.
"""

import asyncio
import ssl
from ipaddress import IPv6Address, ip_address
from typing import AnyStr, cast

from aiosmtpd.smtp import SMTP

from gateway.policy import IPAddress
from gateway.smtp.arrival import Arrival
from gateway.smtp.reply import RefusedError, Reply

COMMAND_PATIENCE = 300.0
"""Seconds that a client may take for a command, or be silent in DATA (RFC 5321 section 4.5.3.2)."""

LONGEST_LINE = 12 * 1024
"""Octets of a line in AUTH (RFC 4954 section 4); those of other commands are shorter."""

READY_FOR_TLS = Reply(220, "2.0.0", "ready for TLS")
TOO_SLOW = Reply(421, "4.4.2", "nothing came for too long")
LINE_TOO_LONG = Reply(500, "5.5.2", "the line is too long")


class Wire(SMTP):
    """One client's connection."""

    line_length_limit = LONGEST_LINE

    def __init__(self, own_name: str, starttls: ssl.SSLContext | None) -> None:
        self.command_size_limits: dict[str, int] = {}  # the class's own would be shared by all sessions
        super().__init__(
            object(),
            data_size_limit=None,
            hostname=own_name,
            ident="ESMTP fax-gateway",
            tls_context=starttls,
            timeout=COMMAND_PATIENCE,
            loop=asyncio.get_running_loop(),
        )
        self._arrival: Arrival | None = None
        self._half_closed = False
        self._over = False
        self._last_words = TOO_SLOW
        """What a client hears that goes over its time."""

    # What the event loop calls.

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
        return not self._tls_version()

    def _timeout_cb(self) -> None:
        """The client went over its time."""
        self._part(self._last_words)

    def _stop_clock(self) -> None:
        """What takes its time now is not the client."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()

    # Reading commands.

    async def _line(self) -> bytes:
        """Read one line, without its end."""
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            await self._skip_line(error.consumed)
            raise RefusedError.of(LINE_TOO_LONG) from None
        if not line.endswith(b"\r\n"):
            raise RefusedError(500, "5.5.2", "lines must end in CR LF")
        return bytes(line[:-2])

    async def _skip_line(self, seen: int) -> None:
        """Forget a line of any length, piece by piece."""
        while True:
            await self._reader.read(seen)
            try:
                await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                seen = error.consumed
            else:
                return

    # Reading mail.

    async def _divert(self) -> Arrival:
        """From now on, what arrives is mail; also what aiosmtpd's reader has already. Nothing may come in between."""
        arrival = Arrival(self._plug())
        if self._half_closed:
            early = await self._reader.read()
        else:
            self._reader.feed_data(b"\0")  # a reader with something in it answers at once
            early = (await self._reader.read(1 << 24))[:-1]
        if early:
            arrival.put(early)
        if self._half_closed:
            arrival.end()
        self._arrival = arrival
        return arrival

    def _restore(self, rest: bytes) -> None:
        """From now on, what arrives is commands; also what came behind the dot."""
        arrival, self._arrival = self._arrival, None
        if arrival is None or self.transport is None:
            return
        rest += arrival.leave()
        if self._half_closed:  # the old reader has seen the end and takes no more
            self._reader = asyncio.StreamReader(limit=self.line_length_limit, loop=self.loop)
        if rest:
            self._reader.feed_data(rest)
        if self._half_closed:
            self._reader.feed_eof()

    # Speaking and parting.

    async def _say(self, reply: Reply) -> None:
        self._writer.write(reply.encoded())
        await self._writer.drain()

    def _part(self, reply: Reply) -> None:
        """Say this and hang up; hang up alone where nobody reads what we say."""
        self._over = True
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

    async def push(self, status: AnyStr) -> None:
        """Only the inherited STARTTLS speaks through this; its words lack the code that RFC 2034 wants."""
        del status
        await self._say(READY_FOR_TLS)

    def _tls_version(self) -> str:
        tls = self.transport.get_extra_info("ssl_object") if self.transport is not None else None
        return str(tls.version()) if tls is not None else ""

    # Who it is.

    def _ip(self) -> IPAddress | None:
        """The client's address; None when it hung up before we looked."""
        peer: object = self.session.peer if self.session is not None else None
        if not isinstance(peer, tuple):
            return None
        ip = ip_address(str(peer[0]).partition("%")[0])
        return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
