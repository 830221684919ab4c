"""Replies: well-formed whatever stands in them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.reply import RefusedError, Reply


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(250, "2.0.0", "OK"), b"250 2.0.0 OK\r\n"),
        (Reply(250, "", "fax.local\nSIZE 64\n8BITMIME"), b"250-fax.local\r\n250-SIZE 64\r\n250 8BITMIME\r\n"),
        (Reply(250, "2.0.0", "one\ntwo"), b"250-2.0.0 one\r\n250 2.0.0 two\r\n"),
        (
            Reply(554, "5.6.1", "no document", "Gr\u00fc\u00dfe\r\n.pdf"),
            b"554-5.6.1 no document: Gr??e?\r\n554 5.6.1 .pdf\r\n",
        ),
        (Reply(334, "", ""), b"334 OK\r\n"),
    ],
)
def test_encoded(reply: Reply, expected: bytes) -> None:
    """Codes stand on every line, and nothing but printable ASCII after them."""

    assert expected == reply.encoded()


@given(words=st.text(max_size=3000), unlogged=st.text(max_size=3000))
def test_any_words(words: str, unlogged: str) -> None:
    """No words can forge a second reply or a line that is too long."""
    *lines, rest = Reply(554, "5.6.1", words, unlogged).encoded().split(b"\r\n")

    assert rest == b""
    assert all(re.fullmatch(rb"554-5\.6\.1 [ -~]{1,488}", line) for line in lines[:-1])
    assert re.fullmatch(rb"554 5\.6\.1 [ -~]{1,488}", lines[-1])


def test_refusal_carries_its_reply() -> None:
    """What is raised deep inside comes out as it was meant."""

    assert Reply(550, "5.7.1", "no") == RefusedError(550, "5.7.1", "no").reply
