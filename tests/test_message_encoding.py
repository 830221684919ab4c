"""Decoding in chunks, and telling which encoding a body really has."""

import base64
import binascii
import quopri
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.message import Part, decoded
from gateway.message.encoding import CHUNK, base64_end, from_base64, from_quoted_printable, settle
from gateway.submission import Kind
from tests.values import a_document

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
cuts = st.lists(st.integers(0, 400), max_size=6).map(sorted)


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    """The octets in pieces, as a file may give them."""
    return [octets[start:end] for start, end in zip([0, *places], [*places, len(octets)], strict=True)]


@quick
@given(st.binary(max_size=300), cuts, st.sampled_from([b"\r\n", b"\n", b" \r\n", b"", b"!\r\n\r\n"]))
def test_base64(octets: bytes, places: list[int], line_end: bytes) -> None:
    """Base64 comes out the same wherever its lines and chunks end, whatever foreign characters stand between."""
    encoded = base64.encodebytes(octets).replace(b"\n", line_end)

    assert octets == b"".join(from_base64(iter(cut(encoded, places))))
    assert octets == b"".join(from_base64(iter(cut(encoded.replace(b"=", b""), places))))


@quick
@example(b"\x00", [2], b"\n")  # a first chunk that is shorter than an escape
@given(st.binary(max_size=300), cuts, st.sampled_from([b"\r\n", b"\n"]))
def test_quoted_printable(octets: bytes, places: list[int], line_end: bytes) -> None:
    """Quoted-printable comes out the same wherever its chunks end."""
    encoded = binascii.b2a_qp(octets, istext=False).replace(b"=\n", b"=" + line_end)

    assert octets == b"".join(from_quoted_printable(iter(cut(encoded, places))))


def test_quoted_printable_after_transport() -> None:
    """White space that transport added at line ends is not part of the text (RFC 2045 section 6.7, rule 3)."""

    assert b"one\r\ntwo three" == b"".join(from_quoted_printable(iter([b"one \t\r\ntwo=20=  \r\nthree"])))


def test_a_single_letter_over() -> None:
    """Base64 that breaks off after a letter that says nothing yet loses nothing else."""

    assert [b"abc", b""] == list(from_base64(iter([b"YWJjY"])))


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "identity"])
@pytest.mark.parametrize("of_a_submission", [True, False])
def test_decoded_where_it_lies(tmp_path: Path, encoding: str, *, of_a_submission: bool) -> None:
    """What lies between two offsets is decoded, of a mail's part and of a submission's document alike."""
    content = b"%PDF-" + bytes(range(256)) * 8000
    encoded = {
        "base64": base64.encodebytes(content),
        "quoted-printable": quopri.encodestring(content, quotetabs=True).replace(b"\r", b"=0D"),
        "identity": content,
    }[encoding]
    path = tmp_path / "mail.eml"
    path.write_bytes(b"before" + encoded + b"behind")
    place = {"offset": 6, "length": len(encoded), "encoding": encoding}

    found = b"".join(
        decoded(path, a_document(**place) if of_a_submission else Part("a.pdf", Kind.PDF, 6, len(encoded), encoding))
    )

    assert content == found


def test_file_became_shorter(tmp_path: Path) -> None:
    """Half a document is an error, not a document."""
    path = tmp_path / "mail.eml"
    path.write_bytes(b"YWJj")

    with pytest.raises(OSError, match="shorter"):
        list(decoded(path, Part("a.pdf", Kind.PDF, 0, 5, "base64")))


def test_memory_does_not_depend_on_size(tmp_path: Path) -> None:
    """Sixteen megabytes are decoded within the space of a few chunks."""
    path = tmp_path / "mail.eml"
    path.write_bytes(base64.b64encode(bytes(3 * 2**22)))
    part = Part("a.pdf", Kind.PDF, 0, 2**24, "base64")

    tracemalloc.start()
    size = sum(map(len, decoded(path, part)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 3 * 2**22 == size
    assert peak < 6 * CHUNK


@pytest.mark.parametrize(
    ("declared", "head", "expected"),
    [
        ("base64", b"SGVsbG8=", "base64"),
        ("quoted-printable", b"=25PDF-1.4", "quoted-printable"),
        ("quoted-printable", b"%PDF-1.4=0A", "quoted-printable"),
        ("", b"Hello", "identity"),
        ("8bit", b"%PDF-1.4", "identity"),
        ("x-unheard-of", b"Hello", "identity"),
        ("7bit", b"\r\nJVBERi0xLjQK", "base64"),
        ("", b"SUkqAAgAAAA", "base64"),
        ("binary", b"TU0AKgAAAAg", "base64"),
        ("base64", b"%PDF-1.4", "identity"),
        ("base64", b"II*\0\x08\0", "identity"),
        ("base64", b"MM\0*\0\0", "identity"),
    ],
)
def test_settle(declared: str, head: bytes, expected: str) -> None:
    """What the bytes are goes before what the header says."""

    assert expected == settle(declared, head)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"YWJj\r\nYWJj\r\n", 12),
        (b"YWJj\r\nYWI=\r\n\r\nA footer", 11),
        (b"YWJj\r\nYQ==\r\n", 10),
        (b"YWJj\r\nYWJj\r\n\r\n-- \r\nA footer\r\n", 14),
        (b"YWJj\r\nYWJj\r\nScanned by us\r\n", 12),
        (b"YWI=\r\n" + b"YWJj\r\n" * 2000, None),
        (b"", 0),
        (b"YWJj;", 5),
        (b"YWJj" * 4000 + b"!YWJj\r\n", 16007),
    ],
)
def test_base64_end(body: bytes, expected: int | None) -> None:
    """Base64 ends before what a relay has added, and is broken if padding stands in its middle."""

    assert expected == base64_end(body, 0, len(body))
