"""Foreign words, made harmless and kept readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.notice.plain import country, cut, international, lines, token, verbatim


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


@pytest.mark.parametrize(
    ("number", "shown", "of"),
    [
        ("+12025550123", "+1 202-555-0123", "US"),
        ("+493012345678", "+49 30 12345678", "DE"),
        ("+442079460018", "+44 20 7946 0018", "GB"),
        ("+14165550123", "+1 416-555-0123", "CA"),
        ("+80012345678", "+800 1234 5678", None),
        ("+999999", "+999999", None),
        ("...123", "...123", None),
        ("nonsense", "nonsense", None),
    ],
)
def test_numbers_are_written_as_people_do(number: str, shown: str, of: str | None) -> None:
    """In their country's grouping; what is no number stays as it is."""

    assert (shown, of) == (international(number), country(number))


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("rfc822; a@b", "rfc822; a@b"),
        ("a\r\nAction: delivered", "a??Action: delivered"),
        ("Ü\x00", "??"),
        ("x" * 999, "x" * 900),
    ],
)
def test_fields_that_are_written_as_they_are(foreign: str, shown: str) -> None:
    """One line of visible ASCII."""

    assert shown == verbatim(foreign)
