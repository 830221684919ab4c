"""One mail that is arriving: from the wire, through a reader, into its draft."""

from collections.abc import Callable
from typing import TypeVar

from gateway.smtp.chunk import ChunkReader
from gateway.smtp.data import DataReader
from gateway.smtp.envelope import Envelope
from gateway.spool import Draft
from gateway.submission import Fragment

AnyReader = TypeVar("AnyReader", DataReader, ChunkReader)


class Incoming:
    """A mail between 354, or its first BDAT, and its reply."""

    def __init__(
        self, envelope: Envelope, draft: Draft, preface: bytes, *, limit: int, may_write: Callable[[int], None]
    ) -> None:
        """Prepare for its content.

        Args:
            envelope: of the mail.
            draft: where it goes.
            preface: our own trace header.
            limit: octets that are accepted.
            may_write: raises OSError when so many octets more must not be written.
        """
        self.envelope = envelope
        self.draft = draft
        self.limit = limit
        self.reader: DataReader | ChunkReader = DataReader(self._write, limit)
        self._may_write = may_write
        self.fragment: Fragment | None = None
        """Which piece it is of a larger mail, once that is known."""
        self.failure: OSError | None = None
        """Why it could not be written. It is still read to its end, for that is where the client listens."""
        self.start = len(preface)
        """Octets from the beginning of the draft to what the sender sent."""
        draft.preface(preface)

    def read_by(self, reader: type[AnyReader]) -> AnyReader:
        """Choose how it is read, before it is; without this it is read as DATA. Returns the reader."""
        chosen = reader(self._write, self.limit)
        self.reader = chosen
        return chosen

    def _write(self, piece: bytes) -> None:
        if self.failure is not None:
            return
        try:
            self._may_write(len(piece))
            self.draft.write(piece)
        except OSError as error:
            self.failure = error
