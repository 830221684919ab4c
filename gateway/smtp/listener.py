"""Opens the addresses that take mail, in the daemon's own event loop, and closes them gracefully."""

import asyncio
import errno
import functools
import logging
import os
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from gateway.config import Config, ListenerSettings
from gateway.smtp.door import Door
from gateway.smtp.intake import Intake
from gateway.smtp.lobby import Lobby
from gateway.smtp.login import Logins
from gateway.smtp.session import Session
from gateway.smtp.spare import Spare
from gateway.users import Users

FIRST_INHERITED = 3
"""The first file descriptor that systemd hands over (sd_listen_fds(3))."""

HANDSHAKE_PATIENCE = 30.0
GOODBYE_PATIENCE = 8.0
"""Seconds for TLS to come up, and for mail under way when we stop."""

STEPS_TO_ARRIVE = 4
"""Turns of the event loop between a connection that is accepted and a session that knows of it."""

STARVED = frozenset({errno.EMFILE, errno.ENFILE})
"""What accept(2) says when there is no descriptor for the next client. asyncio tries again after a second."""

log = structlog.get_logger()

Inherited = Mapping[str, Sequence[socket.socket]]


class ListenError(OSError):
    """An address cannot be listened on. Its text says which, and why."""


class Listeners:
    """Everything that listens for mail, from `start` to `close`."""

    def __init__(self, config: Config, intake: Intake, inherited: Inherited | None = None) -> None:
        """Prepare.

        Args:
            config: listeners, names, limits, and the file of those who may log in.
            intake: takes the mail.
            inherited: sockets that are open already, by the listener's name; see `activated`.
        """
        self._listeners = config.listener
        self._own_name = config.own_name
        self._intake = intake
        self._inherited = inherited or {}
        self._lobby = Lobby(config.limits.sessions)
        self._logins = Logins(Users(config.users_file)) if config.users_file is not None else None
        self._servers: list[asyncio.Server] = []
        self._spare = Spare()
        self._asyncio_tells: Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object] = _default_handler

    async def start(self) -> dict[str, int]:
        """Open every listener. Returns the port of each by its name.

        Raises:
            ListenError: one cannot be opened. Close the others.
        """
        _silence_aiosmtpd()
        loop = asyncio.get_running_loop()
        self._asyncio_tells = loop.get_exception_handler() or _default_handler
        loop.set_exception_handler(self._asyncio_told)
        ports: dict[str, int] = {}
        for listener in self._listeners:
            context = _context(listener)
            servers = await self._open(listener, self._door(listener, context), context)
            self._servers += servers
            ports[listener.name] = servers[0].sockets[0].getsockname()[1]
        return ports

    async def close(self, patience: float = GOODBYE_PATIENCE) -> None:
        """Take no more mail. Mail that is arriving has `patience` seconds; what is being accepted comes to its end."""
        await self._stop_listening()
        await self._lobby.close(patience)
        await self._intake.settle()
        self._spare.give_up()

    def _asyncio_told(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Look after the clients at our sockets that asyncio has no descriptor for; all else is not ours."""
        error, listening = context.get("exception"), context.get("socket")
        ours = {one.fileno() for server in self._servers for one in server.sockets}
        if isinstance(error, OSError) and error.errno in STARVED and listening and listening.fileno() in ours:
            if self._spare.turn_away(listening.fileno()):
                log.error("listener.starved", errno=error.errno)
        else:
            self._asyncio_tells(loop, context)

    async def _stop_listening(self) -> None:
        """Accept nobody more, let those arrive who were accepted, then close: asyncio leaks what comes in between."""
        loop = asyncio.get_running_loop()
        for server in self._servers:
            for listening in server.sockets:
                loop.remove_reader(listening.fileno())
        for _ in range(STEPS_TO_ARRIVE):
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()

    def _door(self, listener: ListenerSettings, context: ssl.SSLContext | None) -> Door:
        return Door(
            listener=listener.name,
            own_name=self._own_name,
            starttls=context if listener.tls == "starttls" else None,
            logins=self._logins if context is not None else None,
            intake=self._intake,
            lobby=self._lobby,
        )

    async def _open(
        self, listener: ListenerSettings, door: Door, context: ssl.SSLContext | None
    ) -> list[asyncio.Server]:
        implicit = context if listener.tls == "implicit" else None
        listen = functools.partial(
            asyncio.get_running_loop().create_server,
            lambda: Session(door),
            ssl=implicit,
            ssl_handshake_timeout=HANDSHAKE_PATIENCE if implicit else None,
        )
        host, _, port = listener.address.rpartition(":")
        try:
            if inherited := self._inherited.get(listener.name):
                return [await listen(sock=one) for one in inherited]
            return [await listen(host=host.strip("[]"), port=int(port))]
        except OSError as error:
            why = error.strerror or str(error)
            raise ListenError(f'listener "{listener.name}" cannot listen on {listener.address}: {why}') from error


def activated(environment: Mapping[str, str], pid: int, first: int = FIRST_INHERITED) -> dict[str, list[socket.socket]]:
    """Return the sockets that systemd opened for this process, by their names (sd_listen_fds(3), systemd.socket(5)).

    Args:
        environment: of the process.
        pid: its id; sockets that were meant for another one are left alone.
        first: the first file descriptor.
    """
    if environment.get("LISTEN_PID") != str(pid):
        return {}
    count = int(environment.get("LISTEN_FDS", "0"))
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    found: dict[str, list[socket.socket]] = {}
    for place in range(count):
        os.set_inheritable(first + place, False)  # noqa: FBT003  # takes no keyword
        name = names[place] if place < len(names) else "unknown"
        found.setdefault(name, []).append(socket.socket(fileno=first + place))
    return found


def _context(listener: ListenerSettings) -> ssl.SSLContext | None:
    if listener.certificate is None or listener.tls == "off":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(listener.certificate, listener.key)
    except OSError as error:
        raise ListenError(
            f'listener "{listener.name}" cannot use {listener.certificate} with {listener.key}: {error.strerror}'
        ) from error
    return context


def _default_handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    loop.default_exception_handler(context)


def _silence_aiosmtpd() -> None:
    """It logs every command, and with it addresses; we log what happened ourselves."""
    for name in ("mail.log", "mail.debug"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
