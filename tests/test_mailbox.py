"""The mailbox of demo and tests: takes mail, remembers it, and refuses when told to."""

import asyncio

import aiosmtplib
import pytest

from gateway.mailbox import Mail, Mailbox

LETTER = b"Subject: hello\r\n\r\n.dot and Gr\xc3\xbc\xc3\x9fe\r\n"


async def deliver(mailbox: Mailbox, sender: str = "") -> None:
    """Hand one mail over as any mail program would."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=mailbox.port, start_tls=False) as client:
        await client.sendmail(sender, ["alice@example.org", "bob@example.org"], LETTER)


def test_remembers_what_arrived() -> None:
    """Envelope and bytes are kept exactly, the null return path as an empty sender."""

    async def run() -> list[Mail]:
        async with Mailbox() as mailbox:
            await deliver(mailbox)
            await deliver(mailbox, "carol@example.org")
            return await mailbox.wait_for(2)

    recipients = ("alice@example.org", "bob@example.org")

    assert [Mail("", recipients, LETTER), Mail("carol@example.org", recipients, LETTER)] == asyncio.run(run())


def test_wait_for_returns_on_arrival() -> None:
    """Who waits before the mail comes is woken by it."""

    async def run() -> int:
        async with Mailbox() as mailbox, asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(mailbox.wait_for(1))
            tasks.create_task(deliver(mailbox))
            return len(await waiting)

    assert 1 == asyncio.run(run())


def test_tells_of_each_arrival() -> None:
    """The callback sees every mail, before its sender hears that it was taken."""
    seen: list[Mail] = []

    async def run() -> list[Mail]:
        async with Mailbox(on_arrival=seen.append) as mailbox:
            await deliver(mailbox)
            return mailbox.mails

    assert seen == asyncio.run(run())
    assert 1 == len(seen)


def test_refuses_as_often_as_told() -> None:
    """The next mails get the reply that was asked for; then it takes mail again."""

    async def run() -> tuple[list[int], int]:
        codes = []
        async with Mailbox() as mailbox:
            mailbox.refuse("451 4.3.0 try later", times=2)
            mailbox.refuse("550 5.1.1 no such mailbox")
            for _ in range(3):
                with pytest.raises(aiosmtplib.SMTPDataError) as refused:
                    await deliver(mailbox)
                codes.append(refused.value.code)
            await deliver(mailbox)
            return codes, len(mailbox.mails)

    assert ([451, 451, 550], 1) == asyncio.run(run())


def test_hangs_up_when_stopped() -> None:
    """Stopping does not wait for a client that says nothing."""

    async def run() -> bytes:
        mailbox = Mailbox()
        await mailbox.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", mailbox.port)
        await reader.readline()
        await mailbox.stop()
        rest = await reader.read()
        writer.close()
        await writer.wait_closed()
        return rest

    assert b"" == asyncio.run(run())


def test_has_a_port_only_while_it_listens() -> None:
    """Asking too early is an error in words; stopping what was never started is none."""

    async def run() -> None:
        mailbox = Mailbox()
        await mailbox.stop()
        with pytest.raises(RuntimeError, match="not started"):
            _ = mailbox.port

    asyncio.run(run())
