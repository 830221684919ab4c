"""The whole journey on one screen: a mail to three numbers, on the built-in simulator; the gateway as a real process.

It is also a test: it returns 0 only if all three faxes ended as they must, and each was told to the sender once.
"""

import asyncio
import json
import shutil
import signal
import smtplib
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
from rich.console import Console

from gateway import samples
from gateway.mailbox import Mailbox
from gateway.simulator import SimulatorSettings, running

SENDER = "alice@example.org"
SUCCEEDS, BUSY_ONCE, NOT_IN_SERVICE = "+15551234567", "+15552220101", "+15552220008"
EXPECTED = {
    SUCCEEDS: ("delivered", "success", "1"),
    BUSY_ONCE: ("delivered", "success", "2"),
    NOT_IN_SERVICE: ("failed", "failed_unallocated_number", "1"),
}
"""How each must end: our state, FAX.PLUS's status, diallings."""
LONGEST = 90.0
"""Seconds after which something is wrong."""

CONFIG = """\
operator = "operator@example.org"
state    = "{place}/state"

[faxplus]
token_file      = "{place}/token"
from            = "+12025550100"
base_url        = "{faxplus}"
request_timeout = "5s"

[webhook]
listen      = "127.0.0.1:{web}"
public_url  = "http://127.0.0.1:{web}"
secret_file = "{place}/secret"

[relay]
host = "127.0.0.1"
port = {relay}
tls  = "off"

[confirmations]
gather = "each"

[[listener]]
name    = "demo"
address = "127.0.0.1:0"

[[sender]]
name     = "this machine"
networks = ["127.0.0.0/8"]

[redial]
after = ["3s", "10s"]

[schedule]
ask_after  = ["5s"]
quarantine = "15s"
look_again = "5s"
"""

WORDS = {
    "gateway.ready": "the gateway takes mail on port {smtp[demo]}",
    "mail.accepted": "mail {id} is on disk: {pages} pages, {size} octets; only now it is acknowledged",
    "fax.claimed": "fax {fax}: dialling {attempt} is put on record before FAX.PLUS is asked",
    "fax.accepted": "fax {fax}: FAX.PLUS has it",
    "fax.still_sending": "fax {fax}: FAX.PLUS is sending it",
    "fax.busy": "fax {fax}: {reason}; it will be dialled again",
    "fax.delivered": "fax {fax}: delivered",
    "fax.undelivered": "fax {fax}: not delivered, {reason}",
    "notice.sent": "fax {fax}: its sender is told",
}
"""What the gateway's log says, for people."""

console = Console(highlight=False, soft_wrap=True)


async def show() -> int:
    """Run the demonstration; returns the exit code."""
    place = Path(tempfile.mkdtemp(prefix="fax-gateway-demo-"))
    try:
        async with Mailbox() as mailbox, _simulator() as faxplus:
            config = _configure(place, faxplus, mailbox.port)
            async with _gateway(config) as smtp_port:
                await _register_webhook(config)
                await asyncio.to_thread(_send, smtp_port)
                with suppress(TimeoutError):  # what did not come in time is missing in the judgement
                    async with asyncio.timeout(LONGEST):
                        await mailbox.wait_for(len(EXPECTED))
            return await _judge(mailbox, faxplus)
    finally:
        shutil.rmtree(place)


def _configure(place: Path, faxplus: str, relay: int) -> Path:
    with socket.create_server(("127.0.0.1", 0)) as free:
        web = free.getsockname()[1]
    for name, secret in (("token", "alohi_pat_demo"), ("secret", "demonstration-secret-0123456789")):
        (place / name).touch(mode=0o600)
        (place / name).write_text(secret)
    config = place / "config.toml"
    config.write_text(CONFIG.format(place=place, faxplus=faxplus, web=web, relay=relay))
    return config


@asynccontextmanager
async def _simulator() -> AsyncIterator[str]:
    """The simulator, in this process; its base URL."""
    async with running(SimulatorSettings(speed=60)) as base_url:
        console.print(f"FAX.PLUS, simulated, answers at {base_url}")
        yield base_url


