"""Pieces of a mail that was split: which piece it is, and what they make together."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.message import Mail, Piece, RefusedError, decoded, joining, read
from gateway.message.parameters import read_field
from gateway.message.partial import read_piece
from tests.packing import appending, split

PDF = b"%PDF-1.4\nletter\n%%EOF\n" * 20


def a_mail(content: bytes = PDF) -> bytes:
    """A mail with a document."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "Invoice 17"
    mail["Message-ID"] = "<whole@device>"
    mail["X-Mailer"] = "inside"
    mail.set_content("Hello")
    mail.add_attachment(content, "application", "pdf", filename="letter.pdf")
    return mail.as_bytes()


def joined(directory: Path, pieces: list[bytes]) -> bytes:
    """What these make together."""
    for number, piece in enumerate(pieces):
        (directory / f"{number}.eml").write_bytes(piece + b"behind it")
    return b"".join(
        b"".join(joining(directory / f"{number}.eml", len(piece), first=number == 0))
        for number, piece in enumerate(pieces)
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('message/partial; id="a@b"; number=1; total=3', Piece("a@b", 1, 3)),
        ("message/partial;number=2;id=a@b", Piece("a@b", 2, 0)),
        ("Message/Partial; ID=a; Number=100; Total=100", Piece("a", 100, 100)),
        ("multipart/mixed; boundary=b", None),
        ("", None),
    ],
)
def test_read_piece(said: str, expected: Piece | None) -> None:
    """The total may be missing; a mail of its own is no piece."""

    assert expected == read_piece(read_field(said))


@pytest.mark.parametrize(
    "said",
    [
        "message/partial",
        "message/partial; id=a",
        "message/partial; id=a; number=0; total=2",
        "message/partial; id=a; number=-1",
        "message/partial; id=a; number=3; total=2",
        "message/partial; id=a; number=x; total=2",
        "message/partial; number=1; total=2",
        "message/partial; id=a; number=101",
        "message/partial; id=a; number=1; total=1000",
    ],
)
def test_no_piece_at_all(said: str) -> None:
    """What does not say which piece it is, or of too many, is refused."""
    with pytest.raises(RefusedError, match="split"):
        read_piece(read_field(said))


def test_header_of_the_whole(tmp_path: Path) -> None:
    """The header inside gives what belongs to the content, that around the first piece all else (section 5.2.2.1)."""
    whole = message_from_bytes(joined(tmp_path, split(a_mail(), 3)), policy=SMTP)

    assert "Invoice 17" == whole["Subject"]
    assert "<whole@device>" == whole["Message-ID"]
    assert "scanner@example.org" == whole["From"]
    assert "multipart/mixed" == whole.get_content_type()
    assert whole["X-Mailer"] is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 12), st.binary(max_size=2000))
def test_round_trip(tmp_path: Path, count: int, content: bytes) -> None:
    """However it was divided, the document comes out octet for octet, from where the whole begins in the file."""
    before = b"what lies before"
    path = tmp_path / "mail.eml"
    path.write_bytes(before + joined(tmp_path, split(a_mail(PDF + content), count)))

    found = read(path, appending(path), start=len(before))

    assert [PDF + content] == [b"".join(decoded(path, part)) for part in found.documents]
    assert ("Invoice 17", None) == (found.subject, found.piece)


def test_piece_alone(tmp_path: Path) -> None:
    """A piece has no documents of its own, though the first looks like a whole mail."""
    path = tmp_path / "mail.eml"
    path.write_bytes(split(a_mail(), 2)[0])

    found = read(path, appending(path))

    assert isinstance(found, Mail)
    assert ((), Piece("1@device", 1, 0)) == (found.documents, found.piece)


def test_piece_of_a_piece(tmp_path: Path) -> None:
    """Pieces that make a piece are refused."""
    path = tmp_path / "mail.eml"
    path.write_bytes(b"x" + joined(tmp_path, split(split(a_mail(), 2)[0], 2)))

    with pytest.raises(RefusedError, match="one piece of a mail"):
        read(path, appending(path), start=1)
