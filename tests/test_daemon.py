"""The whole gateway in one process: mail in over a real socket, fax out, confirmation back, by webhook or by asking."""

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest

from gateway import samples
from gateway.config import Config
from gateway.configfile import load
from gateway.daemon import Doors, new_id, running
from gateway.simulator import Fault
from gateway.simulator.orders import HookOrder
from gateway.store import ClocksApartError, DatabaseBusyError, Store
from tests.conftest import empty_database
from tests.running import WEBHOOK_SECRET, Surroundings, send, surroundings

SUCCEEDS, BUSY_ONCE, NOT_IN_SERVICE = "+15551234567", "+15552220101", "+15552220008"
ENDS = [(SUCCEEDS, "delivered"), (NOT_IN_SERVICE, "failed"), (BUSY_ONCE, "delivered")]


async def told(around: Surroundings, config: Config, numbers: list[str]) -> list[tuple[str, str]]:
    """Send one mail to these numbers through a running gateway, and wait for what its sender is told."""
    async with running(config) as doors:
        await asyncio.to_thread(send, doors.smtp["test"], numbers)
        await around.mailbox.wait_for(len(numbers))
    return around.outcomes()


def test_journey_by_asking_alone(tmp_path: Path) -> None:
    """Without any webhook every fax ends, and what ended so is told."""

    async def story() -> list[tuple[str, str]]:
        async with surroundings(tmp_path) as around:
            outcomes = await told(around, load(around.config), [SUCCEEDS, BUSY_ONCE, NOT_IN_SERVICE])

            assert ["success"] == around.statuses(SUCCEEDS)
            assert ["failed_user_busy", "success"] == around.statuses(BUSY_ONCE)
            assert ["failed_unallocated_number"] == around.statuses(NOT_IN_SERVICE)
            return outcomes

    assert ENDS == asyncio.run(story())


def test_journey_on_postgresql(tmp_path: Path, postgresql: str) -> None:
    """The same on PostgreSQL."""

    async def story() -> list[tuple[str, str]]:
        async with surroundings(tmp_path) as around:
            config = load(around.configure(database=empty_database(postgresql)))
            return await told(around, config, [SUCCEEDS, BUSY_ONCE, NOT_IN_SERVICE])

    assert ENDS == asyncio.run(story())


def test_webhook_makes_it_quick(tmp_path: Path) -> None:
    """With webhooks nobody waits for the next question, though that is an hour away."""

    async def story() -> list[tuple[str, str]]:
        async with surroundings(tmp_path) as around, running(load(around.configure(ask_after="1h"))) as doors:
            _register(around, doors)
            await asyncio.to_thread(send, doors.smtp["test"], [SUCCEEDS])
            await around.mailbox.wait_for(1)
            return around.outcomes()

    assert [(SUCCEEDS, "delivered")] == asyncio.run(story())


def _register(around: Surroundings, doors: Doors) -> None:
    target = f"http://127.0.0.1:{doors.web}/faxplus/{WEBHOOK_SECRET}"
    around.account.add_hook(HookOrder(target=target, event="fax_sent"))


def test_forged_webhook_changes_nothing(tmp_path: Path) -> None:
    """Whatever a webhook claims, only what FAX.PLUS says when asked counts."""

    async def story() -> list[tuple[str, str]]:
        async with surroundings(tmp_path) as around, running(load(around.config)) as doors:
            url = f"http://127.0.0.1:{doors.web}/faxplus/{WEBHOOK_SECRET}"
            await asyncio.to_thread(send, doors.smtp["test"], [NOT_IN_SERVICE])
            async with httpx.AsyncClient() as anybody:
                for _ in range(20):
                    ids = [job.id for job in around.account.jobs] or ["nobody's"]
                    body = {"hook": {"id": ids[0], "event": "fax_sent"}, "data": {"id": ids[0], "status": "success"}}

                    assert 200 == (await anybody.post(url, content=json.dumps(body))).status_code
                    assert 404 == (await anybody.post(url + "x", content=json.dumps(body))).status_code
            await around.mailbox.wait_for(1)
            return around.outcomes()

    assert [(NOT_IN_SERVICE, "failed")] == asyncio.run(story())


def test_documents_arrive_byte_for_byte_and_once(tmp_path: Path) -> None:
    """Each document is uploaded once for all numbers, exactly as it was attached."""

    async def story() -> list[bytes]:
        async with surroundings(tmp_path) as around:
            await told(around, load(around.config), [SUCCEEDS, BUSY_ONCE])
            return [upload.content for upload in around.account.uploads.values()]

    assert [samples.LETTER.read_bytes(), samples.SCAN.read_bytes()] == asyncio.run(story())


