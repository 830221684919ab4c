"""The desk: the operator takes faxes back and has them sent again where that is safe; else the reason is said."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.desk import Desk, RefusedHereError
from gateway.event import (
    Accepted,
    Busy,
    Cancelled,
    Claimed,
    Deferred,
    Delivered,
    GivenUp,
    Refused,
    Resent,
    StillSending,
    Undelivered,
)
from gateway.fax import Fax, State
from gateway.faxplus import FaxPlusError
from gateway.outcome import MEANINGS, Ending
from tests.values import NOW
from tests.workshop import Answer, Workshop, answering, at_faxplus, workshop

Situation = Callable[[Workshop], Awaitable[None]]
CANCELLED = Cancelled(reason="cancelled by the operator")
BUSY = Busy(status="failed_user_busy", redial_at=NOW)
ACCEPTED = Accepted(remote_ids=("r2",), ask_at=NOW)
TWICE = "fax fax1 may have arrived, wholly or in part; ask the recipient, then use --may-arrive-twice"


def desk(shop: Workshop) -> Desk:
    """The desk of a workshop."""
    return Desk(store=shop.store, spool=shop.spool, ledger=shop.ledger, faxplus=shop.faxplus, now=shop.clock)


async def queued(shop: Workshop) -> None:
    """It waits for its turn."""
    await shop.accept()


async def put_off(shop: Workshop) -> None:
    """FAX.PLUS would not take it; it waits for another try."""
    await shop.accept()
    await shop.live(Deferred(retry_at=shop.clock() + 60))


async def submitting(shop: Workshop) -> None:
    """A POST may be under way."""
    await shop.accept()
    await shop.claimed()


async def converting(shop: Workshop) -> None:
    """FAX.PLUS has it and has not begun to dial."""
    await shop.accept()
    await shop.submitted("never-heard-of", at_faxplus(shop, await shop.fax()), "nor-of-this")


async def dialling(shop: Workshop) -> None:
    """FAX.PLUS is sending it."""
    await converting(shop)
    shop.pass_by(1001)


async def sent_and_not_asked(shop: Workshop) -> None:
    """FAX.PLUS has sent it, and we do not know yet."""
    await converting(shop)
    shop.pass_by(2000)


async def delivered(shop: Workshop) -> None:
    """It arrived."""
    await shop.accept()
    await shop.submitted("r1")
    await shop.live(Delivered())


async def failed(shop: Workshop) -> None:
    """It was refused."""
    await shop.accept()
    await shop.live(Refused(reason="no"))


async def cancelled(shop: Workshop) -> None:
    """The operator took it back."""
    await shop.accept()
    await desk(shop).cancel("fax1")


async def unknown(shop: Workshop) -> None:
    """Nobody knows how it ended."""
    await shop.accept()
    await shop.claimed()
    await shop.live(GivenUp(reason="never heard of it again"))


async def nothing(shop: Workshop) -> None:
    """There is no fax at all."""


@pytest.mark.parametrize("situation", [queued, put_off, converting])
def test_cancelled(situation: Situation, tmp_path: Path) -> None:
    """What is not being sent is taken back, at FAX.PLUS too, and its sender is owed the news."""

    async def story() -> tuple[State, float | None, list[str], set[str]]:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await situation(shop)
            fax = await desk(shop).cancel("fax1")

            assert fax == await shop.fax()
            assert "cancelled by the operator" == fax.reason
            told = [notice.recipient for notice in await shop.store.notices("fax1")]
            return fax.state, fax.due_at, told, {job.status for job in shop.account.jobs}

    expected_at_faxplus = {"cancelled"} if situation is converting else set()

    assert (State.CANCELLED, None, ["alice@example.org"], expected_at_faxplus) == asyncio.run(story())


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        (submitting, "fax fax1 is just being submitted; try again in a few minutes"),
        (dialling, "FAX.PLUS does not give fax fax1 back: it is being sent, or has been"),
        (sent_and_not_asked, "FAX.PLUS does not give fax fax1 back: it is being sent, or has been"),
        (delivered, "fax fax1 has ended already: delivered"),
        (failed, "fax fax1 has ended already: failed"),
        (cancelled, "fax fax1 has ended already: cancelled"),
        (nothing, "there is no fax fax1; `fax-gateway list` shows which there are"),
    ],
)
def test_not_cancelled(situation: Situation, words: str, tmp_path: Path) -> None:
    """What may be on its way, or has ended, stays as it is."""

    async def story() -> str:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await situation(shop)
            before = await shop.store.fax("fax1")
            with pytest.raises(RefusedHereError) as refused:
                await desk(shop).cancel("fax1")

            assert before == await shop.store.fax("fax1")
            return str(refused.value)

    assert words == asyncio.run(story())


def test_faxplus_cannot_be_asked_to_cancel(tmp_path: Path) -> None:
    """Without FAX.PLUS's word nothing is called cancelled."""

    async def story() -> State:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await converting(shop)
            shop.way.meddle = answering("DELETE outbox/never-heard-of", httpx.ConnectError("no way"))
            with pytest.raises(FaxPlusError, match="cannot be reached"):
                await desk(shop).cancel("fax1")
            return (await shop.fax()).state

    assert State.SUBMITTED == asyncio.run(story())


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((httpx.ReadError("lost"),), "cancelled"),
        ((502,), "cancelled"),
        ((httpx.ReadError("lost"), httpx.ReadError("lost")), "nobody knows whether FAX.PLUS gave fax fax1 back"),
        ((httpx.ReadError("lost"), 404), "nobody knows whether FAX.PLUS gave fax fax1 back"),
        ((503, 409), "nobody knows whether FAX.PLUS gave fax fax1 back"),
    ],
)
def test_answer_to_a_cancellation_is_lost(answers: tuple[Exception | int, ...], said: str, tmp_path: Path) -> None:
    """It is asked once more; what nobody knows then is called neither cancelled nor under way."""

    async def story() -> str:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await shop.accept()
            await shop.submitted(id := at_faxplus(shop, await shop.fax()))
            shop.way.meddle = answering(f"DELETE outbox/{id}", *answers)
            try:
                return (await desk(shop).cancel("fax1")).state
            except RefusedHereError as refused:
                assert State.SUBMITTED == (await shop.fax()).state
                return str(refused).partition(":")[0]

    assert said == asyncio.run(story())


