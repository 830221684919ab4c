"""Pieces whose others stay away: their sender hears of it once, and nothing of them is faxed."""

import asyncio
from pathlib import Path

from gateway.submission import Fragment, NoticeKind, Submission
from gateway.worker.stranded import StrandedTeller
from tests.values import a_submission
from tests.workshop import Workshop, workshop

DAY = 86400.0


def a_piece(number: int, total: int = 0, **changed: object) -> Submission:
    """A piece that is held."""
    fragment = Fragment(whole="a" * 64, number=number, total=total)
    usual: dict[str, object] = {"id": f"s{number}", "sha256": f"{number}", "documents": (), "fragment": fragment}
    return a_submission(**usual | changed)


def teller(shop: Workshop) -> StrandedTeller:
    """Somebody who tells."""
    return StrandedTeller(store=shop.store, wait=DAY, patience=shop.patience, kick=lambda: None, now=shop.clock)


async def told(shop: Workshop) -> list[tuple[NoticeKind, str]]:
    """What is owed to whom."""
    return [(notice.kind, notice.recipient) for notice in await shop.store.due_notices(shop.clock())]


def wait(shop: Workshop, seconds: float) -> None:
    """Let time go by while somebody watches the clocks."""
    shop.pass_by(seconds)
    shop.patience.may_end()


def test_told_once(tmp_path: Path) -> None:
    """A day after the last piece the sender hears, and never again; a new piece in time starts the day anew."""

    async def story() -> list[list[tuple[NoticeKind, str]]]:
        async with workshop(tmp_path) as shop:
            seen, someone = [], teller(shop)
            await shop.store.accept(a_piece(1, received_at=shop.clock()), [])
            wait(shop, DAY - 10)
            await shop.store.accept(a_piece(3, 4, received_at=shop.clock()), [])
            for seconds in (DAY - 10, 20, DAY):
                wait(shop, seconds)
                await someone.tell_due()
                seen.append(await told(shop))
            return seen

    notice = (NoticeKind.PIECES, "alice@example.org")

    assert [[], [notice], [notice]] == asyncio.run(story())


def test_to_whom_the_operator_named(tmp_path: Path) -> None:
    """For a device that reads no mail, whoever hears of its faxes hears of this too."""

    async def story() -> list[tuple[NoticeKind, str]]:
        async with workshop(tmp_path) as shop:
            await shop.store.accept(a_piece(1, received_at=shop.clock(), confirm_to="desk@example.org"), [])
            wait(shop, DAY + 1)
            await teller(shop).tell_due()
            return await told(shop)

    assert [(NoticeKind.PIECES, "desk@example.org")] == asyncio.run(story())


def test_clock_that_jumps(tmp_path: Path) -> None:
    """A clock that was set forward by a month ends nothing."""

    async def story() -> list[tuple[NoticeKind, str]]:
        async with workshop(tmp_path) as shop:
            await shop.store.accept(a_piece(1, received_at=shop.clock()), [])
            shop.patience.may_end()
            shop.clock.set(30 * DAY)
            await teller(shop).tell_due()
            return await told(shop)

    assert [] == asyncio.run(story())
