"""Foreign words, made harmless and kept readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.notice.plain import cut, lines, token


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("Invoice 17", "Invoice 17"),
        ("  two\t words\r\n", "two words"),
        ("Grüße, 発注書 👍", "Grüße, 発注書 👍"),
        ("👩‍👧 می‌خواهم", "👩‍👧 می‌خواهم"),
        ("a\r\nBcc: b@example.org", "a Bcc: b@example.org"),
        ("a\x00b\x1b[31mc\x85d", "a b [31mc d"),
        ("invoice\u202efdp.exe\u2069", "invoicefdp.exe"),
        ("half \ud83d", "half \ufffd"),
        ("=?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("line\u2028separator\u00a0blank", "line separator blank"),
        ("", ""),
    ],
)
def test_one_harmless_line(foreign: str, shown: str) -> None:
    """What acts on screens and mails goes, what is read stays."""

    assert shown == cut(foreign, 100)


def test_cut_to_length() -> None:
    """What is too long ends in three dots."""

    assert ("abcde", "ab...") == (cut("abcde", 5), cut("abcdef", 5))


@given(st.text(st.characters(codec=None)), st.integers(4, 50))
def test_always_one_printable_line(foreign: str, longest: int) -> None:
    """For every text there is."""
    shown = cut(foreign, longest)

    assert len(shown) <= longest
    assert len(shown.splitlines()) <= 1
    assert shown == shown.encode().decode()
    assert "=?" not in shown


def test_lines_and_indents_are_kept() -> None:
    """The operator's mails have commands in them."""

    assert "Run\n\n    fax-gateway list\n" == lines("Run\r\n\r\n    fax-gateway list  \x00")


def test_tokens_are_for_programs() -> None:
    """Letters, digits and little else, and not many."""

    assert ("+12025550123", "a__b", 64) == (token("+12025550123"), token("a\r\nb"), len(token("x" * 99)))
