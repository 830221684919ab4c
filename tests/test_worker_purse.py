"""Right before the POST: the number may still be called, and what it costs is set aside within the caps."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from gateway.config import Config
from gateway.fax import Fax, State
from gateway.store.tables import SET_ASIDE
from tests.values import NOW
from tests.workshop import Answer, Workshop, called, workshop
from tests.world import BrokenPromiseError, World

POST = "POST outbox"
DAY, NEXT_DAY, MONTH = "2027-01-15", "2027-01-16", "2027-01"
UNTIL_MIDNIGHT = 57_600.0
WARNED, REACHED = (
    f"Four fifths of what faxes may cost in {DAY} are spent",
    f"Faxes are waiting: what they may cost in {DAY} is spent",
)
CAPPED_WORLDS = 8


def numbers(count: int) -> list[str]:
    """So many numbers that succeed."""
    return [f"+1555222{n:04}" for n in range(1000, 1000 + count)]


async def accept(shop: Workshop, count: int) -> list[str]:
    """Take on so many faxes of two pages, each to another number."""
    ids = [f"fax{n}" for n in range(count)]
    await shop.accept(*ids, numbers=numbers(count))
    return ids


async def states(shop: Workshop, ids: list[str]) -> list[State]:
    """Where they are."""
    return [(await shop.fax(id)).state for id in ids]


def test_without_caps_nothing_is_counted(tmp_path: Path) -> None:
    """By default nothing is set aside and nobody is told."""

    async def story() -> object:
        async with workshop(tmp_path) as shop:
            await accept(shop, 3)
            await shop.submitter().submit_due()
            return shop.way.calls.count(POST), await shop.store.spent([DAY, MONTH]), await shop.told_operator()

    assert (3, {DAY: 0.0, MONTH: 0.0}, []) == asyncio.run(story())


def test_held_at_the_cap(tmp_path: Path) -> None:
    """What fits is sent; the next waits with nothing burnt, sending rests, and the operator hears once of each."""

    async def story() -> object:
        async with workshop(tmp_path, {"spend": {"per_day": 5}}) as shop:
            ids = await accept(shop, 4)
            await shop.submitter(at_once=1).submit_due()

            assert shop.gate.wait(shop.clock()) > 0
            for _ in range(5):
                shop.pass_by(700)
                await shop.submitter(at_once=1).submit_due()

            waiting = await shop.fax("fax3")
            assert (1, 0, "") == (waiting.attempt, waiting.redials, waiting.status)
            assert f"what may be spent in {DAY} is spent" == waiting.reason
            assert [WARNED, REACHED] == sorted(await shop.told_operator(), reverse=True)
            return shop.way.calls.count(POST), await states(shop, ids), await shop.store.spent([DAY, MONTH])

    queued, gone = State.QUEUED, State.SUBMITTED
    assert (2, [gone, gone, queued, queued], {DAY: 4.0, MONTH: 4.0}) == asyncio.run(story())


def test_a_cover_page_costs_like_a_page(tmp_path: Path) -> None:
    """Two pages and a cover take three of what may be spent."""

    async def story() -> object:
        async with workshop(tmp_path, {"spend": {"per_day": 5}}) as shop:
            await shop.accept("fax0", "fax1", numbers=numbers(2), cover="Hello")
            await shop.submitter(at_once=1).submit_due()
            return shop.way.calls.count(POST), await shop.store.spent([DAY])

    assert (1, {DAY: 3.0}) == asyncio.run(story())


def test_goes_on_the_next_day(tmp_path: Path) -> None:
    """At midnight, UTC, another day's money may be spent; the month's is what it is."""

    async def story() -> object:
        async with workshop(tmp_path, {"spend": {"per_day": 2, "per_month": 4}}) as shop:
            await accept(shop, 3)
            await shop.submitter(at_once=1).submit_due()
            shop.pass_by(UNTIL_MIDNIGHT - 1)
            await shop.submitter(at_once=1).submit_due()
            before = shop.way.calls.count(POST)
            for _ in range(5):
                shop.pass_by(700)
                await shop.submitter(at_once=1).submit_due()
            spent = await shop.store.spent([DAY, NEXT_DAY, MONTH])
            return before, shop.way.calls.count(POST), spent, len(await shop.told_operator())

    # Warned and held on the first day, and of the month; on the second day warned again, and held by the month.
    assert (1, 2, {DAY: 2.0, NEXT_DAY: 2.0, MONTH: 4.0}, 5) == asyncio.run(story())


def test_what_it_did_cost_makes_room(tmp_path: Path) -> None:
    """FAX.PLUS's figure replaces ours, and what was held for it goes out on the same day."""

    async def story() -> tuple[int, float, int]:
        async with workshop(tmp_path, {"spend": {"per_day": 12, "per_page": 5}}) as shop:
            await accept(shop, 2)
            await shop.submitter(at_once=1).submit_due()
            held = shop.way.calls.count(POST)
            shop.pass_by(3600)
            await shop.asker().ask_due()
            made_good = (await shop.store.spent([DAY]))[DAY]
            await shop.submitter().submit_due()
            return held, made_good, shop.way.calls.count(POST)

    assert (1, 2.0, 2) == asyncio.run(story())


