"""Kills the gateway at random moments while hundreds of faxes are in flight, and counts what became of them.

`KILLS=1000 python -m tests.killing` prints one line of figures and exits 1 when a promise was broken. SEED=n repeats
the same draws, though processes never run quite alike. All times are those of a real account divided by sixty:
what FAX.PLUS shows late, the longest request and the fence together stay below the quarantine.
"""

import asyncio
import logging
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog

from gateway.mailbox import Mailbox
from gateway.simulator import Account, Fault, Faults, SimulatorSettings, running
from gateway.simulator.job import Job
from tests.outlasting import letter, numbers, offer, pinned, settled
from tests.reckoning import Figures, Letter, reckon, told
from tests.running import GatewayProcess, Surroundings

IN_FLIGHT, ENOUGH, PLENTY = 200, 250, 300
"""Faxes that are accepted and not yet confirmed: at each kill at least, when a kill is drawn, when clients wait."""
CLIENTS = 6
EARLY = 0.5
"""The share of kills that strike while the gateway still starts."""
STARTS, RUNS = 1.2, 1.6
"""Seconds after its start, or after it is ready, within which it is killed."""
FORGOTTEN = 5.0
"""Seconds after which what was confirmed leaves the archive: the gateway lists five minutes of it, unscaled."""
SETTLES = 300.0
"""Seconds within which everything must have ended after the last kill."""

NUISANCE = SimulatorSettings(
    speed=2.0,
    seconds_to_convert=4.0,
    seconds_per_page=2.0,
    visibility_lag=(0.0, 0.5),
    archive_lag=(0.0, 0.3),
    webhook_delay=(0.0, 0.5),
    webhook_loss=0.3,
    webhook_duplicates=0.3,
    webhook_reorder=0.3,
    webhook_overtaken_by=4.0,
)
LOST = (
    Fault(kind="lost_answer", count=None, probability=0.045),
    Fault(kind="lost_answer", count=None, probability=0.005, seconds=1.0),
)
RELAY_FAILS = 0.1
PACE = {
    'request_timeout = "1500ms"': 'request_timeout = "700ms"\nat_once         = 8',
    'look_again   = "500ms"': 'look_again   = "1s"',
}
"""How the configuration differs from that of the other tests."""
ENDINGS = ("024",) * 17 + ("101",) * 2 + ("008",)
"""The last digits of numbers: most succeed, some are busy once, some are not in service."""


class MoodyMailbox(Mailbox):
    """A relay that does not take every tenth mail."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a mail, or not now."""
        if self._chance.random() < RELAY_FAILS:
            return "451 4.3.0 not now"
        return await super().handle_DATA(server, session, envelope)


