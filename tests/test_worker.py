"""The worker's loops: woken by a kick, ended by stop, stopped by no error; one round does everything that is due."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.event import StillSending
from gateway.fax import State
from gateway.faxplus import Hint
from gateway.mailbox import Mailbox
from gateway.mailer import Mailer
from gateway.store import Store
from gateway.worker import LONGEST, SHORTEST, Worker
from gateway.worker.clear import Clearer
from gateway.worker.notify import Notifier
from gateway.worker.submit import Submitter
from tests.simulated import until
from tests.workshop import Workshop, workshop

HOUR = 3600.0


@asynccontextmanager
async def factory(
    place: Path, gather: str = "auto", **settings: Any
) -> AsyncIterator[tuple[Workshop, Worker, Mailbox]]:
    """A workshop with a worker and a mailbox."""
    async with Mailbox() as mailbox:
        relay = {"host": "127.0.0.1", "port": mailbox.port, "tls": "off"}
        async with workshop(place, {"relay": relay, "confirmations": {"gather": gather}}, **settings) as shop:
            worker = Worker(
                shop.config,
                store=shop.store,
                spool=shop.spool,
                faxplus=shop.faxplus,
                mailer=Mailer(shop.config.relay, "fax.local"),
                now=shop.clock,
                monotonic=shop.clock.elsewhere,
            )
            yield shop, worker, mailbox


def test_a_step_does_what_is_due(tmp_path: Path) -> None:
    """Step by step, by moving the clock alone: submitted, asked about, told, cleared away."""

    async def story() -> list[str]:
        async with factory(tmp_path) as (shop, worker, mailbox):
            await shop.accept()
            for seconds in (0.0, 600.0, 2 * 86400.0):
                shop.pass_by(seconds)
                await worker.step()

            assert 1 == len(mailbox.mails)
            assert not shop.spool.path("mail1").exists()
            return await shop.events()

    assert ["Queued", "Claimed", "Accepted", "Delivered"] == asyncio.run(story())


def test_default_sender_of_notices(tmp_path: Path) -> None:
    """Confirmations come from the postmaster of the first domain: somebody reads that."""

    async def story() -> bytes:
        async with factory(tmp_path) as (shop, worker, mailbox):
            await shop.accept()
            await worker.step()
            shop.pass_by(600)
            await worker.step()
            return mailbox.mails[0].content

    assert b"postmaster@fax.local" in asyncio.run(story())


def test_recovery_clears_what_was_arriving(tmp_path: Path) -> None:
    """Before the doors open, what was never acknowledged is removed."""

    async def story() -> set[str]:
        async with factory(tmp_path) as (shop, worker, _):
            await shop.accept()
            shop.spool.path("unacknowledged").touch()
            await worker.recover()
            return shop.spool.kept()

    assert {"mail1"} == asyncio.run(story())


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    """Run the loops for a while, and stop them in good order."""
    work = asyncio.create_task(worker.run())
    try:
        await asyncio.sleep(0)
        yield
    finally:
        worker.stop()
        async with asyncio.timeout(10):
            await work


def test_kick_is_followed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New work does not wait until somebody happens to look."""
    rounds: list[float] = []
    clear = Clearer.clear_due

    async def noted(self: Clearer) -> None:
        await clear(self)
        rounds.append(0.0)

    monkeypatch.setattr(Clearer, "clear_due", noted)

    async def story() -> float:
        async with factory(tmp_path) as (shop, worker, _), running(worker):
            await until(lambda: rounds)
            await shop.accept()
            begun = time.monotonic()
            worker.kick()
            await until(lambda: shop.account.jobs)
            return time.monotonic() - begun

    assert asyncio.run(story()) < LONGEST / 2


def test_found_without_a_kick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operator's commands write from outside is found all the same."""
    monkeypatch.setattr("gateway.worker.LONGEST", 0.05)

    async def story() -> int:
        async with factory(tmp_path) as (shop, worker, _), running(worker):
            await asyncio.sleep(0)
            await shop.accept()
            await until(lambda: shop.account.jobs)
            return len(shop.account.jobs)

    assert 1 == asyncio.run(story())


