"""Cuts the power of a gateway at random moments: what was not synced is gone, and it starts again with the rest.

`CUTS=50 python -m tests.powercut` prints one line of figures and exits 1 when a promise was broken; with `--without
RULE` the gateway lacks a rule, and the promise must break. The gateway itself runs as `python -m tests.powercut serve
STATE KEPT RULE --config FILE`, a `tests.platter` beside its state directory.
"""

import argparse
import asyncio
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from gateway.cli import main as gateway
from gateway.mailbox import Mailbox
from gateway.simulator import Account, Faults, SimulatorSettings, running
from gateway.spool import Draft
from tests.outlasting import letter, offer, pinned, settled, unique
from tests.platter import Platter, WatchedSqlite, watch_fsync
from tests.reckoning import Figures, Letter, reckon, told
from tests.running import GatewayProcess, Surroundings

CLIENTS = 4
ENOUGH = 8
"""Mails that are acknowledged in a life before the power may go."""
LONGEST = 0.5
"""Seconds after them within which it goes."""
SETTLES = 120.0
SUCCEEDS = "024"


def no_full_sync() -> None:
    """SQLite syncs only when it checkpoints: a commit may be gone."""

    @event.listens_for(Engine, "begin")  # before our own listener begins the transaction
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")


def no_spool_sync() -> None:
    """The mail is written, but nobody makes sure that it is on disk."""

    def unsynced(self: Draft) -> None:
        self._file.close()

    Draft.sync = unsynced  # type: ignore[method-assign]  # that is the mutation


RULES: dict[str, Callable[[], None]] = {"nothing": lambda: None, "full_sync": no_full_sync, "spool_sync": no_spool_sync}
"""What the gateway may lack."""


class Cellar:
    """One gateway, its clients, and the fuse box."""

    def __init__(self, around: Surroundings, chance: random.Random, without: str) -> None:
        self._around = around
        self._chance = chance
        self._port = pinned(around, {})
        state, kept = around.place / "state", around.place / "kept"
        self._platter = Platter(state, kept)
        self._gateway = GatewayProcess(around.config)
        self._gateway.program = ("-m", "tests.powercut", "serve", str(state), str(kept), without)
        self._letters: list[Letter] = []
        self._acknowledged = 0
        self._more = asyncio.Condition()
        self._over = False

    async def stand(self, cuts: int) -> Figures:
        """Live through so many cuts, then let everything end, and draw the sum."""
        try:
            async with asyncio.TaskGroup() as group:
                clients = [group.create_task(self._client()) for _ in range(CLIENTS)]
                for _ in range(cuts):
                    await self._one_life()
                self._over = True
                await self._gateway.start()
                await asyncio.wait(clients)
                async with asyncio.timeout(SETTLES):
                    await settled(self._around)
        finally:
            await self._gateway.kill()
        self._around.account.advance()
        figures = reckon(self._letters, self._around.account.jobs, told(self._around.mailbox.mails))
        figures.often_cut = True
        return figures

    async def _one_life(self) -> None:
        await self._gateway.start()
        async with self._more:
            before = self._acknowledged
            await self._more.wait_for(lambda: self._acknowledged >= before + ENOUGH)
        await asyncio.sleep(self._chance.uniform(0, LONGEST))
        await self._gateway.kill()
        await asyncio.to_thread(self._platter.restore)

    async def _client(self) -> None:
        """Send mails, each until there is a 250."""
        while not self._over:
            serial = len(self._letters)
            mine = letter(f"<{serial}@example.org>", [unique(serial, SUCCEEDS)])
            self._letters.append(mine)
            while not mine.acknowledged:
                mine.acknowledged = await asyncio.to_thread(offer, self._port, mine)
                await asyncio.sleep(0 if mine.acknowledged else self._chance.uniform(0.05, 0.2))
            async with self._more:
                self._acknowledged += 1
                self._more.notify_all()


async def cut(place: Path, cuts: int, seed: int, without: str = "nothing") -> Figures:
    """Cut the power so many times."""
    chance = random.Random(seed)
    account = Account(SimulatorSettings(speed=1000.0), now=time.time, chance=chance)
    faults = Faults(chance=chance)
    async with running(account=account, faults=faults) as base_url, Mailbox() as mailbox:
        return await Cellar(Surroundings(place, account, faults, base_url, mailbox), chance, without).stand(cuts)


def serve(state: str, kept: str, without: str, *arguments: str) -> None:
    """Serve on a disk that keeps only what is synced."""
    platter = Platter(Path(state), Path(kept))
    watched = WatchedSqlite(platter)  # alive for as long as SQLite calls it
    watched.install()
    watch_fsync(platter)
    RULES[without]()
    sys.argv = ["fax-gateway", "serve", *arguments]
    gateway()


def main() -> int:
    """Cut the power and print the figures; 1 when a promise was broken."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--without", choices=RULES, default="nothing")
    without = words.parse_args().without
    cuts = int(os.environ.get("CUTS", "50"))
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    logging.disable(logging.CRITICAL)  # processes that are killed leave connections broken, which servers remark on
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faxgw-power") as place:
        figures = asyncio.run(cut(Path(place), cuts, seed, without))
    print(f"cuts={cuts} without={without} {figures} seed={seed} seconds={time.monotonic() - began:.0f}")  # noqa: T201  # the point
    for name, whose in figures.broken.items():
        print(f"{name}: {', '.join(whose)}", file=sys.stderr)  # noqa: T201  # likewise
    return 1 if figures.broken else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:])
    else:
        sys.exit(main())
