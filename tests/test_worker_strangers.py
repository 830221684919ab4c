"""Ids from webhooks that we do not know: our token at FAX.PLUS says whose they are, and forged ones cost little."""

import asyncio
from pathlib import Path

import pytest

from gateway.event import StillSending
from gateway.fax import State
from gateway.faxplus import Hint
from gateway.worker.strangers import PARKED, STRANGERS_EVERY
from tests.simulated import PLENTY
from tests.workshop import answering, at_faxplus, workshop

HOUR = 3600.0


def test_stranger_is_recognised_by_its_token(tmp_path: Path) -> None:
    """A webhook names an id we never heard of; FAX.PLUS shows our token under it: a lost answer is found early."""

    async def story() -> tuple[State, str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            id = at_faxplus(shop, await shop.claimed())
            shop.clock.at += 110  # sent, and the quarantine is not over
            asker = shop.asker()
            await asker.hurry(Hint(ids=(id,)))
            await asker.ask_due()

            assert id in (await shop.fax()).remote_ids
            return (await shop.fax()).state, (await shop.store.history("fax1"))[2].reason

    assert (State.DELIVERED, "a webhook named it, and FAX.PLUS shows our token") == asyncio.run(story())


def test_stranger_joins_a_fax_that_is_being_sent(tmp_path: Path) -> None:
    """The account uses other ids than it gave us: the webhook's is added to the fax that bears its token."""

    async def story() -> tuple[State, bool]:
        async with workshop(tmp_path, ids="differ") as shop:
            await shop.accept()
            await shop.submitted(at_faxplus(shop, await shop.fax()))
            await shop.live(StillSending(ask_at=shop.clock() + HOUR))
            shop.pass_by(500)
            shop.account.advance()
            id = shop.account.jobs[0].attempts[0].fax_id
            asker = shop.asker()
            await asker.hurry(Hint(ids=(id,)))
            await asker.ask_due()
            fax = await shop.fax()
            return fax.state, id in fax.remote_ids

    assert (State.DELIVERED, True) == asyncio.run(story())


@pytest.mark.parametrize("token", ["", "fax1", "fax1-2", "fax9-1", "a person's words"])
def test_stranger_that_is_none_of_ours(token: str, tmp_path: Path) -> None:
    """What does not bear the token of a fax's present dialling changes nothing."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            id = at_faxplus(shop, await shop.claimed(), token=token)
            shop.pass_by(110)
            asker = shop.asker()
            await asker.hurry(Hint(ids=(id, "unheard-of")))
            await asker.ask_due()
            return await shop.events()

    assert ["Queued", "Claimed"] == asyncio.run(story())


def test_stranger_of_a_fax_that_has_ended(tmp_path: Path) -> None:
    """A late webhook about a fax that has ended changes nothing."""

    async def story() -> bool:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted(at_faxplus(shop, await shop.fax()))
            shop.pass_by(PLENTY)
            await shop.asker().ask_due()
            fax = await shop.fax()
            shop.account.jobs[0].attempts[0].fax_id = "renamed"
            shop.account._exchange.by_id["renamed"] = shop.account.jobs[0]
            asker = shop.asker()
            await asker.hurry(Hint(ids=("renamed",)))
            await asker.ask_due()

            assert "GET faxes/renamed" in shop.way.calls
            return fax == await shop.fax()

    assert asyncio.run(story())


def test_forged_calls_make_few_calls_of_ours(tmp_path: Path) -> None:
    """However many unknown ids anybody names, we ask about ten of them at a time, and remember a hundred."""

    async def story() -> list[int]:
        async with workshop(tmp_path) as shop:
            asker, counts = shop.asker(), []
            for number in range(300):
                await asker.hurry(Hint(ids=(f"a{number}", f"b{number}")))
            for seconds in (0.0, STRANGERS_EVERY - 1, 1.0, *[STRANGERS_EVERY] * 20):
                shop.pass_by(seconds)
                await asker.ask_due()
                counts.append(len(shop.way.calls))
            return counts

    counts = asyncio.run(story())

    assert ([10, 10, 20], PARKED) == (counts[:3], counts[-1])


def test_strangers_survive_a_failure(tmp_path: Path) -> None:
    """FAX.PLUS is down while we ask about strangers: everybody else is asked about all the same."""

    async def story() -> State:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted(at_faxplus(shop, await shop.fax()))
            asker = shop.asker()
            await asker.hurry(Hint(ids=("stranger",)))
            shop.way.meddle = answering("GET faxes/stranger", 503)
            shop.pass_by(500)
            await asker.ask_due()
            return (await shop.fax()).state

    assert State.DELIVERED == asyncio.run(story())
