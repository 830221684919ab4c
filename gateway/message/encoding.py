"""Content transfer encodings (RFC 2045 section 6): which one it really is, and decoding in chunks."""

import binascii
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK = 1 << 18
"""Octets that are decoded at a time: memory does not depend on the size of the mail."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FOOTER = 8192  # octets: the most that a relay adds behind base64
_PLAIN = (b"%PDF-", b"II*\0", b"MM\0*")  # how documents begin
_IN_BASE64 = (b"JVBERi0", b"SUkqA", b"TU0AKg")  # the same in base64
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET) - set(b"="))
# Only where white space begins: a long run of it is looked at once.
_TRAILING_SPACE = re.compile(rb"(?<![ \t])[ \t]+(?=\r?\n)")


class Encoded(Protocol):
    """What can be decoded: a `Part` of a mail, or a `Document` of a submission."""

    @property
    def offset(self) -> int:
        """Where it begins in the file, in octets."""

    @property
    def length(self) -> int:
        """Octets, encoded."""

    @property
    def encoding(self) -> str:
        """How it is encoded: base64, quoted-printable or identity."""


def decoded(path: Path, part: Encoded) -> Iterator[bytes]:
    """Decode a part straight from the spooled mail, a chunk at a time.

    Base64 may have line breaks anywhere, foreign characters and no padding; it ends at its padding.

    Args:
        path: the spooled mail.
        part: where in it the encoded bytes lie, and how they are encoded.

    Raises:
        OSError: the file cannot be read, or has become shorter.
    """
    with path.open("rb") as file:
        file.seek(part.offset)
        chunks = _chunks(file, part.length)
        yield from DECODERS[part.encoding](chunks)


def from_base64(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decode base64 (RFC 2045 section 6.8)."""
    rest = b""
    for chunk in chunks:
        letters, padding, _ = (rest + chunk.translate(None, _FOREIGN)).partition(b"=")
        if padding:
            rest = letters
            break
        whole = len(letters) - len(letters) % 4
        rest = letters[whole:]
        yield binascii.a2b_base64(letters[:whole])
    yield _base64_end(rest)


def _base64_end(letters: bytes) -> bytes:
    # A single letter over holds less than an octet.
    usable = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(usable + b"=" * (-len(usable) % 4))


def from_quoted_printable(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decode quoted-printable (RFC 2045 section 6.7)."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        cut = _quoted_printable_cut(text)
        rest = text[cut:]
        yield binascii.a2b_qp(_TRAILING_SPACE.sub(b"", text[:cut]))
    yield binascii.a2b_qp(_TRAILING_SPACE.sub(b"", rest))


def _quoted_printable_cut(text: bytes) -> int:
    """Where the text can be cut: after a line, or, in a line that does not end, before an escape that may go on."""
    line_end = text.rfind(b"\n") + 1
    if line_end:
        return line_end
    escape = text.rfind(b"=", max(0, len(text) - 3))
    return len(text) if escape < 0 else escape


def unchanged(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """7bit, 8bit and binary are no encodings at all."""
    return chunks


def settle(declared: str, head: bytes) -> str:
    """Say which encoding a body has; what it begins with counts more than what its header declares.

    Args:
        declared: the content transfer encoding in lower case, or an empty text.
        head: how the encoded body begins.
    """
    beginning = head.lstrip()
    if declared == "base64" and beginning.startswith(_PLAIN):
        return "identity"
    if beginning.startswith(_IN_BASE64):
        return "base64"
    return declared if declared in DECODERS else "identity"


def base64_end(mail: bytes | mmap.mmap, start: int, end: int) -> int | None:
    """Where base64 ends: at its padding, or before a footer that some relay has added. None: it is broken.

    Padding with much behind it is where somebody glued pieces together; to stop there would lose pages.
    """
    tail = max(start, end - _FOOTER)
    padding = mail.find(b"=", start, end)
    if padding >= 0:
        return None if padding < tail else min(padding + 2, end)
    position = tail
    for line in mail[tail:end].splitlines(keepends=True):
        if position > tail and line.strip().translate(None, _ALPHABET):  # a footer has lines of its own
            return position
        position += len(line)
    return end


DECODERS = {"base64": from_base64, "quoted-printable": from_quoted_printable, "identity": unchanged}


def _chunks(file: BinaryIO, length: int) -> Iterator[bytes]:
    left = length
    while left:
        chunk = file.read(min(left, CHUNK))
        if not chunk:
            raise OSError("the spooled mail is shorter than it was")
        left -= len(chunk)
        yield chunk
