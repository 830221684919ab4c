"""Files in uuencode: found in a text, and decoded octet for octet."""

import binascii

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.message.mail import DamagedError
from gateway.message.uuencode import begins, decode, is_uuencode, read_uuencode
from tests.packing import in_memory, uuencoded

PDF = b"%PDF-1.4\nletter\n%%EOF\n" * 10


def files(text: bytes) -> list[tuple[bytes, bytes]]:
    """What is in a text."""
    mail = in_memory(text)
    return [(block.name, b"".join(decode(mail, block))) for block in read_uuencode(text, 0, len(text))]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("backtick", [True, False])
def test_several(line_end: bytes, *, backtick: bool) -> None:
    """Several files stand in a text, with zeros written as either character."""
    text = (
        b"Hello\n\n" + uuencoded(b"a b.pdf", PDF, backtick=backtick) + b"and\n" + uuencoded(b"c", b"II*\0" + bytes(90))
    )

    assert [(b"a b.pdf", PDF), (b"c", b"II*\0" + bytes(90))] == files(text.replace(b"\n", line_end))


def test_spaces_lost() -> None:
    """Spaces at the end of a line, which stand for zeros, may have been lost on the way; a check may follow instead."""
    text = uuencoded(b"a", b"II*\0" + bytes(90), backtick=False)
    empty = text.replace(b"`\nend", b"\nend")
    stripped = b"\n".join(line.rstrip() for line in text.split(b"\n"))
    checked = b"\n".join(line + b"!" if line[:1] == b"M" else line for line in text.split(b"\n"))

    assert files(text) == files(stripped) == files(checked) == files(empty)


def test_what_means_nothing() -> None:
    """A line's last group may end in anything: only as many octets count as the line says."""

    assert [(b"a", b"II*\0")] == files(b"begin 644 a\n$24DJ``@@\n`\nend\n")


@pytest.mark.parametrize(
    "text",
    [
        b"A file begins with\nbegin 644 name\nand ends with\nend\n",
        b"begin 644 a.pdf\nshort\n",
        b"xbegin 644 a.pdf\nM5%!$1BTQ\n",
        b"begin 999 a.pdf\nM5%!$1BTQ\n",
        b"begin 644\nM5%!$1BTQ\n",
        b"",
    ],
)
def test_text(text: bytes) -> None:
    """Text about such files is no such file."""

    assert [] == files(text)
    assert not begins(iter([text]))


@pytest.mark.parametrize(
    "text",
    [
        uuencoded(b"a.pdf", PDF)[:-6],
        uuencoded(b"a.pdf", PDF)[:-5] + b"regards\nend\n",
        uuencoded(b"a.pdf", PDF)[:100] + b"\n" + uuencoded(b"b.pdf", PDF),
        uuencoded(b"a.pdf", PDF).replace(b"\n", b"\nM" + b"#" * 100, 2),
    ],
)
def test_damaged(text: bytes) -> None:
    """A file that breaks off, or has a line that cannot be one of its own, is damaged."""
    with pytest.raises(DamagedError):
        files(text)


def test_begins_across_chunks() -> None:
    """The beginning is found wherever the text was cut, and not where a line only seems to begin."""
    text = b"Hello\n" * 200 + uuencoded(b"a.pdf", PDF)
    false = b"x" * 600 + b"begin 644 a\n" + b"M" + b"!" * 60

    assert all(begins(iter([text[:cut], text[cut:]])) for cut in range(0, len(text), 7))
    assert not any(begins(iter([false[:cut], false[cut:]])) for cut in range(0, len(false), 3))


def test_names_of_the_encoding() -> None:
    """It goes by several names."""

    assert [True, True, False, False] == [is_uuencode(name) for name in ("x-uuencode", "uuencode", "base64", "")]


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=3, max_size=500), st.booleans(), st.integers(1, 45))
def test_round_trip(content: bytes, backtick: bool, width: int) -> None:  # noqa: FBT001  # hypothesis hands it over
    """What binascii writes comes out again, whatever the length of the lines."""
    pieces = [content[at : at + width] for at in range(0, len(content), width)]
    lines = [binascii.b2a_uu(piece, backtick=backtick) for piece in pieces]

    assert [(b"a", content)] == files(b"begin 644 a\n" + b"".join(lines) + b"`\nend\n")
