"""Header fields of our mails: correct for every address, id and length."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest

from gateway.notice.mail import join, letter, reply_to, text_part, to_bytes, write
from tests.values import NOW, a_notice


def a_letter(recipient: str = "alice@example.org", subject: str = "Hello", text: str = "Hello.\n") -> EmailMessage:
    """An ordinary mail."""
    notice = a_notice(recipient=recipient)
    mail = letter(notice, sender="postmaster@fax.local", own_name="fax.local", at=NOW, subject=subject)
    write(mail, text)
    return mail


def header_line(mail: EmailMessage, name: str) -> str:
    """The field as it goes over the wire, unfolded by nobody."""
    header = to_bytes(mail).decode("ascii").split("\r\n\r\n")[0]
    return next(field for field in header.replace("\r\n ", "\n ").split("\r\n") if field.startswith(f"{name}:"))


LONG = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org"


@pytest.mark.parametrize(
    "recipient",
    [
        "alice@example.org",
        "a.b+c@example.org",
        "a..b@example.org",
        ".a@example.org",
        '"a b"@example.org',
        '"a\\"b"@example.org',
        "o'hara@example.org",
        "x@[192.0.2.1]",
        "x@[IPv6:2001:db8::1]",
        LONG,
    ],
)
def test_the_recipient_is_shown_as_it_is(recipient: str) -> None:
    """Correct addresses and those that mail servers take all the same, never folded or encoded."""

    assert f"To: {recipient}" == header_line(a_letter(recipient), "To")


@pytest.mark.parametrize(
    "recipient", ["", "@", "alice", "a@b@c", "a,b@example.org", "ä@example.org", "a\r\nBcc: b@c", "a b@c"]
)
def test_what_is_no_address_is_not_shown(recipient: str) -> None:
    """The envelope has it; the header stays correct."""

    assert "To: undisclosed-recipients:;" == header_line(a_letter(recipient), "To")


def test_the_date_has_a_numeric_zone() -> None:
    """And does not change from one try to the next."""

    assert "Date: Fri, 15 Jan 2027 08:00:00 +0000" == header_line(a_letter(), "Date")


def test_the_message_id_comes_from_the_notice() -> None:
    """The same at every try; what cannot stand in an id is replaced."""
    mail = letter(a_notice(id="f1 <3>"), sender="p@fax.local", own_name="fax.local", at=NOW, subject="")

    assert "Message-ID: <f1--3-@fax.local>" == header_line(mail, "Message-ID")


@pytest.mark.parametrize("subject", ["x " * 90, "x" * 150, "ü" * 150, "👍 " * 75, "Grüße " * 25, "a" * 70 + " ü"])
def test_long_subjects_are_folded(subject: str) -> None:
    """Lines of at most 78 characters, encoded words of at most 75, and nothing is lost."""
    field = header_line(a_letter(subject=subject.strip()), "Subject")
    words = [word for word in field.split() if word.startswith("=?")]

    assert subject.strip() == str(make_header(decode_header(field.removeprefix("Subject: ").replace("\n", ""))))
    assert max(map(len, field.split("\n"))) <= 78
    assert max(map(len, words), default=0) <= 75


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Hello.\n", "7bit"),
        ("x" * 998 + "\n", "7bit"),
        ("x" * 999 + "\n", "quoted-printable"),
        ("Grüße\n", "quoted-printable"),
        (".\nFrom here\n", "7bit"),
        ("", "7bit"),
    ],
)
def test_text_is_seven_bit(text: str, encoding: str) -> None:
    """As it is where it can be, else quoted-printable; it comes back as it was."""
    again = message_from_bytes(to_bytes(a_letter(text=text)), policy=default)

    assert encoding == again["Content-Transfer-Encoding"]
    assert text.rstrip("\n") == again.get_content().replace("\r\n", "\n").rstrip("\n")


@pytest.mark.parametrize(
    ("message_id", "references", "expected"),
    [
        ("<1@example.org>", "", ["<1@example.org>"]),
        (" <1@example.org>\r\n", "", ["<1@example.org>"]),
        ("<2@b>", "<0@a> <1@b>", ["<0@a>", "<1@b>", "<2@b>"]),
        ("<2@b>", "<0@a>\r\n\t<0@a> garbage <1@b", ["<0@a>", "<2@b>"]),
        ("<2@b>", "<2@b> <1@b>", ["<1@b>", "<2@b>"]),
        ("<99@b>", " ".join(f"<{n}@b>" for n in range(50)), ["<0@b>", *(f"<{n}@b>" for n in range(40, 50)), "<99@b>"]),
        (f"<{'x' * 120}@{'y' * 120}>", "", [f"<{'x' * 120}@{'y' * 120}>"]),
    ],
)
def test_the_thread_goes_on(message_id: str, references: str, expected: list[str]) -> None:
    """References are the older ones and the mail's own, bounded, never folded inside an id or encoded."""
    mail = a_letter()
    reply_to(mail, message_id, references)

    assert f"In-Reply-To: {expected[-1]}" == header_line(mail, "In-Reply-To")
    assert expected == header_line(mail, "References").removeprefix("References: ").split()


@pytest.mark.parametrize(
    "message_id",
    [
        "",
        "1@example.org",
        "<1>",
        "<1 2@b>",
        "<1@b> <2@b>",
        "<1@b>\r\nBcc: c@d",
        "<ü@b>",
        f"<{'x' * 500}@b>",
        "=?utf-8?q?<1@b>?=",
    ],
)
def test_without_a_sane_id_there_is_no_thread(message_id: str) -> None:
    """Neither field, whatever the references say."""
    mail = a_letter()
    reply_to(mail, message_id, "<0@a>")

    assert (None, None) == (mail["In-Reply-To"], mail["References"])


def test_parts_are_joined() -> None:
    """In their order, with the boundary that was named."""
    mail = letter(a_notice(), sender="p@fax.local", own_name="fax.local", at=NOW, subject="Hello")
    join(mail, [text_part("Grüße\n"), text_part("<p>Hi</p>\n", "html")], "alternative", "f1.3.1")
    again = message_from_bytes(to_bytes(mail), policy=default)

    assert ("multipart/alternative", "=_f1.3.1") == (again.get_content_type(), again.get_boundary())
    assert ["Grüße\n", "<p>Hi</p>\n"] == [part.get_content().replace("\r\n", "\n") for part in again.iter_parts()]
