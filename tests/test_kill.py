"""`kill -9` at the moments that matter: after the restart every fax ends as it must, once, and is told once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.simulator import Fault
from tests.running import GatewayProcess, Surroundings, gateway_process, send, surroundings

pytestmark = pytest.mark.process
SUCCEEDS = "+15551234567"
Moment = Callable[[Surroundings, GatewayProcess], Awaitable[None]]


async def right_after_250(around: Surroundings, gateway: GatewayProcess) -> None:
    """The mail was acknowledged, nothing else has happened."""
    around.faults.add(Fault(kind="slow", method="POST", path="*/files", seconds=0.5))
    await asyncio.to_thread(send, gateway.port, [SUCCEEDS])


async def while_uploading(around: Surroundings, gateway: GatewayProcess) -> None:
    """An upload is under way."""
    around.faults.add(Fault(kind="slow", method="POST", path="*/files", seconds=0.5))
    await asyncio.to_thread(send, gateway.port, [SUCCEEDS])
    await gateway.event("mail.accepted")


async def before_the_answer(around: Surroundings, gateway: GatewayProcess) -> None:
    """The request was sent, FAX.PLUS does the work, its answer reaches nobody."""
    around.faults.add(Fault(kind="slow", method="POST", path="*/outbox", seconds=0.3))
    await asyncio.to_thread(send, gateway.port, [SUCCEEDS])
    await gateway.event("fax.claimed")


async def while_faxplus_sends(around: Surroundings, gateway: GatewayProcess) -> None:
    """FAX.PLUS has it, and we know."""
    await asyncio.to_thread(send, gateway.port, [SUCCEEDS])
    await gateway.event("fax.accepted")


async def before_the_notice(around: Surroundings, gateway: GatewayProcess) -> None:
    """It was delivered, and the relay has not yet taken the confirmation."""
    around.mailbox.refuse("451 4.3.0 later", times=1)
    await asyncio.to_thread(send, gateway.port, [SUCCEEDS])
    await gateway.event("notice.deferred")


async def after_the_notice(around: Surroundings, gateway: GatewayProcess) -> None:
    """All is done."""
    await asyncio.to_thread(send, gateway.port, [SUCCEEDS])
    await gateway.event("notice.sent")


@pytest.mark.parametrize(
    "moment",
    [right_after_250, while_uploading, before_the_answer, while_faxplus_sends, before_the_notice, after_the_notice],
    ids=lambda moment: moment.__name__,
)
def test_killed(moment: Moment, tmp_path: Path) -> None:
    """Killed at this moment and started again: faxed once, told once."""

    async def story() -> tuple[list[str], list[tuple[str, str]]]:
        async with surroundings(tmp_path) as around, gateway_process(around.config) as gateway:
            await moment(around, gateway)
            await gateway.kill()
            await gateway.start()
            await around.mailbox.wait_for(1)
            assert 0 == await gateway.stop()
            return around.statuses(SUCCEEDS), around.outcomes()

    assert (["success"], [(SUCCEEDS, "delivered")]) == asyncio.run(story())


def test_killed_while_mail_arrives(tmp_path: Path) -> None:
    """A mail that was not acknowledged leaves nothing behind, and is no fax."""

    async def story() -> list[Path]:
        async with surroundings(tmp_path) as around, gateway_process(around.config) as gateway:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            commands = b"EHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<15551234567@fax.local>\r\nDATA\r\n"
            writer.write(commands)
            while not (await reader.readline()).startswith(b"354"):
                pass
            writer.write(b"Subject: half a mail\r\n")
            await writer.drain()
            await gateway.kill()
            writer.close()
            await gateway.start()
            left = [path for path in (around.place / "state" / "spool").rglob("*") if path.is_file()]

            assert [] == around.statuses(SUCCEEDS)
            return left

    assert [] == asyncio.run(story())


def test_stopped_in_good_order(tmp_path: Path) -> None:
    """SIGTERM ends it with code 0, and what was accepted goes on after the next start."""

    async def story() -> tuple[int, list[tuple[str, str]]]:
        async with surroundings(tmp_path, seconds_to_convert=300.0) as around:
            async with gateway_process(around.config) as gateway:
                await asyncio.to_thread(send, gateway.port, [SUCCEEDS])
                await gateway.event("fax.accepted")
                code = await gateway.stop()
            async with gateway_process(around.config):
                await around.mailbox.wait_for(1)
            return code, around.outcomes()

    assert (0, [(SUCCEEDS, "delivered")]) == asyncio.run(story())
