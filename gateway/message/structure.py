"""The structure of a mail: which parts it has, and where they lie (RFC 2046 section 5.1).

Works on offsets into the mail and copies no body. Boundary lines are looked for by one search over the whole of each
multipart, so time is linear in size and depth, whatever the mail is made of.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.message.header import Header, read_header
from gateway.message.limits import DEPTH, HEADER_OCTETS, PARTS
from gateway.message.mail import RefusedError
from gateway.message.parameters import Field, read_field
from gateway.message.spooled import Spooled

EMBEDDED = ("message/rfc822", "message/global")
"""Whole mails inside a mail."""

_TRANSPARENT = ("", "7bit", "8bit", "binary")


@dataclass(frozen=True, slots=True)
class Entity:
    """A mail, or a part of one: its header, where its body lies, and the parts inside (RFC 2045 section 2.4)."""

    header: Header
    content_type: Field
    start: int  #: where the body begins, in octets from the beginning of the mail
    end: int  #: where it ends
    children: tuple["Entity", ...]
    depth: int  #: how many it lies in, itself included

    @property
    def type(self) -> str:
        """The media type in lower case, such as "text/plain"."""
        return self.content_type.value


class Scan:
    """Finds the parts of a mail, and those of the mails that are unpacked from it; counts them all."""

    def __init__(self, mail: Spooled) -> None:
        self._mail = mail
        self._parts = 0

    def entity(self, start: int, end: int, depth: int = 1, usual: str = "text/plain") -> Entity:
        """Read what lies between two places.

        Args:
            start: where its header begins.
            end: where its body ends.
            depth: how many it lies in, itself included.
            usual: its type if it does not say.

        Raises:
            RefusedError: there are too many parts, too deep inside each other, or with headers that are too long.
        """
        self.count(depth)
        header, size = read_header(self._mail.octets[start : min(end, start + HEADER_OCTETS)], end - start)
        content_type = read_field(header.get("content-type") or usual)
        body = start + size
        children = tuple(self._children(header, content_type, body, end, depth))
        return Entity(header, content_type, body, end, children, depth)

    def count(self, depth: int) -> None:
        """Count a part.

        Raises:
            RefusedError: it is one too many, or too deep inside others.
        """
        self._parts += 1
        if depth > DEPTH:
            raise RefusedError(554, "5.6.0", f"this mail has parts more than {DEPTH} deep inside each other")
        if self._parts > PARTS:
            raise RefusedError(554, "5.6.0", f"this mail has more than {PARTS} parts")

    def _children(self, header: Header, content_type: Field, start: int, end: int, depth: int) -> Iterator[Entity]:
        if content_type.value in EMBEDDED and transfer_encoding(header) in _TRANSPARENT:
            yield self.entity(start, end, depth + 1, "text/plain")
        boundary = content_type.parameters.get("boundary", "").rstrip()
        if content_type.value.startswith("multipart/") and boundary:
            usual = "message/rfc822" if content_type.value == "multipart/digest" else "text/plain"
            for child_start, child_end in self._between(boundary, start, end):
                yield self.entity(child_start, child_end, depth + 1, usual)

    def _between(self, boundary: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where the parts lie that a boundary separates.

        The last one may lack its closing boundary. Parts after a closing boundary count: programs that wrap a
        mail use its boundary again, and no page may be lost.
        """
        opened: int | None = None
        for line in _delimiter(boundary).finditer(self._mail.octets, max(start - 1, 0), end):
            if opened is not None:
                yield opened, max(opened, self._before_line_end(line.start()))
            opened = None if line[1] else min(line.end() + 1, end)
        if opened is not None:
            yield opened, end

    def _before_line_end(self, line_feed: int) -> int:
        """The line break before a boundary belongs to the boundary."""
        return line_feed - 1 if self._mail.octets[line_feed - 1 : line_feed] == b"\r" else line_feed


def transfer_encoding(header: Header) -> str:
    """The declared content transfer encoding, in lower case, without what devices write around it."""
    match = re.match(r"[\s\"']*([a-z0-9_-]*)", header.get("content-transfer-encoding").lower())
    return match[1] if match else ""


def _delimiter(boundary: str) -> re.Pattern[bytes]:
    written = re.escape(boundary.encode("utf-8", "replace"))
    # It begins with the line feed before it: a body always follows one, and a search for a fixed text is fast.
    return re.compile(rb"\n--" + written + rb"(--)?[ \t]*\r?(?=\n|\Z)")