@pytest.mark.parametrize("kind", ["lost_answer", "reset", "malformed", "wrong_types"])
def test_no_clear_answer_is_never_sent_twice(kind: str, tmp_path: Path) -> None:
    """FAX.PLUS took the fax and its answer was lost or nonsense: it is found there, and sent once."""

    async def story() -> tuple[list[tuple[str, str]], list[str]]:
        async with surroundings(tmp_path) as around:
            around.faults.add(Fault(kind=kind, method="POST", path="*/outbox", count=1))
            outcomes = await told(around, load(around.config), [SUCCEEDS])
            return outcomes, around.statuses(SUCCEEDS)

    assert ([(SUCCEEDS, "delivered")], ["success"]) == asyncio.run(story())


@pytest.mark.parametrize("status", [401, 402, 403, 429])
def test_operators_problem_burns_no_fax(status: int, tmp_path: Path) -> None:
    """A wrong token, a missing right or missing credit: faxes wait, the operator hears once, then they go out."""

    async def story() -> tuple[int, list[str]]:
        async with surroundings(tmp_path) as around:
            around.faults.add(Fault(kind="status", method="POST", path="*/outbox", status=status, count=2))
            async with running(load(around.config)) as doors:
                await asyncio.to_thread(send, doors.smtp["test"], [SUCCEEDS, BUSY_ONCE])
                await around.mailbox.wait_for(2 + (status != 429))
            to = [mail.recipients[0] for mail in around.mailbox.mails]
            return to.count("operator@example.org"), around.statuses(SUCCEEDS)

    assert (int(status != 429), ["success"]) == asyncio.run(story())


def test_relay_that_takes_nothing_for_a_while(tmp_path: Path) -> None:
    """A confirmation is offered until the relay takes it, and is then the same mail."""

    async def story() -> int:
        async with surroundings(tmp_path) as around:
            around.mailbox.refuse("451 4.3.0 later", times=2)
            await told(around, load(around.config), [SUCCEEDS])
            return len(around.mailbox.mails)

    assert 1 == asyncio.run(story())


def test_second_daemon_is_refused(tmp_path: Path) -> None:
    """Two daemons never work on the same SQLite file."""

    async def story() -> None:
        async with surroundings(tmp_path) as around, running(load(around.config)):
            with pytest.raises(DatabaseBusyError):
                async with running(load(around.config)):
                    pass

    asyncio.run(story())


def test_each_node_has_a_directory_of_its_own(tmp_path: Path, postgresql: str) -> None:
    """A second daemon is refused the first one's directory also when their mail lies in PostgreSQL."""

    async def story() -> None:
        async with surroundings(tmp_path) as around:
            config = load(around.configure(database=empty_database(postgresql)))
            async with running(config):
                with pytest.raises(DatabaseBusyError):
                    async with running(config):
                        pass

    asyncio.run(story())


@pytest.mark.parametrize("apart", [-20.0, 20.0])
def test_another_time(apart: float, tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node whose clock is not the database's would take its turns at wrong times, and does not start."""

    async def clock(_self: Store) -> float:
        return time.time() + apart

    async def story() -> None:
        async with surroundings(tmp_path) as around:
            config = load(around.configure(database=empty_database(postgresql)))
            with pytest.raises(ClocksApartError, match="20 seconds apart"):
                async with running(config):
                    pass

    monkeypatch.setattr(Store, "clock", clock)
    asyncio.run(story())


def test_health(tmp_path: Path) -> None:
    """Monitors are told that it lives and that it is ready."""

    async def story() -> list[tuple[int, str]]:
        async with surroundings(tmp_path) as around, running(load(around.config)) as doors, httpx.AsyncClient() as ask:
            answers = [await ask.get(f"http://127.0.0.1:{doors.web}/{path}") for path in ("healthz", "readyz")]
            return [(answer.status_code, answer.text) for answer in answers]

    assert [(200, "alive\n"), (200, "ready\n")] == asyncio.run(story())


def test_no_room_for_mail(tmp_path: Path) -> None:
    """A node whose disk is full takes no mail, so that balancers send none: it lives, and says why it is not ready."""

    async def story() -> list[tuple[int, str]]:
        async with surroundings(tmp_path) as around:
            around.config.write_text(f'{around.config.read_text()}\n[limits]\nreserve = "999999999 GB"\n')
            async with running(load(around.config)) as doors, httpx.AsyncClient() as ask:
                answers = [await ask.get(f"http://127.0.0.1:{doors.web}/{path}") for path in ("healthz", "readyz")]
                return [(answer.status_code, answer.text) for answer in answers]

    full = (503, "no room for mail in the state directory: No space left on device\n")

    assert [(200, "alive\n"), full] == asyncio.run(story())


def test_ids_can_be_read_aloud() -> None:
    """Ids are short, lower case, and without letters that are mistaken for others."""
    ids = {new_id() for _ in range(1000)}

    assert 1000 == len(ids)
    assert all(len(one) == 10 and not set(one) & set("ilou") for one in ids)