def test_warned_at_four_fifths_once(tmp_path: Path) -> None:
    """Before that nobody is bothered, and after it not again; not even by the next process."""

    async def story() -> object:
        told = []
        async with workshop(tmp_path, {"spend": {"per_day": 10}}) as shop:
            for n, number in enumerate(numbers(5)):
                await shop.accept(f"fax{n}", submission_id=f"mail{n}", numbers=[number])
                await shop.submitter().submit_due()
                told.append(await shop.told_operator())
        return told

    assert [[], [], [], [WARNED], [WARNED]] == asyncio.run(story())


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"numbers": {"deny": ["+1555"]}}, "numbers that begin so are denied here"),
        ({"numbers": {"country": "DE"}}, "calls to US are not allowed here, only to DE"),
        (
            {"sender": [{"name": "office", "networks": ["127.0.0.1"], "allow": ["DE"]}]},
            "calls to US are not allowed here, only to DE",
        ),
        (
            {"sender": [{"name": "x", "networks": ["127.0.0.1"], "number": "+15551234567"}]},
            "this is the gateway's own number",
        ),
    ],
)
def test_not_allowed_any_more(sections: dict[str, Any], expected: str, tmp_path: Path) -> None:
    """The configuration changed since the mail was accepted: the fax is not sent, and its sender hears why."""

    async def story() -> Fax:
        async with workshop(tmp_path, sections) as shop:
            await shop.accept()
            await shop.submitter().submit_due()

            assert POST not in shop.way.calls
            assert ["alice@example.org"] == [notice.recipient for notice in await shop.store.notices("fax1")]
            return await shop.fax()

    fax = asyncio.run(story())

    assert (State.FAILED, expected) == (fax.state, fax.reason)


@pytest.mark.parametrize(("from_number", "expected"), [("+12025550101", "+12025550101"), ("", "+12025550100")])
def test_sent_from_the_number_of_its_rule(from_number: str, expected: str, tmp_path: Path) -> None:
    """As it was when the mail was accepted; else from the account's."""

    async def story() -> list[str]:
        posted: list[str] = []

        async def look(request: httpx.Request) -> Answer:
            if called(request) == POST:
                posted.append(json.loads(request.content)["from"])
            return None

        async with workshop(tmp_path) as shop:
            await shop.accept(from_number=from_number)
            shop.way.meddle = look
            await shop.submitter().submit_due()
        return posted

    assert [expected] == asyncio.run(story())


CAPPED = Config.model_validate(
    {
        "operator": "operator@example.org",
        "faxplus": {"token_file": "unused", "from": "+12025550100", "base_url": "http://127.0.0.1/v3"},
        "listener": [{"name": "none"}],
        "schedule": {"give_up": "3h"},
        "keep": {"records": "3650d"},
        "redial": {"after": ["20s", "60s"]},
        "spend": {"per_month": 5},
    }
)


class CappedWorld(World):
    """A world in which money is short: for five of the eight faxes, and for a redialled one as for another."""

    async def _promises_kept(self) -> None:
        await super()._promises_kept()
        periods = await self.store._run(lambda connection: connection.exec_driver_sql("SELECT period FROM spent"))
        spent = await self.store.spent([row[0] for row in periods if len(row[0]) == len(MONTH)])
        if any(amount > 5 for amount in spent.values()):
            raise BrokenPromiseError(f"more was spent than may be: {spent}")
        rest = await self.store._run(lambda connection: connection.execute(SET_ASIDE.select()).all())
        if rest:
            raise BrokenPromiseError(f"still set aside when all is over: {rest}")
        known = sum(job.pages for job in self.account.jobs if job.status == "success")
        if sum(spent.values()) < known:
            raise BrokenPromiseError(f"FAX.PLUS sent {known} pages, and only {spent} are on record")


@pytest.mark.process
def test_caps_hold_in_every_world(tmp_path: Path) -> None:
    """Whatever crashes and gets lost: the cap is never passed, nothing stays set aside, and all promises hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    crashed = 0
    for seed in range(CAPPED_WORLDS):
        place = tmp_path / str(seed)
        place.mkdir()
        world = CappedWorld(seed, place, CAPPED)
        asyncio.run(world.live())
        crashed += world.fate.crashed
    structlog.reset_defaults()

    assert crashed > CAPPED_WORLDS
    assert NOW == 1_800_000_000.0  # the days above are those of this time
