"""The header of a mail or of one of its parts: where it ends, and its fields (RFC 5322 section 2.2).

Header and body must be told apart in the same way wherever it matters, so the fields are found here while their
end is looked for. The email package is not used: its parsers take minutes over headers that are made for that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.message.limits import FIELD_OCTETS, HEADER_LINES, HEADER_OCTETS
from gateway.message.mail import RefusedError

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")


@dataclass(frozen=True, slots=True)
class Header:
    """Header fields in their order: names in lower case, values as they are, still folded."""

    fields: tuple[tuple[str, bytes], ...]

    def get(self, name: str) -> str:
        """The first field of that name on one line, or an empty text."""
        return next((_on_one_line(value) for key, value in self.fields if key == name), "")

    def count(self, name: str) -> int:
        """How many fields have that name."""
        return sum(key == name for key, _ in self.fields)

    def names(self) -> set[str]:
        """The names of all fields."""
        return {name for name, _ in self.fields}


def read_header(mail: bytes, at_most: int) -> tuple[Header, int]:
    """Read the header that a mail or part begins with.

    It ends at an empty line, or before a line that cannot belong to it.

    Args:
        mail: its beginning.
        at_most: how long the whole of it is; `mail` need not hold all.

    Returns:
        The header, and where the body begins.

    Raises:
        RefusedError: it is too long.
    """
    reading = _Reading()
    position = 0
    for line in _lines(mail):
        if not line.strip(b"\r\n"):
            position += len(line)
            break
        if not reading.take(line):
            break
        position += len(line)
    else:
        if at_most > len(mail):
            raise _too_long()
    return reading.header(), position


@dataclass(slots=True)
class _Reading:
    names: list[str] = field(default_factory=list)
    values: list[list[bytes]] = field(default_factory=list)
    lines: int = 0
    octets: int = 0

    def take(self, line: bytes) -> bool:
        """Take a line that belongs to the header; False if it does not."""
        if line[:1] in {b" ", b"\t"}:
            taken = self._fold(line)
        elif line.startswith((b"From ", b">From ")):
            taken = True  # an envelope line that a mailbox file left behind
        else:
            taken = self._begin(line)
        if taken:
            self._count(line)
        return taken

    def header(self) -> Header:
        return Header(tuple(zip(self.names, map(b"".join, self.values), strict=True)))

    def _begin(self, line: bytes) -> bool:
        match = _FIELD.match(line)
        if match is None:
            return False
        self.names.append(match[1].decode("ascii").lower())
        self.values.append([line[match.end() :]])
        self.octets = 0
        return True

    def _fold(self, line: bytes) -> bool:
        if not self.values:
            return False
        self.values[-1].append(line)
        return True

    def _count(self, line: bytes) -> None:
        self.lines += 1
        self.octets += len(line)
        if self.lines > HEADER_LINES or self.octets > FIELD_OCTETS:
            raise _too_long()


def _lines(text: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(text):
        end = text.find(b"\n", position) + 1 or len(text)
        yield text[position:end]
        position = end


def _on_one_line(value: bytes) -> str:
    return " ".join(to_text(value).split())


def to_text(value: bytes) -> str:
    """Octets that nobody declared: UTF-8 as in RFC 6532, or else what old Windows programs write."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _too_long() -> RefusedError:
    return RefusedError(
        554,
        "5.6.0",
        f"a header of this mail is too long: at most {HEADER_OCTETS // 1024} kB, {HEADER_LINES} lines,"
        f" {FIELD_OCTETS // 1024} kB in one field",
    )