def test_taken_back_once(tmp_path: Path) -> None:
    """FAX.PLUS agreed under one of the ids: nothing that is asked about another can spoil it."""

    async def story() -> list[str]:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await converting(shop)
            shop.way.meddle = answering("DELETE outbox/nor-of-this", httpx.ConnectError("no way"))

            assert State.CANCELLED == (await desk(shop).cancel("fax1")).state
            return [call.replace(shop.account.jobs[0].id, "ours") for call in shop.way.calls]

    assert ["DELETE outbox/never-heard-of", "DELETE outbox/ours"] == asyncio.run(story())


def test_daemon_is_faster_and_nothing_is_lost(tmp_path: Path) -> None:
    """The daemon wrote something while FAX.PLUS was asked; the fax is still there to cancel, and is."""

    async def story() -> list[str]:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await converting(shop)

            async def daemon(request: httpx.Request) -> Answer:
                if request.method == "DELETE":
                    await shop.live(StillSending(ask_at=shop.clock() + 60))
                return None

            shop.way.meddle = daemon
            await desk(shop).cancel("fax1")
            return (await shop.events())[-2:]

    assert ["StillSending", "Cancelled"] == asyncio.run(story())


@pytest.mark.parametrize(
    ("situation", "events", "words"),
    [
        (queued, [Claimed(look_at=0.0)], "fax fax1 has changed meanwhile and is submitting now"),
        (converting, [Delivered()], "fax fax1 has changed meanwhile and is delivered now"),
        (converting, [Undelivered(status="failed"), Resent(retry_at=0.0)], "fax fax1 has changed meanwhile and is q"),
    ],
)
def test_daemon_is_faster(situation: Situation, events: list[Any], words: str, tmp_path: Path) -> None:
    """The daemon changed the fax meanwhile so that it cannot be cancelled any more: its word stands."""

    async def story() -> list[str]:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await situation(shop)
            seen = await shop.fax()
            await shop.live(*events)
            before = await shop.events()
            with pytest.raises(RefusedHereError, match=words):
                await desk(shop)._written(seen, CANCELLED)

            assert before == await shop.events()
            return before

    assert asyncio.run(story())


def test_next_dialling_is_not_the_one_that_was_taken_back(tmp_path: Path) -> None:
    """FAX.PLUS agreed to cancel a dialling that had ended; the next one is under way, and is not called cancelled."""

    async def story() -> State:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            seen = await shop.submitted("r1")
            await shop.live(BUSY, Claimed(look_at=shop.clock()), ACCEPTED)
            with pytest.raises(RefusedHereError, match="has changed meanwhile and is submitted now"):
                await desk(shop)._written(seen, CANCELLED)
            return (await shop.fax()).state

    assert State.SUBMITTED == asyncio.run(story())


