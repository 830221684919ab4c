"""What the simulated FAX.PLUS remembers: uploads, faxes that were accepted, and each dialling of them.

All times are seconds since the epoch.
"""

from dataclasses import dataclass, field
from typing import Any

from gateway.simulator.behaviour import Ending
from gateway.simulator.orders import Order, Retry

SUBMITTED = "submitted"
CONVERTING = "converting"
SCHEDULED = "scheduled_for_sending"
SENDING = "sending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One uploaded file."""

    path: str
    name: str
    media_type: str
    content: bytes
    pages: int
    uploaded_at: float


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One dialling of a fax. When it has ended it is a record in the archive."""

    fax_id: str
    number: int  #: which dialling of its job, from 1
    ending: Ending
    pages: int  #: that go out before it ends
    duration: float  #: seconds on the line, at speed 1
    started_at: float
    file: str
    ended_at: float | None = None
    visible_at: float | None = None  #: from when on it is in the archive
    comment: str = ""
    is_read: bool = False
    deleted: bool = False

    @property
    def status(self) -> str:
        """The status in the archive."""
        return self.ending.status

    def visible(self, now: float) -> bool:
        """Whether it is in the archive."""
        return self.visible_at is not None and self.visible_at <= now and not self.deleted


@dataclass(slots=True, kw_only=True)
class Job:
    """One fax to one number that was accepted, from then on."""

    id: str  #: the session id, which is also the id in the outbox
    src: str  #: the number it is sent from
    to: str
    order: Order
    retry: Retry
    documents: tuple[Upload, ...]
    pages: int
    created_at: float
    visible_at: float  #: before that it is neither listed nor found
    comment: str = ""  #: the text as it is now
    changes: list[tuple[float, str]] = field(default_factory=list)  #: times and statuses of its life in the outbox
    attempts: list[Attempt] = field(default_factory=list)
    left_at: float | None = None  #: when it left the outbox
    ended_at: float | None = None  #: when it ended or was cancelled
    cancelled: bool = False

    @property
    def token(self) -> str:
        """The text of the comment as it was sent."""
        return self.order.comment.text

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of its uploads."""
        return tuple(document.path for document in self.documents)

    @property
    def over(self) -> bool:
        """Nothing more will happen to it."""
        return self.ended_at is not None

    @property
    def outbox_status(self) -> str:
        """The status in the outbox."""
        return self.changes[-1][1]

    @property
    def status(self) -> str:
        """How it ended: the last attempt's status, or cancelled; empty while it is not over."""
        if self.cancelled:
            return "cancelled"
        return self.attempts[-1].status if self.over else ""

    def in_outbox(self, now: float) -> bool:
        """Whether the outbox shows it."""
        return self.visible_at <= now and self.left_at is None

    def snapshot(self) -> dict[str, Any]:
        """Everything that matters about it, as JSON."""
        return {
            "id": self.id,
            "fax_ids": [attempt.fax_id for attempt in self.attempts],
            "statuses": [attempt.status for attempt in self.attempts if attempt.ended_at is not None],
            "token": self.token,
            "from": self.src,
            "to": self.to,
            "files": list(self.files),
            "pages": self.pages,
            "created_at": self.created_at,
            "visible_at": self.visible_at,
            "ended_at": self.ended_at,
            "cancelled": self.cancelled,
            "over": self.over,
            "status": self.status,
        }
