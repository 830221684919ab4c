"""What a client said so far, and the answers that need nothing more: all but those to DATA, AUTH, STARTTLS and QUIT.

To MAIL this is half the answer: the session asks besides whether there is room.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.smtp import address, parameters
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.intake import Intake
from gateway.smtp.login import Logins
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.terms import Terms

LONGEST_NAME = 255
NAMELESS = b"unknown"
"""What a client is called that does not say its name."""

BINARY = "BINARYMIME"
DONE = Reply(250, "2.0.0", "OK")
SENDER_TAKEN = Reply(250, "2.1.0", "sender OK")
CANNOT_VERIFY = Reply(252, "2.0.0", "try it: RCPT tells whether mail for it is taken")
NO_LISTS = Reply(502, "5.5.1", "there are no lists here")
HELP = Reply(214, "2.0.0", "mail to <number>@ this gateway leaves as a fax; attach a PDF or TIFF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a listener offers beside plain SMTP."""

    own_name: str
    starttls: bool
    logins: Logins | None
    submission: bool = False  #: its clients are authors of mail, who may ask for a time (RFC 6409)
    legacy: bool = False  #: its clients are old devices, which may leave out a greeting or their name in it
    open_login: bool = False  #: passwords may go over an open line


class Conversation:
    """One client's, from its greeting or from STARTTLS on."""

    def __init__(self, offer: Offer, intake: Intake, client: Client) -> None:
        self.client = client
        self.envelope: Envelope | None = None
        self._offer = offer
        self._intake = intake
        self._verbs: dict[bytes, Callable[[bytes], Reply]] = {
            b"HELO": self._helo,
            b"EHLO": self._ehlo,
            b"MAIL": self._mail,
            b"RCPT": self._rcpt,
            b"RSET": self._rset,
            b"NOOP": lambda _: DONE,
            b"VRFY": self._vrfy,
            b"HELP": lambda _: HELP,
            b"EXPN": lambda _: NO_LISTS,
        }

    def answer(self, verb: bytes, argument: bytes) -> Reply:
        """Answer a command.

        Raises:
            RefusedError: it is unknown, wrong, or refused.
        """
        known = self._verbs.get(verb)
        if known is None:
            raise RefusedError(500, "5.5.1", "this command is not known here")
        return known(argument)

    @property
    def announced(self) -> int:
        """Octets that the client announced for the mail under way; 0 when it did not."""
        return self.envelope.wishes.announced if self.envelope is not None else 0

    def forget(self) -> None:
        """Forget the mail under way."""
        self.envelope = None

    def for_content(self, *, chunks: bool = False) -> Envelope:
        """Return the envelope if the content may begin, and forget it here.

        Args:
            chunks: whether it comes by BDAT; else it comes by DATA.

        Raises:
            RefusedError: something is missing before it.
        """
        if self.envelope is None:
            raise RefusedError(503, "5.5.1", "say MAIL first")
        if not self.envelope.accepted:
            raise RefusedError(503, "5.5.1", "no valid recipients; say RCPT first")
        if self.envelope.wishes.body == BINARY and not chunks:
            raise RefusedError(503, "5.5.1", "BODY=BINARYMIME goes with BDAT, not with DATA")
        envelope, self.envelope = self.envelope, None
        return envelope

    def check_login(self) -> Logins:
        """Return what proves a login, if AUTH may begin.

        Raises:
            RefusedError: not here, not now, or not again.
        """
        self._check_helo()
        if self._offer.logins is None:
            raise RefusedError(502, "5.5.1", "nobody can log in here")
        if self.client.user is not None:
            raise RefusedError(503, "5.5.1", "you are logged in already")
        if self.envelope is not None:
            raise RefusedError(503, "5.5.1", "not while a mail is under way")
        if not self._may_log_in:
            raise RefusedError(538, "5.7.11", "log in after STARTTLS: a password must not go over an open line")
        return self._offer.logins

    def check_starttls(self, argument: bytes) -> None:
        """Return if STARTTLS may begin.

        Raises:
            RefusedError: not here, or not again.
        """
        if argument:
            raise RefusedError(501, "5.5.4", "write STARTTLS alone")
        if self.client.tls:
            raise RefusedError(503, "5.5.1", "this line is protected already")
        if not self._offer.starttls:
            raise RefusedError(502, "5.5.1", "no TLS is to be had here")

    def logged_in(self, user: str) -> None:
        """Remember who it is."""
        self.client = replace(self.client, user=user, login_helps=False)

    def _helo(self, argument: bytes) -> Reply:
        self._greet(argument, extended=False)
        return Reply(250, "", self._offer.own_name)

    def _ehlo(self, argument: bytes) -> Reply:
        self._greet(argument, extended=True)
        lines = [self._offer.own_name, f"SIZE {self._intake.largest}", "8BITMIME", "PIPELINING"]
        lines += ["CHUNKING", "BINARYMIME", *self._terms().keywords(), "ENHANCEDSTATUSCODES"]
        if self._offer.starttls and not self.client.tls:
            lines.append("STARTTLS")
        if self._offer.logins is not None and self._may_log_in:
            lines.append("AUTH PLAIN LOGIN")
        return Reply(250, "", "\n".join(lines))

    def _greet(self, argument: bytes, *, extended: bool) -> None:
        if not argument and not self._offer.legacy:
            raise RefusedError(501, "5.5.4", "say your name: EHLO name")
        name = (argument or NAMELESS).decode("ascii", errors="replace")[:LONGEST_NAME]
        self.client = replace(self.client, name=name, extended=extended)
        self.envelope = None

    def _mail(self, argument: bytes) -> Reply:
        self._check_helo()
        if self.envelope is not None:
            raise RefusedError(503, "5.5.1", "a mail is under way; RSET forgets it")
        sender, rest = address.parse(_behind(b"FROM:", argument), "5.1.7")
        wishes = parameters.of_mail(rest, self._terms())
        self.envelope = Envelope(client=self.client, sender=sender, wishes=wishes)
        return SENDER_TAKEN

    def _rcpt(self, argument: bytes) -> Reply:
        if self.envelope is None:
            raise RefusedError(503, "5.5.1", "say MAIL first")
        recipient, rest = address.parse(_behind(b"TO:", argument), "5.1.3")
        wishes = parameters.of_rcpt(rest)
        if recipient == address.NOBODY:
            raise RefusedError(501, "5.1.3", "a recipient cannot be empty")
        return self._intake.recipient(self.envelope, recipient, wishes)

    def _rset(self, argument: bytes) -> Reply:
        if argument:
            raise RefusedError(501, "5.5.4", "write RSET alone")
        self.forget()
        return DONE

    def _vrfy(self, argument: bytes) -> Reply:
        if not argument:
            raise RefusedError(501, "5.5.4", "write VRFY address")
        return CANNOT_VERIFY

    def _terms(self) -> Terms:
        return self._intake.terms(submission=self._offer.submission)

    @property
    def _may_log_in(self) -> bool:
        return bool(self.client.tls) or self._offer.open_login

    def _check_helo(self) -> None:
        if not self.client.name and not self._offer.legacy:
            raise RefusedError(503, "5.5.1", "say EHLO first")


def _behind(keyword: bytes, argument: bytes) -> bytes:
    if not argument.upper().startswith(keyword):
        raise RefusedError(
            501, "5.5.4", f"write {'MAIL' if keyword == b'FROM:' else 'RCPT'} {keyword.decode()}<address>"
        )
    return argument[len(keyword) :]
