"""Mails go to a real SMTP server on a socket: taken, refused at every step, broken off, over TLS, with a login."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import aiosmtplib
import aiosmtplib.errors
import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from gateway.config import RelaySettings
from gateway.mailbox import Mail, Mailbox
from gateway.mailer import LONGEST_WORDS, Mailer, MailerError, mailer_error

MAIL = b"Subject: Fax delivered\r\n\r\n.\r\nIt was.\r\n"


def mailer(port: int, **settings: Any) -> Mailer:
    """A mailer to this port of the loopback."""
    usual: dict[str, Any] = {"host": "localhost", "port": port, "tls": "off", "timeout": "5s"}
    return Mailer(RelaySettings(**usual | settings), "fax.local")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Signs the relay's certificates."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts that authority."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def certificate(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    """A server's TLS with a certificate for this name."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def sent(mailbox: Mailbox, **settings: Any) -> list[Mail]:
    """What arrives in the mailbox when one mail is sent."""

    async def run() -> list[Mail]:
        async with mailbox:
            await mailer(mailbox.port, **settings).send("alice@example.org", MAIL)
            return mailbox.mails

    return asyncio.run(run())


def refusal(sending: Callable[[], Awaitable[None]]) -> tuple[bool, str]:
    """Whether the error is permanent, and its words."""

    async def run() -> tuple[bool, str]:
        with pytest.raises(MailerError) as refused:
            await sending()
        return refused.value.permanent, refused.value.words

    return asyncio.run(run())


def refused_by(mailbox: Mailbox, **settings: Any) -> tuple[bool, str]:
    """What the mailer says when this mailbox does not take its mail."""

    async def sending() -> None:
        async with mailbox:
            await mailer(mailbox.port, **settings).send("alice@example.org", MAIL)

    return refusal(sending)


ARRIVED = [Mail("", ("alice@example.org",), MAIL)]


def test_arrives_unchanged_with_the_null_return_path() -> None:
    """The relay gets exactly our bytes, dots and all, from nobody."""

    assert ARRIVED == sent(Mailbox())


def test_arrives_over_starttls(authority: trustme.CA, trusted: None) -> None:
    """With `starttls` nothing but EHLO is said in the clear."""

    assert ARRIVED == sent(Mailbox(tls_context=certificate(authority), require_starttls=True), tls="starttls")


def test_arrives_over_implicit_tls(authority: trustme.CA, trusted: None) -> None:
    """With `implicit` the first octet is TLS."""

    assert ARRIVED == sent(Mailbox(implicit_tls=certificate(authority)), tls="implicit")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_wrong_certificate_is_refused(authority: trustme.CA, trusted: None, tls: str) -> None:
    """A certificate for another name ends it, for now: somebody may put it right."""
    context = certificate(authority, "elsewhere.example.org")
    mailbox = Mailbox(tls_context=context) if tls == "starttls" else Mailbox(implicit_tls=context)

    permanent, words = refused_by(mailbox, tls=tls)

    assert not permanent
    assert "certificate verify failed" in words
    assert [] == mailbox.mails


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_wrong_certificate_is_taken_when_told_so(authority: trustme.CA, tls: str) -> None:
    """`verify = false` means what it says."""
    context = certificate(authority, "elsewhere.example.org")
    mailbox = Mailbox(tls_context=context) if tls == "starttls" else Mailbox(implicit_tls=context)

    assert ARRIVED == sent(mailbox, tls=tls, verify=False)


def test_never_falls_back_to_clear_text() -> None:
    """A relay that offers no STARTTLS where we want it gets no mail."""
    mailbox = Mailbox()

    permanent, words = refused_by(mailbox, tls="starttls")

    assert not permanent
    assert "STARTTLS" in words
    assert [] == mailbox.mails


def bob(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword) -> AuthResult:
    """Let one login in."""
    return AuthResult(success=login == LoginPassword(b"bob", b"s3cret"), handled=False)


def locked(authority: trustme.CA) -> Mailbox:
    """A mailbox that wants a login."""
    return Mailbox(tls_context=certificate(authority), authenticator=bob, auth_required=True)


def test_logs_in_with_the_password_in_the_file(authority: trustme.CA, trusted: None, tmp_path: Path) -> None:
    """The password file is read anew for each mail: a new password counts at once."""
    password = tmp_path / "password"
    password.touch(0o600)

    async def run() -> list[Mail]:
        async with locked(authority) as mailbox:
            relay = mailer(mailbox.port, tls="starttls", username="bob", password_file=password)
            password.write_text("wrong\n")
            with pytest.raises(MailerError, match="refused our login: 535") as refused:
                await relay.send("alice@example.org", MAIL)
            password.write_text("s3cret\n")
            await relay.send("alice@example.org", MAIL)
            assert not refused.value.permanent
            return mailbox.mails

    assert ARRIVED == asyncio.run(run())


