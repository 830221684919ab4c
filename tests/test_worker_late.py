"""Senders hear once that a fax takes long, whatever it waits for, and then how it ended."""

import asyncio
from pathlib import Path

import pytest

from gateway.event import Accepted, Claimed, Delivered
from gateway.fax import State
from gateway.submission import NoticeKind
from gateway.worker.late import LateTeller
from tests.workshop import Workshop, workshop

HOUR = 3600.0


def teller(shop: Workshop) -> LateTeller:
    """Somebody who tells."""
    return LateTeller(
        store=shop.store, ledger=shop.ledger, schedule=shop.schedule, patience=shop.patience, now=shop.clock
    )


def pass_by(shop: Workshop, seconds: float) -> None:
    """Let time go by while somebody watches the clocks."""
    shop.pass_by(seconds)
    shop.patience.may_end()


async def kinds(shop: Workshop) -> list[NoticeKind]:
    """What the sender of the fax is owed, in order."""
    return [notice.kind for notice in await shop.store.notices("fax1")]


@pytest.mark.parametrize("state", ["queued", "in doubt", "submitted"])
def test_told_once_wherever_it_waits(state: str, tmp_path: Path) -> None:
    """After an hour its sender is told, and never again; it goes on as planned."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            if state == "in doubt":
                await shop.claimed()
            elif state == "submitted":
                await shop.submitted("r1")
            late = teller(shop)
            pass_by(shop, HOUR - 1)
            await late.tell_due()
            early = await kinds(shop)
            before = await shop.fax()
            pass_by(shop, 2)
            await late.tell_due()
            pass_by(shop, HOUR)
            await late.tell_due()
            after = await shop.fax()

            assert ([], [NoticeKind.LATE]) == (early, await kinds(shop))
            assert (before.state, before.due_at, before.token) == (after.state, after.due_at, after.token)

    asyncio.run(story())


def test_then_how_it_ended(tmp_path: Path) -> None:
    """The late notice does not take the place of the last word."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            pass_by(shop, 2 * HOUR)
            await teller(shop).tell_due()
            await shop.live(
                Claimed(look_at=shop.clock()), Accepted(remote_ids=("r1",), ask_at=shop.clock()), Delivered()
            )

            assert [NoticeKind.LATE, NoticeKind.OUTCOME] == await kinds(shop)

    asyncio.run(story())


def test_a_post_under_way_is_left_alone(tmp_path: Path) -> None:
    """A fax that was claimed just now is not touched, lest the answer to its POST finds it changed."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            pass_by(shop, 2 * HOUR)
            claimed = await shop.claimed()
            await teller(shop).tell_due()

            assert claimed == await shop.fax()
            pass_by(shop, 121)
            await teller(shop).tell_due()
            assert [NoticeKind.LATE] == await kinds(shop)

    asyncio.run(story())


def test_a_jump_of_the_clock_makes_nothing_late(tmp_path: Path) -> None:
    """Nobody is told that a fax is late because somebody set the clock."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            pass_by(shop, HOUR)
            await shop.accept(queued_at=shop.clock())
            shop.clock.set(365 * 86_400)
            await teller(shop).tell_due()

            assert [] == await kinds(shop)

    asyncio.run(story())


def test_late_by_the_time_that_its_sender_gave(tmp_path: Path) -> None:
    """Who said from when on a fax is late is told then, and not when others are."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            start = shop.clock()
            await shop.accept(by_at=start + 3 * HOUR, by_mode="N")
            pass_by(shop, 2 * HOUR)
            await teller(shop).tell_due()
            before = await kinds(shop)
            pass_by(shop, HOUR)
            await teller(shop).tell_due()

            assert ([], [NoticeKind.LATE]) == (before, await kinds(shop))

    asyncio.run(story())


@pytest.mark.parametrize("mode", ["R", ""])
def test_late_as_others_are(mode: str, tmp_path: Path) -> None:
    """A time after which a fax is given up says nothing about when it is late."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept(by_at=shop.clock() + 9 * HOUR if mode else None, by_mode=mode)
            pass_by(shop, HOUR + 1)
            await teller(shop).tell_due()

            assert [NoticeKind.LATE] == await kinds(shop)

    asyncio.run(story())


def test_given_up_when_its_time_is_over(tmp_path: Path) -> None:
    """What waits is given up then though nothing is submitted, also when its sender knows already that it is late."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept(by_at=shop.clock() + 2 * HOUR, by_mode="R")
            pass_by(shop, HOUR + 1)
            await teller(shop).tell_due()
            pass_by(shop, HOUR - 2)
            await teller(shop).tell_due()
            before = await kinds(shop)
            pass_by(shop, 1)
            await teller(shop).tell_due()
            fax = await shop.fax()

            assert ([NoticeKind.LATE], [NoticeKind.LATE, NoticeKind.OUTCOME]) == (before, await kinds(shop))
            assert (State.FAILED, "not sent in the time that its sender gave: never taken") == (fax.state, fax.reason)

    asyncio.run(story())


def test_under_way_when_its_time_is_over(tmp_path: Path) -> None:
    """What FAX.PLUS has may still arrive: nobody is told that it did not."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept(by_at=shop.clock() + 60, by_mode="R")
            await shop.submitted("r1")
            pass_by(shop, 1000)
            await teller(shop).tell_due()

            assert ([], State.SUBMITTED) == (await kinds(shop), (await shop.fax()).state)

    asyncio.run(story())


def test_held_back_is_not_late(tmp_path: Path) -> None:
    """While its sender holds a fax back nobody is told that it is late; an hour after its release they are."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            release = shop.clock() + 5 * HOUR
            await shop.accept(queued_at=release, due_at=release)
            pass_by(shop, 5 * HOUR)
            await teller(shop).tell_due()
            before = await kinds(shop)
            pass_by(shop, HOUR + 1)
            await teller(shop).tell_due()

            assert ([], [NoticeKind.LATE]) == (before, await kinds(shop))

    asyncio.run(story())
