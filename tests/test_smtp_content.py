"""The content of mails over real sockets: chunks, whatever is wrong with them, and old devices' line ends."""

import contextlib
import socket
from pathlib import Path

import pytest

from gateway.smtp import content as content_of_mails
from tests.smtp_house import PDF, House, a_mail, with_house

BEGIN = b"EHLO x\r\nMAIL FROM:<scan@example.org>%s\r\nRCPT TO:<15551234567@fax.local>\r\n"


def talk(house: House, said: bytes, listener: str = "plain", before_data: bytes = b"") -> list[str]:
    """Say it all, quit, and return the replies behind the greeting and EHLO, cut short."""
    with house.connect(listener) as connection:
        if before_data:
            connection.sendall(before_data)
            heard = b""
            while b"354 " not in heard:
                heard += connection.recv(1000)
        connection.sendall(said)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError), connection.makefile("rb") as replies:
            lines = [line.decode("ascii").rstrip() for line in replies]
            return [line for line in lines if not line.startswith(("220 ", "250-", "250 ENH"))]
    return []


def kept(house: House) -> bytes:
    """The first mail as it lies in the spool, without our trace header."""
    whole = house.desk.spool.path("id1").read_bytes()
    return whole[whole.index(b"From: Alice") :]


def in_chunks(content: bytes, *sizes: int) -> bytes:
    """Cut content into chunks of these sizes, the last of what is left."""
    said = b""
    for size in sizes:
        said += b"BDAT %d\r\n" % size + content[:size]
        content = content[size:]
    return said + b"BDAT %d LAST\r\n" % len(content) + content


@pytest.mark.parametrize("sizes", [(), (1,), (0, 5, 0), (100, 100, 100), (20_000,), (30_000, 7)])
def test_chunks_become_a_mail(sizes: tuple[int, ...], tmp_path: Path) -> None:
    """However a mail is cut, it is the same, and what follows is a command again."""
    content = a_mail(("letter.pdf", PDF + b"% " + b"x" * 60_000))
    replies: list[str] = []
    house = with_house(
        tmp_path, lambda house: replies.extend(talk(house, BEGIN % b"" + in_chunks(content, *sizes) + b"QUIT\r\n"))
    )
    expected = [f"250 2.0.0 {size} octets taken" for size in sizes] + ["250 2.0.0 queued as id1", "221 2.0.0 bye"]

    assert expected == replies[2:]
    assert content == kept(house)


def test_the_last_chunk_may_be_empty(tmp_path: Path) -> None:
    """BDAT 0 LAST ends a mail whose chunks have all come (RFC 3030 section 2)."""
    content = a_mail()
    said = BEGIN % b"" + b"BDAT %d\r\n" % len(content) + content + b"BDAT 0 LAST\r\n"
    house = with_house(tmp_path, lambda house: talk(house, said))

    assert 1 == len(house.accepted)


def test_binary(tmp_path: Path) -> None:
    """BODY=BINARYMIME: a document as it is, with NULs and bare line ends, is the document to the octet."""
    document = PDF + b"\0\r\n.\r\n\n\r\xff" * 100
    head = (
        b'From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name="x.pdf"\r\n'
        b"Content-Transfer-Encoding: binary\r\n\r\n"
    )
    said = BEGIN % b" BODY=BINARYMIME" + in_chunks(head + document, 50) + b"QUIT\r\n"
    replies: list[str] = []
    house = with_house(tmp_path, lambda house: replies.extend(talk(house, said)))

    assert "250 2.0.0 queued as id1" == replies[-2]
    assert [len(document)] == [one.size for one in house.accepted[0][0].documents]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"BDAT 4\r\nQUITBDAT 4 LAST\r\nQUITNOOP\r\n", ["503 5.5.1", "503 5.5.1", "250 2.0.0"]),
        (b"MAIL FROM:<a@b>\r\nBDAT 6 LAST\r\nNOOP\r\nNOOP\r\n", ["250 2.1.0", "503 5.5.1", "250 2.0.0"]),
        (
            BEGIN % b"" + b"BDAT 3\r\nx\r\nDATA\r\nRSET\r\n",
            [*["250 2.1.0", "250 2.1.5", "250 2.0.0"], "503 5.5.1", "250 2.0.0"],
        ),
        (
            BEGIN % b"" + b"BDAT 1\r\nxMAIL FROM:<b@c>\r\nRCPT TO:<d@e>\r\nAUTH PLAIN\r\n",
            [*["250 2.1.0", "250 2.1.5", "250 2.0.0"], *["503 5.5.1"] * 3],
        ),
        (
            BEGIN % b"" + b"BDAT 1\r\nxRSET\r\nBDAT 1 LAST\r\nx",
            [*["250 2.1.0", "250 2.1.5", "250 2.0.0"], "250 2.0.0", "503 5.5.1"],
        ),
        (BEGIN % b"" + b"BDAT 1\r\nxEHLO y\r\nDATA\r\n", [*["250 2.1.0", "250 2.1.5", "250 2.0.0"], "503 5.5.1"]),
        (
            BEGIN % b"" + b"DATA\r\nx\r\n.\r\nBDAT 4 LAST\r\nQUIT",
            [*["250 2.1.0", "250 2.1.5", "354 end t"], "554 5.6.1", "503 5.5.1"],
        ),
        (BEGIN % b"" + b"BDAT x\r\nNOOP\r\nNOOP\r\n", [*["250 2.1.0", "250 2.1.5"], "501 5.5.4"]),
        (BEGIN % b"" + b"BDAT 99999999999\r\nNOOP\r\n", [*["250 2.1.0", "250 2.1.5"], "552 5.3.4"]),
        (b"BDAT 99999999999\r\nNOOP\r\n", ["503 5.5.1"]),
    ],
    ids=[
        "no MAIL",
        "no RCPT",
        "DATA between",
        "others between",
        "RSET",
        "EHLO",
        "after DATA",
        "no size",
        "endless",
        "endless nothing",
    ],
)
def test_wrong_chunks(said: bytes, expected: list[str], tmp_path: Path) -> None:
    """Octets of a chunk that is refused are not commands; where nobody knows how many they are the line goes dead."""
    heard: list[str] = []
    house = with_house(tmp_path, lambda house: heard.extend(talk(house, b"HELO x\r\n" + said)))
    replies = [line[:9] for line in heard[1:]]

    assert expected == replies
    assert ([], []) == (house.accepted, house.drafts())


