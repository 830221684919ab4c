"""The same job again, from the client's end of the line to the sender's mailbox: one fax, one confirmation."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.configfile import load
from gateway.daemon import running
from gateway.fax import Fax
from gateway.smtp.reply import Reply
from gateway.store import CommitUnknownError, Store, Writer, open_engine
from gateway.submission import Notice, Submission
from tests.running import ALICE, GatewayProcess, Surroundings, a_mail, gateway_process, send, surroundings
from tests.smtp_house import a_config, a_desk
from tests.test_smtp_intake import deliver

Moment = Callable[[GatewayProcess], Awaitable[None]]
SUCCEEDS, ALSO_SUCCEEDS, NOT_IN_SERVICE = "+15551234567", "+15551234568", "+15552220008"


def lose(port: int, number: str) -> None:
    """Send a mail up to its dot, and lose the connection before the answer."""
    content = a_mail().as_bytes().replace(b"\n", b"\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client, client.makefile("rb") as replies:
        client.sendall(f"EHLO x\r\nMAIL FROM:<{ALICE}>\r\nRCPT TO:<{number}@fax.local>\r\nDATA\r\n".encode())
        while not replies.readline().startswith(b"354"):
            pass
        client.sendall(content + b"\r\n.\r\n")


async def at_once(gateway: GatewayProcess) -> None:
    """The client tries again without waiting."""


async def once_accepted(gateway: GatewayProcess) -> None:
    """The client tries again when the first mail is ours."""
    await gateway.event("mail.accepted")


async def once_ended(gateway: GatewayProcess) -> None:
    """The client tries again when its fax has arrived and was confirmed."""
    await gateway.event("notice.sent")


async def after_a_crash(gateway: GatewayProcess) -> None:
    """The client tries again after the gateway was killed and started again."""
    await gateway.event("mail.accepted")
    await gateway.kill()
    await gateway.start()


@pytest.mark.process
@pytest.mark.parametrize("when", [at_once, once_accepted, once_ended, after_a_crash], ids=lambda when: when.__name__)
def test_connection_lost_after_the_dot(when: Moment, tmp_path: Path) -> None:
    """A client that never heard our 250 sends again: it is acknowledged, faxed once, confirmed once."""

    async def story() -> tuple[list[str], list[tuple[str, str]], int]:
        async with surroundings(tmp_path) as around, gateway_process(around.config) as gateway:
            await asyncio.to_thread(lose, gateway.port, SUCCEEDS)
            await when(gateway)
            await asyncio.to_thread(send, gateway.port, [SUCCEEDS])
            repeated = await gateway.event("mail.repeated")
            await around.mailbox.wait_for(1)
            await gateway.stop()
            return around.statuses(SUCCEEDS), around.outcomes(), len(repeated["faxes"])

    assert (["success"], [(SUCCEEDS, "delivered")], 1) == asyncio.run(story())


async def both(around: Surroundings, second: EmailMessage, number: str) -> list[tuple[str, str]]:
    """Send the usual mail, wait for its end, send another, and wait for that one's."""
    async with running(load(around.config)) as doors:
        for told, mail in enumerate((a_mail(), second), start=1):
            await asyncio.to_thread(send, doors.smtp["test"], [number], mail)
            await around.mailbox.wait_for(told)
    return around.outcomes()


def test_other_documents_are_another_fax(tmp_path: Path) -> None:
    """The same mail with one document more is faxed."""
    more = a_mail()
    letter = next(more.iter_attachments())
    more.add_attachment(letter.get_content(), maintype="application", subtype="pdf", filename="again.pdf")

    async def story() -> list[tuple[str, str]]:
        async with surroundings(tmp_path) as around:
            return await both(around, more, SUCCEEDS)

    assert [(SUCCEEDS, "delivered")] * 2 == asyncio.run(story())


def test_what_failed_is_sent_again(tmp_path: Path) -> None:
    """Who was told that a fax failed and sends it in a new mail is not told that it is a repeat."""
    anew = a_mail()
    anew.replace_header("Message-ID", "<anew@example.org>")

    async def story() -> list[tuple[str, str]]:
        async with surroundings(tmp_path) as around:
            return await both(around, anew, NOT_IN_SERVICE)

    assert [(NOT_IN_SERVICE, "failed")] * 2 == asyncio.run(story())


def test_answer_is_lost_and_the_fax_fails(tmp_path: Path) -> None:
    """The client comes again when the fax has failed and its sender was told: one fax, one report."""

    async def story() -> tuple[list[str], list[tuple[str, str]]]:
        async with surroundings(tmp_path) as around, gateway_process(around.config) as gateway:
            await asyncio.to_thread(lose, gateway.port, NOT_IN_SERVICE)
            await around.mailbox.wait_for(1)
            await asyncio.to_thread(send, gateway.port, [NOT_IN_SERVICE])
            await gateway.event("mail.repeated")
            await asyncio.to_thread(send, gateway.port, [SUCCEEDS])
            await around.mailbox.wait_for(2)
            return around.statuses(NOT_IN_SERVICE), around.outcomes()

    told = [(SUCCEEDS, "delivered"), (NOT_IN_SERVICE, "failed")]

    assert (["failed_unallocated_number"], sorted(told)) == asyncio.run(story())


def test_switched_off(tmp_path: Path) -> None:
    """Without a window every mail is a fax."""

    async def story() -> list[tuple[str, str]]:
        async with surroundings(tmp_path) as around:
            around.config.write_text(f'{around.config.read_text()}\n[limits]\nrepeat_window = "0s"\n')
            return await both(around, a_mail(), SUCCEEDS)

    assert [(SUCCEEDS, "delivered")] * 2 == asyncio.run(story())


def test_divided_job(tmp_path: Path) -> None:
    """A device that divides a job among two mails, and repeats one of them, reaches each number once."""

    async def story() -> list[tuple[str, str]]:
        async with surroundings(tmp_path) as around, running(load(around.config)) as doors:
            for numbers in ([SUCCEEDS], [ALSO_SUCCEEDS], [ALSO_SUCCEEDS, SUCCEEDS]):
                await asyncio.to_thread(send, doors.smtp["test"], numbers)
            await around.mailbox.wait_for(2)

            assert ["success"] == around.statuses(SUCCEEDS)
            return around.outcomes()

    assert [(SUCCEEDS, "delivered"), (ALSO_SUCCEEDS, "delivered")] == asyncio.run(story())


def test_commit_that_nobody_knows_of(tmp_path: Path) -> None:
    """A commit that happened though it seemed broken: 451, and the client's next try finds its fax there."""
    writer = Writer(open_engine(tmp_path, None))
    store = Store(writer)
    broken = [CommitUnknownError("the commit broke")]

    async def accept(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        earlier = await store.accept(submission, faxes, notices, window)
        if broken:
            raise broken.pop()
        return earlier

    desk = a_desk(a_config(tmp_path), accept=accept)

    async def story() -> tuple[int, Reply, list[str]]:
        first, second = await deliver(desk), await deliver(desk)
        return first.code, second, [fax.submission_id for fax in await store.faxes(limit=9)]

    found = asyncio.run(story())
    writer.close()

    assert (451, Reply(250, "2.0.0", "queued as id1"), ["id1"]) == found
    assert {"id1"} == desk.spool.kept()
