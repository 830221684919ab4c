"""A whole SMTP session without a socket: octets in, replies out, on an event loop that is kept from one to the next."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from gateway.config import Config
from gateway.fax import Fax
from gateway.smtp import manners
from gateway.smtp.door import Door
from gateway.smtp.guesses import Guesses
from gateway.smtp.lobby import Lobby
from gateway.smtp.login import Logins
from gateway.smtp.reservoir import Reservoir
from gateway.smtp.session import Session
from gateway.submission import Notice, Submission
from gateway.users import Users
from tests.smtp_house import LISTED, Desk, a_desk

PATIENCE = 10.0
"""Seconds of a session whose client has said everything and hung up: far more than it should take."""

LISTENERS: tuple[dict[str, Any], ...] = (
    {"name": "plain"},
    {"name": "legacy", "legacy": True, "open_login": True, "networks": [LISTED]},
    {"name": "submission", "submission": True},
    {"name": "balanced", "proxy": [LISTED]},
)


class Line(asyncio.Transport):
    """The server's end of a line to nowhere. It keeps what is said."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": (LISTED, 40000), "sockname": (LISTED, 25)})
        self.said = bytearray()
        self._protocol = protocol
        self._closed = False
        self._resumed = asyncio.Event()
        self._resumed.set()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.said += data

    def get_write_buffer_size(self) -> int:
        """Whoever listens listens fast."""
        return 0

    def is_closing(self) -> bool:
        """Whether it was hung up."""
        return self._closed

    def pause_reading(self) -> None:
        """Say nothing more for now."""
        self._resumed.clear()

    def resume_reading(self) -> None:
        """Say on."""
        self._resumed.set()

    def close(self) -> None:
        """Hang up."""
        if not self._closed:
            self._closed = True
            self._resumed.set()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """Hang up."""
        self.close()

    async def bring(self, packets: Iterator[bytes]) -> None:
        """Say all this, packet by packet, as far as somebody listens, and then nothing more."""
        for packet in packets:
            await self._resumed.wait()
            if self._closed:
                return
            self._protocol.data_received(packet)
            await asyncio.sleep(0)
        await self._resumed.wait()
        if not self._closed:
            self._protocol.eof_received()


class House:
    """Listeners of several characters, without their sockets; what is accepted is forgotten."""

    def __init__(self, directory: Path) -> None:
        listeners = [{"address": f"127.0.0.1:{1024 + place}", **one} for place, one in enumerate(LISTENERS)]
        self._config = Config.model_validate(
            {
                "operator": "it@example.org",
                "state": directory,
                "users_file": directory / "users",
                "faxplus": {"token_file": directory / "token", "from": "+12025550100"},
                "listener": listeners,
                "sender": [{"name": "office", "networks": [LISTED], "confirm_to": "desk@example.org"}],
                "limits": {"message_size": "20 kB", "recipients": 5},
            }
        )
        self.desk: Desk = a_desk(self._config, accept=self._accept)
        self._users = Users(directory / "users")  # there is no such file: nobody can log in, and that is quick
        self._ids: list[str] = []

    async def hear(self, listener: int, packets: Iterator[bytes]) -> bytes:
        """Have a session with a client that says this; return all that it was answered.

        Raises:
            TimeoutError: the session did not end, though its client had.
        """
        session = Session(self._door(listener))
        line = Line(session)
        session.connection_made(line)
        talking = session._handler_coroutine  # aiosmtpd has no other name for it
        if talking is None:
            raise ValueError("the session has not begun")
        with mock.patch.object(manners, "ERROR_PAUSE", 0.0):  # strangers wait for answers; here only time would go
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(line.bring(packets), talking, return_exceptions=True)
        await self.desk.intake.settle()
        self._clear()
        return bytes(line.said)

    def _door(self, listener: int) -> Door:
        settings = self._config.listener[listener % len(LISTENERS)]
        return Door(
            settings=settings,
            own_name=self._config.own_name,
            certificate=None,
            logins=Logins(self._users, Guesses(time.monotonic)) if settings.open_login else None,
            intake=self.desk.intake,
            lobby=Lobby(self._config.limits, [*self._config.sender[0].networks], time.monotonic),
            reservoir=Reservoir(self._config.limits.in_flight),
            most_recipients=self._config.limits.recipients,
        )

    async def _accept(
        self, submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        self._ids.append(submission.id)
        return ()

    def _clear(self) -> None:
        while self._ids:
            self.desk.spool.remove(self._ids.pop())
        self.desk.kicks.clear()


class Player:
    """A house with an event loop of its own, for callers who have none."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")  # what is spooled here need not survive
        self._directory = tempfile.TemporaryDirectory(prefix="faxgw-fuzz", dir=memory if memory.is_dir() else None)
        self.house = House(Path(self._directory.name))
        self._runner = asyncio.Runner()

    def hear(self, listener: int, packets: Iterator[bytes]) -> bytes:
        """As `House.hear`."""
        return self._runner.run(self.house.hear(listener, packets))

    def close(self) -> None:
        """Put everything away."""
        self._runner.close()
        self._directory.cleanup()


def packets(stream: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """Cut a stream into packets of these sizes, over and over; whole where there are none."""
    rest = stream
    for size in itertools.cycle(sizes or [len(stream) or 1]):
        if not rest:
            return
        yield rest[: max(1, size)]
        rest = rest[max(1, size) :]
