"""A whole gateway with everything around it, for tests: a simulated FAX.PLUS, a mailbox, and a mail to send."""

import asyncio
import contextlib
import json
import os
import random
import signal
import smtplib
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from gateway import samples
from gateway.mailbox import Mailbox
from gateway.simulator import Account, Faults, SimulatorSettings, running

ALICE = "alice@example.org"
WEBHOOK_SECRET = "a-secret-that-only-tests-know-0123456789"
CONFIG = """\
operator = "operator@example.org"
state    = "{place}/state"
{database}

[faxplus]
token_file      = "{place}/token"
from            = "+12025550100"
base_url        = "{faxplus}"
request_timeout = "1500ms"

[webhook]
listen      = "127.0.0.1:0"
{public_url}
secret_file = "{place}/secret"

[relay]
host = "127.0.0.1"
port = {relay}
tls  = "off"

[confirmations]
gather   = "each"
per_hour = 1000000

[[listener]]
name    = "test"
address = "127.0.0.1:0"

[[sender]]
name     = "loopback"
networks = ["127.0.0.0/8"]

[redial]
after = ["200ms", "400ms"]

[schedule]
retry_after  = ["200ms"]
ask_after    = ["{ask_after}"]
quarantine   = "2s"
look_again   = "500ms"
notice_after = ["200ms"]
pause        = "500ms"

[log]
level = "info"
"""


@dataclass
class Surroundings:
    """What a gateway works with."""

    place: Path
    account: Account
    faults: Faults
    faxplus: str  #: base URL
    mailbox: Mailbox
    config: Path = field(init=False)

    def configure(self, *, ask_after: str = "300ms", database: str = "", public_url: str = "") -> Path:
        """Write a configuration file and its secrets."""
        for name, secret in (("token", "alohi_pat_test"), ("secret", WEBHOOK_SECRET)):
            (self.place / name).touch(mode=0o600)
            (self.place / name).write_text(secret)
        self.config = self.place / "config.toml"
        self.config.write_text(
            CONFIG.format(
                place=self.place,
                faxplus=self.faxplus,
                relay=self.mailbox.port,
                ask_after=ask_after,
                database=f'database = "{database}"' if database else "",
                public_url=f'public_url = "{public_url}"' if public_url else "",
            )
        )
        return self.config

    def statuses(self, number: str) -> list[str]:
        """How each dialling of a number ended at FAX.PLUS, in order."""
        self.account.advance()
        return [job.status for job in self.account.jobs if job.to == number]

    def outcomes(self) -> list[tuple[str, str]]:
        """What the sender was told, as number and state."""
        headers = [message_from_bytes(mail.content, policy=policy.default) for mail in self.mailbox.mails]
        return sorted((str(header["X-Fax-Number"]), str(header["X-Fax-State"])) for header in headers)


@asynccontextmanager
async def surroundings(place: Path, **settings: Any) -> AsyncIterator[Surroundings]:
    """A fast simulator and an empty mailbox, on loopback ports."""
    simulator = SimulatorSettings(**{"speed": 1000.0} | settings)
    account = Account(simulator, now=time.time, chance=random.Random(7))
    faults = Faults(chance=random.Random(7))
    async with running(account=account, faults=faults) as base_url, Mailbox() as mailbox:
        around = Surroundings(place, account, faults, base_url, mailbox)
        around.configure()
        yield around


def a_mail() -> EmailMessage:
    """A mail with both sample documents."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ALICE, "fax@fax.local", "Two documents"
    mail["Message-ID"] = "<two@example.org>"
    mail.set_content("Please find two documents attached.\n")
    for document, maintype, subtype in ((samples.LETTER, "application", "pdf"), (samples.SCAN, "image", "tiff")):
        mail.add_attachment(document.read_bytes(), maintype=maintype, subtype=subtype, filename=document.name)
    return mail


def send(port: int, numbers: Sequence[str], mail: EmailMessage | None = None) -> None:
    """Send a mail to these numbers, as any mail program does."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.send_message(mail or a_mail(), ALICE, [f"{number}@fax.local" for number in numbers])


class GatewayProcess:
    """`fax-gateway serve` as a process of its own, which can be killed."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._told = asyncio.Condition()
        self.program: tuple[str, ...] = ("-m", "gateway", "serve")  #: what Python is told to run
        self.events: list[dict[str, Any]] = []
        self.port = 0

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it, and return when it takes mail."""
        await self.spawn()
        await self.ready()

    async def spawn(self) -> None:
        """Start it, and return at once."""
        self.events.clear()
        command = sys.executable, *self.program, "--config", str(self._config)
        root = str(Path(__file__).parents[1])
        environment = os.environ | {"PYTHONPATH": root}
        self._process = await asyncio.create_subprocess_exec(*command, stderr=PIPE, env=environment, cwd="/")
        self._reading = asyncio.create_task(self._read())

    async def ready(self) -> None:
        """Return when it takes mail."""
        self.port = (await self.event("gateway.ready"))["smtp"]["test"]

    async def event(self, name: str, **facts: Any) -> dict[str, Any]:
        """Wait until its log tells of such an event."""
        async with asyncio.timeout(60), self._told:
            while True:
                for event in self.events:
                    if event["event"] == name and facts.items() <= event.items():
                        return event
                if self._reading is not None and self._reading.done():
                    raise ChildProcessError(f"it ended before {name}: {self.events}")
                await self._told.wait()

    def freeze(self) -> None:
        """Let it sleep, without a chance to notice."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it was."""
        self._signal(signal.SIGCONT)

    def hang_up(self) -> None:
        """Tell it that its terminal has closed."""
        self._signal(signal.SIGHUP)

    async def kill(self) -> None:
        """`kill -9`, as if the power went."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        self._signal(how)
        return await self.ended()

    async def ended(self) -> int:
        """Return its exit code, once it has ended."""
        assert self._process is not None
        assert self._reading is not None
        code = await self._process.wait()
        await self._reading
        return code

    def _signal(self, what: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(what)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            async with self._told:
                try:
                    self.events.append(json.loads(line))
                except ValueError:
                    self.events.append({"event": "unreadable", "line": line.decode(errors="replace")})
                self._told.notify_all()
        async with self._told:
            self._told.notify_all()


@asynccontextmanager
async def gateway_process(config: Path) -> AsyncIterator[GatewayProcess]:
    """A running gateway process; killed at the end if it still runs."""
    process = GatewayProcess(config)
    await process.start()
    try:
        yield process
    finally:
        await process.kill()