@pytest.mark.parametrize("situation", [failed, cancelled])
def test_resent(situation: Situation, tmp_path: Path) -> None:
    """It goes into the queue as a new dialling, with all its redials, due now."""

    async def story() -> tuple[State, int, int, float | None, str]:
        async with workshop(tmp_path) as shop:
            await situation(shop)
            shop.pass_by(3600)
            fax = await desk(shop).resend("fax1")

            assert fax == await shop.fax()
            assert shop.clock() == fax.due_at
            return fax.state, fax.attempt, fax.redials, fax.ended_at, fax.reason

    assert (State.QUEUED, 2, 0, None, "resent by the operator") == asyncio.run(story())


def test_resent_is_sent_and_told(tmp_path: Path) -> None:
    """A fax that was resent is faxed, and its sender hears a second time."""

    async def story() -> tuple[list[str], int]:
        async with workshop(tmp_path) as shop:
            await cancelled(shop)
            await desk(shop).resend("fax1")
            await shop.submitter().submit_due()
            shop.pass_by(600)
            await shop.asker().ask_due()
            return [job.token for job in shop.account.jobs], len(await shop.store.notices("fax1"))

    assert (["fax1-2"], 2) == asyncio.run(story())


@pytest.mark.parametrize(
    ("situation", "words"),
    [
        (queued, "fax fax1 has not ended: queued"),
        (submitting, "fax fax1 has not ended: submitting"),
        (converting, "fax fax1 has not ended: submitted"),
        (delivered, "fax fax1 was delivered; send a new mail to fax it again"),
        (unknown, TWICE),
        (nothing, "there is no fax fax1; `fax-gateway list` shows which there are"),
    ],
)
def test_not_resent(situation: Situation, words: str, tmp_path: Path) -> None:
    """What has not ended, arrived, or may have arrived is not sent again just like that."""

    async def story() -> str:
        async with workshop(tmp_path) as shop:
            await situation(shop)
            before = await shop.store.fax("fax1")
            with pytest.raises(RefusedHereError) as refused:
                await desk(shop).resend("fax1")

            assert before == await shop.store.fax("fax1")
            return str(refused.value)

    assert words == asyncio.run(story())


FAILURES = [*(word for word, one in MEANINGS.items() if one.ending in set(Ending) - {Ending.DELIVERED, Ending.PENDING})]


@pytest.mark.parametrize("status", [*FAILURES, "a word of next year", "failed_somehow"])
def test_resent_after_each_failure(status: str, tmp_path: Path) -> None:
    """Whatever may have arrived in part is only sent again when the operator accepts that it may arrive twice."""
    doubtful = status in {
        "unknown",
        "partially_sent",
        "partially_received",
        "failed_fs_49",
        "a word of next year",
    }

    async def story() -> Fax:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted("r1")
            await shop.live(Undelivered(status=status))
            if doubtful:
                with pytest.raises(RefusedHereError, match=TWICE):
                    await desk(shop).resend("fax1")
            return await desk(shop).resend("fax1", may_arrive_twice=doubtful)

    fax = asyncio.run(story())

    assert (State.QUEUED, "") == (fax.state, fax.status)


def test_documents_are_gone(tmp_path: Path) -> None:
    """After their time documents are not kept: nothing is left to send."""

    async def story() -> str:
        async with workshop(tmp_path) as shop:
            await failed(shop)
            shop.spool.remove("mail1")
            with pytest.raises(RefusedHereError) as refused:
                await desk(shop).resend("fax1", may_arrive_twice=True)
            return str(refused.value)

    words = "the documents of fax fax1 are no longer kept; ask the sender for a new mail"

    assert words == asyncio.run(story())


def test_resent_by_two_at_once(tmp_path: Path) -> None:
    """Two operators resend the same fax: one of them hears that it has changed, and it is sent once."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await failed(shop)
            both = await asyncio.gather(desk(shop).resend("fax1"), desk(shop).resend("fax1"), return_exceptions=True)

            assert 1 == (await shop.events()).count("Resent")
            return [str(one) for one in both if isinstance(one, RefusedHereError)]

    assert ["fax fax1 has changed meanwhile and is queued now"] == asyncio.run(story())