def test_woken_when_something_is_due(tmp_path: Path) -> None:
    """A loop sleeps until its next work is due, not for longer."""

    async def story() -> float:
        async with factory(tmp_path) as (shop, worker, _):
            await shop.accept(due_at=shop.clock() + 0.2)
            begun = time.monotonic()
            async with running(worker):
                while not shop.account.jobs:
                    shop.clock.at += 0.02
                    await asyncio.sleep(0.02)
            return time.monotonic() - begun

    assert SHORTEST < asyncio.run(story()) < LONGEST / 2


def test_stop_ends_the_round_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When told to stop it finishes what it is doing, and begins nothing new."""
    begun, ended = asyncio.Event(), asyncio.Event()
    turns: list[str] = []

    async def slow(_self: Submitter) -> None:
        turns.append("begun")
        begun.set()
        await ended.wait()
        turns.append("ended")

    monkeypatch.setattr(Submitter, "submit_due", slow)

    async def story() -> list[str]:
        async with factory(tmp_path) as (_, worker, _):
            work = asyncio.create_task(worker.run())
            await begun.wait()
            worker.stop()
            await asyncio.sleep(0)

            assert not work.done()
            ended.set()
            async with asyncio.timeout(10):
                await work
            return turns

    assert ["begun", "ended"] == asyncio.run(story())


def test_stopped_before_it_runs(tmp_path: Path) -> None:
    """Told to stop at once, it does nothing at all."""

    async def story() -> list[str]:
        async with factory(tmp_path) as (shop, worker, _):
            await shop.accept()
            worker.stop()
            async with asyncio.timeout(10):
                await worker.run()
            return shop.way.calls

    assert [] == asyncio.run(story())


def test_error_does_not_end_the_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database fails for a while: that is logged, and when it is back, everything goes on."""
    failing = [True]
    due = Store.due

    async def broken(self: Store, *question: Any, **more: Any) -> Any:
        if failing[0]:
            raise OSError(5, "Input/output error")
        return await due(self, *question, **more)

    monkeypatch.setattr(Store, "due", broken)

    async def story() -> int:
        async with factory(tmp_path) as (shop, worker, _):
            await shop.accept()
            with capture_logs() as logs:
                async with running(worker):
                    await until(lambda: [entry["event"] for entry in logs].count("worker.stumbled") == 2)
                    failing[0] = False
                    worker.kick()
                    await until(lambda: shop.account.jobs)
            return len(shop.account.jobs)

    assert 1 == asyncio.run(story())


def test_slow_loop_holds_no_other_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that does not answer keeps no fax from being sent."""

    async def stuck(_self: Notifier) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Notifier, "notify_due", stuck)

    async def story() -> int:
        async with factory(tmp_path) as (shop, worker, _):
            await shop.accept()
            work = asyncio.create_task(worker.run())
            await until(lambda: shop.account.jobs)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            return len(shop.account.jobs)

    assert 1 == asyncio.run(story())


def test_webhook_hurries_and_wakes(tmp_path: Path) -> None:
    """A webhook makes the running worker ask now, though the next question is an hour away."""

    async def story() -> State:
        async with factory(tmp_path) as (shop, worker, mailbox):
            await shop.accept()
            await worker.step()
            await shop.live(StillSending(ask_at=shop.clock() + HOUR))
            shop.pass_by(600)
            id = (await shop.fax()).remote_ids[0]
            async with running(worker):
                await worker.hurry(Hint(ids=(id,)))
                async with asyncio.timeout(10):
                    await mailbox.wait_for(1)
            return (await shop.fax()).state

    assert State.DELIVERED == asyncio.run(story())


def test_closed_gate_does_not_spin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While FAX.PLUS wants the operator the submitting loop rests, though faxes are due."""
    rounds: list[float] = []
    submit = Submitter.submit_due

    async def noted(self: Submitter) -> None:
        rounds.append(0.0)
        await submit(self)

    monkeypatch.setattr(Submitter, "submit_due", noted)

    async def story() -> int:
        async with factory(tmp_path, token="another") as (shop, worker, _):
            for number in range(9):
                await shop.accept(f"fax{number}", submission_id=f"mail{number}", number=f"+1555123456{number}")
            async with running(worker):
                await until(lambda: shop.way.calls)
                await asyncio.sleep(0.2)
                rounds.clear()
                await asyncio.sleep(0.5)

            assert 0 < len(await shop.store.due({State.QUEUED}, shop.clock()))
            return len(rounds)

    assert asyncio.run(story()) <= 2