class Siege:
    """One gateway, its clients, and its killer."""

    def __init__(self, around: Surroundings, chance: random.Random) -> None:
        self._around = around
        self._chance = chance
        self._port = pinned(around, PACE, ask_after="2s")
        self._gateway = GatewayProcess(around.config)
        self._numbers = numbers(ENDINGS, chance)
        self._letters: list[Letter] = []
        self._accepted = 0
        self._confirmed: set[str] = set()
        self._more = asyncio.Condition()
        self._over = False
        self.in_flight: list[int] = []  #: at each kill
        self.stumbles: list[dict[str, Any]] = []  #: what the gateway itself called an error of its own

    async def stand(self, kills: int) -> Figures:
        """Live through so many kills, then let everything end, and draw the sum."""
        try:
            await self._live(kills)
        finally:
            await self._gateway.kill()
        self._around.account.advance()
        return reckon(self._letters, self._around.account.jobs, told(self._around.mailbox.mails))

    async def _live(self, kills: int) -> None:
        async with asyncio.TaskGroup() as group:
            clients = [group.create_task(self._client()) for _ in range(CLIENTS)]
            reading = group.create_task(self._read())
            for _ in range(kills):
                await self._one_life()
            self._over = True
            await self._gateway.start()
            await asyncio.wait(clients)
            async with asyncio.timeout(SETTLES):
                await settled(self._around)
            reading.cancel()
        if code := await self._gateway.stop():
            raise ChildProcessError(f"SIGTERM ended it with {code}")
        self._note_stumbles()

    async def _one_life(self) -> None:
        await self._gateway.spawn()
        if self._chance.random() < EARLY and self._in_flight >= ENOUGH:
            await asyncio.sleep(self._chance.uniform(0, STARTS))
        else:
            await self._gateway.ready()
            async with self._more:
                await self._more.wait_for(lambda: self._in_flight >= ENOUGH)
            await asyncio.sleep(self._chance.uniform(0, RUNS))
        self.in_flight.append(self._in_flight)
        await self._gateway.kill()
        self._note_stumbles()

    def _note_stumbles(self) -> None:
        wrong = ("stumbled", "unreadable", "failed")
        self.stumbles += [event for event in self._gateway.events if event["event"].endswith(wrong)]

    async def _client(self) -> None:
        """Send mails as mail programs do: until there is a 250, the same one again."""
        while not self._over:
            if self._in_flight >= PLENTY:
                await asyncio.sleep(0.05)
                continue
            mine = letter(f"<{len(self._letters)}@example.org>", self._some_numbers())
            self._letters.append(mine)
            while not mine.acknowledged:
                mine.acknowledged = await asyncio.to_thread(offer, self._port, mine)
                await asyncio.sleep(0 if mine.acknowledged else self._chance.uniform(0.2, 1.0))
            async with self._more:
                self._accepted += len(mine.numbers)
                self._more.notify_all()

    def _some_numbers(self) -> list[str]:
        return [next(self._numbers) for _ in range(self._chance.randint(1, 3))]

    @property
    def _in_flight(self) -> int:
        return self._accepted - len(self._confirmed)

    async def _read(self) -> None:
        """Read confirmations as they come; a while later their faxes leave FAX.PLUS's archive."""
        read, looked, kept = 0, 0, list[Job]()
        while True:
            mails, jobs = self._around.mailbox.mails, self._around.account.jobs
            self._confirmed |= {one.number for one in told(mails[read:])}
            kept += jobs[looked:]
            read, looked = len(mails), len(jobs)
            kept = [job for job in kept if not self._forgotten(job, time.time() - FORGOTTEN)]
            await asyncio.sleep(0.1)

    def _forgotten(self, job: Job, before: float) -> bool:
        over = job.to in self._confirmed and job.ended_at is not None and job.ended_at < before
        for attempt in job.attempts if over else ():
            attempt.deleted = True
        return over


async def besiege(place: Path, kills: int, seed: int) -> tuple[Figures, Siege]:
    """Kill the gateway so many times; the figures, and how it went."""
    chance = random.Random(seed)
    account = Account(NUISANCE, now=time.time, chance=chance)
    faults = Faults(*LOST, chance=chance)
    async with running(account=account, faults=faults) as base_url, MoodyMailbox(chance) as mailbox:
        siege = Siege(Surroundings(place, account, faults, base_url, mailbox), chance)
        return await siege.stand(kills), siege


def main() -> int:
    """Besiege a gateway and print the figures; 1 when a promise was broken."""
    kills = int(os.environ.get("KILLS", "200"))
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    logging.disable(logging.CRITICAL)  # processes that are killed leave connections broken, which servers remark on
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faxgw-kill") as place:
        figures, siege = asyncio.run(besiege(Path(place), kills, seed))
    seconds = time.monotonic() - began
    print(f"kills={kills} {figures} in_flight>={min(siege.in_flight)} seed={seed} seconds={seconds:.0f}")  # noqa: T201  # the point
    for name, whose in figures.broken.items():
        print(f"{name}: {', '.join(whose)}", file=sys.stderr)  # noqa: T201  # likewise
    for event in siege.stumbles:
        print(event, file=sys.stderr)  # noqa: T201  # likewise
    return 1 if figures.broken or siege.stumbles else 0


if __name__ == "__main__":
    sys.exit(main())
