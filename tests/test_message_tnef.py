"""Attachments in a winmail.dat, compared with what the tnefparse package finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tnefparse import TNEF  # type: ignore[import-untyped]  # it has no types

from gateway.message.mail import DamagedError
from gateway.message.tnef import read_tnef
from tests.packing import MAIL_OBJECT, tnef, tnef_attribute, tnef_file, tnef_name, tnef_property

PDF = b"%PDF-1.4\nletter\n%%EOF\n"


def files(octets: bytes) -> list[tuple[str, bytes]]:
    """What is in such a file."""
    return [(file.title, octets[file.start : file.end]) for file in read_tnef(octets, 0, len(octets))]


def test_names() -> None:
    """The long name counts, then the short one, then the title, each in its own charset."""
    long = tnef_file(PDF, properties=(tnef_property(0x1E, 0x3704, b"SHORT.PDF\0"), tnef_name("Rechnung Müller.pdf")))
    short = tnef_file(PDF, properties=(tnef_property(0x1E, 0x3704, "größe.pdf\0".encode("cp850")),))
    title = tnef_file(PDF, title="größe.tif\0".encode("cp850"))

    found = files(tnef(long, short, title, code_page=850))

    assert [("Rechnung Müller.pdf", PDF), ("größe.pdf", PDF), ("größe.tif", PDF)] == found


def test_properties_of_every_kind() -> None:
    """Properties that mean nothing here are passed over, whatever their size."""
    fixed = [
        tnef_property(kind, 0x0E20, bytes(size))
        for kind, size in {0x02: 2, 0x0B: 2, 0x03: 4, 0x40: 8, 0x48: 16}.items()
    ]
    several = b"\x03\x10\x01\x0e" + (3).to_bytes(4, "little") + bytes(12)
    named = bytes(16) + (1).to_bytes(4, "little") + (6).to_bytes(4, "little") + b"a\0b\0c\0\0\0"
    numbered = bytes(16) + bytes(4) + bytes(4)
    odd = (several, tnef_property(0x1E, 0x8001, b"x\0", named), tnef_property(0x03, 0x8002, bytes(4), numbered))

    found = files(tnef(tnef_file(PDF, properties=(*fixed, *odd, tnef_name("a.pdf")))))

    assert [("a.pdf", PDF)] == found


@pytest.mark.parametrize("padding", [b"", b"\0\0", b"\r\n", b"\0" * 15])
def test_padding(padding: bytes) -> None:
    """What gateways add behind the file is no part of it."""

    assert [("a.pdf", PDF)] == files(tnef(tnef_file(PDF, title=b"a.pdf\0")) + padding)


def test_mail_inside() -> None:
    """A mail inside the mail is a file in this same format."""
    inner = tnef(tnef_file(PDF, title=b"a.pdf\0"))
    outer = tnef(tnef_file(b"", title=b"Offer\0", properties=(tnef_property(0x0D, 0x3701, MAIL_OBJECT + inner),)))

    assert [("Offer", inner)] == files(outer)
    assert [("a.pdf", PDF)] == files(inner)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x78\x9f\x3e",
        b"%PDF-1.4",
        tnef() + b"trailing text that is no attribute",
        tnef() + tnef_attribute(2, 0x00069002, b"x")[:-1],
        tnef(tnef_file(PDF, properties=(tnef_property(0x77, 0x3707, b""),))),
        tnef(tnef_file(PDF, properties=(tnef_name("a.pdf")[:-8],))),
        tnef(tnef_attribute(2, 0x00069002, b""), tnef_attribute(2, 0x00069005, b"\xff\xff\xff\xff")),
        tnef(*[tnef_attribute(1, 0x0002800C, b"")] * 13_000),
    ],
    ids=range(9),
)
def test_damaged(octets: bytes) -> None:
    """What breaks off, says less than it claims, or never ends is damaged: a file could be missing."""
    with pytest.raises(DamagedError):
        read_tnef(octets, 0, len(octets))


def test_nothing_is_lost_in_silence() -> None:
    """Cut anywhere, it is damaged, or what it holds is whole or visibly empty."""
    octets = tnef(tnef_file(PDF, properties=(tnef_name("a.pdf"),)), tnef_file(b"II*\0", title=b"b.tif\0"))
    damaged = 0
    for cut in range(len(tnef()) + 1, len(octets)):
        try:
            found = files(octets[:cut])
        except DamagedError:
            damaged += 1
            continue

        assert all(content in {PDF, b"II*\0", b""} for _, content in found)
        assert 1 <= len(found) <= 2

    assert damaged > 150


names = st.text(st.characters(codec="cp1252", categories=("L", "N")), min_size=1, max_size=20).map("{}.pdf".format)
contents = st.binary(min_size=1, max_size=300)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(names, contents), max_size=4))
def test_like_tnefparse(expected: list[tuple[str, bytes]]) -> None:
    """The same files come out as with another program that reads this format."""
    octets = tnef(*(tnef_file(content, properties=(tnef_name(name),)) for name, content in expected))

    assert expected == files(octets)
    assert expected == [(one.long_filename(), one.data) for one in TNEF(octets).attachments]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_anything(tail: bytes) -> None:
    """Whatever follows the signature, places inside the file come out, or it is damaged."""
    octets = b"\x78\x9f\x3e\x22\0\0" + tnef_attribute(2, 0x00069002, b"") + tail
    try:
        found = read_tnef(octets, 0, len(octets))
    except DamagedError:
        return

    assert all(0 <= file.start <= file.end <= len(octets) for file in found)
