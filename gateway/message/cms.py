"""The content of an opaque S/MIME signature (RFC 8551 section 3.5, RFC 5652 section 5): found, not checked.

Only places are returned and nothing is copied: the asn1crypto package holds a signed mail several times in memory.
Nobody relies on the signature here; who may fax is said by the sender rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from gateway.message.mail import DamagedError
from gateway.message.spooled import Octets

_PKCS = bytes.fromhex("2a864886f70d01")
_SIGNED = _PKCS + b"\x07\x02"
_ENCRYPTED = (_PKCS + b"\x07\x03", _PKCS + b"\x07\x04", _PKCS + b"\x07\x06", _PKCS + b"\x09\x10\x01\x17")
_COMPRESSED = _PKCS + b"\x09\x10\x01\x09"

_OCTETS, _OID, _SEQUENCE, _CONTENT, _OCTETS_IN_PIECES = 0x04, 0x06, 0x30, 0xA0, 0x24
_INDEFINITE = 0x80
_LENGTH = 4  # octets that a length may have
_PIECES = 1_000_000


class Sealed(Enum):
    """What such a part is, when nothing in it can be read."""

    ENCRYPTED = "encrypted"
    COMPRESSED = "compressed"
    BARE = "bare"  #: a signature or certificates without any content


@dataclass(frozen=True, slots=True)
class _Element:
    """An element of ASN.1 in BER; without a definite length it ends, at most, where what it stands in ends."""

    tag: int
    start: int
    end: int
    definite: bool


def read_cms(octets: Octets, start: int, end: int) -> Iterator[tuple[int, int]] | Sealed:
    """Find what was signed: the places of its pieces in their order, or why there is none to read.

    Raises:
        DamagedError: it breaks off, or is something else; also while the pieces are looked through.
    """
    outer = _element(octets, start, end, _SEQUENCE)
    kind = _element(octets, outer.start, outer.end, _OID)
    oid = octets[kind.start : kind.end]
    if oid in _ENCRYPTED:
        return Sealed.ENCRYPTED
    if oid == _COMPRESSED:
        return Sealed.COMPRESSED
    if oid != _SIGNED:
        raise DamagedError
    return _content(octets, _element(octets, kind.end, outer.end, _CONTENT)) or Sealed.BARE


def _content(octets: Octets, explicit: _Element) -> Iterator[tuple[int, int]] | None:
    signed = _element(octets, explicit.start, explicit.end, _SEQUENCE)
    version = _element(octets, signed.start, signed.end)
    digests = _element(octets, version.end, signed.end)
    inner = _element(octets, _behind(octets, digests), signed.end, _SEQUENCE)
    kind = _element(octets, inner.start, inner.end, _OID)
    if kind.end == inner.end or octets[kind.end] != _CONTENT:
        return None
    wrapped = _element(octets, kind.end, inner.end, _CONTENT)
    content = _element(octets, wrapped.start, wrapped.end)
    if content.tag == _OCTETS:
        return iter([(content.start, content.end)])
    if content.tag == _OCTETS_IN_PIECES:
        return ((piece.start, piece.end) for piece in _inside(octets, content, _OCTETS))
    raise DamagedError


def _element(octets: Octets, at: int, end: int, tag: int | None = None) -> _Element:
    """Read one element's head; its content, where a length is given, lies whole before `end`."""
    head = octets[at : min(end, at + 2 + _LENGTH)]
    if len(head) < 2 or head[0] & 0x1F == 0x1F or (tag is not None and head[0] != tag):  # noqa: PLR2004  # tag and length
        raise DamagedError
    if head[1] == _INDEFINITE:
        return _Element(head[0], at + 2, end, definite=False)
    more = head[1] & 0x7F if head[1] & 0x80 else 0
    length = int.from_bytes(head[2 : 2 + more]) if more else head[1]
    start = at + 2 + more
    if more > _LENGTH or start + length > end:
        raise DamagedError
    return _Element(head[0], start, start + length, definite=True)


def _inside(octets: Octets, outer: _Element, tag: int | None = None) -> Iterator[_Element]:
    """The elements in one, which must be of that kind, to its end."""
    at = outer.start
    for _ in range(_PIECES):
        if outer.definite and at == outer.end:
            return
        if not outer.definite and octets[at : min(outer.end, at + 2)] == b"\0\0":
            return
        element = _element(octets, at, outer.end, tag)
        if not element.definite:
            raise DamagedError
        yield element
        at = element.end
    raise DamagedError


def _behind(octets: Octets, element: _Element) -> int:
    """Where the next one begins."""
    if element.definite:
        return element.end
    last = element.start
    for inner in _inside(octets, element):
        last = inner.end
    return last + 2
