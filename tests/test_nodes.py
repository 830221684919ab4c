"""Several gateways on one PostgreSQL: what one has accepted another may send, and never both."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.simulator import Fault
from gateway.simulator.orders import HookOrder
from tests.conftest import empty_database
from tests.nodes import QUARANTINE, Troubles, configured, live
from tests.running import CONFIG, WEBHOOK_SECRET, GatewayProcess, Surroundings, gateway_process, send, surroundings

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]
SUCCEEDS = "+15551234567"
ONCE = ["success"], [(SUCCEEDS, "delivered")]


@asynccontextmanager
async def a_mail_accepted_here(around: Surroundings, database: str) -> AsyncIterator[GatewayProcess]:
    """A node that has taken a mail and done nothing for it yet: its uploads hang."""
    around.faults.add(Fault(kind="slow", method="POST", path="*/files", seconds=1.0, count=2))
    async with gateway_process(configured(around, "one", database)) as node:
        await asyncio.to_thread(send, node.port, [SUCCEEDS])
        yield node


def test_a_node_that_never_returns(tmp_path: Path, postgresql: str) -> None:
    """A node dies for good right after its 250, and its disk with it: another one sends the fax and tells."""

    async def story() -> tuple[list[str], list[tuple[str, str]]]:
        database = empty_database(postgresql)
        async with surroundings(tmp_path) as around:
            async with a_mail_accepted_here(around, database) as node:
                await node.kill()
            await asyncio.to_thread(shutil.rmtree, around.place / "one")
            async with gateway_process(configured(around, "two", database)):
                await around.mailbox.wait_for(1)
            return around.statuses(SUCCEEDS), around.outcomes()

    assert ONCE == asyncio.run(story())


def test_a_node_that_sleeps_after_its_claim(tmp_path: Path, postgresql: str) -> None:
    """It wakes up after another has finished its fax, and keeps its hands off it."""

    async def story() -> tuple[list[str], list[tuple[str, str]]]:
        database = empty_database(postgresql)
        async with surroundings(tmp_path) as around, a_mail_accepted_here(around, database) as node:
            await node.event("fax.claimed")
            node.freeze()
            async with gateway_process(configured(around, "two", database)) as other:
                await around.mailbox.wait_for(1)
                node.thaw()
                await asyncio.to_thread(send, node.port, ["+15551234568"])
                await around.mailbox.wait_for(2)

                assert 0 == await other.stop()
            assert 0 == await node.stop()
            told = [outcome for outcome in around.outcomes() if outcome[0] == SUCCEEDS]
            return around.statuses(SUCCEEDS), told

    assert ONCE == asyncio.run(story())


def test_webhooks_reach_any_node(tmp_path: Path, postgresql: str) -> None:
    """FAX.PLUS calls a node that has never heard of the fax, and the fax ends at once all the same."""

    async def story() -> list[tuple[str, str]]:
        database = empty_database(postgresql)
        async with surroundings(tmp_path, seconds_to_convert=1000.0) as around:
            configs = [configured(around, name, database, ask_after="1h") for name in ("one", "two")]
            async with gateway_process(configs[0]) as node, gateway_process(configs[1]) as other:
                web = (await other.event("gateway.ready"))["web"]
                target = f"http://127.0.0.1:{web}/faxplus/{WEBHOOK_SECRET}"
                around.account.add_hook(HookOrder(target=target, event="fax_sent"))
                await asyncio.to_thread(send, node.port, [SUCCEEDS])
                await around.mailbox.wait_for(1)
            return around.outcomes()

    assert [(SUCCEEDS, "delivered")] == asyncio.run(story())


def test_whatever_befalls_them(tmp_path: Path) -> None:
    """Killed, put to sleep, cut off, their database restarted: none lost, none twice, every sender told the truth."""
    troubles = Troubles(kills=5, stops=2, restarts=1, cuts=6, seed=random.randrange(1_000_000))
    figures = asyncio.run(live(tmp_path, troubles))

    assert figures.kept, f"{figures} seed={troubles.seed}"


def test_sleeps_are_longer_than_leases() -> None:
    """The quarantine that these tests count on is the one that the nodes are configured with."""

    assert f'quarantine   = "{QUARANTINE:g}s"' in CONFIG
