"""Caps hold in the claiming transaction, on both databases, and what was set aside is made good at the end."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.event import (
    Accepted,
    AnyEvent,
    Busy,
    Cancelled,
    Claimed,
    Deferred,
    Delivered,
    GivenUp,
    NotSeen,
    NotThere,
    Refused,
    Undelivered,
    Unpaid,
)
from gateway.fax import Fax, State, advance
from gateway.policy import CapReachedError, Period, Spend
from gateway.store import Store, Writer, open_engine
from gateway.store.tables import SET_ASIDE
from tests.conftest import Play, empty_database
from tests.values import NOW, a_fax, a_submission

DAY, MONTH = "2027-01-15", "2027-01"
CLAIMED = Claimed(look_at=NOW + 120)
ACCEPTED = Accepted(remote_ids=("r1",), ask_at=NOW + 60)


def spend(amount: float, day: float | None = 10.0, month: float | None = None) -> Spend:
    """So much, under these caps."""
    return Spend(amount, (Period(DAY, day), Period(MONTH, month)))


async def happen(store: Store, fax: Fax, *events: AnyEvent, cost: Spend | None = None) -> Fax:
    """Write these events, one after the other; each claim sets aside what it costs."""
    for event in events:
        after = advance(fax, event, NOW)
        assert await store.change(fax, after, event, NOW, None, cost if isinstance(event, Claimed) else None)
        fax = after
    return fax


async def queued(store: Store, count: int = 1) -> Sequence[Fax]:
    """So many faxes."""
    faxes = [a_fax(id=f"f{n}", number=f"+1555123{n:04}") for n in range(count)]
    await store.accept(a_submission(), faxes)
    return faxes


async def open_rows(store: Store) -> int:
    """How many diallings something is set aside for."""
    return await store._run(lambda connection: connection.scalar(select(func.count()).select_from(SET_ASIDE)) or 0)


def test_set_aside_with_the_claim(play: Play) -> None:
    """Day and month grow by what the fax will cost, and nothing was spent before."""

    async def story(store: Store) -> object:
        (fax,) = await queued(store)
        before = await store.spent([DAY, MONTH])
        await happen(store, fax, CLAIMED, cost=spend(4.0))
        return before, await store.spent([DAY, MONTH]), await open_rows(store)

    assert ({DAY: 0.0, MONTH: 0.0}, {DAY: 4.0, MONTH: 4.0}, 1) == play(story)


@pytest.mark.parametrize(
    ("cost", "reached"),
    [
        (spend(11.0), DAY),
        (spend(6.1), DAY),
        (spend(6.0), None),
        (spend(0.0, day=4.0), None),
        (spend(0.5, day=4.0), DAY),
        (spend(5.0, day=None, month=8.0), MONTH),
        (spend(5.0, day=50.0, month=8.0), MONTH),
        (spend(1e6, day=None), None),
    ],
)
def test_more_than_is_left(cost: Spend, reached: str | None, play: Play) -> None:
    """After four were spent: what does not fit leaves no trace, in no period, and the fax stays queued."""

    async def story(store: Store) -> object:
        first, second = await queued(store, 2)
        await happen(store, first, CLAIMED, cost=spend(4.0))
        try:
            await happen(store, second, CLAIMED, cost=cost)
        except CapReachedError as error:
            assert {DAY: 4.0, MONTH: 4.0} == await store.spent([DAY, MONTH])
            assert [second] == [one for one in await store.faxes(limit=9) if one.id == second.id]
            return error.period.name
        return None

    assert reached == play(story)


ENDS: list[tuple[tuple[AnyEvent, ...], float, int]] = [
    ((), 4.0, 1),
    ((NotSeen(look_at=NOW, counts=True),), 4.0, 1),
    ((ACCEPTED,), 4.0, 1),
    ((Deferred(retry_at=NOW),), 0.0, 0),
    ((Refused(),), 0.0, 0),
    ((NotThere(retry_at=NOW),), 0.0, 0),
    ((GivenUp(),), 4.0, 0),
    ((ACCEPTED, Busy(status="failed_user_busy", redial_at=NOW)), 0.0, 0),
    ((ACCEPTED, Unpaid(status="insufficient_credit", retry_at=NOW)), 0.0, 0),
    ((ACCEPTED, Cancelled()), 0.0, 0),
    ((ACCEPTED, Delivered(cost=3.0)), 3.0, 0),
    ((ACCEPTED, Delivered(cost=5.5)), 5.5, 0),
    ((ACCEPTED, Delivered()), 4.0, 0),
    ((ACCEPTED, Undelivered(status="partially_sent", cost=1.0)), 1.0, 0),
    ((ACCEPTED, Undelivered(status="failed_no_answer", cost=0.0)), 0.0, 0),
    ((ACCEPTED, Undelivered(status="failed_no_answer")), 4.0, 0),
    ((ACCEPTED, GivenUp()), 4.0, 0),
    ((Deferred(retry_at=NOW), CLAIMED), 4.0, 1),
    ((ACCEPTED, Busy(status="failed_user_busy", redial_at=NOW), CLAIMED, ACCEPTED, Delivered(cost=3.0)), 3.0, 0),
]


@pytest.mark.parametrize(("events", "spent", "still_open"), ENDS)
def test_made_good(events: tuple[AnyEvent, ...], spent: float, still_open: int, play: Play) -> None:
    """What was not taken costs nothing, what FAX.PLUS tells is the cost, and what nobody knows stays set aside."""

    async def story(store: Store) -> object:
        (fax,) = await queued(store)
        await happen(store, fax, CLAIMED, *events, cost=spend(4.0))
        return await store.spent([DAY, MONTH]), await open_rows(store)

    assert ({DAY: spent, MONTH: spent}, still_open) == play(story)


def test_overtaken_sets_nothing_aside(play: Play) -> None:
    """Who comes second to a fax spends nothing for it."""

    async def story(store: Store) -> object:
        (fax,) = await queued(store)
        await happen(store, fax, CLAIMED, cost=spend(4.0))
        second = await store.change(fax, advance(fax, CLAIMED, NOW), CLAIMED, NOW, None, spend(4.0))
        return second, await store.spent([DAY])

    assert (False, {DAY: 4.0}) == play(story)


def test_made_good_in_its_own_day(play: Play) -> None:
    """A fax that ends after midnight is paid for on the day on which it was sent."""

    async def story(store: Store) -> object:
        (fax,) = await queued(store)
        fax = await happen(store, fax, CLAIMED, ACCEPTED, cost=spend(4.0))
        ended = Delivered(cost=1.0)
        await store.change(fax, advance(fax, ended, NOW + 86_400), ended, NOW + 86_400)
        return await store.spent([DAY, "2027-01-16", MONTH])

    assert {DAY: 1.0, "2027-01-16": 0.0, MONTH: 1.0} == play(story)


def test_nothing_to_make_good(play: Play) -> None:
    """Faxes that were claimed while nothing was capped change no account."""

    async def story(store: Store) -> object:
        (fax,) = await queued(store)
        await happen(store, fax, CLAIMED, ACCEPTED, Delivered(cost=3.0))
        return await store.spent([DAY])

    assert {DAY: 0.0} == play(story)


async def claim(store: Store, fax: Fax) -> bool:
    """Try to claim one, for one."""
    event = Claimed(look_at=NOW + 120)
    try:
        return await store.change(fax, advance(fax, event, NOW), event, NOW, None, spend(1.0, day=25.0))
    except CapReachedError:
        return False


def test_several_nodes_never_pass_the_cap(postgresql: str, tmp_path: Path) -> None:
    """Two nodes with eight workers each go for more faxes than the cap allows, and for the same ones."""
    database = empty_database(postgresql)
    writers = [Writer(open_engine(tmp_path, database)) for _ in range(2)]

    async def story() -> tuple[int, int, float]:
        stores = [Store(writer) for writer in writers]
        faxes = await queued(stores[0], 40)
        won = 0
        for begin in range(0, 40, 8):
            claims = [claim(store, fax) for fax in faxes[begin : begin + 8] for store in stores]
            won += sum(await asyncio.gather(*claims))
        left = [one for one in await stores[0].faxes(limit=100) if one.state is State.QUEUED]
        return won, len(left), (await stores[1].spent([DAY]))[DAY]

    figures = asyncio.run(story())
    for writer in writers:
        writer.close()

    assert (25, 15, 25.0) == figures


def test_a_price_that_sums_badly(play: Play) -> None:
    """Ten times a tenth is one, whatever floating point makes of it."""

    async def story(store: Store) -> object:
        faxes = await queued(store, 11)
        for fax in faxes[:10]:
            await happen(store, fax, CLAIMED, cost=spend(0.1, day=1.0))
        with pytest.raises(CapReachedError, match=DAY):
            await happen(store, faxes[10], CLAIMED, cost=spend(0.1, day=1.0))
        return None

    assert play(story) is None