def test_a_missing_login_is_the_configurations_fault(authority: trustme.CA, trusted: None) -> None:
    """530 before the mail was looked at is not held against the mail."""
    permanent, words = refused_by(locked(authority), tls="starttls")

    assert not permanent
    assert "530" in words


def test_a_missing_password_file_is_temporary(tmp_path: Path) -> None:
    """The words name the file, and the relay is not even called."""
    permanent, words = refusal(lambda: mailer(9, username="bob", password_file=tmp_path / "gone").send("a@b", MAIL))

    assert not permanent
    assert words.startswith(f"no password for the relay: there is no file {tmp_path / 'gone'}")


@pytest.mark.parametrize(("reply", "permanent"), [("451 4.3.0 try later", False), ("550 5.7.1 unwanted", True)])
def test_the_relay_refuses_the_mail(reply: str, permanent: bool) -> None:  # noqa: FBT001  # a column of the table
    """After the final dot, 4xx is temporary and 5xx is permanent; the relay's own words are passed on."""
    mailbox = Mailbox()
    mailbox.refuse(reply)

    assert (permanent, f"the relay refused the mail: {reply}") == refused_by(mailbox)


def test_nobody_listens() -> None:
    """Connection refused is temporary."""

    async def sending() -> None:
        async with Mailbox() as mailbox:
            port = mailbox.port
        await mailer(port, host="127.0.0.1").send("alice@example.org", MAIL)

    permanent, words = refusal(sending)

    assert not permanent
    assert words.startswith("the relay cannot be reached")


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "alice",
        "a b@example.org",
        "a@example.org,b@example.org",
        "a@example.org> NOTIFY=SUCCESS",
        "a\r\nRSET@example.org",
        "ä@example.org",
        "\udc80@example.org",
    ],
)
def test_an_impossible_address_is_permanent(recipient: str) -> None:
    """What is no plain mailbox never reaches the wire."""
    permanent, words = refusal(lambda: mailer(9).send(recipient, MAIL))

    assert permanent
    assert words.endswith("is not a mail address")


class Script:
    """A relay that answers by a table: what to say to each command. "" hangs up, "..." says nothing at all."""

    USUAL: ClassVar[dict[str, str]] = {
        "": "220 ready",
        "EHLO": "250-relay\r\n250 DSN",
        "MAIL": "250 ok",
        "RCPT": "250 ok",
        "DATA": "354 go on",
        ".": "250 taken",
        "RSET": "250 ok",
        "QUIT": "221 bye",
    }

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = self.USUAL | answers
        self.heard: list[str] = []
        self.over = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        self.over.set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = ""
        while await self._answer(command, writer):
            line = (await reader.readline()).decode().rstrip("\r\n")
            if not line:
                return
            self.heard.append(line)
            command = line.split(" ")[0].upper()
            if command == "DATA" and self._answers["DATA"].startswith("354"):
                await self._answer("DATA", writer)
                await reader.readuntil(b"\r\n.\r\n")
                command = "."

    async def _answer(self, command: str, writer: asyncio.StreamWriter) -> bool:
        answer = self._answers.get(command, "500 what?")
        if answer and answer != "...":
            writer.write(f"{answer}\r\n".encode("utf-8", "surrogateescape"))
            await writer.drain()
        return bool(answer)


