"""Worlds in which everything goes wrong: the promises hold in all of them, and each rule that keeps them is needed.

`make test` lives through 200 worlds, `make simulate` through 5,000 (WORLDS=n). A world is its seed: one that breaks a
promise is looked at again by that number.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import update

from gateway.config import Config
from gateway.event import Claimed, Delivered
from gateway.fax import Fax
from gateway.faxplus import FaxPlus, FaxPlusError, Hint, Verdict
from gateway.schedule import Schedule
from gateway.store import Store
from gateway.store.tables import NOTICES
from gateway.submission import Notice
from gateway.worker import Worker
from gateway.worker.ask import Asker, Sight
from gateway.worker.ledger import Ledger
from tests.values import NOW
from tests.world import BrokenPromiseError, live

WORLDS = int(os.environ.get("WORLDS", "200"))
FEW = 120
"""Worlds within which every missing rule must show; most do within ten."""
CONFIG = Config.model_validate(
    {
        "operator": "operator@example.org",
        "faxplus": {"token_file": "unused", "from": "+12025550100", "base_url": "http://127.0.0.1/v3"},
        "listener": [{"name": "none"}],
        "schedule": {"give_up": "3h"},
        "keep": {"records": "3650d"},
    }
)


def quiet() -> None:
    """Log nothing: thousands of worlds have much to say."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    quiet()
    yield
    structlog.reset_defaults()


def one(seed: int, directory: Path) -> tuple[int, int, str]:
    """Live through one world: its seed, how often it crashed, and the promise that broke, if one did."""
    place = directory / str(seed)
    place.mkdir()
    try:
        return seed, live(seed, place, CONFIG).fate.crashed, ""
    except BrokenPromiseError as error:
        return seed, 0, str(error)


@pytest.mark.process
def test_a_world_is_its_seed(tmp_path: Path) -> None:
    """Whoever looks at a broken one again sees the same: nothing depends on which thread is quicker, or on ids."""

    def lived(life: str) -> tuple[int, float, list[tuple[str, str, str]]]:
        place = tmp_path / life
        place.mkdir()
        world = live(7, place, CONFIG)
        return world.fate.crashed, world.time, world.relay.told

    assert lived("once") == lived("twice")


@pytest.mark.timeout(9 * WORLDS)
@pytest.mark.process
def test_promises_hold_in_every_world(tmp_path: Path) -> None:
    """Acknowledged is kept, at most one live attempt per fax, final is told exactly once and truly."""
    with ProcessPoolExecutor(max_workers=os.cpu_count(), initializer=quiet) as pool:
        lived = list(pool.map(partial(one, directory=tmp_path), range(WORLDS), chunksize=5))
    broken = {seed: words for seed, _, words in lived if words}
    crashes = sum(crashed for _, crashed, _ in lived)
    print(f"worlds={len(lived)} crashes={crashes} broken={len(broken)}")  # noqa: T201  # the figures are the point

    assert {} == broken
    assert crashes > WORLDS  # a quiet simulation proves nothing


def breaks(directory: Path) -> bool:
    """Whether some promise breaks within a few worlds."""
    return any(one(seed, directory)[2] for seed in range(FEW))


Mutate = Callable[[pytest.MonkeyPatch], None]


def no_quarantine(patch: pytest.MonkeyPatch) -> None:
    """A lost answer is looked for at once, and missed while FAX.PLUS does not show it yet."""
    patch.setattr(Schedule, "look_at", lambda _self, now: now)
    patch.setattr(Schedule, "look_again_at", lambda _self, now: now)


def no_look(patch: pytest.MonkeyPatch) -> None:
    """A lost answer is taken for a refusal."""

    async def not_taken(self: FaxPlus, **order: Any) -> tuple[str, ...]:
        try:
            return await send(self, **order)
        except FaxPlusError as error:
            raise FaxPlusError(Verdict.TEMPORARY, error.words) from error

    send = FaxPlus.send
    patch.setattr(FaxPlus, "send", not_taken)


