"""Fields with parameters, such as `Content-Type` (RFC 2045 section 5.1, RFC 2231), read as devices write them."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.message.words import decode_charset, decode_words

# The semicolon before a parameter is often missing, the space after it too.
_PARAMETER = re.compile(r'[;\s]\s*+([^\s=;"]++)\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^;]*+)', re.DOTALL)
_PIECE = re.compile(r"([^*]+)(?:\*([0-9]{1,4}))?(\*)?")
_QUOTED_PAIR = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Field:
    """A field's first word in lower case, and its parameters, decoded."""

    value: str
    parameters: dict[str, str]


def read_field(text: str) -> Field:
    """Read a field with parameters.

    Args:
        text: the field's value on one line, without double spaces (which would be slow to look at).
    """
    value = re.split(r"[;\s]", text, maxsplit=1)[0]
    written: dict[str, str] = {}
    for name, content in _PARAMETER.findall(text.removeprefix(value)):
        written.setdefault(name.lower(), content)
    return Field(value.lower(), _decoded(written))


def _decoded(written: dict[str, str]) -> dict[str, str]:
    """Join what RFC 2231 split, and decode; the extended form of a name goes before its plain form."""
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    plain: dict[str, str] = {}
    for name, content in written.items():
        match = _PIECE.fullmatch(name)
        if match is None or match[2] is match[3] is None:
            plain[name] = decode_words(_unquoted(content))
        else:
            pieces.setdefault(match[1], []).append((int(match[2] or 0), match[3] is not None, _unquoted(content)))
    return plain | {name: _joined(sorted(found)) for name, found in pieces.items()}


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    charset = "utf-8"
    octets = b""
    for place, (_, extended, content) in enumerate(pieces):
        text = content
        if place == 0 and extended and content.count("'") >= 2:  # noqa: PLR2004  # charset'language'text
            charset, _, text = content.split("'", 2)
        octets += unquote_to_bytes(text) if extended else text.encode()
    return decode_charset(octets, charset)


def _unquoted(content: str) -> str:
    """Take the quotes off. A backslash before anything else than a quote is a path of Windows."""
    text = content.strip()
    if text.startswith('"'):
        text = text[1:].removesuffix('"')
    return _QUOTED_PAIR.sub(r"\1", text)
