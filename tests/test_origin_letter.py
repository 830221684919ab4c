"""A mail, opened: its one author, and its body."""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.origin.letter import Letter, domain, open_letter


def a_letter(path: Path, mail: bytes, before: bytes = b"") -> Letter:
    """Write a mail to disk behind something else, and open it."""
    path.write_bytes(before + mail + b"what was unpacked from it")
    return open_letter(path, len(before), len(before) + len(mail))


@pytest.mark.parametrize(
    ("header", "author"),
    [
        ("From: a@example.org", "a@example.org"),
        ("FROM:\r\n Alice <a@Example.ORG>\r\nTo: b@example.net", "a@Example.ORG"),
        ('From: "Doe, \\"J\\" <x@evil.example>" <a@example.org>', "a@example.org"),
        ("From: Alice (of, <x@evil.example> (really)) <a@example.org> (home)", "a@example.org"),
        ("From: x@evil.example <a@example.org>", "a@example.org"),
        ("From: =?utf-8?q?Zo=C3=AB?= <a@example.org>", "a@example.org"),
        ("From: Zo\u00eb <a@example.org>", "a@example.org"),
        ("To: a@example.org", ""),
        ("From:", ""),
        ("From: undisclosed", ""),
        ("From: a@example.org\r\nFrom: a@example.org", ""),
        ("From: a@example.org\r\nFrom : x@evil.example", ""),
        ("From: a@example.org, x@evil.example", ""),
        ("From: <x@evil.example> <a@example.org>", ""),
        ("From: <a@example.org> x@evil.example", ""),
        ("From: a@example.org x@evil.example", ""),
        ("From: group: a@example.org;", ""),
        ('From: "a b"@example.org', ""),
        ("From: <@evil.example:a@example.org>", ""),
        ("From: a@b@example.org", ""),
        ("From: a@[192.0.2.1]", ""),
        ('From: a@example.org "open', ""),
        ('From: "x" <x@evil.example> "open" <a@example.org>', ""),
    ],
)
def test_the_author(header: str, author: str, tmp_path: Path) -> None:
    """One From with one address; whatever could be read in two ways has none."""

    assert author == a_letter(tmp_path / "mail", f"{header}\r\n\r\nHello\r\n".encode()).author()


@given(written=st.text(max_size=200))
def test_any_author_is_harmless(written: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever stands there is one plain address, or none."""
    author = a_letter(tmp_path_factory.getbasetemp() / "mail", f"From: {written}\r\n\r\n".encode()).author()

    assert (author.count("@") == 1 and not set(author) & set(" <>,;\r\n")) or author == ""


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("To: 12025550123@fax.local", True),
        ("To: <12025550123@FAX.local>", True),
        ("Cc: Bob <b@example.net>,\r\n Fax <12025550123@fax.local>", True),
        ("To: b@example.net\r\nCc: 12025550123@fax.local", True),
        ("To: 912025550123@fax.local", False),
        ("To: +12025550123@fax.local", False),
        ("To: 12025550123@fax.local.evil.example", False),
        ("To: b@example.net", False),
        ("Subject: 12025550123@fax.local", False),
        ("To: faxes: b@example.net, 12025550123@fax.local;", True),
        ('To: "12025550123@fax.local" <x@evil.example>', False),
        ("To: 12025550123@fax.local <x@evil.example>", False),
        ('To: "Bob, <12025550123@fax.local>," <x@evil.example>', False),
        ('To: "Bob \\", 12025550123@fax.local, \\"" <x@evil.example>', False),
        ("To: x@evil.example (,12025550123@fax.local, (really))", False),
        ("To: x@evil.example 12025550123@fax.local", False),
        ('To: "x, 12025550123@fax.local', False),
        ("To: =?utf-8?q?=2C12025550123=40fax.local=2C?= <x@evil.example>", False),
    ],
)
def test_whom_it_is_for(header: str, tmp_path: Path, *, expected: bool) -> None:
    """The whole address, in To or Cc."""

    assert expected is a_letter(tmp_path / "mail", f"{header}\r\n\r\n".encode()).names("12025550123@fax.local")


def test_a_quoted_number_is_an_address(tmp_path: Path) -> None:
    """Its quotes are those of the envelope, and what stands in them is no comment."""
    letter = a_letter(tmp_path / "mail", b'To: "Doe, J" <x@example.net>, "(202) 555-0123"@fax.local, "B" <b@y>\r\n\r\n')

    assert letter.names('"(202) 555-0123"@fax.local')


@pytest.mark.parametrize("text", ['"' + '\\"' * 8000, '"\\' * 8000, "(" * 16000, "(a" * 8000, "a@" * 8000, '("' * 8000])
def test_no_field_takes_long(text: str, tmp_path: Path) -> None:
    """Strangers write it: quotes and comments that never end are looked at once, not from each of their characters."""
    letter = a_letter(tmp_path / "mail", f"From: {text}\r\nTo: {text}\r\n\r\n".encode())
    begun = process_time()
    found = letter.author(), letter.names("12025550123@fax.local")

    assert ("", False) == found
    assert process_time() - begun < 0.5


def test_what_belongs_to_it(tmp_path: Path) -> None:
    """Neither our own trace header nor what we put behind it."""
    mail = b"From: a@example.org\r\n\r\n" + b"x" * 600_000 + b"\r\n"
    letter = a_letter(tmp_path / "mail", mail, before=b"Received: from nowhere\r\n")

    assert b"From: a@example.org\r\n\r\n" == letter.head
    assert mail == letter.head + b"".join(letter.body())


@pytest.mark.parametrize(("address", "expected"), [("a@Example.org", "example.org"), ("scanner", ""), ("", "")])
def test_the_domain(address: str, expected: str) -> None:
    """In lower case."""

    assert expected == domain(address)
