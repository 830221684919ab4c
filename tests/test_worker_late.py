"""Senders hear once that a fax takes long, whatever it waits for, and then how it ended."""

import asyncio
from pathlib import Path

import pytest

from gateway.event import Accepted, Claimed, Delivered
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
            shop.set_clock(365 * 86_400)
            await teller(shop).tell_due()

            assert [] == await kinds(shop)

    asyncio.run(story())
