"""What was found in a mail, and the refusal when that cannot be faxed. Plain values."""

from dataclasses import dataclass

from gateway.submission import Kind, LeftOut


@dataclass(frozen=True, slots=True)
class Part:
    """A document to fax, and where its encoded bytes lie in the spooled mail."""

    name: str  #: what the sender called it, safe to show, never used as a path
    kind: Kind
    offset: int  #: octets from the beginning of the file to the encoded body
    length: int  #: octets of the encoded body
    encoding: str  #: "base64", "quoted-printable" or "identity"


@dataclass(frozen=True, slots=True)
class Outline:
    """A part of a mail, for people who want to see what it is made of."""

    type: str  #: as declared
    name: str  #: safe to show; may be empty
    octets: int  #: as it lies in the mail
    fate: str  #: what becomes of it, in words; empty if it only holds others
    inside: tuple["Outline", ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Which piece of which mail that was split (RFC 2046 section 5.2.2)."""

    id: str  #: the same in all pieces
    number: int  #: from 1
    total: int  #: how many there are; 0: this piece does not say


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says that matters here."""

    documents: tuple[Part, ...]  #: in MIME order; empty only if `automatic` or a `piece`
    left_out: tuple[LeftOut, ...]  #: what is not faxed though the mail is
    message_id: str  #: with its angle brackets; empty if there is none, or none that can be repeated
    references: str  #: message ids, separated by spaces; empty if there are none
    subject: str  #: decoded, one line, at most 200 characters
    automatic: str | None  #: why this mail must be neither faxed nor answered, in words
    quiet: bool  #: made by a machine: only failures are reported
    receipt_to: str  #: the one address in `Disposition-Notification-To` (RFC 8098); empty if there is none, or several
    received: int  #: how many `Received` fields it has, our own included
    outline: tuple[Outline, ...] = ()  #: what it is made of
    piece: Piece | None = None  #: it is only a piece of a mail, and has no documents before the others are there
    cover: str = ""  #: what stands on the cover page; empty: there is none


class RefusedError(Exception):
    """A mail that is not faxed, with the SMTP reply that says why (RFC 5321 section 4.2, RFC 3463)."""

    def __init__(self, code: int, enhanced: str, words: str, outline: tuple[Outline, ...] = ()) -> None:
        super().__init__(f"{code} {enhanced} {words}")
        self.code = code  #: SMTP reply code
        self.enhanced = enhanced  #: enhanced status code
        self.words = words  #: for the sender; one line, may hold names that are not ASCII
        self.outline = outline  #: what the mail is made of, as far as it was read


class DamagedError(Exception):
    """A container whose data break off, or are no such container."""
