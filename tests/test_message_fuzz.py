"""Mails with containers in containers: what was packed comes out, and what was spoilt is refused in documented words.

Steps and octets are counted, not seconds; a parser that looks twice shows in the figures on any machine.
"""

import sys
import tracemalloc
from base64 import encodebytes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.message import Mail, RefusedError, decoded, read
from gateway.message.encoding import CHUNK
from gateway.message.limits import DOCUMENTS, UNPACKED
from tests.packing import appending, signed, tnef, tnef_file, tnef_name, uuencoded

PDF = b"%PDF-1.4\nletter\n%%EOF\n"
TIFF = b"II*\0\x08\0\0\0 a page"
REFUSALS = ("554 5.6.0 ", "554 5.6.1 ", "554 5.7.5 ")

fuzz = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Made = tuple[bytes, list[tuple[str, bytes]]]
"""A part with its header, and the documents in it."""

names = st.text(st.characters(codec="cp1252", categories=("L", "N")), min_size=1, max_size=12)
documents = st.tuples(names, st.sampled_from([(".pdf", PDF), (".tif", TIFF)]), st.binary(max_size=200)).map(
    lambda made: (made[0] + made[1][0], made[1][1] + made[2])
)


def base64_part(type_: str, name: str, content: bytes) -> bytes:
    """A part in base64."""
    head = f"Content-Type: {type_}; name*=utf-8''{''.join(f'%{octet:02x}' for octet in name.encode())}\r\n"
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + encodebytes(content).replace(b"\n", b"\r\n")


def plain_document(document: tuple[str, bytes]) -> Made:
    """A document as mail programs attach it."""
    return base64_part("application/octet-stream", *document), [document]


def winmail(found: list[tuple[str, bytes]]) -> Made:
    """Documents in a winmail.dat."""
    octets = tnef(*(tnef_file(content, properties=(tnef_name(name),)) for name, content in found))
    return base64_part("application/ms-tnef", "winmail.dat", octets), found


def uuencode_text(found: list[tuple[str, bytes]]) -> Made:
    """Documents in a text."""
    blocks = b"\n".join(uuencoded(name.encode(), content) for name, content in found)
    return b"Content-Type: text/plain\r\n\r\nHello\n" + blocks + b"regards", found


def multipart(made: tuple[list[Made], str]) -> Made:
    """Parts side by side; the boundary is made of all that is inside, so that no two are the same."""
    parts, subtype = made
    inside = [part for part, _ in parts]
    boundary = f"b{len(b''.join(inside))}-{len(parts)}".encode()
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in inside) + b"--" + boundary + b"--\r\n"
    head = f"Content-Type: multipart/{subtype}; boundary=".encode() + boundary + b"\r\n\r\n"
    return head + body, [one for _, found in parts for one in found]


def forwarded(part: Made) -> Made:
    """A mail inside the mail."""
    return b"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n" + part[0], part[1]


def forwarded_in_base64(part: Made) -> Made:
    """The same as programs must not write it, and do."""
    return base64_part("message/rfc822", "Fwd.eml", b"Subject: y\r\n" + part[0]), part[1]


def opaque(part: Made, *, in_pieces: bool) -> Made:
    """A part inside a signature."""
    return base64_part("application/pkcs7-mime", "smime.p7m", signed(part[0], in_pieces=in_pieces)), part[1]


leaves: st.SearchStrategy[Made] = st.one_of(
    documents.map(plain_document),
    st.lists(documents, min_size=1, max_size=3).map(winmail),
    st.lists(documents, min_size=1, max_size=2).map(uuencode_text),
    st.just((b"Content-Type: text/html\r\n\r\n<p>Hello</p>", [])),
)
parts = st.recursive(
    leaves,
    lambda inside: st.one_of(
        st.tuples(st.lists(inside, min_size=1, max_size=3), st.sampled_from(["mixed", "related", "signed"])).map(
            multipart
        ),
        inside.map(forwarded),
        inside.map(forwarded_in_base64),
        st.tuples(inside, st.booleans()).map(lambda made: opaque(made[0], in_pieces=made[1])),
    ),
    max_leaves=6,
)


def outcome(directory: Path, mail: bytes) -> Mail | str:
    """What a mail holds, or the reply that refuses it."""
    path = directory / "mail.eml"
    path.write_bytes(mail)
    try:
        return read(path, appending(path))
    except RefusedError as refusal:
        return str(refusal)


def contents(directory: Path, mail: Mail) -> list[tuple[str, bytes]]:
    """The documents of a mail that was read."""
    return [(part.name, b"".join(decoded(directory / "mail.eml", part))) for part in mail.documents]


