"""What a mail that is passed on says about itself, for the mail around it."""

from email.errors import MessageError
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32

from gateway.notice.plain import cut

LONGEST_HEADER = 65536
"""Octets of the original that are looked at."""

LONGEST_FIELD = 150

SHOWN = ("From", "To", "Date", "Subject")


def subject(original: bytes) -> str:
    """Name the mail inside."""
    return f"Mail to postmaster: {_fields(original).get('Subject') or '(no subject)'}"


def text(original: bytes, own_name: str) -> str:
    """Tell the operator what is attached."""
    shown = "".join(f"{name + ':':9}{value}\n" for name, value in _fields(original).items())
    return (
        f"Somebody wrote to the people who run the fax gateway {own_name}.\n"
        "The mail is attached as it came. To answer it, open it first: answers to\n"
        f"this mail do not reach its author.\n\n{shown}"
    )


def _fields(original: bytes) -> dict[str, str]:
    header = BytesHeaderParser(policy=compat32).parsebytes(original[:LONGEST_HEADER])
    return {name: cut(_decoded(header[name]), LONGEST_FIELD) for name in SHOWN if header[name] is not None}


def _decoded(value: object) -> str:
    """Encoded words as words; broken ones as they came."""
    raw = str(value)
    try:
        return str(make_header(decode_header(raw)))
    except (ValueError, LookupError, MessageError):
        return raw