def no_claim(patch: pytest.MonkeyPatch) -> None:
    """The attempt is not on record before the request leaves."""

    async def unrecorded(self: Ledger, fax: Fax, event: Any, spend: Any = None) -> Fax | None:
        if isinstance(event, Claimed):
            return replace(fax, claimed_at=self._now())
        if fax.claimed_at is not None and fax.state == "queued":
            fax = await happened(self, replace(fax, claimed_at=None), Claimed(look_at=NOW)) or fax
        return await happened(self, fax, event, spend)

    happened = Ledger.happened
    patch.setattr(Ledger, "happened", unrecorded)


def incomplete_look_counts(patch: pytest.MonkeyPatch) -> None:
    """A search that failed is taken for a search that found nothing."""

    async def look(self: Asker, faxes: Sequence[Fax]) -> Sight:
        return await original(self, faxes) or Sight((), complete=True, ahead=self._faxplus.ahead)

    async def absent(_self: Asker, _fax: Fax, _sight: Sight) -> bool:
        return True

    original = Asker._look
    patch.setattr(Asker, "_look", look)
    patch.setattr(Asker, "_absent", absent)
    patch.setattr(Schedule, "looked_enough", lambda _self, _fax: True)


def webhook_is_believed(patch: pytest.MonkeyPatch) -> None:
    """Whatever a webhook names is delivered."""

    async def believe(self: Asker, hint: Hint) -> None:
        for fax in await self._store.faxes(limit=1000):
            if set(hint.ids) & set(fax.remote_ids) and fax.state == "submitted":
                await self._ledger.happened(fax, Delivered())

    patch.setattr(Asker, "hurry", believe)


def same_token_for_every_dialling(patch: pytest.MonkeyPatch) -> None:
    """The record of the last dialling is taken for that of the next."""
    patch.setattr(Fax, "token", property(lambda fax: f"{fax.id}-1"))


def notice_after_the_state(patch: pytest.MonkeyPatch) -> None:
    """The final state is committed first, the notice owed for it afterwards."""

    async def apart(
        self: Store,
        before: Fax,
        after: Fax,
        event: Any,
        now: float,
        notice: Any = None,
        spend: Any = None,
        gather_for: float | None = None,
    ) -> bool:
        done = await change(self, before, after, event, now, None, spend, gather_for)
        if done and notice is not None:
            await self.owe(notice)
        return done

    change = Store.change
    patch.setattr(Store, "change", apart)


def sent_is_not_marked(patch: pytest.MonkeyPatch) -> None:
    """Nobody remembers which notices have left, and each restart writes them anew."""

    async def step(self: Worker) -> None:
        await original(self)
        for fax in await self._store.faxes(limit=5):
            if fax.final:
                notice = (await self._store.notices(fax.id))[0]
                await self._store.owe(replace(notice, id=f"{notice.id}.again"))

    original = Worker.step
    patch.setattr(Worker, "step", step)


def gathered_while_offered(patch: pytest.MonkeyPatch) -> None:
    """Who is told with whom is not settled before the mail leaves."""

    async def whoever_waits(self: Store, notice: Notice, most: int) -> list[Notice]:
        found = await gather(self, notice, most)
        values = {"mail": ""}
        ids = [one.id for one in found]
        await self._run(
            lambda connection: connection.execute(update(NOTICES).where(NOTICES.c.id.in_(ids)).values(values))
        )
        return found

    gather = Store.gather
    patch.setattr(Store, "gather", whoever_waits)


MUTANTS: tuple[Mutate, ...] = (
    no_quarantine,
    no_look,
    no_claim,
    incomplete_look_counts,
    webhook_is_believed,
    same_token_for_every_dialling,
    notice_after_the_state,
    sent_is_not_marked,
    gathered_while_offered,
)


@pytest.mark.process
@pytest.mark.parametrize("mutate", MUTANTS, ids=lambda mutate: mutate.__name__)
def test_every_rule_is_needed(mutate: Mutate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without this rule a promise breaks within a few worlds, so the simulation would notice its loss."""
    mutate(monkeypatch)

    assert breaks(tmp_path)
