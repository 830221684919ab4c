"""One mail that is arriving: from the wire, through the DATA reader, into its draft."""

from collections.abc import Callable

from gateway.smtp.data import DataReader
from gateway.smtp.envelope import Envelope
from gateway.spool import Draft


class Incoming:
    """A mail between 354 and its reply."""

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
        self.reader = DataReader(self._write, limit)
        self._may_write = may_write
        self.failure: OSError | None = None
        """Why it could not be written. It is still read to its end, for that is where the client listens."""
        draft.preface(preface)

    def _write(self, piece: bytes) -> None:
        if self.failure is not None:
            return
        try:
            self._may_write(len(piece))
            self.draft.write(piece)
        except OSError as error:
            self.failure = error
