"""One gateway: a printer with its number, its quota and a cap, and a partner, from the socket to FAX.PLUS and back."""

import asyncio
import smtplib
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from gateway.configfile import load
from gateway.daemon import running
from tests.name_server import NameServer, name_server
from tests.running import ALICE, Surroundings, a_mail, send, surroundings
from tests.signing import published, rsa_key, signature

NUMBERS = ("+15551234567", "+15551234568", "+15551234569", "+15551234560")
OURS = "+12025550101"
RULE = f'name     = "loopback"\nnumber = "{OURS}"\nper_day = 3\n'
CAP = "\n[spend]\nper_day = 12\n"
"""A mail of the samples has five pages: two fit, and use four fifths."""
TOO_MUCH = b'5.7.1 the sender rule "loopback" lets 3 faxes in a day through, and no more'


def configured(around: Surroundings) -> Path:
    """The configuration with a number and a quota for the printer, and a cap."""
    text = around.config.read_text("utf-8").replace('name     = "loopback"\n', RULE)
    around.config.write_text(text + CAP, "utf-8")
    return around.config


def subjects(around: Surroundings) -> list[str]:
    """What the operator was told."""
    mails = [message_from_bytes(mail.content) for mail in around.mailbox.mails]
    return [str(mail["Subject"]) for mail in mails if "operator@example.org" in str(mail["To"])]


@pytest.mark.process
def test_number_quota_and_cap(tmp_path: Path) -> None:
    """Three faxes are taken and a fourth is refused; two are sent, from the rule's number, and the third waits."""

    async def story() -> tuple[list[str], object, list[str]]:
        async with surroundings(tmp_path, numbers=("+12025550100", OURS)) as around:
            async with running(load(configured(around))) as doors:
                for number in NUMBERS[:3]:
                    await asyncio.to_thread(send, doors.smtp["test"], [number])
                with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                    await asyncio.to_thread(send, doors.smtp["test"], NUMBERS[3:])
                await around.mailbox.wait_for(4)  # two confirmations, two mails to the operator
            posted_from = [job.src for job in around.account.jobs]
            return posted_from, refused.value.recipients, sorted(subject[:10] for subject in subjects(around))

    refusal = {f"{NUMBERS[3]}@fax.local": (550, TOO_MUCH)}

    assert ([OURS, OURS], refusal, ["Faxes are ", "Four fifth"]) == asyncio.run(story())


@pytest.mark.process
def test_a_partner_is_known_by_a_signature(tmp_path: Path) -> None:
    """A mail that the domain has signed is faxed; the same mail for another number is refused at the dot."""
    mail = a_mail()
    mail.replace_header("To", f"{NUMBERS[0]}@fax.local")
    octets = mail.as_bytes(policy=policy.SMTP)
    signed = signature(octets, rsa_key()) + octets

    def deliver(port: int, number: str) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.sendmail(ALICE, f"{number}@fax.local", signed)

    async def story(server: NameServer) -> tuple[list[str], int]:
        async with surroundings(tmp_path) as around:
            rules = around.config.read_text("utf-8").replace('networks = ["127.0.0.0/8"]', 'domains = ["example.org"]')
            around.config.write_text(f'{rules}\n[dns]\nnameservers = ["{server.address}"]\n', "utf-8")
            async with running(load(around.config)) as doors:
                await asyncio.to_thread(deliver, doors.smtp["test"], NUMBERS[0])
                with pytest.raises(smtplib.SMTPDataError) as refused:
                    await asyncio.to_thread(deliver, doors.smtp["test"], NUMBERS[1])
                await around.mailbox.wait_for(1)
            return [job.to for job in around.account.jobs], refused.value.smtp_code

    with name_server(published(rsa_key())) as server:
        ended = asyncio.run(story(server))

    assert ([NUMBERS[0]], 550) == ended
