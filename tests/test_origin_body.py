"""The body as DKIM hashes it: as the library does it, in pieces of any size, and in linear time."""

import hashlib
import time

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from gateway.origin.body import digest

LINES = st.lists(st.sampled_from([b"\r\n", b"\r\n\r\n", b" ", b"\t", b"   \t ", b"a", b"word", b"\r", b"\n"])).map(
    b"".join
)


def cut(text: bytes, size: int) -> list[bytes]:
    """Cut a text into pieces."""
    return [text[place : place + size] for place in range(0, len(text), size)]


@given(text=LINES, size=st.integers(1, 9))
def test_any_body_is_hashed_as_the_library_does(text: bytes, size: int) -> None:
    """In both ways, wherever it is cut. A mail that came over the wire ends in CR LF."""
    body = text + b"\r\n"
    expected = [canonical.canonicalize_body(body) for canonical in (Simple, Relaxed)]

    assert [(hashlib.sha256(one).digest(), len(one)) for one in expected] == [
        digest(cut(body, size), relaxed=relaxed) for relaxed in (False, True)
    ]


@pytest.mark.parametrize(
    ("relaxed", "text", "canonical"),
    [
        (False, b"", b"\r\n"),
        (True, b"", b""),
        (True, b" \t\r\n\r\n", b""),
        (True, b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),
        (False, b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n"),
        (True, b"no end ", b"no end\r\n"),
        (False, b"no end", b"no end\r\n"),
    ],
)
def test_known_bodies(text: bytes, canonical: bytes, *, relaxed: bool) -> None:
    """RFC 6376 section 3.4.5, and what it says of empty bodies in 3.4.3 and 3.4.4."""

    assert (hashlib.sha256(canonical).digest(), len(canonical)) == digest([text], relaxed=relaxed)


@pytest.mark.parametrize(
    "text", [b" " * 2_000_000 + b"x", b"\r\n" * 1_000_000 + b"x", b" \r\n" * 700_000, b"\t \r" * 700_000]
)
def test_time_is_linear(text: bytes) -> None:
    """Two megabytes of what takes the library hours take less than a second of this processor."""
    begun = time.process_time()
    digest(cut(text, 256 * 1024), relaxed=True)

    assert time.process_time() - begun < 1.0
