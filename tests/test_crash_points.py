"""Every commit and every call to the outside is a point at which the gateway is killed, before and after.

The points are found by looking at the classes (`tests.crashing`), so that a new commit or a new call is killed too, or
fails these tests for never being passed. `make test` kills once at each, before or after it by chance; `make
crashpoints` three times before and three times after (TIMES=n).
"""

import asyncio
import contextlib
import logging
import os
import random
import re
import smtplib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.faxplus import FaxPlus
from gateway.simulator import Fault
from tests.crashing import points
from tests.outlasting import letter, offer, pinned, settled, unique
from tests.packing import split
from tests.reckoning import Letter, reckon, told
from tests.running import GatewayProcess, Surroundings, surroundings

TIMES = int(os.environ.get("TIMES", "0"))
WORLDS = 3
"""Gateways that are killed side by side: each waits for most of its life."""
PAUSE = 1.0
"""Seconds between two mails; one is enough for most points."""
PATIENCE = 60.0
"""Seconds within which a point must be passed, and within which everything must end afterwards."""
HOUSE = Path(__file__).parents[1] / "gateway"

SHARED = "only where several machines share a PostgreSQL"
OPERATORS = "a command of the operator, in a process of its own, which a test of its own covers"
LIMITED = "only where quotas or caps are configured; it only reads"
NEVER_PASSED = {
    "Store.faxes": OPERATORS,
    "Store.counts": OPERATORS,
    "Store.notices": OPERATORS,
    "Store.change.Cancelled": OPERATORS,
    "Store.change.Resent": OPERATORS,
    "Store.clock": SHARED,
    "Store.spent": LIMITED,
    "Store.used": LIMITED,
    "Store.piece": SHARED,
    "Spool.holds": OPERATORS,
    "FaxPlus.cancel": OPERATORS,
    "FaxPlus.account": OPERATORS,
    "FaxPlus.numbers": OPERATORS,
    "FaxPlus.hooks": OPERATORS,
    "FaxPlus.register_hook": OPERATORS,
    "FaxPlus.remove_hook": OPERATORS,
    "FaxPlus.balance": "nobody asks yet",
    "FaxPlus.update_comment": "nobody asks yet",
    "FaxPlus.file": "nobody asks yet",
    "FaxPlus.report": "nobody asks yet",
}
"""Points that no journey passes, and why."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What must be so for a point to be passed."""

    endings: tuple[str, ...] = ("024", "101", "008")  #: of the numbers: succeeds, busy once, not in service
    faults: tuple[Fault, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)  #: of the simulated account
    once: bool = False  #: it is passed once in the life of a process
    ends: Mapping[str, str] = field(default_factory=dict)  #: settings by which things end early
    pieces: int = 1  #: into which each mail is split
    lone: bool = False  #: a piece comes, and never the others
    may_fail: bool = False  #: FAX.PLUS refuses for good, or never says how it ended


def _post(kind: Any, **more: Any) -> tuple[Fault, ...]:
    return (Fault(kind=kind, method="POST", path="*/outbox", count=None, **more),)


EARLY = Journey(ends={"give_up": "80s", "late": "300ms"})
"""The gateway trusts the clock to end things only when it has run for a hundredth of `give_up`."""
LONE = Journey(ends={"give_up": "80s"}, lone=True)
NAMELESS = Journey(settings={"ids": "differ", "comment_kept": False})
JOURNEYS = {
    "Store.forget": EARLY,
    "Store.known": Journey(once=True),
    "Store.late": EARLY,
    "Store.owe": Journey(faults=_post("status", status=401)),
    "Store.rivals": NAMELESS,
    "Store.spooled": EARLY,
    "Store.strangers": NAMELESS,
    "Store.unspooled": EARLY,
    "Store.change.Deferred": Journey(faults=_post("status", status=429)),
    "Store.change.GivenUp": Journey(endings=("090",), ends={"give_up": "3s"}, may_fail=True),
    "Store.change.Late": EARLY,
    "Store.change.NotSeen": Journey(faults=_post("reset")),
    "Store.change.NotThere": Journey(faults=_post("reset")),
    "Store.change.Refused": Journey(faults=_post("status", status=422), endings=("024",), may_fail=True),
    "Store.change.StillSending": Journey(settings={"seconds_per_page": 100.0}),
    "Store.change.Unpaid": Journey(endings=("121",)),
    "Shelf.of": Journey(pieces=2),
    "Shelf.load": Journey(pieces=2),
    "Shelf.stranded": EARLY,
    "Shelf.give_up": LONE,
    "Shelf.given_up": LONE,
    "Spool.clear_drafts": Journey(once=True),
    "Spool.kept": Journey(once=True),
    "Spool.remove": EARLY,
    "FaxPlus.fax": NAMELESS,
    "FaxPlus.outbox_fax": NAMELESS,
}
"""Points that need more than three faxes on their way."""
KEPT = {"[redial]": '[keep]\ndocuments = "300ms"\n\n[redial]'}


