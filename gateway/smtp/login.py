"""AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616): who is on the line, proven by a password."""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable

import structlog

from gateway.policy import IPAddress
from gateway.smtp.failure import failed
from gateway.smtp.guesses import Guesses
from gateway.smtp.reply import RefusedError
from gateway.users import Users

Ask = Callable[[bytes], Awaitable[bytes]]
"""Puts a challenge to the client and returns its answer, both as they are before and after base64 on the wire."""

Prove = Callable[[str, str], Awaitable[None]]
"""Proves a password by the user's name; see `Logins.prove`."""

USERNAME = b"Username:"
PASSWORD = b"Password:"
"""Some devices compare these letter by letter."""

AT_ONCE = 2
"""Passwords checked at the same time: each takes 64 MB and a core."""

log = structlog.get_logger()


class Logins:
    """Proves passwords, a few at a time, off the event loop."""

    def __init__(self, users: Users, guesses: Guesses) -> None:
        self._users = users
        self._guesses = guesses
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def prove(self, name: str, password: str, ip: IPAddress, *, listed: bool) -> None:
        """Return if this is the user's password. Waits where it was guessed at; others are served meanwhile.

        Args:
            name: of the user.
            password: to be proven.
            ip: where it comes from.
            listed: whether a sender rule lists that address.

        Raises:
            RefusedError: it is not (535), nobody can tell at the moment (454), or it was guessed at too often (421).
        """
        await asyncio.sleep(self._guesses.pause(name))
        try:
            async with self._turn:  # checked here, since many at once could know of each other's failure only now
                self._guesses.check(ip, listed=listed)
                proven = await asyncio.to_thread(self._users.verify, name, password)
        except (OSError, ValueError) as error:
            failed("login.failed", error)
            raise RefusedError(454, "4.7.0", "logins cannot be checked at the moment") from None
        if not proven:
            self._guesses.failed(ip, name)
            raise RefusedError(535, "5.7.8", "user name or password is wrong")


async def log_in(argument: bytes, ask: Ask, prove: Prove) -> str:
    """Carry out AUTH; return the user's name.

    Args:
        argument: the mechanism, in any case, and the initial response if there is one.
        ask: puts a challenge to the client.
        prove: proves the password.

    Raises:
        RefusedError: it was not a login, or not a right one.
    """
    words = argument.split()
    if len(words) not in {1, 2}:
        raise RefusedError(501, "5.5.4", "write AUTH PLAIN or AUTH LOGIN")
    mechanism = _MECHANISMS.get(words[0].upper())
    if mechanism is None:
        raise RefusedError(504, "5.5.4", "only PLAIN and LOGIN are known here")
    name, password = await mechanism(words[1] if len(words) > 1 else None, ask)
    await prove(name, password)
    return name


async def _plain(initial: bytes | None, ask: Ask) -> tuple[str, str]:
    message = _decoded(initial if initial is not None else await ask(b""))
    pieces = message.split("\0")
    if len(pieces) != 3:  # noqa: PLR2004  # RFC 4616 section 2: whom to act as, who it is, password
        raise RefusedError(501, "5.5.2", "this is not a PLAIN response")
    act_as, name, password = pieces
    if act_as not in {"", name}:
        raise RefusedError(535, "5.7.8", "nobody may act as somebody else")
    return name, password


async def _login(initial: bytes | None, ask: Ask) -> tuple[str, str]:
    name = _decoded(initial if initial is not None else await ask(USERNAME))
    return name, _decoded(await ask(PASSWORD))


_MECHANISMS = {b"PLAIN": _plain, b"LOGIN": _login}


def _decoded(text: bytes) -> str:
    if text == b"*":
        raise RefusedError(501, "5.7.0", "login given up")
    try:
        return b64decode(b"" if text == b"=" else text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise RefusedError(501, "5.5.2", "this is not base64") from None
