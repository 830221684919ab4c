"""Opens the addresses that take mail, in the daemon's own event loop, and closes them gracefully."""

import asyncio
import errno
import functools
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import structlog

from gateway.config import Config, ListenerSettings, Network
from gateway.smtp.door import Door
from gateway.smtp.guesses import Guesses
from gateway.smtp.intake import Intake
from gateway.smtp.lobby import Lobby
from gateway.smtp.login import Logins
from gateway.smtp.reservoir import Reservoir
from gateway.smtp.session import Session
from gateway.smtp.spare import Spare
from gateway.smtp.tls import Certificate
from gateway.users import Users

FIRST_INHERITED = 3
"""The first file descriptor that systemd hands over (sd_listen_fds(3))."""

GOODBYE_PATIENCE = 8.0
"""Seconds for mail under way when we stop."""

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

    def __init__(
        self,
        config: Config,
        intake: Intake,
        inherited: Inherited | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare.

        Args:
            config: listeners, names, limits, and the file of those who may log in.
            intake: takes the mail.
            inherited: sockets that are open already, by the listener's name; see `activated`.
            monotonic: a clock in seconds that is never set.
        """
        self._listeners = config.listener
        self._own_name = config.own_name
        self._intake = intake
        self._inherited = inherited or {}
        self._lobby = Lobby(config.limits, _listed(config), monotonic)
        self._most_recipients = config.limits.recipients
        self._reservoir = Reservoir(config.limits.in_flight)
        users = Users(config.users_file) if config.users_file is not None else None
        self._logins = Logins(users, Guesses(monotonic)) if users is not None else None
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
            servers = await self._open(listener, self._door(listener))
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

    def _door(self, listener: ListenerSettings) -> Door:
        return Door(
            settings=listener,
            own_name=self._own_name,
            certificate=_certificate(listener),
            logins=self._logins if listener.tls != "off" or listener.open_login else None,
            intake=self._intake,
            lobby=self._lobby,
            reservoir=self._reservoir,
            most_recipients=self._most_recipients,
        )

    async def _open(self, listener: ListenerSettings, door: Door) -> list[asyncio.Server]:
        listen = functools.partial(asyncio.get_running_loop().create_server, lambda: Session(door))
        host, _, port = listener.address.rpartition(":")
        try:
            if inherited := self._inherited.get(listener.name):
                return [await listen(sock=one) for one in inherited]
            return [await listen(host=host.strip("[]"), port=int(port))]
        except OSError as error:
            why = _why_not(error)
            raise ListenError(f'listener "{listener.name}" cannot listen on {listener.address}: {why}') from error


def _why_not(error: OSError) -> str:
    if error.errno == errno.EACCES:
        return "ports below 1024 need a right; let systemd open it (systemd/fax-gateway.socket), or take a higher one"
    if error.errno is not None and error.errno > 0:  # asyncio's own words repeat the address; resolvers count downwards
        return os.strerror(error.errno)
    return error.strerror or str(error)


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


def _listed(config: Config) -> Iterator[Network]:
    """Every network that the operator named: of senders, of those a listener is for, and of load balancers."""
    for sender in config.sender:
        yield from sender.networks
    for listener in config.listener:
        yield from listener.networks
        yield from listener.proxy


def _certificate(listener: ListenerSettings) -> Certificate | None:
    if listener.certificate is None or listener.key is None or listener.tls == "off":
        return None
    try:
        return Certificate(listener, listener.certificate, listener.key)
    except OSError as error:
        raise ListenError(
            f'listener "{listener.name}" cannot use {listener.certificate} with {listener.key}: {error.strerror}'
        ) from error


def _default_handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    loop.default_exception_handler(context)


def _silence_aiosmtpd() -> None:
    """It logs every command, and with it addresses; we log what happened ourselves."""
    for name in ("mail.log", "mail.debug"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
