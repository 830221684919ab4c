"""From the bytes of a mail to the documents to fax, or why not."""

from gateway.message.encoding import decoded
from gateway.message.mail import Mail, Outline, Part, Piece, RefusedError
from gateway.message.original import read_original
from gateway.message.partial import joining
from gateway.message.read import NOTHING_ELSE, read

__all__ = [
    "NOTHING_ELSE",
    "Mail",
    "Outline",
    "Part",
    "Piece",
    "RefusedError",
    "decoded",
    "joining",
    "read",
    "read_original",
]