@dataclass(frozen=True)
class Death:
    """One kill."""

    point: str
    when: str
    nth: int

    def __str__(self) -> str:
        return f"{self.point}.{self.when}.{self.nth}"


class World:
    """One gateway that dies at one point after the other, and what came of its faxes."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._port = pinned(around, KEPT)
        self._pieces: dict[str, int] = {}
        self._config = around.config.read_text("utf-8")
        self._gateway = GatewayProcess(around.config)
        self._serves = self._gateway.program
        self._usual = around.account.settings
        self._letters: list[Letter] = []
        self._serial = 0
        self.wrong: list[str] = []

    async def die(self, death: Death) -> None:
        """Live until the gateway dies there."""
        journey = journey_of(death)
        self._configure(journey)
        self._around.faults.add(*journey.faults)
        self._around.account.settings = self._usual.model_copy(update=journey.settings)
        self._gateway.program = ("-m", "tests.crashing", death.point, death.when, str(1 if journey.once else death.nth))
        await self._gateway.spawn()
        sending = asyncio.create_task(self._send(str(death), journey))
        try:
            async with asyncio.timeout(PATIENCE):
                code = await self._gateway.ended()
        except TimeoutError:
            code = await self._gateway.stop()
            self.wrong.append(f"{death}: not passed; stopped with {code}")
        else:
            self.wrong += [f"{death}: ended with {code}"] * (code != -9)
        self._look_at_the_log(str(death))
        sending.cancel()
        (failure,) = await asyncio.gather(sending, return_exceptions=True)
        self.wrong += [f"{death}: {failure!r}"] * (not isinstance(failure, asyncio.CancelledError))
        self._around.faults.clear()
        self._around.account.settings = self._usual
        if journey.may_fail:
            await self.end()

    def _configure(self, journey: Journey) -> None:
        early = "\n".join(f'{name} = "{value}"' for name, value in journey.ends.items())
        config = self._config.replace("[schedule]", f"[schedule]\n{early}")
        waits = '[keep]\npieces = "300ms"' if journey.lone else "[keep]"
        self._around.config.write_text(config.replace("[keep]", waits), "utf-8")

    async def end(self) -> None:
        """Start it as it is configured, and let everything end."""
        self._gateway.program = self._serves
        await self._gateway.start()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._resend()
                await settled(self._around)
        except TimeoutError:
            self.wrong.append("something never ended")
        self.wrong += [f"SIGTERM ended it with {code}" for code in [await self._gateway.stop()] if code]
        self._look_at_the_log("at the end")

    async def leave(self) -> None:
        """Leave nothing running."""
        await self._gateway.kill()

    def judge(self) -> None:
        """Hold the promises against what FAX.PLUS has and the mailbox got."""
        self._around.account.advance()
        figures = reckon(self._letters, self._around.account.jobs, told(self._around.mailbox.mails))
        figures.confirmed_twice.clear()  # we kill where that must happen
        self.wrong += [f"{name}: {numbers}" for name, numbers in figures.broken.items()]

    async def _send(self, name: str, journey: Journey) -> None:
        """Send what is not taken yet, then new mails until there is nobody left."""
        await self._resend()
        while True:
            self._serial += 1
            to = [unique(self._serial * 10 + place, ending) for place, ending in enumerate(journey.endings)]
            mine = letter(f"<{name}.{self._serial}@example.org>", to)
            mine.may_fail = journey.may_fail
            self._letters.append(mine)
            self._pieces[mine.id] = journey.pieces
            await self._offer(mine)
            if journey.lone:
                await self._leave_a_piece(name)
            await asyncio.sleep(PAUSE)

    async def _resend(self) -> None:
        for mine in self._letters:
            if not mine.acknowledged:
                await self._offer(mine)

    async def _offer(self, mine: Letter) -> None:
        while not mine.acknowledged:
            mine.acknowledged = await asyncio.to_thread(offer, self._port, mine, self._pieces[mine.id])
            await asyncio.sleep(0 if mine.acknowledged else 0.1)

    async def _leave_a_piece(self, name: str) -> None:
        """Send the first of two pieces, and never the other."""
        piece = split(b"Subject: x\r\n\r\nHello\r\n", 2, f"{name}.{self._serial}")[0]

        def send() -> None:
            dying = contextlib.suppress(OSError, smtplib.SMTPException)
            with dying, smtplib.SMTP("127.0.0.1", self._port, timeout=10) as client:
                client.sendmail("alice@example.org", [f"{unique(0, '024')}@fax.local"], piece)

        await asyncio.to_thread(send)

    def _look_at_the_log(self, name: str) -> None:
        events = [event for event in self._gateway.events if event["event"].endswith(("stumbled", "unreadable"))]
        self.wrong += [f"{name}: {event}" for event in events]


@asynccontextmanager
async def world(place: Path) -> AsyncIterator[World]:
    """A world whose faxes take about a second."""
    slow = {"speed": 50.0, "seconds_per_page": 5.0}
    async with surroundings(place, **slow) as around:
        one = World(around)
        try:
            yield one
        finally:
            await one.leave()


async def lived(place: Path, deaths: Sequence[Death]) -> list[str]:
    """Die all these deaths, one after the other, then end in peace. What went wrong."""
    async with world(place) as one:
        for death in deaths:
            await one.die(death)
        await one.end()
        one.judge()
        return one.wrong


@pytest.mark.process
@pytest.mark.timeout(600 * max(1, TIMES))
def test_killed_at_every_point(tmp_path: Path) -> None:
    """Before and after each: what was acknowledged is faxed once and told, and the next start finds its way."""
    deaths = _thorough() if TIMES else _brief()
    shares = [sorted(deaths[share::WORLDS], key=_first) for share in range(WORLDS)]
    places = [tmp_path / str(share) for share in range(WORLDS)]
    for place in places:
        place.mkdir()

    async def story() -> list[list[str]]:
        return await asyncio.gather(*map(lived, places, shares))

    wrong = [line for lines in asyncio.run(story()) for line in lines]
    figures = f"points={len(passed())} kills={len(deaths)} wrong={len(wrong)}"
    print("\n".join([figures, *wrong]))  # noqa: T201  # the figures are the point

    assert [] == wrong


def _thorough() -> list[Death]:
    return [Death(name, when, nth + 1) for nth in range(TIMES) for name in passed() for when in ("before", "after")]


def _brief() -> list[Death]:
    return [Death(name, random.choice(["before", "after"]), 1) for name in passed()]


def _first(death: Death) -> tuple[bool, bool]:
    """Where a fax may fail no other is under way; and where things end early none is old."""
    return not journey_of(death).may_fail, not journey_of(death).ends


def journey_of(death: Death) -> "Journey":
    """What its point needs."""
    return JOURNEYS.get(death.point, Journey())


def passed() -> list[str]:
    """The points that journeys pass."""
    return [name for name in points() if name not in NEVER_PASSED]


def test_the_lists_name_points_that_there_are() -> None:
    """What is said to be passed never, or only on a certain journey, is there."""

    assert set() == (NEVER_PASSED.keys() | JOURNEYS.keys()) - points().keys()


def test_a_new_call_is_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever teaches a class another call to the outside has it killed too, before and after."""

    async def whistle(self: FaxPlus) -> None:
        """Call outside."""

    monkeypatch.setattr(FaxPlus, "whistle", whistle, raising=False)

    assert "FaxPlus.whistle" in passed()


def test_nobody_goes_out_by_another_way() -> None:
    """Whoever speaks to FAX.PLUS, the relay or the database stands behind the classes that have the points."""
    ways_out = re.compile(
        r"^\s*(?:import|from) (httpx|aiosmtplib|smtplib|sqlalchemy|psycopg|urllib\.request)\b", re.MULTILINE
    )
    rooms = {
        path.relative_to(HOUSE).parts[0].removesuffix(".py")
        for path in HOUSE.rglob("*.py")
        if ways_out.search(path.read_text("utf-8"))
    }

    assert {"faxplus", "mailer", "store"} == rooms - {"simulator", "demo", "cli"}  # cli: names of exceptions
