"""Reading mails: the table of what devices and programs send, limits, and anything that may come."""

import tomllib
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import DocumentSettings
from gateway.message import NOTHING_ELSE, Mail, RefusedError, decoded, read
from gateway.message.limits import PARTS
from tests.packing import appending

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
TIFF = b"II*\0\x08\0\0\0\0\0\0\0\0\0a page"
MAILS = Path(__file__).parent / "data" / "mails"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((MAILS / "expected.toml").read_text())

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def kept(directory: Path, mail: bytes) -> Path:
    """A mail in a file of its own."""
    path = directory / "mail.eml"
    path.write_bytes(mail)
    return path


def outcome(path: Path, settings: DocumentSettings = NOTHING_ELSE) -> Mail | str:
    """What a mail holds, or the reply that refuses it."""
    try:
        return read(path, appending(path), settings)
    except RefusedError as refusal:
        return str(refusal)


def read_bytes(directory: Path, mail: bytes) -> Mail | str:
    """What these bytes hold as a mail."""
    return outcome(kept(directory, mail))


def of_the_table(directory: Path, name: str) -> Mail | str:
    """What a mail of the table holds, with the settings that its row names."""
    row = EXPECTED[name]
    settings = DocumentSettings(pictures=row.get("pictures", False), text=row.get("text", "leave"))
    return outcome(kept(directory, (MAILS / f"{name}.eml").read_bytes()), settings)


def documents(path: Path) -> list[bytes]:
    """The decoded documents of a mail that is not refused."""
    return [b"".join(decoded(path, part)) for part in read(path, appending(path)).documents]


def test_table_is_complete() -> None:
    """Every mail in the directory has an expected outcome, and the other way round."""

    assert {path.stem for path in MAILS.glob("*.eml")} == set(EXPECTED)


def test_every_dialect_has_a_mail() -> None:
    """Of each of the thirty dialects that devices and programs were seen to write there is a mail."""
    numbers = {int(name[1:3]) for name in EXPECTED if name[0] == "m" and name[1:3].isdigit()}

    assert set(range(1, 31)) == numbers


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if "refused" in row])
def test_refused(tmp_path: Path, name: str) -> None:
    """A mail that cannot be faxed is refused in the expected words, none longer than a reply line."""

    reply = of_the_table(tmp_path, name)

    assert EXPECTED[name]["refused"] == reply
    assert len(str(reply)) < 512


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if "refused" not in row])
def test_read(tmp_path: Path, name: str) -> None:
    """A mail that can be faxed gives its documents and all that is left out, in order."""
    row = EXPECTED[name]

    mail = of_the_table(tmp_path, name)

    assert isinstance(mail, Mail)
    assert row.get("documents", []) == [[part.name, part.kind] for part in mail.documents]
    assert row.get("left_out", []) == [[left.name, left.why] for left in mail.left_out]
    assert row.get("automatic") == mail.automatic
    assert row.get("quiet", False) == mail.quiet
    assert row.get("subject", "Invoice 17") == mail.subject
    assert row.get("message_id", "<1@example.org>") == mail.message_id
    assert row.get("references", "") == mail.references
    assert row.get("cover", "") == mail.cover
    assert row.get("piece") == (mail.piece and [mail.piece.number, mail.piece.total])


@pytest.mark.parametrize("name", [name for name, row in EXPECTED.items() if "documents" in row])
def test_decoded(tmp_path: Path, name: str) -> None:
    """The documents come out octet for octet, whatever the mail says about their encoding."""
    usual = {"pdf": PDF, "tiff": TIFF, "text": "Schöne Grüße".encode()}
    differing = EXPECTED[name].get("octets")

    mail = of_the_table(tmp_path, name)

    assert isinstance(mail, Mail)
    contents = [b"".join(decoded(tmp_path / "mail.eml", part)) for part in mail.documents if part.kind != "picture"]

    assert contents == (
        [differing.encode("latin-1")]
        if differing
        else [usual[kind] for _, kind in EXPECTED[name]["documents"] if kind in usual]
    )


def test_received(tmp_path: Path) -> None:
    """Trace headers are counted, for loops."""
    mail = b"Received: by a\r\n" * 3 + b"rEceived: by b\r\n\r\n" + PDF

    found = read_bytes(tmp_path, mail)

    assert isinstance(found, Mail)
    assert 4 == found.received


