"""Where a header ends, and which fields it has."""

import pytest

from gateway.message.header import read_header, to_text
from gateway.message.limits import FIELD_OCTETS, HEADER_LINES, HEADER_OCTETS
from gateway.message.mail import RefusedError


@pytest.mark.parametrize(
    ("mail", "body"),
    [
        (b"A: b\r\n\r\nbody", b"body"),
        (b"A: b\n\nbody", b"body"),
        (b"A: b\r\nno field\r\n\r\nbody", b"no field\r\n\r\nbody"),
        (b"\r\nA: b\r\n", b"A: b\r\n"),
        (b" A: b\r\n\r\nbody", b" A: b\r\n\r\nbody"),
        (b"A: b", b""),
        (b"A: b\r\n", b""),
        (b"", b""),
        (b"A b: c\r\n\r\n", b"A b: c\r\n\r\n"),
    ],
)
def test_end(mail: bytes, body: bytes) -> None:
    """The body begins behind an empty line, or with the first line that is no field."""
    _, start = read_header(mail, len(mail))

    assert body == mail[start:]


def test_fields() -> None:
    """Names count in any case, the first of several wins, and folded lines become one."""
    mail = b"From alice Mon Jan 1\r\nSubject :a\r\n\tb\r\n c  d\r\nX:\xfc\r\n>From bob\r\nSUBJECT: e\r\n\r\n"

    header, _ = read_header(mail, len(mail))

    assert "a b c d" == header.get("subject")
    assert "ü" == header.get("x")
    assert "" == header.get("y")
    assert 2 == header.count("subject")
    assert {"subject", "x"} == header.names()


@pytest.mark.parametrize(
    ("inside", "beyond"),
    [
        (b"A: b\r\n" * HEADER_LINES, b"A: b\r\n" * (HEADER_LINES + 1)),
        (b"A:" + b"b" * (FIELD_OCTETS - 4) + b"\r\n", b"A:" + b"b" * (FIELD_OCTETS - 3) + b"\r\n"),
        (b"A:\r\n" + b" b\r\n" * 100, b"A:\r\n" + b" b\r\n" * HEADER_LINES),
    ],
    ids=["lines", "octets of a field", "folded lines"],
)
def test_limits(inside: bytes, beyond: bytes) -> None:
    """The largest header is read, one octet or line more refused."""
    header, _ = read_header(inside + b"\r\n", len(inside) + 2)

    assert {"a"} == header.names()
    with pytest.raises(RefusedError) as refusal:
        read_header(beyond + b"\r\n", len(beyond) + 2)
    assert (554, "5.6.0") == (refusal.value.code, refusal.value.enhanced)


def test_too_long_altogether() -> None:
    """A header that goes on behind the window that is looked at is refused."""
    window = (b"A: " + b"b" * 1019 + b"\r\n") * (HEADER_OCTETS // 1024)

    assert HEADER_OCTETS == len(window)
    with pytest.raises(RefusedError):
        read_header(window, len(window) + 1)


def test_undeclared_octets() -> None:
    """UTF-8 is tried first, then what Windows writes; nothing is ever an error."""

    assert "Größe" == to_text("Größe".encode())
    assert "“Größe”" == to_text("“Größe”".encode("cp1252"))
    assert "\ufffd\ufffd" == to_text(b"\x81\x8d")
