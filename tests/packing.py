"""Mails to read in tests: where unpacked octets go, and containers as foreign programs make them."""

import binascii
from collections.abc import Callable, Iterable
from pathlib import Path

from gateway.message.spooled import Spooled


def appending(path: Path) -> Callable[[Iterable[bytes]], tuple[int, int]]:
    """Puts octets behind a mail as a draft does."""

    def append(chunks: Iterable[bytes]) -> tuple[int, int]:
        begin = path.stat().st_size
        with path.open("ab") as file:
            for chunk in chunks:
                file.write(chunk)
        return begin, path.stat().st_size - begin

    return append


def in_memory(octets: bytes) -> Spooled:
    """A mail that lies in no file."""
    whole = bytearray(octets)

    def extend(chunks: Iterable[bytes]) -> bytes:
        whole.extend(b"".join(chunks))
        return bytes(whole)

    return Spooled(octets, extend)


def tnef(*files: bytes, code_page: int = 1252) -> bytes:
    """A winmail.dat with these attachments; see `tnef_file`."""
    version = tnef_attribute(1, 0x00089006, (0x10000).to_bytes(4, "little"))
    page = tnef_attribute(1, 0x00069007, code_page.to_bytes(4, "little") + bytes(4))
    body = tnef_attribute(1, 0x0002800C, b"See attached\0")
    return b"\x78\x9f\x3e\x22\x01\x00" + version + page + body + b"".join(files)


def tnef_file(content: bytes, *, title: bytes = b"SHORT~1.PDF\0", properties: tuple[bytes, ...] = ()) -> bytes:
    """An attachment in a winmail.dat."""
    listed = len(properties).to_bytes(4, "little") + b"".join(properties)
    return (
        tnef_attribute(2, 0x00069002, b"\x01\0" + b"\xff" * 4 + bytes(8))
        + tnef_attribute(2, 0x00018010, title)
        + (tnef_attribute(2, 0x0006800F, content) if content else b"")
        + tnef_attribute(2, 0x00069005, listed)
    )


def tnef_attribute(level: int, attribute: int, content: bytes) -> bytes:
    """One attribute with its checksum."""
    head = bytes([level]) + attribute.to_bytes(4, "little") + len(content).to_bytes(4, "little")
    return head + content + (sum(content) & 0xFFFF).to_bytes(2, "little")


def tnef_property(kind: int, property_: int, value: bytes, name: bytes = b"") -> bytes:
    """One property: of a fixed size, or one value of any size."""
    head = kind.to_bytes(2, "little") + property_.to_bytes(2, "little") + name
    if kind in {0x0D, 0x1E, 0x1F, 0x102}:
        head += (1).to_bytes(4, "little") + len(value).to_bytes(4, "little")
    return head + value + bytes(-len(value) % 4)


def tnef_name(name: str) -> bytes:
    """A long file name in Unicode."""
    return tnef_property(0x1F, 0x3707, f"{name}\0".encode("utf-16-le"))


MAIL_OBJECT = bytes.fromhex("0703020000000000c000000000000046")
"""What a mail inside a winmail.dat begins with."""


def uuencoded(name: bytes, content: bytes, *, backtick: bool = True) -> bytes:
    """A file in uuencode."""
    pieces = [content[at : at + 45] for at in range(0, len(content), 45)]
    lines = b"".join(binascii.b2a_uu(piece, backtick=backtick) for piece in pieces)
    return b"begin 644 " + name + b"\n" + lines + b"`\nend\n"


def signed(content: bytes, *, in_pieces: bool = False) -> bytes:
    """An opaque signature, without signers; in pieces and without lengths as programs write it that do not know any."""
    if in_pieces:
        pieces = [content[at : at + 100] for at in range(0, len(content), 100)]
        inside = b"".join(b"\x04" + bytes([len(piece)]) + piece for piece in pieces)
        head = "308006092a864886f70d010702a0803080020101318000003080" + "06092a864886f70d010701" + "a0802480"
        return bytes.fromhex(head) + inside + bytes(14)
    data = bytes.fromhex("06092a864886f70d010701") + _der(0xA0, _der(0x04, content))
    fields = bytes.fromhex("0201013100") + _der(0x30, data) + bytes.fromhex("3100")
    return _der(0x30, bytes.fromhex("06092a864886f70d010702") + _der(0xA0, _der(0x30, fields)))


def _der(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x84]) + len(content).to_bytes(4) + content


def split(mail: bytes, count: int, id: str = "1@device") -> list[bytes]:
    """A mail in so many pieces, divided between lines (RFC 2046 section 5.2.2); the total is told by the last alone."""
    header, empty, body = mail.partition(b"\r\n\r\n")
    lines = body.splitlines(keepends=True)
    share = -(-len(lines) // count)
    shares = [b"".join(lines[share * n : share * (n + 1)]) for n in range(count)]
    shares[0] = header + empty + shares[0]
    pieces = []
    for number, content in enumerate(shares, start=1):
        total = f"; total={count}" if number == count else ""
        head = (
            f"From: <scanner@example.org>\r\nSubject: part [{number}/{count}]\r\nMessage-ID: <{number}@device>\r\n"
            f'MIME-Version: 1.0\r\nContent-Type: message/partial;\r\n\tid="{id}"; number={number}{total}\r\n\r\n'
        )
        pieces.append(head.encode() + content)
    return pieces