async def scripted(answers: dict[str, str], **settings: Any) -> Script:
    """Send one mail to such a relay."""
    script = Script(answers)
    server = await asyncio.start_server(script, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        await mailer(port, host="127.0.0.1", **settings).send("alice@example.org", MAIL)
    finally:
        server.close()
        await script.over.wait()
        await server.wait_closed()
    return script


def test_asks_for_no_report_about_a_report() -> None:
    """A relay that lists DSN hears NOTIFY=NEVER; we greet it with our own name and leave politely."""
    script = asyncio.run(scripted({}))

    assert [
        "EHLO fax.local",
        "MAIL FROM:<>",
        "RCPT TO:<alice@example.org> NOTIFY=NEVER",
        "DATA",
        "QUIT",
    ] == script.heard


def test_a_relay_without_dsn_hears_no_notify() -> None:
    """NOTIFY is a syntax error where DSN is not listed."""
    script = asyncio.run(scripted({"EHLO": "250 relay"}))

    assert "RCPT TO:<alice@example.org>" in script.heard


@pytest.mark.parametrize("answer", ["", "...", "500 no"])
def test_a_bad_goodbye_changes_nothing(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the mail is taken, the answer to QUIT does not matter."""
    monkeypatch.setattr("gateway.mailer.GOODBYE", 0.05)
    script = asyncio.run(scripted({"QUIT": answer}))

    assert "QUIT" == script.heard[-1]


@pytest.mark.parametrize(
    ("answers", "permanent", "words"),
    [
        ({"": "554 go away"}, False, "the relay turned us away: 554 go away"),
        ({"": "421 busy"}, False, "the relay turned us away: 421 busy"),
        ({"": ""}, False, "the relay cannot be reached"),
        ({"": "nonsense"}, False, "the relay gave an answer that we did not expect"),
        ({"EHLO": "550 no"}, False, "the relay refused our EHLO: 550 no"),
        ({"EHLO": ""}, False, "the relay broke the connection"),
        ({"MAIL": "550 who are you"}, False, "the relay refused the empty sender: 550"),
        ({"MAIL": "421 shutting down"}, False, "the relay refused the empty sender: 421"),
        ({"RCPT": "450 mailbox busy"}, False, "the relay refused the recipient: 450 mailbox busy"),
        ({"RCPT": "550 5.1.1 no such user"}, True, "the relay refused the recipient: 550 5.1.1 no such user"),
        ({"RCPT": "530 5.7.0 log in first"}, False, "the relay refused the recipient: 530"),
        ({"RCPT": ""}, False, "the relay broke the connection"),
        ({"DATA": "451 not now"}, False, "the relay refused the mail: 451"),
        ({"DATA": "554 never"}, True, "the relay refused the mail: 554"),
        ({".": ""}, False, "the relay broke the connection"),
        ({".": "452 full"}, False, "the relay refused the mail: 452"),
        ({".": "552 too big"}, True, "the relay refused the mail: 552"),
        ({".": "250-taken\r\n550 or not"}, True, "the relay refused the mail: 550"),
        ({".": "666 odd"}, False, "the relay refused the mail: 666"),
    ],
)
def test_every_step_may_fail(answers: dict[str, str], permanent: bool, words: str) -> None:  # noqa: FBT001  # a column of the table
    """A table of what a relay can do to us, and what it means."""
    outcome = refusal(lambda: asyncio.wait_for(_nothing(scripted(answers)), 10))

    assert (permanent, True) == (outcome[0], outcome[1].startswith(words))


async def _nothing(sending: Awaitable[Script]) -> None:
    await sending


async def in_order(first: dict[str, str], second: dict[str, str]) -> tuple[list[str], list[str]]:
    """Send one mail, with two such relays in order; the commands that each heard."""
    scripts = Script(first), Script(second)
    servers = [await asyncio.start_server(script, "127.0.0.1", 0) for script in scripts]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    another = {"host": "127.0.0.1", "port": ports[1], "tls": "off"}
    try:
        await mailer(ports[0], host="127.0.0.1", next=[another]).send("alice@example.org", MAIL)
    finally:
        for server, script in zip(servers, scripts, strict=True):
            server.close()
            if script.heard:
                await script.over.wait()
            await server.wait_closed()
    return tuple([line.split(" ")[0] for line in script.heard] for script in scripts)  # type: ignore[return-value]  # two


WHOLE = ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize(
    ("first", "heard"),
    [
        ({}, (WHOLE, [])),
        ({"": "421 busy"}, ([], WHOLE)),
        ({"EHLO": "550 no"}, (["EHLO", "QUIT"], WHOLE)),
        ({"MAIL": "550 no"}, (["EHLO", "MAIL", "QUIT"], WHOLE)),
        ({"RCPT": "450 later"}, (["EHLO", "MAIL", "RCPT", "QUIT"], WHOLE)),
        ({".": "452 full"}, (WHOLE, WHOLE)),
    ],
)
def test_the_next_relay_is_asked(first: dict[str, str], heard: tuple[list[str], list[str]]) -> None:
    """When the first does not take the mail now; only then."""
    told = asyncio.run(asyncio.wait_for(in_order(first, {}), 10))

    assert heard == told


@pytest.mark.parametrize(
    ("first", "permanent", "words"),
    [
        ({"RCPT": "550 5.1.1 no such user"}, True, "the relay refused the recipient: 550"),
        ({".": "554 never"}, True, "the relay refused the mail: 554"),
        ({".": ""}, False, "the relay broke the connection"),
    ],
)
def test_the_next_relay_is_not_asked(first: dict[str, str], permanent: bool, words: str) -> None:  # noqa: FBT001  # a column of the table
    """When the first refused it for good, or may have taken it: nobody is told twice by two relays."""
    seconds: list[Mail] = []

    async def sending() -> None:
        async with Mailbox() as second:
            script = Script(first)
            server = await asyncio.start_server(script, "127.0.0.1", 0)
            another = {"host": "127.0.0.1", "port": second.port, "tls": "off"}
            port = server.sockets[0].getsockname()[1]
            try:
                await mailer(port, host="127.0.0.1", next=[another]).send("alice@example.org", MAIL)
            finally:
                server.close()
                await script.over.wait()
                seconds.extend(second.mails)

    outcome = refusal(sending)

    assert (permanent, True, []) == (outcome[0], outcome[1].startswith(words), seconds)


def test_all_relays_are_away() -> None:
    """The last one's words are told."""

    async def sending() -> None:
        async with Mailbox() as mailbox:
            mailbox.refuse("451 4.3.0 later")
            another = {"host": "127.0.0.1", "port": mailbox.port, "tls": "off"}
            await mailer(9, host="127.0.0.1", next=[another]).send("alice@example.org", MAIL)

    assert (False, "the relay refused the mail: 451 4.3.0 later") == refusal(sending)


def test_taken_is_said_before_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that is slow to let go does not widen the time in which a crash would tell somebody twice."""
    monkeypatch.setattr("gateway.mailer.GOODBYE", 0.05)

    async def run() -> bool:
        script = Script({"QUIT": "..."})
        server = await asyncio.start_server(script, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await mailer(port, host="127.0.0.1").send("alice@example.org", MAIL)
        over = script.over.is_set()
        await script.over.wait()
        server.close()
        return over

    assert not asyncio.run(run())


@pytest.mark.parametrize("silent", ["", "EHLO", "RCPT", "."])
def test_silence_is_temporary(silent: str) -> None:
    """A relay that says nothing is given up on after the configured time, also after the final dot."""
    permanent, words = refusal(lambda: _nothing(scripted({silent: "..."}, timeout="100ms")))

    assert not permanent
    assert words.startswith("the relay did not answer in time")


def test_words_are_one_printable_line() -> None:
    """What the relay says reaches database and log without control characters, and not at any length."""
    _, words = refusal(lambda: _nothing(scripted({"RCPT": "550-\x00\x1b[31mno\udcff\r\n550 " + "x" * 2000})))

    assert words.isprintable()
    assert words.startswith("the relay refused the recipient: 550 [31mno x")
    assert LONGEST_WORDS == len(words)


REFUSED = aiosmtplib.SMTPRecipientRefused(550, "no", "alice@example.org")
FAILURES: dict[str, tuple[Exception, bool, str]] = {
    "SMTPAuthenticationError": (aiosmtplib.SMTPAuthenticationError(535, "no"), False, "refused our login: 535 no"),
    "SMTPConnectError": (aiosmtplib.SMTPConnectError("no"), False, "cannot be reached: no"),
    "SMTPConnectResponseError": (aiosmtplib.SMTPConnectResponseError(554, "no"), False, "turned us away: 554 no"),
    "SMTPConnectTimeoutError": (aiosmtplib.SMTPConnectTimeoutError("no"), False, "did not answer in time: no"),
    "SMTPDataError": (aiosmtplib.SMTPDataError(550, "no"), True, "refused the mail: 550 no"),
    "SMTPException": (aiosmtplib.SMTPException("no"), False, "could not be handed over: no"),
    "SMTPHeloError": (aiosmtplib.SMTPHeloError(550, "no"), False, "refused our EHLO: 550 no"),
    "SMTPNotSupported": (aiosmtplib.SMTPNotSupported("no"), False, "lacks what we need: no"),
    "SMTPReadTimeoutError": (aiosmtplib.SMTPReadTimeoutError("no"), False, "did not answer in time: no"),
    "SMTPRecipientRefused": (REFUSED, True, "refused the recipient: 550 no"),
    "SMTPRecipientsRefused": (aiosmtplib.SMTPRecipientsRefused([REFUSED]), True, "refused the recipient: 550 no"),
    "SMTPResponseException": (aiosmtplib.SMTPResponseException(550, "no"), False, "did not expect: 550 no"),
    "SMTPSenderRefused": (aiosmtplib.SMTPSenderRefused(550, "no", ""), False, "refused the empty sender: 550 no"),
    "SMTPServerDisconnected": (aiosmtplib.SMTPServerDisconnected("no"), False, "broke the connection: no"),
    "SMTPTimeoutError": (aiosmtplib.SMTPTimeoutError("no"), False, "did not answer in time: no"),
}


def test_no_exception_of_the_library_is_missing() -> None:
    """When aiosmtplib learns a new way to fail, this test wants it classified."""

    assert set(aiosmtplib.errors.__all__) == set(FAILURES)


@pytest.mark.parametrize("name", FAILURES)
def test_every_exception_has_a_meaning(name: str) -> None:
    """Only a refusal of the recipient or of the mail itself is permanent, and each is told in our words."""
    error, permanent, words = FAILURES[name]
    meant = mailer_error(error)

    assert (permanent, True) == (meant.permanent, meant.words.endswith(words))
