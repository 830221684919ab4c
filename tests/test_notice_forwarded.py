"""What a forwarded mail says about itself, whatever state it is in."""

import pytest

from gateway.notice.forwarded import subject, text


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        (b"Subject: hello\r\n\r\n", "hello"),
        (b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n", "Grüße"),
        (b"Subject: =?utf-8?b?broken?=\r\n\r\n", "= ?utf-8?b?broken?="),
        (b"Subject: =?no-such-charset?q?x?=\r\n\r\n", "= ?no-such-charset?q?x?="),
        (b"Subject: \xfc\xff\r\n\r\n", "\ufffd\ufffd"),
        (b"Subject: a\r\n b\r\n\r\n", "a b"),
        (b"Subject:\r\n\r\n", "(no subject)"),
        (b"no header at all", "(no subject)"),
        (b"", "(no subject)"),
    ],
)
def test_the_subject_is_read_as_far_as_it_can_be(original: bytes, expected: str) -> None:
    """Encoded words as words, broken ones as they came."""

    assert f"Mail to postmaster: {expected}" == subject(original)


def test_the_text_names_who_wrote_when() -> None:
    """The operator sees what it is before he opens it."""
    original = b"Received: x\r\nFrom: Bob <bob@example.org>\r\nDate: today\r\nSubject: hello\r\n\r\nbody\r\n"

    assert text(original, "fax.local").endswith("\n\nFrom:    Bob <bob@example.org>\nDate:    today\nSubject: hello\n")


def test_only_the_beginning_is_looked_at() -> None:
    """A field behind 64 kB of header is not worth the time."""
    original = b"X: y\r\n" * 20_000 + b"Subject: late\r\n\r\n"

    assert "Mail to postmaster: (no subject)" == subject(original)