def test_references_of_a_long_discussion(tmp_path: Path) -> None:
    """Of many references the last are kept, so that our answer's header stays short."""
    ids = [f"<{n}@example.org>" for n in range(50)]
    mail = b"References: " + "\r\n ".join(ids).encode() + b"\r\n\r\n" + PDF

    found = read_bytes(tmp_path, mail)

    assert isinstance(found, Mail)
    assert " ".join(ids[-20:]) == found.references


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (b"", ""),
        (b"Disposition-Notification-To: Alice <alice@example.org>\r\n", "alice@example.org"),
        (b"Disposition-Notification-To: alice@example.org, bob@example.org\r\n", ""),
        (b"Disposition-Notification-To: alice@example.org\r\n" * 2, ""),
        (b"Disposition-Notification-To: <>\r\n", ""),
        (b"Disposition-Notification-To: a\0b@example.org\r\n", ""),
        (b"Disposition-Notification-To: " + b"(" * 2000 + b"\r\n", ""),
    ],
)
def test_receipt_to(tmp_path: Path, field: bytes, found: str) -> None:
    """Who asks for a receipt, if it is one (RFC 8098 section 2.1)."""
    mail = read_bytes(tmp_path, field + b"Content-Type: application/pdf\r\n\r\n" + PDF)

    assert isinstance(mail, Mail)
    assert found == mail.receipt_to


def test_no_database_takes_a_nul(tmp_path: Path) -> None:
    """PostgreSQL has none in a text: a cover page with one would be deferred for ever."""
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n"
    text = b"Content-Transfer-Encoding: quoted-printable\r\n\r\nDear=00 Alice\r\n"
    mail = head + text + b"--b\r\nContent-Type: application/pdf\r\n\r\n" + PDF + b"\r\n--b--\r\n"
    found = outcome(kept(tmp_path, mail), DocumentSettings(text="cover"))

    assert isinstance(found, Mail)
    assert "Dear Alice" == found.cover


def test_empty_mail(tmp_path: Path) -> None:
    """A mail of no octets at all is refused like any without a document."""

    assert "554 5.6.1 no PDF or TIFF is attached" == read_bytes(tmp_path, b"")


def nested(depth: int) -> bytes:
    """A PDF inside so many multiparts."""
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return opened + b"Content-Type: application/pdf\r\n\r\n" + PDF


def parts(count: int, content: bytes) -> bytes:
    """A multipart of so many parts."""
    part = b"--b\r\n\r\n" + content + b"\r\n"
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * count + b"--b--\r\n"


def test_many_files_in_one_text(tmp_path: Path) -> None:
    """What is beyond the parts that a mail may have is neither looked for nor unpacked."""
    path = kept(tmp_path, b"Subject: x\r\n\r\n" + b"begin 644 x\r\n#86)C\r\n`\r\nend\r\n" * 3000)
    size = path.stat().st_size

    with pytest.raises(RefusedError, match=f"this mail has more than {PARTS} parts"):
        read(path, appending(path))
    assert path.stat().st_size < size + 10 * PARTS


@pytest.mark.parametrize(
    ("inside", "beyond", "words"),
    [
        (nested(19), nested(20), "554 5.6.0 this mail has parts more than 20 deep inside each other"),
        (parts(198, b"") + b"--b\r\n\r\n" + PDF, parts(200, b""), "554 5.6.0 this mail has more than 200 parts"),
        (parts(20, PDF), parts(21, PDF), "554 5.6.0 21 documents in one mail; at most 20"),
        (
            b"X: y\r\n" * 999 + b"X: y\r\n\r\n" + PDF,
            b"X: y\r\n" * 1001 + b"\r\n" + PDF,
            "554 5.6.0 a header of this mail is too long: at most 128 kB, 1000 lines, 16 kB in one field",
        ),
    ],
    ids=["depth", "parts", "documents", "header"],
)
def test_limits(tmp_path: Path, inside: bytes, beyond: bytes, words: str) -> None:
    """The last mail inside a limit is read, the first beyond it refused."""

    assert isinstance(read_bytes(tmp_path, inside), Mail)
    assert words == read_bytes(tmp_path, beyond)


