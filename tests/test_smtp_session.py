"""Sessions over real sockets: dialogues from files, limits, deadlines, and nothing that a client can do to memory."""

import asyncio
import contextlib
import re
import smtplib
import socket
import ssl
import threading
import time
import tracemalloc
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.smtp import content, guesses, manners, session, wire
from gateway.smtp.address import Address
from gateway.smtp.envelope import Envelope
from gateway.smtp.intake import Intake
from gateway.smtp.reply import Reply
from gateway.spool import Draft, Spool
from tests.smtp_house import LISTED, PDF, STRANGER, House, a_mail, open_house, with_house
from tests.smtp_player import play

SCRIPTS = sorted((Path(__file__).parent / "data" / "smtp").glob("*.txt"))
ENVELOPE = b"EHLO x\r\nMAIL FROM:<scan@example.org>\r\nRCPT TO:<15551234567@fax.local>\r\nDATA\r\n"
SMUGGLED = [
    b"\n.\n",
    b"\r\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r\n.\r",
    b"\r.\r\n",
    b"\r\n\0.\r\n",
    b"\n\n.\r\n",
    b"\r\r\n.\r\r\n",
    b"\r\n.\0\r\n",
    b"\r\n.\r\r\n",
]


def hear_all(client: socket.socket) -> list[str]:
    """Return every line until the server hangs up, with the EHLO reply and the greeting left out."""
    with contextlib.suppress(ConnectionError), client.makefile("rb") as replies:
        lines = [line.decode("ascii").rstrip() for line in replies]
        return [
            line
            for line in lines
            if re.match(r"(?!220 )\d\d\d (\d\.|[^f])|421", line) and line != "250 ENHANCEDSTATUSCODES"
        ]
    return []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_dialogue(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each dialogue goes as its file says, and leaves no draft behind.

    All replies carry an enhanced code of the same class (RFC 2034), but greeting, HELO, EHLO and 3xx.
    """
    monkeypatch.setattr(manners, "ERROR_PAUSE", 0.0)
    heard: list[str] = []
    house = with_house(tmp_path, lambda house: heard.extend(play(house, script)))
    bare = [line for line in heard if not re.match(r"([245])\d\d[ -]\1\.\d{1,3}\.\d{1,3} ", line)]

    assert all(re.match(r"220 fax\.local|250[ -](fax\.local|SIZE|8BITMIME|[A-Z]+)|354 |334 ", line) for line in bare)
    assert [] == house.drafts()


def test_ehlo_comes_in_one_piece(tmp_path: Path) -> None:
    """Simple devices read once and take what came for the whole answer."""

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.recv(1000)
            connection.sendall(b"EHLO x\r\n")

            assert connection.recv(1000).endswith(b"250 ENHANCEDSTATUSCODES\r\n")

    with_house(tmp_path, client)


def test_smtplib(tmp_path: Path) -> None:
    """The standard library's client sends a mail over STARTTLS with a login."""

    def client(house: House) -> None:
        with smtplib.SMTP("localhost", house.ports["starttls"], source_address=(STRANGER, 0)) as smtp:
            context = ssl.create_default_context()
            house.authority.configure_trust(context)
            smtp.starttls(context=context)
            smtp.login("alice", "correct horse")
            smtp.sendmail("alice@example.org", ["15551234567@fax.local"], a_mail())

    house = with_house(tmp_path, client)

    assert ["127.0.0.2 as alice"] == [submission.client for submission, _, _ in house.accepted]


@pytest.mark.parametrize("end", SMUGGLED, ids=repr)
def test_smuggling(end: bytes, tmp_path: Path) -> None:
    """A second mail hidden behind a false end stays part of the first, which is refused."""
    second = b"MAIL FROM:<smuggled@example.org>\r\nRCPT TO:<15550000000@fax.local>\r\nDATA\r\n"
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(ENVELOPE + a_mail() + b"x" + end + second + a_mail() + b"\r\n.\r\nQUIT\r\n")
            replies.extend(hear_all(connection))

    house = with_house(tmp_path, client)

    assert ["250 2.1.0", "250 2.1.5", "354 end t", "550 5.", "221 2.0.0"] == [
        reply[: 6 if reply.startswith("550") else 9] for reply in replies
    ]
    assert [] == house.accepted
    assert [] == house.drafts()


@pytest.mark.parametrize("end", SMUGGLED, ids=repr)
def test_smuggling_on_a_legacy_listener(end: bytes, tmp_path: Path) -> None:
    """There line ends are mended, but a mail that has a CRLF ends where it ends everywhere, and is one mail."""
    second = b"MAIL FROM:<smuggled@example.org>\r\nRCPT TO:<15550000000@fax.local>\r\nDATA\r\n"
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect("legacy") as connection:
            connection.sendall(ENVELOPE + a_mail() + b"x" + end + second + a_mail() + b"\r\n.\r\nQUIT\r\n")
            replies.extend(hear_all(connection))

    house = with_house(tmp_path, client)

    assert 1 == sum(reply.startswith("354") for reply in replies)
    assert all("smuggled" not in submission.sender for submission, _, _ in house.accepted)
    assert "221 2.0.0 bye" == replies[-1]


def test_wrong_end_is_answered_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that ends its mail in bare LF and waits hears what is wrong, not silence."""
    monkeypatch.setattr(content, "WRONG_END_PATIENCE", 0.01)
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(ENVELOPE + b"Subject: x\n\nbody\n.\n")
            replies.extend(hear_all(connection))

    house = with_house(tmp_path, client)

    assert "550 5.5.2 lines must end in CR LF; a bare CR or LF is refused" == replies[-1]
    assert [] == house.drafts()


def test_half_closed_client_is_answered(tmp_path: Path) -> None:
    """A client that says everything and closes its side still learns that its mail was taken."""
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(ENVELOPE + a_mail() + b".\r\nNOOP\r\n")
            connection.shutdown(socket.SHUT_WR)
            replies.extend(hear_all(connection))

    house = with_house(tmp_path, client)

    assert ["250 2.0.0 queued as id1", "250 2.0.0 OK"] == replies[-2:]
    assert 1 == len(house.accepted)


def test_client_gone_before_the_dot(tmp_path: Path) -> None:
    """A mail without its end is no mail, and nothing of it stays."""

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(ENVELOPE + a_mail())

    house = with_house(tmp_path, client)

    assert [] == house.accepted
    assert [] == house.drafts()


def test_client_gone_right_after_the_dot(tmp_path: Path) -> None:
    """Once the mail is complete it is accepted, exactly once, though nobody hears of it."""

    def client(house: House) -> None:
        connection = house.connect()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        replies = connection.makefile("rb")
        connection.sendall(ENVELOPE)
        while not replies.readline().startswith(b"354"):
            pass
        connection.sendall(a_mail() + b".\r\n")
        while not house.desk.spool.kept():  # the server must have read it before the connection is reset
            pass
        replies.close()
        connection.close()

    house = with_house(tmp_path, client)

    assert 1 == len(house.accepted)
    assert {"id1"} == house.desk.spool.kept()


def test_far_too_large(tmp_path: Path) -> None:
    """Who sends more than twice the limit hears so and is cut off."""
    heard = b""

    def client(house: House) -> None:
        nonlocal heard
        with house.connect() as connection:
            connection.sendall(ENVELOPE)
            while b"354" not in heard:
                heard += connection.recv(1000)
            with contextlib.suppress(ConnectionError):
                while True:
                    connection.sendall(b"x" * 998 + b"\r\n")

    house = with_house(tmp_path, client, limits={"message_size": "100 kB"})

    assert [] == house.accepted
    assert [] == house.drafts()


def test_too_large(tmp_path: Path) -> None:
    """A mail over the limit is refused after its dot, and the session goes on."""
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(ENVELOPE + (b"x" * 998 + b"\r\n") * 150 + b".\r\nNOOP\r\nQUIT\r\n")
            replies.extend(hear_all(connection))

    house = with_house(tmp_path, client, limits={"message_size": "100 kB"})

    assert ["552 5.3.4 the mail is too large", "250 2.0.0 OK", "221 2.0.0 bye"] == replies[-3:]
    assert [] == house.drafts()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\r\n" * 8_000_000, "554 5.6.1"),
        (b"x" * 64_000_000, "554 5.6.0"),
        (b"x\n" * 8_000_000, "550 5.5.2"),
    ],
    ids=["16 MB of CRLF", "64 MB in one line", "16 MB of bare LF"],
)
def test_memory_is_bounded(content: bytes, expected: str, tmp_path: Path) -> None:
    """What makes stock servers take a gigabyte takes a few megabytes here."""
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(ENVELOPE)
            view = memoryview(content)
            for start in range(0, len(content), 1 << 20):
                connection.sendall(view[start : start + (1 << 20)])
            connection.sendall(b"\r\n.\r\nQUIT\r\n")
            replies.extend(hear_all(connection))

    tracemalloc.start()
    try:
        house = with_house(tmp_path, client, limits={"message_size": "65 MB"})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert expected == replies[-2][:9]
    assert peak < 16_000_000
    assert [] == house.drafts()


def test_lines_without_end(tmp_path: Path) -> None:
    """A command that never ends takes no memory and is refused."""
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            for _ in range(10):
                connection.sendall(b"x" * 1_000_000)
            connection.sendall(b"\r\nMAIL FROM:<" + b"x" * 3000 + b"@b>\r\nAUTH " + b"x" * 11_000 + b"\r\nQUIT\r\n")
            replies.extend(hear_all(connection))

    with_house(tmp_path, client)

    assert ["500 5.5.2", "500 5.5.2", "503 5.5.1", "221 2.0.0"] == [reply[:9] for reply in replies]


def test_too_many_errors(tmp_path: Path) -> None:
    """The twentieth error is the last."""
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(b"FOO\r\n" * 25)
            replies.extend(hear_all(connection))

    with_house(tmp_path, client)

    assert 20 == len(replies)
    assert "421 4.7.0 too many errors" == replies[-1]


@pytest.mark.parametrize("command", [b"NOOP", b"RSET", b"HELP", b"VRFY x", b"HELO x"])
def test_too_many_idle_commands(command: bytes, tmp_path: Path) -> None:
    """Nobody holds a session with commands that do nothing."""
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall((command + b"\r\n") * 101)
            with contextlib.suppress(ConnectionError), connection.makefile("rb") as lines:
                replies.extend(line.decode() for line in lines)

    with_house(tmp_path, client)

    assert 102 == len(replies)
    assert "421 4.7.0 too many commands without a mail\r\n" == replies[-1]


def test_too_many_recipients(tmp_path: Path) -> None:
    """Recipients over the limit are put off, the others are served."""
    recipients = b"".join(b"RCPT TO:<1555123%04d@fax.local>\r\n" % last for last in range(5))
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(
                b"HELO x\r\nMAIL FROM:<a@example.org>\r\n" + recipients + b"DATA\r\n" + a_mail() + b".\r\nQUIT\r\n"
            )
            replies.extend(hear_all(connection))

    house = with_house(tmp_path, client, limits={"recipients": 3})

    assert 2 == sum(reply.startswith("452 4.5.3 ") for reply in replies)
    assert 3 == len(house.accepted[0][1])


@pytest.mark.parametrize(
    "before", [b"", b"HELO", ENVELOPE, ENVELOPE + b"Subject: x\r\n"], ids=["greeting", "half a command", "354", "mail"]
)
def test_silence_ends_a_session(before: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that says nothing for too long is told so and let go, wherever it stopped."""
    for module in (content, session, wire):
        monkeypatch.setattr(module, "COMMAND_PATIENCE", 0.05)
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(before)
            replies.extend(hear_all(connection))

    house = with_house(tmp_path, client)

    assert "421 4.4.2 nothing came for too long" == replies[-1]
    assert [] == house.drafts()


def test_dripping_does_not_hold_a_mail_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DATA has a deadline of its own: octet by octet is too slow, though there is never silence."""
    monkeypatch.setattr(content, "PATIENCE", 0.05)
    ended = threading.Event()

    def client(house: House) -> None:
        with house.connect() as connection, contextlib.suppress(ConnectionError):
            connection.sendall(ENVELOPE)
            while b"421 4.4.2" not in connection.recv(10_000):
                connection.sendall(b"x")
            ended.set()

    house = with_house(tmp_path, client)

    assert ended.is_set()
    assert [] == house.drafts()


def test_session_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour a client gets its answer and is asked to come back."""
    monkeypatch.setattr(session, "SESSION_PATIENCE", -1.0)
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(b"NOOP\r\n")
            replies.extend(hear_all(connection))

    with_house(tmp_path, client)

    assert ["250 2.0.0 OK", "421 4.4.2 this session has lasted long enough, please come back"] == replies


def test_too_many_sessions(tmp_path: Path) -> None:
    """Over the limit a client is sent away at once, and one address cannot take all places."""

    def client(house: House) -> None:
        with house.connect() as first, house.connect() as second, house.connect() as third:
            assert first.recv(100).startswith(b"220 ")
            assert second.recv(100).startswith(b"220 ")
            assert third.recv(100).startswith(b"421 4.7.0 ")
            assert b"" == third.recv(100)

            with house.connect(source=STRANGER) as fourth, house.connect(source=STRANGER) as fifth:
                assert fourth.recv(100).startswith(b"220 ")
                assert fifth.recv(100).startswith(b"220 ")
                with house.connect(source="127.0.0.3") as sixth:
                    assert sixth.recv(100).startswith(b"421 4.3.2 ")

    with_house(tmp_path, client, limits={"sessions": 4})


def test_failure_of_ours_is_temporary_and_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug answers 451 and says nothing about itself, neither on the line nor, with what it quotes, in the log."""

    def broken(self: Intake, envelope: Envelope, recipient: Address) -> Reply:
        raise RuntimeError("secret \u2603\r\n250 OK injected")

    monkeypatch.setattr(Intake, "recipient", broken)
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(b"HELO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<15551234567@fax.local>\r\nQUIT\r\n")
            replies.extend(hear_all(connection))

    with capture_logs() as logs:
        with_house(tmp_path, client)

    assert ["451 4.3.0 temporary failure, please try again later", "221 2.0.0 bye"] == replies[-2:]
    assert ["session.failed"] == [entry["event"] for entry in logs if entry["log_level"] == "error"]
    assert "secret" not in str(logs)


def test_stopping(tmp_path: Path) -> None:
    """An idle session hears 421; a mail under way comes to its end first; then everything is closed."""

    async def run() -> tuple[House, bytes, bytes]:
        async with open_house(tmp_path) as house:
            _, port = LISTED, house.ports["plain"]
            idle, idle_writer = await asyncio.open_connection(LISTED, port)
            busy, busy_writer = await asyncio.open_connection(LISTED, port)
            await idle.readline()
            busy_writer.write(ENVELOPE)
            await busy.readuntil(b"354 end the mail with <CR><LF>.<CR><LF>\r\n")
            closing = asyncio.create_task(house.listeners.close(patience=10.0))
            idle_heard = await idle.read()
            busy_writer.write(a_mail() + b".\r\n")
            busy_heard = await busy.read()
            await closing
            idle_writer.close()
            busy_writer.close()
            return house, idle_heard, busy_heard

    house, idle, busy = asyncio.run(run())

    assert b"421 4.3.2 the gateway is stopping, please try again later\r\n" == idle
    assert b"250 2.0.0 queued as id1\r\n421 4.3.2 the gateway is stopping, please try again later\r\n" == busy
    assert 1 == len(house.accepted)


def test_stopping_does_not_wait_for_ever(tmp_path: Path) -> None:
    """A mail that does not come to its end is hung up on; nothing of it stays."""

    async def run() -> House:
        async with open_house(tmp_path) as house:
            reader, writer = await asyncio.open_connection(LISTED, house.ports["plain"])
            writer.write(ENVELOPE + b"Subject: x\r\n")
            await reader.readuntil(b"354 end the mail with <CR><LF>.<CR><LF>\r\n")
            await house.listeners.close(patience=0.01)
            writer.close()
            return house

    assert [] == asyncio.run(run()).drafts()


def test_stopping_in_a_handshake(tmp_path: Path) -> None:
    """A client that never finishes STARTTLS does not keep the gateway from stopping."""

    async def run() -> bytes:
        async with open_house(tmp_path) as house:
            reader, writer = await asyncio.open_connection(LISTED, house.ports["starttls"])
            writer.write(b"STARTTLS\r\n")
            await reader.readuntil(b"ready for TLS\r\n")
            await house.listeners.close(patience=0.01)
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.close()
        return b"stopped"

    assert b"stopped" == asyncio.run(run())


def test_stopping_in_the_first_moment(tmp_path: Path) -> None:
    """Clients that have just come when everything stops are hung up on, not forgotten."""

    async def run() -> list[socket.socket]:
        async with open_house(tmp_path) as house:
            clients = [socket.create_connection((LISTED, house.ports["plain"])) for _ in range(20)]
            await asyncio.sleep(0)  # some are accepted, none is served
        return clients

    for client in asyncio.run(run()):
        with client, contextlib.suppress(ConnectionError):
            assert client.recv(1000) in {b"", b"421 4.3.2 the gateway is stopping, please try again later\r\n"}


@pytest.mark.parametrize("said", [b"", b"no TLS at all\r\n" * 3])
def test_failed_handshake(said: bytes, tmp_path: Path) -> None:
    """Hanging up in the middle of STARTTLS, or talking nonsense, ends the session and frees its place."""

    def client(house: House) -> None:
        with house.connect("starttls") as connection:
            connection.sendall(b"STARTTLS\r\n")
            heard = b""
            while b"ready for TLS" not in heard:
                heard += connection.recv(1000)
            connection.sendall(said)
        with house.connect("starttls") as connection:
            while not connection.recv(1000).startswith(b"220 "):
                connection.close()
                connection = house.connect("starttls")  # noqa: PLW2901  # the same client, behind TLS

    with_house(tmp_path, client, limits={"sessions": 1})


def test_nothing_is_logged_by_aiosmtpd(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It would log every address, which is a fax number."""
    with caplog.at_level(0):
        with_house(tmp_path, lambda house: play(house, next(path for path in SCRIPTS if path.stem == "ordinary")))

    assert [] == [record.name for record in caplog.records if record.name.startswith("mail")]


def _standing_still(place: Path, go_on: threading.Event) -> Spool:
    """A spool whose disk does not write before it is told to go on."""

    class SlowDraft(Draft):
        def write(self, chunk: bytes) -> None:
            go_on.wait(10)
            super().write(chunk)

    class SlowSpool(Spool):
        def draft(self, id: str) -> Draft:
            quick = super().draft(id)
            return SlowDraft(id, quick.path, quick._file)

    return SlowSpool(place)


def test_lagging_disk_holds_the_client_back(tmp_path: Path) -> None:
    """While the disk does not write, the client cannot send more than a little: memory stays bounded."""
    go_on = threading.Event()
    sent = 0

    def client(house: House) -> None:
        nonlocal sent
        with house.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            connection.sendall(ENVELOPE)
            connection.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                while sent < 60_000_000:
                    sent += connection.send(b"%PDF-1.4\r\n" * 6000)
            go_on.set()
            connection.settimeout(10)
            connection.sendall(b"\r\n.\r\nQUIT\r\n")

            assert hear_all(connection)[-1].startswith("221")

    with_house(tmp_path, client, spool=_standing_still(tmp_path / "spool", go_on))

    assert sent < 30_000_000


def test_no_room_is_told_at_mail(tmp_path: Path) -> None:
    """Where a mail cannot be taken, MAIL says so; the session goes on, and other commands are answered as ever."""

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(
                b"EHLO x\r\nMAIL FROM:<a@example.org> SIZE=900000000000000\r\nRCPT TO:<15551234567@fax.local>\r\n"
                b"MAIL FROM:<a@example.org>\r\nRSET\r\nMAIL nonsense\r\nQUIT\r\n"
            )
            said = [line[:9] for line in hear_all(connection)]

            assert ["452 4.3.1", "503 5.5.1", "250 2.1.0", "250 2.0.0", "501 5.5.4", "221 2.0.0"] == said

    with_house(tmp_path, client, limits={"message_size": "999999 GB", "reserve": "0 B"})


def test_full_queue_is_told_at_mail(tmp_path: Path) -> None:
    """While too many faxes wait, clients are told so, in words."""

    async def many(most: int) -> int:
        return most

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(b"EHLO x\r\nMAIL FROM:<a@example.org>\r\nQUIT\r\n")

            assert "452 4.3.1 too many faxes are waiting to be sent, please try again later" == hear_all(connection)[0]

    with_house(tmp_path, client, waiting=many)


def test_strangers_say_something_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is not listed and says nothing does not hold a place for minutes; a listed client may take its time."""
    monkeypatch.setattr(session, "FIRST_PATIENCE", 0.05)

    def client(house: House) -> None:
        with house.connect() as listed, house.connect(source=STRANGER) as stranger:
            assert ["421 4.4.2 nothing came for too long"] == hear_all(stranger)
            listed.recv(100)
            listed.sendall(b"NOOP\r\n")
            assert listed.recv(100).startswith(b"250 ")

    with_house(tmp_path, client)


def test_strangers_are_quick_in_a_crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While most places are taken, whoever is not listed has less time for each command."""
    monkeypatch.setattr(session, "CROWDED_PATIENCE", 0.05)

    def client(house: House) -> None:
        with house.connect(source=STRANGER) as early, house.connect() as late:
            early.recv(100)
            late.recv(100)
            early.sendall(b"EHLO x\r\n")

            assert "421 4.4.2 nothing came for too long" == hear_all(early)[-1]

    with_house(tmp_path, client, limits={"sessions": 2})


def test_too_many_recipients_in_vain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recipients over the limit are put off, but not for ever."""
    monkeypatch.setattr(manners, "MOST_VAIN_RECIPIENTS", 10)
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            recipients = b"RCPT TO:<15551234567@fax.local>\r\n" * 20
            connection.sendall(b"EHLO x\r\nMAIL FROM:<a@example.org>\r\n" + recipients)
            replies.extend(hear_all(connection))

    with_house(tmp_path, client, limits={"recipients": 3})

    assert ["250", "452", "421"] == list(dict.fromkeys(reply[:3] for reply in replies))
    assert "421 4.7.0 too many commands without a mail" == replies[-1]


def test_guessing_over_many_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed logins of an address are counted over its connections; then it hears no more, and others log in."""
    monkeypatch.setattr(guesses, "MOST_A_MINUTE", 2)
    guess, right = (b"AUTH PLAIN " + b64encode(b"\0alice\0" + word) + b"\r\n" for word in (b"guess", b"correct horse"))

    def client(house: House) -> None:
        heard = []
        for source, said in ((STRANGER, guess * 3), (STRANGER, guess), ("127.0.0.9", right + b"QUIT\r\n")):
            with house.connect("implicit", source) as connection:
                connection.sendall(b"EHLO x\r\n" + said)
                heard += [reply[:9] for reply in hear_all(connection) if not reply.startswith("250")]

        assert ["535 5.7.8", "535 5.7.8", "421 4.7.0", "421 4.7.0", "235 2.7.0", "221 2.0.0"] == heard

    with_house(tmp_path, client)


WORDS = st.sampled_from(
    [
        b"EHLO x", b"HELO", b"MAIL FROM:<a@example.org>", b"MAIL FROM:<>", b"RCPT TO:<15551234567@fax.local>",
        b"RCPT TO:<postmaster>",
        b"DATA", b"BDAT 5", b"BDAT 3 LAST", b"BDAT 0 LAST", b"BDAT 99999999", b"BDAT x", b"RSET",
        b"NOOP", b"QUIT", b"AUTH PLAIN", b"AUTH LOGIN", b"STARTTLS", b"VRFY x", b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2",
        b"\r\n\r\n\0\r\nQUIT\n", b".", b"", b"\0", b"\xff\xfe", b"GET / HTTP/1.1", b"x" * 3000,
        b"MAIL FROM:<a@b> BODY=BINARYMIME", b"Subject: x",
    ]
)  # fmt: skip
ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n.\r\n", b"\n.\n", b""])
STREAMS = st.lists(st.one_of(st.tuples(WORDS, ENDS).map(b"".join), st.binary(max_size=40)), max_size=25).map(b"".join)
REPLY = re.compile(rb"(?:([2-5]\d\d)-[ -~]*\r\n(?:\1-[ -~]*\r\n)*\1 [ -~]*\r\n|[2-5]\d\d [ -~]*\r\n)*")


@pytest.mark.parametrize("listener", ["plain", "legacy", "starttls", "balanced"])
def test_any_stream(listener: str, tmp_path: Path) -> None:
    """Whatever octets come, each reply is well-formed, the session ends when the client has, and nothing is left."""

    async def say(house: House, stream: bytes, cut: int) -> bytes:
        reader, writer = await asyncio.open_connection(LISTED, house.ports[listener])
        writer.write(stream[:cut])
        await asyncio.sleep(0)
        writer.write(stream[cut:])
        heard = b""
        with contextlib.suppress(ConnectionError):
            writer.write_eof()
            async with asyncio.timeout(10):
                heard = await reader.read()
        writer.close()
        return heard

    with asyncio.Runner() as runner:
        opened = open_house(tmp_path)
        house = runner.run(opened.__aenter__())

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(stream=STREAMS, cut=st.integers(0, 100))
        def try_it(stream: bytes, cut: int) -> None:
            heard = runner.run(say(house, stream, cut))

            assert REPLY.fullmatch(heard)
            assert max(map(len, heard.split(b"\r\n"))) <= 510

        with capture_logs() as logs:
            try_it()
        runner.run(opened.__aexit__(None, None, None))

    assert [] == house.drafts()
    assert [] == [entry for entry in logs if entry["log_level"] == "error"]


def test_a_crowd_of_strangers_keeps_nobody_out(tmp_path: Path) -> None:
    """However many strangers sit there, whoever is listed finds a place and is served."""

    def client(house: House) -> None:
        with contextlib.ExitStack() as crowd:
            greetings = []
            for last in range(1, 31):
                stranger = crowd.enter_context(house.connect(source=f"127.0.{last}.1"))
                greetings.append(stranger.recv(100)[:3])
            with house.connect() as listed:
                listed.sendall(ENVELOPE + a_mail() + b".\r\nQUIT\r\n")

                assert "250 2.0.0 queued as id1" == hear_all(listed)[-2]

        assert [b"220"] * 18 + [b"421"] * 12 == greetings

    with_house(tmp_path, client, limits={"sessions": 20})


def test_all_mail_on_its_way_is_bounded(tmp_path: Path) -> None:
    """While the disk stands still many clients together fill no more memory than they may; then all are served."""
    go_on = threading.Event()
    content = a_mail(("letter.pdf", PDF + (b"% " + b"x" * 70 + b"\n") * 20_000))

    def send(house: House) -> str:
        with house.connect() as connection:
            connection.sendall(ENVELOPE)
            heard = b""
            while b"354 " not in heard:
                heard += connection.recv(1000)
            connection.sendall(content + b".\r\nQUIT\r\n")
            return hear_all(connection)[-2][:9]

    def client(house: House) -> None:
        reservoir = house.listeners._reservoir
        with ThreadPoolExecutor(6) as clients:
            under_way = [clients.submit(send, house) for _ in range(6)]
            while not reservoir.full:
                pass
            most = reservoir.octets
            go_on.set()

            assert ["250 2.0.0"] * 6 == [one.result() for one in under_way]

        assert most <= 300_000 + 256 * 1024
        assert 0 == reservoir.octets

    with_house(tmp_path, client, spool=_standing_still(tmp_path / "spool", go_on), limits={"in_flight": "300 kB"})


@pytest.mark.parametrize("old", ["1.0", "1.2-rsa"])
def test_failed_tls_is_on_record(old: str, tmp_path: Path) -> None:
    """The log tells which device could not do it, and what it lacks: its panel shows nothing."""

    def client(house: House) -> None:
        with house.connect("starttls") as connection:
            connection.sendall(b"STARTTLS\r\n")
            heard = b""
            while b"ready for TLS" not in heard:
                heard += connection.recv(1000)
            with pytest.raises((ssl.SSLError, ConnectionError)):
                house.tls(connection, old)

    with capture_logs() as logs:
        with_house(tmp_path, client)
    told = [(entry["client"], entry["reason"]) for entry in logs if entry["event"] == "tls.failed"]
    expected = {"1.0": "UNSUPPORTED_PROTOCOL", "1.2-rsa": "NO_SHARED_CIPHER"}

    assert [(LISTED, expected[old])] == told


def test_mistakes_cost_strangers_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer beyond so many errors takes its time, and none where the operator listed the client."""
    monkeypatch.setattr(manners, "ERROR_PAUSE", 0.05)

    def client(house: House) -> None:
        for source, waits in ((LISTED, 0), (STRANGER, manners.MOST_ERRORS - manners.SLOW_FROM + 1)):
            with house.connect(source=source) as connection:
                begun = time.monotonic()
                connection.sendall(b"FOO\r\n" * manners.MOST_ERRORS)

                assert "421 4.7.0 too many errors" == hear_all(connection)[-1]
                assert time.monotonic() - begun >= waits * 0.05

    with_house(tmp_path, client)


def test_mails_of_a_session_have_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one that may come is taken, and its sender is asked to come back with the others."""
    monkeypatch.setattr(manners, "MOST_MAILS", 2)
    replies: list[str] = []

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall((ENVELOPE + a_mail() + b".\r\n") * 3)
            replies.extend(hear_all(connection))

    house = with_house(tmp_path, client)

    assert "421 4.7.0 enough mails in one session, please come back with the others" == replies[-1]
    assert replies[-2].startswith("250 2.0.0 queued as ")
    assert 2 == len(house.accepted)


def test_who_waits_is_greeted(tmp_path: Path) -> None:
    """Where strangers wait for the greeting, who speaks before it is sent away; listed clients need not wait."""
    listener = {"name": "plain", "address": "127.0.0.1:0", "greet_after": "200ms"}
    heard: list[str] = []

    def client(house: House) -> None:
        for source, early in ((LISTED, True), (STRANGER, True), (STRANGER, False)):
            with house.connect(source=source) as connection, connection.makefile("rb") as lines:
                connection.sendall(b"EHLO x\r\n" if early else b"")
                heard.append(lines.readline().decode().rstrip())
                if heard[-1].startswith("554"):
                    assert b"" == lines.readline()

    with capture_logs() as logs:
        with_house(tmp_path, client, listener=[listener])

    greeting = "220 fax.local ESMTP fax-gateway"
    assert [greeting, "554 5.5.1 you spoke before the greeting", greeting] == heard
    assert [554] == [entry["code"] for entry in logs if entry["event"] == "client.refused"]


def test_refusals_of_commands_are_on_record(tmp_path: Path) -> None:
    """Also what fails before there is a recipient: a greeting left out after STARTTLS, a login, a sender."""

    def client(house: House) -> None:
        with house.connect() as connection:
            connection.sendall(b"MAIL FROM:<a@b>\r\nEHLO x\r\nAUTH PLAIN\r\nMAIL FROM:<\r\nRCPT TO:<1>\r\nQUIT\r\n")
            hear_all(connection)

    with capture_logs() as logs:
        with_house(tmp_path, client)
    told = [(entry["event"], entry["client"], entry["code"]) for entry in logs if entry["event"].endswith(".refused")]

    assert [
        ("command.refused", LISTED, 503),
        ("login.refused", LISTED, 502),
        ("command.refused", LISTED, 501),
        ("recipient.refused", LISTED, 503),
    ] == told


def test_refusals_are_on_record(tmp_path: Path) -> None:
    """Devices show a code at best, so the log has the device's address and the words of the reply."""
    script = next(path for path in SCRIPTS if path.stem == "s07_no_login_at_all")
    with capture_logs() as logs:
        with_house(tmp_path, lambda house: play(house, script))
    told = [entry for entry in logs if entry["event"] == "recipient.refused"]

    assert [(STRANGER, 530)] == [(entry["client"], entry["code"]) for entry in told]
    assert told[0]["words"].startswith("log in first")
