"""What one client may do before its session ends: mistakes, guesses, and commands that lead to nothing."""

from collections import Counter

from gateway.smtp.reply import Reply

MOST_ERRORS = 20
MOST_FAILED_LOGINS = 3
MOST_MAILS = 100
"""Mails in one session, taken or refused; then whoever has more comes back."""

SLOW_FROM = 10
ERROR_PAUSE = 1.0
"""From so many errors on, strangers wait so many seconds for each further answer."""

MOST_IDLE_COMMANDS = 100
IDLE_COMMANDS = frozenset({b"NOOP", b"RSET", b"VRFY", b"HELP", b"EXPN", b"EHLO", b"HELO"})
MOST_VAIN_RECIPIENTS = 1000
"""RCPT commands beyond those that a mail may have, before a mail is accepted."""

WEB = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"CONNECT"})
"""A web page can make its reader's browser talk to us from a listed network; it must not get as far as its body."""

TOO_MANY_ERRORS = Reply(421, "4.7.0", "too many errors")
TOO_MANY_LOGINS = Reply(421, "4.7.0", "too many failed logins")
TOO_MANY_COMMANDS = Reply(421, "4.7.0", "too many commands without a mail")
NO_WEB_SERVER = Reply(421, "4.7.0", "this is not a web server")

ERROR = 500
"""Codes from here on are errors (RFC 5321 section 4.2.1)."""
WRONG_LOGIN = 535


class Manners:
    """Counts what a client does in one session."""

    def __init__(self, most_recipients: int) -> None:
        """Begin with a client that has done nothing, where a mail may have so many recipients."""
        self._limits = dict.fromkeys(IDLE_COMMANDS, MOST_IDLE_COMMANDS)
        self._limits[b"RCPT"] = MOST_VAIN_RECIPIENTS + most_recipients
        self._said = Counter[bytes]()
        self._errors = 0
        self._failed_logins = 0
        self._mails = 0

    def object_to(self, verb: bytes) -> Reply | None:
        """Count a command, in capital letters; return the reply if it is one too many."""
        if verb in WEB:
            return NO_WEB_SERVER
        if verb not in self._limits:
            return None
        self._said[verb] += 1
        return TOO_MANY_COMMANDS if self._said[verb] > self._limits[verb] else None

    def judge(self, reply: Reply) -> Reply:
        """Count a reply that is an error; return it, or another one if it is one error too many."""
        self._errors += reply.code >= ERROR
        self._failed_logins += reply.code == WRONG_LOGIN
        if self._failed_logins >= MOST_FAILED_LOGINS:
            return TOO_MANY_LOGINS
        return TOO_MANY_ERRORS if self._errors >= MOST_ERRORS else reply

    def pause(self) -> float:
        """Return the seconds that a stranger who makes so many errors waits for an answer."""
        return ERROR_PAUSE if self._errors >= SLOW_FROM else 0.0

    def enough(self) -> bool:
        """Count a mail that has come whole; return whether it was the last of this session."""
        self._mails += 1
        return self._mails >= MOST_MAILS

    def forgive(self) -> None:
        """Who sends mail that is taken may have made mistakes before."""
        self._errors = self._said[b"RCPT"] = 0
