"""What is told of one fax: the fax, and all that happened to it. Plain."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.fax import Change, Fax
from gateway.notice import attempts
from gateway.notice.attempts import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A fax with its history, oldest first."""

    fax: Fax
    changes: Sequence[Change]
    until: float | None = None  #: when we stop trying; of a fax that has not ended
    record: bytes | None = None  #: FAX.PLUS's own report of the transmission, PDF, where it is attached

    @property
    def tried(self) -> list[Attempt]:
        """What was tried since the fax was accepted, or last resent."""
        return attempts.of(self.changes)

    @property
    def resent_at(self) -> float | None:
        """When the operator last had it sent again."""
        return attempts.resent_at(self.changes)
