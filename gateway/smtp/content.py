"""How the content of a mail comes over the wire: whole, by DATA, or in chunks, by BDAT (RFC 3030)."""

import asyncio
from collections.abc import Callable

from gateway.smtp.chunk import ChunkReader, announced
from gateway.smtp.conversation import Conversation
from gateway.smtp.data import BARE_LINE_END, TOO_LARGE, DataReader
from gateway.smtp.incoming import Incoming
from gateway.smtp.intake import Intake
from gateway.smtp.lenient import LenientReader
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.wire import COMMAND_PATIENCE, TOO_SLOW, Wire

PATIENCE = 600.0
STRANGERS_PATIENCE = 60.0
SLOWEST = 500
"""A mail may take PATIENCE seconds, of one who may not fax STRANGERS_PATIENCE, and one more for each SLOWEST octets.

What is left is never more than it was at the beginning, or than COMMAND_PATIENCE: nobody stands still for hours.
"""

WRONG_END_PATIENCE = 30.0
"""Seconds for a client that stands still where it may think that it ended its mail."""

SMALL = 16 * 1024
"""Octets of a chunk that are read at once."""

GO_AHEAD = Reply(354, "", "end the mail with <CR><LF>.<CR><LF>")


class Content:
    """The content of one session's mails, one after the other."""

    def __init__(self, wire: Wire, intake: Intake) -> None:
        self._wire = wire
        self._intake = intake
        self._chunks: tuple[Incoming, ChunkReader] | None = None
        self._deadline = self._patience = 0.0

    @property
    def under_way(self) -> bool:
        """Some chunks of a mail are there, and others are to come."""
        return self._chunks is not None

    def forget(self) -> None:
        """Throw away what is there of a mail in chunks."""
        chunks, self._chunks = self._chunks, None
        if chunks is not None:
            chunks[0].draft.discard()

    async def whole(self, conversation: Conversation) -> Reply:
        """Carry out DATA.

        Raises:
            RefusedError: the mail cannot begin.
        """
        incoming = self._begin(conversation, chunks=False)
        reader = incoming.read_by(LenientReader if self._wire.lenient else DataReader)
        try:
            await self._receive(reader)
        except BaseException:
            incoming.draft.discard()
            raise
        if reader.last or not reader.ended:  # far too large: its sender does not stop by itself
            self._wire.over = True
        return await self._finish(incoming)

    async def chunk(self, argument: bytes, conversation: Conversation) -> Reply:
        """Carry out BDAT. Whatever the answer is, the octets of the chunk are read, and never taken for commands.

        Raises:
            RefusedError: this is no chunk of a mail.
        """
        try:
            octets, last = announced(argument)
        except RefusedError:
            self._wire.over = True  # nobody knows where the chunk ends
            raise
        try:
            incoming, reader = self._chunks or self._first(conversation)
        except RefusedError:
            await self._swallow(octets)
            raise
        if self._wire.loop.time() > self._deadline:  # between chunks it is the deadline of a command that counts
            self._wire.over = True
            raise RefusedError.of(TOO_SLOW)
        reader.expect(octets)
        if reader.received + octets > 2 * incoming.limit:
            self._wire.over = True
            raise RefusedError.of(TOO_LARGE)
        await self._read(octets, reader.feed)
        if not (last or reader.fault or incoming.failure):
            return Reply(250, "2.0.0", f"{octets} octets taken")
        self._chunks = None
        return await self._finish(incoming)

    def _first(self, conversation: Conversation) -> tuple[Incoming, ChunkReader]:
        incoming = self._begin(conversation, chunks=True)
        self._chunks = incoming, incoming.read_by(ChunkReader)
        return self._chunks

    def _begin(self, conversation: Conversation, *, chunks: bool) -> Incoming:
        envelope = conversation.for_content(chunks=chunks)
        self._begin_clock(STRANGERS_PATIENCE if envelope.from_stranger else PATIENCE)
        return self._intake.begin(envelope)

    async def _finish(self, incoming: Incoming) -> Reply:
        self._wire.stop_clock()
        reply = await self._intake.finish(incoming)
        self._wire.be_patient(COMMAND_PATIENCE)
        return reply

    async def _receive(self, reader: DataReader) -> None:
        arrival = await self._wire.divert()
        try:
            await self._wire.say(GO_AHEAD)
            while not reader.ended and not reader.hopeless:
                if reader.looks_ended:
                    self._wire.be_patient(WRONG_END_PATIENCE, reader.fault or BARE_LINE_END)
                else:
                    self._be_patient()
                await self._feed(reader.feed, await arrival.take())
        finally:
            self._wire.restore(reader.rest)

    async def _swallow(self, octets: int) -> None:
        """Read a chunk that belongs to nothing."""
        if octets > self._intake.largest:
            self._wire.over = True
            return
        self._begin_clock(STRANGERS_PATIENCE)
        await self._read(octets, lambda _: None)

    async def _read(self, octets: int, take: Callable[[bytes], object]) -> None:
        """Read exactly so many."""
        if octets <= SMALL:
            self._be_patient()
            await self._feed(take, await self._wire.exactly(octets))
            return
        arrival, rest = await self._wire.divert(), b""
        try:
            left = octets
            while left:
                self._be_patient()
                piece = await arrival.take()
                rest = piece[left:]
                left -= len(piece) - len(rest)
                await self._feed(take, piece[: len(piece) - len(rest)])
        finally:
            self._wire.restore(rest)

    async def _feed(self, take: Callable[[bytes], object], piece: bytes) -> None:
        """Hand a piece on, off the event loop; each octet earns its sender some time."""
        longest = self._wire.loop.time() + max(self._patience, COMMAND_PATIENCE)
        self._deadline = min(self._deadline + len(piece) / SLOWEST, longest)
        await asyncio.to_thread(take, piece)

    def _begin_clock(self, patience: float) -> None:
        self._patience = patience
        self._deadline = self._wire.loop.time() + patience

    def _be_patient(self) -> None:
        self._wire.be_patient(min(COMMAND_PATIENCE, self._deadline - self._wire.loop.time()))
