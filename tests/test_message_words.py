"""Encoded words, charsets, and text that is safe to show."""

import encodings
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.message.words import decode_charset, decode_words, one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8?q?a?= =?utf-8?q?b?= c =?utf-8?q?d?=", "ab c d"),
        ("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?q?Gr=C3=BC?==?iso-8859-1?q?=DFe?=", "Grüße"),
        ("=?us-ascii*en?q?hello_you?=", "hello you"),
        ("=?utf-8?q?with space?=", "with space"),
        ("=?no-such-charset?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?x?never?=", "=?utf-8?x?never?="),
        ("=?utf-8?q?open", "=?utf-8?q?open"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("ünencoded =?utf-8?q?=E2=82=AC?=", "ünencoded €"),
    ],
)
def test_decode_words(text: str, expected: str) -> None:
    """Encoded words come out as people wrote them, however badly they are made."""

    assert expected == decode_words(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1))
def test_round_trip(text: str) -> None:
    """What the email package encodes comes out the same."""

    assert text == decode_words(" ".join(Header(text, "utf-8").encode().split()))


@pytest.mark.parametrize("charset", ["zlib", "rot13", "hex", "unicode_escape", "punycode", "a\0b", "", "." * 5000])
def test_charsets_that_are_none(charset: str) -> None:
    """Python's codecs that are no charsets are not used, and names are not remembered for ever."""
    before = len(encodings._cache)

    assert "\\x41é" == decode_charset(b"\\x41\xc3\xa9", charset)
    assert before + 3 >= len(encodings._cache)  # the known ones, once


@given(st.text(max_size=300))
def test_one_line(text: str) -> None:
    """Whatever a text holds, what is shown is one line of printable characters, not too long."""
    shown = one_line(text, 100)

    assert shown.isprintable()
    assert len(shown) <= 100


def test_one_line_says_where_it_cuts() -> None:
    """A text that was cut ends in an ellipsis."""

    assert "aaaa…" == one_line("a" * 9, 5)
    assert "aaaaa" == one_line("a" * 5, 5)
    assert "a b" == one_line(" a\r\n\tb\0 ", 5)
