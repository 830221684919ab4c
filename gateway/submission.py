"""What was accepted: one mail, its documents, and the notices owed for it. Plain values; the store keeps them.

Times are seconds since the epoch, UTC; sizes are octets.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a document is. PDF and TIFF are faxed as they are; what is something else becomes a PDF first."""

    PDF = "pdf"
    TIFF = "tiff"
    PICTURE = "picture"  #: JPEG or PNG
    TEXT = "text"  #: in UTF-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One attachment to fax, and where its bytes lie in the spooled mail."""

    position: int  #: its place among the mail's documents, from 0
    name: str  #: what the sender called it; shown, never used as a path
    kind: Kind
    pages: int
    offset: int  #: where its encoded body begins in the spooled mail
    length: int  #: octets of the encoded body
    encoding: str  #: "base64", "quoted-printable" or "identity"
    size: int  #: octets, decoded
    sha256: str  #: of the decoded bytes, hex
    repair: str = ""  #: what was done to it before, or is odd about it, in words for the sender
    remote_path: str | None = None  #: FAX.PLUS's name for our upload
    uploaded_at: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of the mail that is not faxed, and why, in words for the sender."""

    name: str
    why: str


GIVEN_UP = "-"
"""Stands in `Fragment.joined` when the other pieces never came, and the sender was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """Which piece a mail is of a larger one that was split (RFC 2046 section 5.2.2)."""

    whole: str  #: hash of who sends which mail to whom, hex: the same in all its pieces
    number: int  #: from 1
    total: int  #: how many there are; 0: this one does not say
    joined: str = ""  #: the submission that the whole became; empty: it waits for the others
    joins: tuple[str, ...] = ()  #: the other pieces, where this mail is the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One accepted mail."""

    id: str
    sender: str  #: the envelope sender; confirmations go here or to `confirm_to`
    confirm_to: str | None
    rule: str  #: the sender rule that let it in
    client: str  #: address of the client, and its login if it had one
    message_id: str  #: as the mail says, or empty
    references: str  #: as the mail says, or empty
    subject: str  #: decoded, or empty
    quiet: bool  #: made by a machine (`Auto-Submitted: auto-generated`, `Precedence: bulk`): only failures are reported
    received_at: float
    size: int
    sha256: str  #: of the mail as received, hex
    content: str = ""  #: hash of its documents in their order, hex; what tells that a mail is a repeat
    hold: str = ""  #: how MAIL asked to have it held back, "for;3600" or "until;..."; goes into reports (RFC 4865)
    envid: str = ""  #: ENVID of MAIL, decoded; goes into reports (RFC 3461 section 4.4)
    ret: str = ""  #: RET of MAIL: "FULL", "HDRS" or nothing (RFC 3461 section 4.3)
    receipt_to: str = ""  #: who asked for a receipt in `Disposition-Notification-To` (RFC 8098), or nobody
    from_number: str = ""  #: the number that its faxes are sent from, E.164; empty: the account's
    language: str = "en"  #: of the mails that its sender gets
    discreet: bool = False  #: those mails name neither subject nor files, nor the whole number
    cover: str = ""  #: text for FAX.PLUS's cover page; empty: there is none
    fragment: Fragment | None = None  #: it is, or was joined from, a piece of a larger mail
    left_out: tuple[LeftOut, ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def pages(self) -> int:
        """Of each of its faxes: those of the documents, and the cover page, which FAX.PLUS bills like them."""
        return sum(document.pages for document in self.documents) + bool(self.cover)


class NoticeKind(StrEnum):
    """Why a mail is owed."""

    OUTCOME = "outcome"  #: to the sender: how a fax ended
    LATE = "late"  #: to the sender: a fax takes longer than expected
    ACCEPTED = "accepted"  #: to the sender: its faxes are on their way
    PIECES = "pieces"  #: to the sender: pieces of a mail that was split stayed away
    OPERATOR = "operator"  #: to the operator: something needs a hand
    FORWARD = "forward"  #: to the operator: mail to postmaster@, passed on


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One mail owed to somebody. Its id is its Message-ID's left side, so a mail that leaves twice is the same mail."""

    id: str
    kind: NoticeKind
    recipient: str
    fax_id: str | None = None  #: what an OUTCOME is about
    submission_id: str | None = None  #: the mail that it is about, or that a FORWARD passes on
    subject: str = ""  #: of an OPERATOR notice
    text: str = ""  #: of an OPERATOR notice
    created_at: float
    due_at: float | None
    attempts: int = 0
    last_error: str = ""
    mail: str = ""  #: the id of the notice in whose mail it is told; empty: not settled yet
    sent_at: float | None = None  #: when the relay took it; None with no due_at: given up