@fuzz
@given(parts)
def test_round_trip(tmp_path: Path, made: Made) -> None:
    """Whatever is packed into whatever, all documents come out, octet for octet and in their order."""
    mail, expected = made
    found = outcome(tmp_path, b"Subject: x\r\n" + mail)

    if isinstance(found, Mail):
        assert expected == contents(tmp_path, found)
    elif len(expected) > DOCUMENTS:
        assert "documents in one mail; at most" in found
    else:
        assert [] == expected
        assert found.startswith("554 5.6.1 no PDF or TIFF is attached")


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Such a mail with octets changed, doubled, or cut out."""
    mail = bytearray(b"Subject: x\r\n" + draw(parts)[0])
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(mail)))
        size = draw(st.integers(0, 40))
        piece = mail[start : start + size]
        mail[start : start + size] = draw(
            st.sampled_from([b"", bytes(piece) * 2, b"\0", b"\r\n", b"=", b"\xff" * size])
        )
    return bytes(mail)


@fuzz
@given(spoilt())
def test_spoilt(tmp_path: Path, mail: bytes) -> None:
    """Whatever is damaged, it is read or refused in documented words, and never grows beyond its bound."""
    found = outcome(tmp_path, mail)

    assert (tmp_path / "mail.eml").stat().st_size <= len(mail) * (1 + UNPACKED)
    if isinstance(found, Mail):
        assert bool(found.documents) != bool(found.automatic or found.piece)
        assert all(content for _, content in contents(tmp_path, found))
    else:
        assert found.startswith(REFUSALS)
        assert len(found) < 512


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Count the lines of our own code that are run."""
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        if "/gateway/message/" not in frame.f_code.co_filename:
            return None
        steps += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lambda: steps
    finally:
        sys.settrace(before)


def in_many_lines(size: int) -> bytes:
    """Text that could be a file in uuencode at every line."""
    return b"\n\n" + b"begin 644 a\n" * (size // 12)


def in_many_pieces(size: int) -> bytes:
    """A signature whose content comes in the smallest pieces."""
    head, _, tail = signed(b"x", in_pieces=True).partition(b"\x04\x01x")
    octets = head + b"\x04\x01x" * (size // 3) + tail
    return b"Content-Type: application/pkcs7-mime\n\n" + octets


def in_many_attributes(size: int) -> bytes:
    """A winmail.dat with the smallest attributes."""
    return (
        b"Content-Type: application/ms-tnef\n\n"
        + tnef()
        + tnef(*[bytes.fromhex("010c8002000000000000 00")] * (size // 11))[6:]
    )


def in_many_containers(size: int) -> bytes:
    """Signatures inside each other, around something large."""
    part = plain_document(("a.pdf", PDF + b"x" * size))
    for _ in range(8):
        part = opaque(part, in_pieces=True)
    return part[0]


def in_many_parts(size: int) -> bytes:
    """Parts side by side, each with a boundary line that is almost the right one."""
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 150 + b"--b-\n" * (size // 5)


@pytest.mark.parametrize("made", [in_many_lines, in_many_pieces, in_many_attributes, in_many_containers, in_many_parts])
def test_linear(tmp_path: Path, made: Callable[[int], bytes]) -> None:
    """Four times the mail takes at most four times the steps, and a few that do not depend on it."""
    steps = []
    for size in (4_000, 16_000):
        with counted() as so_far:
            outcome(tmp_path, made(size))
            steps.append(so_far())

    assert steps[1] <= 4 * steps[0] + 100


@pytest.mark.parametrize(
    "pack",
    [
        lambda content: plain_document(("a.pdf", content)),
        lambda content: winmail([("a.pdf", content)]),
        lambda content: uuencode_text([("a.pdf", content)]),
        lambda content: forwarded_in_base64(plain_document(("a.pdf", content))),
        lambda content: opaque(plain_document(("a.pdf", content)), in_pieces=True),
    ],
    ids=["base64", "winmail", "uuencode", "forwarded", "signed"],
)
def test_memory(tmp_path: Path, pack: Callable[[bytes], Made]) -> None:
    """However large a mail is, and however packed, only pieces of it are in memory."""
    mail, _ = pack(PDF + b"x" * 3_000_000)
    path = tmp_path / "mail.eml"
    path.write_bytes(mail)
    del mail
    tracemalloc.start()
    try:
        found = read(path, appending(path))
        octets = sum(len(chunk) for chunk in decoded(path, found.documents[0]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert len(PDF) + 3_000_000 == octets
    assert peak < 8 * CHUNK
