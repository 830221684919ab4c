"""Hands a mail to the relay, and says of every failure whether trying again can help."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import aiosmtplib
import structlog
from aiosmtplib.email import parse_address

from gateway.config import RelaySettings, ServerSettings
from gateway.configfile import SecretError, secret

log = structlog.get_logger()

GOODBYE = 5.0
"""Seconds that we wait for the answer to QUIT; by then the mail's fate is known."""

PERMANENT = range(500, 600)
"""Replies that will not change (RFC 5321 section 4.2.1)."""

LOGIN_WANTED = 530
"""Says that the relay wants a login first (RFC 4954 section 6): the configuration's fault, not the mail's."""

LONGEST_WORDS = 300

TROUBLE: tuple[tuple[type[Exception], str], ...] = (
    (aiosmtplib.SMTPConnectResponseError, "the relay turned us away"),
    (aiosmtplib.SMTPHeloError, "the relay refused our EHLO"),
    (aiosmtplib.SMTPAuthenticationError, "the relay refused our login"),
    (aiosmtplib.SMTPSenderRefused, "the relay refused the empty sender"),
    (aiosmtplib.SMTPRecipientRefused, "the relay refused the recipient"),
    (aiosmtplib.SMTPDataError, "the relay refused the mail"),
    (aiosmtplib.SMTPResponseException, "the relay gave an answer that we did not expect"),
    (TimeoutError, "the relay did not answer in time"),
    (aiosmtplib.SMTPConnectError, "the relay cannot be reached"),
    (aiosmtplib.SMTPServerDisconnected, "the relay broke the connection"),
    (aiosmtplib.SMTPNotSupported, "the relay lacks what we need"),
    (ssl.SSLError, "no secure connection to the relay"),
    (Exception, "the mail could not be handed over"),
)
"""What each failure is called; the first that fits."""


class MailerError(Exception):
    """The relay has not taken the mail, or may not have."""

    def __init__(self, words: str, *, permanent: bool, uncertain: bool = False) -> None:
        super().__init__(words)
        self.words = words  #: one printable line, for the operator
        self.permanent = permanent  #: the same mail will never be taken
        self.uncertain = uncertain  #: it may have been taken: to ask another relay would be to send it twice


class Mailer:
    """The mail relays, as the `[relay]` section describes them."""

    def __init__(self, settings: RelaySettings, own_name: str) -> None:
        self._settings = settings
        self._own_name = own_name
        self._leaving: set[asyncio.Task[None]] = set()

    async def send(self, recipient: str, message: bytes) -> None:
        """Hand over one mail with the null return path, so that it never bounces back (RFC 3834 section 3.3).

        The relays are asked in their order, until one takes it or refuses it for good. Returns with the 250: to say
        goodbye takes its time afterwards, in which the caller can write down that the mail is sent.

        Args:
            recipient: the one mailbox it is for.
            message: as it goes over the wire, with CRLF, seven-bit.

        Raises:
            MailerError: no relay took it. When the connection broke after the final dot it may have been taken, and
                the mail must be offered again all the same: better twice than never.
        """
        _check(recipient)
        *others, last = self._settings.servers
        for server in others:
            try:
                await self._hand_to(server, recipient, message)
            except MailerError as error:
                if error.permanent or error.uncertain:
                    raise
                log.warning("relay.failed", relay=server.host, reason=error.words)
            else:
                return
        await self._hand_to(last, recipient, message)

    async def _hand_to(self, server: ServerSettings, recipient: str, message: bytes) -> None:
        try:
            client = self._client(server)
            await client.connect()
            try:
                await _hand_over(client, recipient, message)
            finally:
                self._leave(client)
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
            raise mailer_error(error) from error

    def _client(self, server: ServerSettings) -> aiosmtplib.SMTP:
        """The password is read now, so that a new one counts at once."""
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=self._own_name,
            timeout=self._settings.timeout,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "starttls",
            validate_certs=server.verify,
            username=server.username,
            password=_password(server.password_file) if server.password_file else None,
        )

    def _leave(self, client: aiosmtplib.SMTP) -> None:
        """Whatever happens here, the mail's fate is decided already."""
        task = asyncio.create_task(_take_leave(client))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        task.add_done_callback(lambda _: client.close())


def _password(path: Path) -> str:
    try:
        return secret(path).get_secret_value()
    except SecretError as error:
        raise MailerError(_line(f"no password for the relay: {error}"), permanent=False) from error


def _check(recipient: str) -> None:
    """Refuse what cannot stand alone between the angle brackets of RCPT."""
    try:
        alone = parse_address(recipient) == recipient and recipient.isascii() and recipient.isprintable()
    except ValueError:
        alone = False
    several = "," in recipient and not recipient.startswith('"')  # Python's own parsers differ by version here
    if not alone or several or "@" not in recipient:
        raise MailerError(_line(f"{recipient!r} is not a mail address"), permanent=True)


async def _hand_over(client: aiosmtplib.SMTP, recipient: str, message: bytes) -> None:
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    size = [f"SIZE={len(message)}"] if client.supports_extension("size") else []
    never = ["NOTIFY=NEVER"] if client.supports_extension("dsn") else []  # RFC 3461 section 4.1
    await client.mail("", options=size)
    await client.rcpt(recipient, options=never)
    try:
        await client.data(message)
    except aiosmtplib.SMTPResponseException:
        raise
    except (aiosmtplib.SMTPException, OSError) as error:
        words = mailer_error(error).words
        raise MailerError(words, permanent=False, uncertain=True) from error


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=GOODBYE)


def mailer_error(error: Exception) -> MailerError:
    """What a failure to hand a mail over means to us."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return mailer_error(error.recipients[0])
    trouble = next(words for kind, words in TROUBLE if isinstance(error, kind))
    said = f"{error.code} {error.message}" if isinstance(error, aiosmtplib.SMTPResponseException) else error
    return MailerError(_line(f"{trouble}: {said}"), permanent=_refuses_this_mail(error))


def _refuses_this_mail(error: Exception) -> bool:
    """Only then is it permanent. All else may be put right: by waiting, or in the configuration of either side."""
    match error:
        case aiosmtplib.SMTPRecipientRefused(code=code) | aiosmtplib.SMTPDataError(code=code):
            return code in PERMANENT and code != LOGIN_WANTED
        case _:
            return False


def _line(words: str) -> str:
    """Foreign words as one printable line."""
    printable = "".join(character if character.isprintable() else " " for character in words)
    return " ".join(printable.split())[:LONGEST_WORDS]