@pytest.mark.parametrize(
    "mail",
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b \t" * 600_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"\n--b-" * 600_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"\n--bb" * 600_000,
        b"Content-Type: text/plain\r\n\r\n" + b"\nbegin 644 " * 300_000,
        b"Subject: " + b"=?utf-8?q?" * 1600 + b"\r\n\r\n" + PDF,
        b'Content-Type: a/b; n="' + b'\\"' * 8000 + b"\r\n\r\n" + PDF,
        b"Content-Type: a/b; " + b'a="' * 5000 + b"\r\n\r\n" + PDF,
        b"Content-Type: a/b " + b";a*1*=%" * 2000 + b"\r\n\r\n" + PDF,
        b"Content-Type: " + b"\r\n " * 900 + b" " * 12000 + b"\r\n\r\n" + PDF,
        b"Content-Transfer-Encoding: base64\r\nContent-Type: application/pdf\r\n\r\nJVBERi0x\r\n" + b"=A" * 1_500_000,
        nested(19).replace(PDF, b"\n--b1" * 200_000),
    ],
    ids=range(11),
)
@pytest.mark.timeout(3)
def test_hostile(tmp_path: Path, mail: bytes) -> None:
    """Mails made to take long take no time: each of these explodes in some parser that looks twice."""

    assert isinstance(read_bytes(tmp_path, mail), Mail | str)


names = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters='/\\"'), min_size=1, max_size=40
).map(lambda stem: f"a{stem}z.pdf")
binary = st.binary(max_size=3000)
encodings = st.sampled_from(["base64", "quoted-printable"])


@st.composite
def mails(draw: st.DrawFn, depth: int = 0) -> tuple[EmailMessage, list[tuple[str, bytes]]]:
    """A mail as the email package makes it, and the documents in it."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "any"
    mail.set_content("See attached\n%PDF- is how a PDF begins\n" * draw(st.integers(0, 3)))
    if draw(st.booleans()):
        mail.add_alternative("<p>See attached</p>", subtype="html")
    found = []
    for _ in range(draw(st.integers(1, 3))):
        if depth < 2 and draw(st.booleans()):
            forwarded, inside = draw(mails(depth=depth + 1))
            mail.add_attachment(forwarded)
            found += inside
        else:
            name, content = draw(names), b"%PDF-" + draw(binary)
            disposition = draw(st.sampled_from(["attachment", "inline"]))
            mail.add_attachment(
                content, "application", "pdf", cte=draw(encodings), filename=name, disposition=disposition
            )
            found.append((name, content))
    return mail, found


@quick
@given(mails())
def test_round_trip(tmp_path: Path, made: tuple[EmailMessage, list[tuple[str, bytes]]]) -> None:
    """What the email package packs comes out under its name, octet for octet and in order."""
    mail, expected = made
    path = kept(tmp_path, mail.as_bytes())

    found = read(path, appending(path))

    assert expected == [(part.name, b"".join(decoded(path, part))) for part in found.documents]


fragments = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b" ", b";", b'"', b"=", b"--", b"--b\r\n", b"--b--\r\n", b"\r\n\r\n", b"--c\r\n"),
        *(b"Content-Type: ", b"multipart/mixed; boundary=b", b"multipart/alternative; boundary=c", b"message/rfc822"),
        *(b"text/plain", b"application/pdf", b"application/octet-stream; name=", b"multipart/digest; boundary=b"),
        *(b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"Content-Disposition: attachment; "),
        *(b"filename=", b"filename*0*=utf-8''%", b"=?utf-8?B?", b"?=", b"JVBERi0", PDF, TIFF, b"\xff\xd8\xff", b"\xfc"),
        *(b"Auto-Submitted: ", b"Subject: ", b"Message-ID: <", b"=?unicode_escape?q?\\x?="),
    ]
)


@quick
@given(st.lists(fragments | st.binary(max_size=8), max_size=60).map(b"".join))
def test_anything(tmp_path: Path, mail: bytes) -> None:
    """Whatever comes over the wire is read or refused; a document that is found can be decoded."""
    found = read_bytes(tmp_path, mail)

    if isinstance(found, Mail):
        assert bool(found.documents) != bool(found.automatic or found.piece)
        assert all(part.name.isprintable() and len(part.name) <= 200 for part in found.documents)
        assert all(documents(tmp_path / "mail.eml"))
    else:
        assert found.startswith(("554 5.6.0 ", "554 5.6.1 ", "554 5.7.5 "))
        assert len(found) < 512