@asynccontextmanager
async def _gateway(config: Path) -> AsyncIterator[int]:
    """The gateway as a process of its own; the port on which it takes mail."""
    async with _process("serve", "--config", str(config), read_log=True) as process:
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        telling = asyncio.create_task(_tell(process, ready))
        yield await ready
    await telling


@asynccontextmanager
async def _process(*command: str, read_log: bool = False) -> AsyncIterator[Process]:
    program = (sys.executable, "-m", "gateway", *command)
    # What nobody reads goes where it is seen when something is wrong.
    process = await asyncio.create_subprocess_exec(*program, stdout=PIPE, stderr=PIPE if read_log else None)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _tell(process: Process, ready: "asyncio.Future[int]") -> None:
    """Say in words what the gateway's log says, as it happens."""
    assert process.stderr is not None  # noqa: S101  # asked for above
    async for line in process.stderr:
        try:
            event = json.loads(line)
        except ValueError:
            console.print(line.decode(errors="replace").rstrip(), markup=False)
            continue
        if event["event"] in WORDS:
            console.print(f"  {event['timestamp'][11:19]}  {WORDS[event['event']].format(**event)}", markup=False)
        if event["event"] == "gateway.ready":
            ready.set_result(event["smtp"]["demo"])
    if not ready.done():
        ready.set_exception(ChildProcessError("the gateway did not start"))


async def _register_webhook(config: Path) -> None:
    async with _process("webhook", "register", "--config", str(config)) as process:
        told, _ = await process.communicate()
        console.print(f"  {told.decode().strip()}", markup=False)


def _send(port: int) -> None:
    """Send the mail as any mail program does."""
    mail = EmailMessage()
    mail["From"], mail["To"] = SENDER, ", ".join(f"<{number}@fax.local>" for number in EXPECTED)
    mail["Subject"], mail["Message-ID"] = "Two documents", "<demo@example.org>"
    mail.set_content("Please find two documents attached.\n")
    for document, maintype, subtype in ((samples.LETTER, "application", "pdf"), (samples.SCAN, "image", "tiff")):
        content = document.read_bytes()
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=document.name)
    console.print(f"\n{SENDER} sends {samples.LETTER.name} and {samples.SCAN.name} to {', '.join(EXPECTED)}\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.send_message(mail, SENDER, [f"{number}@fax.local" for number in EXPECTED])


def _readable(mail: EmailMessage) -> str:
    """The header and the text; the same in HTML, and what programs read, are left out."""
    header = "".join(f"{name}: {value}\n" for name, value in mail.items())
    body = mail.get_body(("plain",))
    return f"{header}\n{body.get_content() if body is not None else ''}"


async def _judge(mailbox: Mailbox, faxplus: str) -> int:
    """Print the mails that came back, and see whether they are true."""
    found = {}
    for mail in mailbox.mails:
        console.rule(f"mail to {', '.join(mail.recipients)}, return path <{mail.sender}>")
        header = message_from_bytes(mail.content, policy=policy.default)
        console.print(_readable(header), markup=False)
        found[header["X-Fax-Number"]] = (header["X-Fax-State"], header["X-Fax-Status"], header["X-Fax-Attempts"])
    async with httpx.AsyncClient() as client:
        jobs = (await client.get(f"{faxplus.removesuffix('/v3')}/_simulator/jobs")).json()["jobs"]
    diallings = sum(int(attempts) for _, _, attempts in EXPECTED.values())
    right = found == EXPECTED and len(mailbox.mails) == len(EXPECTED) and len(jobs) == diallings
    console.rule()
    console.print(f"{len(mailbox.mails)} mails for {len(EXPECTED)} faxes, {len(jobs)} diallings at FAX.PLUS")
    console.print("All three outcomes are right." if right else f"WRONG: expected {EXPECTED}, found {found}")
    return 0 if right else 1
