"""Text in header fields: encoded words (RFC 2047), charsets, and making foreign text safe to show."""

import binascii
import re
from encodings.aliases import aliases

from gateway.message.encoding import from_base64
from gateway.message.header import to_text

_NEIGHBOURS = re.compile(r"=\?[^?\s]{1,80}\?[bq]\?[^?]*\?=(?:\s*=\?[^?\s]{1,80}\?[bq]\?[^?]*\?=)*", re.IGNORECASE)
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bq])\?([^?]*)\?=", re.IGNORECASE)

# Only these are looked up: Python remembers every name that it is asked for, and has codecs that are no charsets.
_CHARSETS = frozenset(aliases) | frozenset(aliases.values())


def decode_words(text: str) -> str:
    """Decode the encoded words in a text, wherever they stand; programs put them even inside quotes.

    White space between neighbours is no part of the text (RFC 2047 section 6.2). Neighbours of the same charset are
    joined before decoding, since many programs break a line in the middle of a character.
    """
    return _NEIGHBOURS.sub(lambda match: _decode_neighbours(match[0]), text)


def _decode_neighbours(text: str) -> str:
    joined: list[tuple[str, bytes]] = []
    for charset, encoding, encoded in _WORD.findall(text):
        name = charset.partition("*")[0].lower()  # RFC 2231 section 5 adds a language
        octets = _octets(encoding, encoded)
        if joined and joined[-1][0] == name:
            joined[-1] = (name, joined[-1][1] + octets)
        else:
            joined.append((name, octets))
    return "".join(decode_charset(octets, name) for name, octets in joined)


def _octets(encoding: str, encoded: str) -> bytes:
    raw = encoded.encode()
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    return b"".join(from_base64(iter([raw])))


def decode_charset(octets: bytes, charset: str) -> str:
    """Decode with the charset that a mail names, or by guess if there is no such charset."""
    if re.sub(r"[^a-z0-9]+", "_", charset.lower()) not in _CHARSETS:
        return to_text(octets)
    try:
        return octets.decode(charset, "replace")
    except (LookupError, ValueError):
        return to_text(octets)


def one_line(text: str, longest: int) -> str:
    """Make foreign text safe to show: one line, without controls, not longer than so many characters."""
    visible = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return visible if len(visible) <= longest else visible[: longest - 1] + "…"