def test_too_large_in_chunks(tmp_path: Path) -> None:
    """The chunk that goes over the limit is refused at its end; the chunks that follow belong to nothing."""
    chunk = b"BDAT 40000\r\n" + b"x" * 40_000
    said = BEGIN % b"" + chunk * 4 + b"BDAT 0 LAST\r\nQUIT\r\n"
    replies: list[str] = []
    house = with_house(tmp_path, lambda house: replies.extend(talk(house, said)), limits={"message_size": "100 kB"})

    assert ["250 2.0.0"] * 2 + ["552 5.3.4"] + ["503 5.5.1"] * 2 + ["221 2.0.0"] == [line[:9] for line in replies[2:]]
    assert ([], []) == (house.accepted, house.drafts())


def test_gone_between_chunks(tmp_path: Path) -> None:
    """A mail whose last chunk never comes is no mail, and nothing of it stays."""
    house = with_house(tmp_path, lambda house: talk(house, BEGIN % b"" + b"BDAT 5\r\nxxxxxBDAT 30000\r\nxx"))

    assert ([], []) == (house.accepted, house.drafts())


def test_chunks_have_a_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As DATA has: empty chunks without end keep nothing open, and cost us no hour."""
    monkeypatch.setattr(content_of_mails, "PATIENCE", 0.1)
    heard: list[bytes] = []

    def client(house: House) -> None:
        with house.connect() as line, line.makefile("rb") as replies:
            line.sendall(BEGIN % b"")
            while not replies.readline().startswith(b"250 2.1.5"):
                pass
            for _ in range(20_000):
                line.sendall(b"BDAT 0\r\n")
                heard[:] = [replies.readline()]
                if not heard[0].startswith(b"250"):
                    return

    house = with_house(tmp_path, client)

    assert [b"421 4.4.2 nothing came for too long\r\n"] == heard
    assert [] == house.drafts()


def test_no_time_is_hoarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Octets earn their sender time, but who was quick at first cannot stand still for hours with them on our disk."""
    for name, value in (("PATIENCE", 0.05), ("COMMAND_PATIENCE", 0.2)):
        monkeypatch.setattr(content_of_mails, name, value)
    heard = b""

    def client(house: House) -> None:
        nonlocal heard
        with house.connect() as line:
            line.sendall(BEGIN % b"" + b"DATA\r\n" + b"x" * 5000)
            line.settimeout(0.01)
            for _ in range(200):
                with contextlib.suppress(TimeoutError):
                    heard += line.recv(1000)
                if b"\r\n421 " in heard:
                    return
                line.sendall(b"x")

    house = with_house(tmp_path, client)

    assert heard.endswith(b"421 4.4.2 nothing came for too long\r\n")
    assert [] == house.drafts()


def test_old_line_ends(tmp_path: Path) -> None:
    """A legacy listener takes a mail in bare LF whole, mended; and takes nothing for a command that follows it."""
    bare = a_mail().replace(b"\r\n", b"\n")
    commands = (BEGIN % b"" + b"DATA\r\n").replace(b"\r\n", b"\n")
    replies: list[str] = []

    def client(house: House) -> None:
        replies.extend(talk(house, bare + b".\nMAIL FROM:<smuggled@example.org>\n", "legacy", commands))

    house = with_house(tmp_path, client)

    assert ["250 2.0.0 queued as id1"] == replies
    assert a_mail() == kept(house)


def test_mixed_line_ends(tmp_path: Path) -> None:
    """Where one line has ended in CRLF, LF.LF is content, also on a legacy listener; CRLF.CRLF ends the mail."""
    mixed = a_mail() + b"x\n.\nMAIL FROM:<smuggled@example.org>\n"
    replies: list[str] = []

    def client(house: House) -> None:
        replies.extend(talk(house, mixed + b"\r\n.\r\nQUIT\r\n", "legacy", BEGIN % b"" + b"DATA\r\n"))

    house = with_house(tmp_path, client)

    assert ["250 2.0.0 queued as id1", "221 2.0.0 bye"] == replies
    assert 1 == len(house.accepted)
