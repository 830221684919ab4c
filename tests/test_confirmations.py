"""From what a client asks for in SMTP to what its sender gets: gathered mails, reports, receipts, other languages."""

import asyncio
import smtplib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Config
from gateway.configfile import load
from gateway.daemon import running
from tests.postfix import PROGRAM, postfix
from tests.running import ALICE, Surroundings, a_mail, send, surroundings

SUCCEEDS, NOT_IN_SERVICE = "+15551234567", "+15552220008"


def asked(port: int, recipients: dict[str, list[str]], options: list[str]) -> None:
    """Send a mail with these parameters of MAIL, and those of RCPT by the number."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.ehlo()
        assert client.mail(ALICE, options)[0] == 250
        for number, wishes in recipients.items():
            assert client.rcpt(f"{number}@fax.local", wishes)[0] == 250
        assert client.data(a_mail().as_bytes().replace(b"\n", b"\r\n"))[0] == 250


def changed(around: Surroundings, rule: dict[str, Any], **confirmations: Any) -> Config:
    """The usual configuration, but for how senders are answered."""
    config = load(around.config)
    sender = (config.sender[0].model_copy(update=rule), *config.sender[1:])
    settings = config.confirmations.model_copy(update={"gather": "auto", **confirmations})
    return config.model_copy(update={"sender": sender, "confirmations": settings})


async def answers(
    around: Surroundings, config: Config, recipients: dict[str, list[str]], options: list[str], mails: int
) -> list[EmailMessage]:
    """What comes back."""
    async with running(config) as doors:
        await asyncio.to_thread(asked, doors.smtp["test"], recipients, options)
        await around.mailbox.wait_for(mails)
    assert {("", (ALICE,))} == {(mail.sender, mail.recipients) for mail in around.mailbox.mails}
    return [message_from_bytes(mail.content, policy=default) for mail in around.mailbox.mails]


def groups(mail: EmailMessage) -> list[dict[str, str]]:
    """The fields of a report."""
    status = next(part for part in mail.iter_parts() if part.get_content_type() == "message/delivery-status")
    return [dict(group.items()) for group in status.get_payload()]  # type: ignore[union-attr]  # groups of fields


def test_one_report_about_those_who_want_one(tmp_path: Path) -> None:
    """ENVID, NOTIFY, ORCPT and RET come back as they were asked for; NEVER is in no report and no text."""
    recipients = {
        SUCCEEDS: ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;Bob+40example.org"],
        NOT_IN_SERVICE: ["NOTIFY=FAILURE"],
        "+15551234568": ["NOTIFY=NEVER"],
    }

    async def story() -> list[EmailMessage]:
        async with surroundings(tmp_path) as around:
            return await answers(around, changed(around, {}), recipients, ["RET=HDRS", "ENVID=QQ+2B314159"], mails=1)

    (mail,) = asyncio.run(story())
    whole, *faxes = groups(mail)
    told = [(fax.get("Original-Recipient"), fax["Final-Recipient"], fax["Action"], fax["Status"]) for fax in faxes]

    assert "QQ+314159" == whole["Original-Envelope-Id"]
    assert {
        (None, f"rfc822; {NOT_IN_SERVICE}@fax.local", "failed", "5.1.1"),
        ("rfc822; Bob@example.org", f"rfc822; {SUCCEEDS}@fax.local", "delivered", "2.1.5"),
    } == set(told)
    assert "5551234568" not in mail.as_string()
    assert "text/rfc822-headers" == list(mail.iter_parts())[2].get_content_type()


def test_a_discreet_answer_in_german(tmp_path: Path) -> None:
    """As the sender rule wants it: nothing of subject, names or numbers, from the real mail to the real answer."""
    rule = {"language": "de", "discreet": True}

    async def story() -> list[EmailMessage]:
        async with surroundings(tmp_path) as around:
            config = changed(around, rule, json_=True)
            return await answers(around, config, {NOT_IN_SERVICE: []}, ["RET=FULL"], mails=1)

    (mail,) = asyncio.run(story())
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() in {"text", "application"}]
    shown = mail.as_string() + "".join(part if isinstance(part, str) else part.decode() for part in parts)

    assert "Fax gescheitert: ...008" == mail["Subject"]
    assert [] == [secret for secret in ("Two documents", "letter.pdf", "scan.tif", "2220008") if secret in shown]


@pytest.mark.process
@pytest.mark.parametrize("program", [PROGRAM] if PROGRAM else [], ids=lambda _: "postfix")
def test_through_postfix(program: str, tmp_path: Path) -> None:
    """A real mail server in front hands on what its client asked for, and the answers are as it asked."""
    recipients = {
        SUCCEEDS: ["NOTIFY=SUCCESS,FAILURE,DELAY", "ORCPT=rfc822;Bob+40example.org"],
        NOT_IN_SERVICE: ["NOTIFY=FAILURE"],
    }

    async def story() -> EmailMessage:
        async with surroundings(tmp_path) as around, running(changed(around, {})) as doors:
            async with postfix(doors.smtp["test"]) as port:
                await asyncio.to_thread(asked, port, recipients, ["RET=FULL", "ENVID=QQ314159"])
                (arrived,) = await around.mailbox.wait_for(1)
            return message_from_bytes(arrived.content, policy=default)

    mail = asyncio.run(story())
    whole, *faxes = groups(mail)
    returned = list(mail.iter_parts())[2]

    assert "QQ314159" == whole["Original-Envelope-Id"]
    assert {"Bob@example.org": "delivered", f"{NOT_IN_SERVICE}@fax.local": "failed"} == {
        fax["Original-Recipient"].removeprefix("rfc822; "): fax["Action"] for fax in faxes
    }
    assert "message/rfc822" == returned.get_content_type()
    assert "Two documents" == returned.get_payload(0)["Subject"]  # type: ignore[index]  # the mail inside


@pytest.mark.parametrize("receipts", [False, True])
def test_to_the_envelope_sender_alone(receipts: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a case
    """Neither From, Reply-To nor whoever is to get a receipt hears (RFC 3834 section 4, RFC 8098 section 2.1)."""
    mail = a_mail()
    mail.replace_header("From", "boss@example.org")
    mail["Reply-To"], mail["Disposition-Notification-To"] = "eve@example.org", "eve@example.org"

    async def story() -> list[tuple[str, ...]]:
        async with surroundings(tmp_path) as around:
            async with running(changed(around, {}, receipts=receipts)) as doors:
                await asyncio.to_thread(send, doors.smtp["test"], [SUCCEEDS], mail)
                (arrived,) = await around.mailbox.wait_for(1)
            told = message_from_bytes(arrived.content, policy=default)
            return [arrived.recipients, (str(told["To"]), told.get_content_type())]

    assert [(ALICE,), (ALICE, "multipart/alternative")] == asyncio.run(story())


def test_the_first_page(tmp_path: Path) -> None:
    """Shown where the configuration wants it, drawn from the spooled mail, inside the page that names it."""

    async def story() -> list[EmailMessage]:
        async with surroundings(tmp_path) as around:
            return await answers(around, changed(around, {}, thumbnail=True), {SUCCEEDS: []}, [], mails=1)

    (mail,) = asyncio.run(story())
    types = [part.get_content_type() for part in mail.walk()]
    html = mail.get_body(("html",))
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert html is not None

    assert ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"] == types
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()
    assert b"\x89PNG" == picture.get_content()[:4]
    assert len(picture.get_content()) < 50_000


@pytest.mark.parametrize("fetched", [True, False], ids=["fetched", "gone"])
def test_fax_plus_own_report(fetched: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a case
    """Attached where the configuration wants it; without it the confirmation comes all the same."""

    async def story() -> list[EmailMessage]:
        async with surroundings(tmp_path) as around:
            if not fetched:
                around.account.report = lambda _: b"x" * 3_000_000  # type: ignore[method-assign, assignment]  # too large
            return await answers(around, changed(around, {}, report=True), {SUCCEEDS: []}, [], mails=1)

    (mail,) = asyncio.run(story())
    files = [(part.get_filename() or "", part.get_content()[:4]) for part in mail.iter_attachments()]

    assert "delivered" == mail["X-Fax-State"]
    assert [(f"report-{mail['X-Fax-Id']}.pdf", b"%PDF")] * fetched == files
