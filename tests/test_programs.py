"""Real mail programs and a real mail server send faxes through the real daemon, each in its own dialect of SMTP."""

import asyncio
import json
import re
import shutil
import smtplib
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from email.policy import SMTP
from pathlib import Path

import pytest
import trustme

from gateway import users
from gateway.samples import LETTER
from tests.outlasting import unique
from tests.postfix import PROGRAM, postfix
from tests.programs import PASSWORD, PROGRAMS, USER, Errand, Program, installed
from tests.running import ALICE, Surroundings, a_mail, gateway_process, surroundings

pytestmark = pytest.mark.process
NUMBER = "+15551234567"
TESTSSL = shutil.which("testssl")
LISTENERS = """
users_file = "{place}/users"

[[listener]]
name = "submission"
address = "127.0.0.1:0"
tls = "starttls"
certificate = "{place}/tls.crt"
key = "{place}/tls.key"

[[listener]]
name = "implicit"
address = "127.0.0.1:0"
tls = "implicit"
certificate = "{place}/tls.crt"
key = "{place}/tls.key"

[[sender]]
name = "staff"
users = ["alice"]
"""


@asynccontextmanager
async def at_work(place: Path) -> AsyncIterator[tuple[Surroundings, Errand]]:
    """A gateway process with all kinds of listeners, and an errand to it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(place / "ca.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(place / "tls.crt")
    certificate.private_key_pem.write_to_path(place / "tls.key")
    for secret in ("tls.crt", "tls.key"):
        (place / secret).chmod(0o600)
    users.add(place / "users", USER, PASSWORD)
    mail = place / "mail.eml"
    mail.write_bytes(a_mail().as_bytes(policy=SMTP))
    async with surroundings(place) as around:
        head, sections = around.config.read_text().split("\n\n", 1)
        text = f"{head}\n{LISTENERS.format(place=place).lstrip()}\n{sections}"
        around.config.write_text(text)
        async with gateway_process(around.config) as gateway:
            ports = (await gateway.event("gateway.ready"))["smtp"]
            yield around, Errand(ports, place / "ca.pem", mail, NUMBER)


def test_programs(tmp_path: Path) -> None:
    """Each is content, its fax has the document byte for byte, and the sender is told."""
    errands = dict(zip((unique(serial, "000") for serial in range(99)), filter(installed, PROGRAMS), strict=False))

    async def story() -> tuple[dict[str, str], dict[str, bytes], list[tuple[str, str]]]:
        async with at_work(tmp_path) as (around, errand):
            running = [_sent(program, replace(errand, number=number)) for number, program in errands.items()]
            said = dict(await asyncio.gather(*running))
            await around.mailbox.wait_for(len([words for words in said.values() if not words]))
            faxed = {job.to: job.documents[0].content for job in around.account.jobs}
            return said, faxed, around.outcomes()

    said, faxed, told = asyncio.run(story())

    assert {program.__name__: "" for program in errands.values()} == said
    assert dict.fromkeys(errands, LETTER.read_bytes()) == faxed
    assert [(number, "delivered") for number in sorted(errands)] == told


async def _sent(program: Program, errand: Errand) -> tuple[str, str]:
    """Its name, and what it said if it was not content."""
    done = await asyncio.to_thread(_run, program(errand), errand.mail)
    return program.__name__, f"{done.stdout!r} {done.stderr!r}" if done.returncode else ""


def _run(command: list[str], mail: Path) -> subprocess.CompletedProcess[bytes]:
    with mail.open("rb") as stdin:
        return subprocess.run(command, stdin=stdin, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("program", [PROGRAM] if PROGRAM else [], ids=lambda _: "postfix")
def test_relaying_postfix(program: str, tmp_path: Path) -> None:
    """A mail server in front queues and relays; what its client wants to be told travels with the mail."""

    async def story() -> list[tuple[str, str]]:
        async with at_work(tmp_path) as (around, errand), postfix(errand.ports["submission"]) as port:
            await asyncio.to_thread(_submit, port, errand)
            await around.mailbox.wait_for(1)
            return around.outcomes()

    assert [(NUMBER, "delivered")] == asyncio.run(story())


def _submit(port: int, errand: Errand) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.send_message(a_mail(), ALICE, [errand.to])


@pytest.mark.parametrize("program", [TESTSSL] if TESTSSL else [], ids=lambda _: "testssl")
def test_testssl(program: str, tmp_path: Path) -> None:
    """Its quick checks, of protocols and of kinds of ciphers, find nothing old on either way of TLS."""

    async def story() -> list[list[Mapping[str, str]]]:
        async with at_work(tmp_path) as (_, errand):
            ways = [("submission", ["-t", "smtp"]), ("implicit", [])]
            running = [_inspected(program, tmp_path / f"{name}.json", how, errand.ports[name]) for name, how in ways]
            return await asyncio.gather(*running)

    for findings in asyncio.run(story()):
        found = {finding["id"]: finding["finding"] for finding in findings if re.match("SSLv|TLS|ciph", finding["id"])}
        offered = {name for name, words in found.items() if words.startswith("offered")}

        assert {"TLS1_2", "TLS1_3", "cipherlist_STRONG"} == offered
        assert {"SSLv2", "SSLv3", "TLS1", "TLS1_1", "cipherlist_NULL", "cipherlist_AVERAGE"} < found.keys() - offered


async def _inspected(program: str, report: Path, how: list[str], port: int) -> list[Mapping[str, str]]:
    quiet = ["--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--jsonfile", str(report)]
    command = [program, *quiet, "--protocols", "--std", *how, f"localhost:{port}"]
    await asyncio.to_thread(
        subprocess.run, command, stdin=subprocess.DEVNULL, capture_output=True, timeout=110, check=True
    )
    found: list[Mapping[str, str]] = json.loads(await asyncio.to_thread(report.read_text))
    return found


@pytest.mark.parametrize("listener", ["submission", "implicit"])
def test_openssl(listener: str, tmp_path: Path) -> None:
    """OpenSSL's own client trusts the listener, and is answered behind the handshake."""

    async def story() -> str:
        async with at_work(tmp_path) as (_, errand):
            where = ["-connect", f"localhost:{errand.ports[listener]}", "-servername", "localhost"]
            starttls = ["-starttls", "smtp"] if listener == "submission" else []
            trust = ["-CAfile", str(errand.authority), "-verify_return_error", "-verify_hostname", "localhost"]
            command = ["openssl", "s_client", "-quiet", "-crlf", *where, *starttls, *trust]
            done = await asyncio.to_thread(
                subprocess.run, command, input=b"EHLO client\nQUIT\n", capture_output=True, timeout=60, check=False
            )
            return bytes(done.stdout).decode()

    said = asyncio.run(story())

    assert "250-AUTH PLAIN LOGIN" in said or "250 AUTH PLAIN LOGIN" in said
    assert "221 2.0.0" in said
