"""What was signed in an opaque S/MIME signature, compared with what the asn1crypto package finds."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from asn1crypto import cms  # type: ignore[import-untyped]  # it has no types
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.message.cms import Sealed, read_cms
from gateway.message.mail import DamagedError

MAILS = Path(__file__).parent / "data" / "mails"


def body(name: str) -> bytes:
    """The signature that is the whole of such a mail, in binary."""
    return b64decode((MAILS / f"{name}.eml").read_bytes().partition(b"\r\n\r\n")[2])


def content(octets: bytes) -> bytes:
    """What was signed."""
    pieces = read_cms(octets, 0, len(octets))
    assert not isinstance(pieces, Sealed)
    return b"".join(octets[start:end] for start, end in pieces)


@pytest.mark.parametrize("name", ["m19-signed-opaque", "m19-signed-opaque-in-pieces", "m19-signed-twice"])
def test_like_asn1crypto(name: str) -> None:
    """The same content comes out as with another program, in one piece or many."""
    octets = body(name)

    assert cms.ContentInfo.load(octets)["content"]["encap_content_info"]["content"].native == content(octets)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 70_000])
def test_sizes(size: int) -> None:
    """Lengths are read in each of their forms."""
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "data", "content": b"x" * size},
            "signer_infos": [],
        }
    )

    assert b"x" * size == content(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("m19-encrypted", Sealed.ENCRYPTED),
        ("m19-encrypted-authenticated", Sealed.ENCRYPTED),
        ("m19-compressed", Sealed.COMPRESSED),
    ],
)
def test_sealed(name: str, expected: Sealed) -> None:
    """What cannot be read is told apart."""
    octets = body(name)

    assert expected is read_cms(octets, 0, len(octets))


def indefinite(*pieces: bytes, kind: bytes = b"\x04") -> bytes:
    """A signed mail as programs write it that do not know how long it will be."""
    inside = b"".join(kind + bytes([len(piece)]) + piece for piece in pieces)
    data = bytes.fromhex("06092a864886f70d010701")
    return (
        bytes.fromhex("308006092a864886f70d010702a080308002010131800500000030 80".replace(" ", ""))
        + data
        + b"\xa0\x80\x24\x80"
        + inside
        + bytes(4)
    )


def test_indefinite() -> None:
    """Pieces end where the end of contents is marked, also in the set before them."""

    assert b"onetwo" == content(indefinite(b"one", b"", b"two"))


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"0",
        b"%PDF-1.4",
        bytes.fromhex("30030601ff"),
        bytes.fromhex("3006060100020100"),
        bytes.fromhex("30848000000006"),
        indefinite(b"one")[:-4],
        indefinite(b"one", kind=b"\x0c"),
        indefinite(b"one").replace(b"\xa0\x80\x24\x80", b"\xa0\x80\x31\x80"),
        indefinite(b"one").replace(b"\x04\x03one", b"\x04\x85one"),
        indefinite(b"one").replace(b"\x04\x03one", b"\x24\x80\x04\x01o\0\0"),
        body("m19-signed-opaque")[:200],
    ],
    ids=range(12),
)
def test_damaged(octets: bytes) -> None:
    """What breaks off or is something else is damaged."""
    with pytest.raises(DamagedError):
        content(octets)


def mutants(original: bytes) -> st.SearchStrategy[bytes]:
    """The same with some octets changed, or cut."""

    def changed(changes: list[tuple[int, int]]) -> bytes:
        octets = bytearray(original)
        for place, value in changes:
            octets[place % len(octets)] = value
        return bytes(octets)

    return st.lists(st.tuples(st.integers(0, 119), st.integers(0, 255)), min_size=1, max_size=4).map(changed)


@settings(max_examples=200, deadline=None)
@given(mutants(body("m19-signed-opaque-in-pieces")) | mutants(indefinite(b"one" * 20)) | st.binary(max_size=60))
def test_anything(octets: bytes) -> None:
    """Whatever comes, places inside it come out, or it is damaged."""

    def places() -> Iterator[tuple[int, int]]:
        try:
            pieces = read_cms(octets, 0, len(octets))
            yield from [] if isinstance(pieces, Sealed) else pieces
        except DamagedError:
            return

    assert all(0 <= start <= end <= len(octets) for start, end in places())
