"""Two gateways on one PostgreSQL, and everything that may befall them; holds the promises against what came of it.

`python -m tests.nodes --kills 200 --stops 50 --restarts 20 --cuts 40` prints one line of figures, and fails when a
promise is broken. Clients send as mail programs do: until somebody has answered 250, at either node.
"""

import argparse
import asyncio
import contextlib
import itertools
import random
import smtplib
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

from gateway import samples
from gateway.mailbox import Mailbox
from gateway.simulator import Fault
from tests.running import ALICE, GatewayProcess, Surroundings, surroundings
from tests.shared_database import SharedDatabase, shared_database

CLIENTS = 8
PAUSE = 0.5
"""Seconds that a client rests after each try."""
PATIENCE = 5.0
"""Seconds that a client waits for an answer."""
QUARANTINE = 2.0
"""Seconds, as `tests.running` configures it; half of it is the lease."""
LONGEST_WAIT = 90.0
"""Seconds after its 250 within which a client must have heard, whatever happened meanwhile."""


@dataclass(frozen=True)
class Troubles:
    """How often what happens."""

    kills: int = 10
    stops: int = 4
    restarts: int = 2
    cuts: int = 8
    seed: int = 1


@dataclass
class Figures:
    """What came of it."""

    troubles: Troubles
    accepted: int
    lost: int  #: numbers that were acknowledged and never got their fax
    twice: int  #: numbers that got it twice
    unconfirmed: int  #: numbers whose sender never heard, or heard something untrue
    confirmed_twice: int  #: numbers whose sender heard it twice

    @property
    def kept(self) -> bool:
        """Whether the promises were kept."""
        return self.accepted > 0 and (self.lost, self.twice, self.unconfirmed) == (0, 0, 0)

    def __str__(self) -> str:
        """One line."""
        happened = self.troubles
        return (
            f"nodes=2 kills={happened.kills} stops={happened.stops} restarts={happened.restarts} cuts={happened.cuts} "
            f"accepted={self.accepted} lost={self.lost} twice={self.twice} unconfirmed={self.unconfirmed} "
            f"confirmed_twice={self.confirmed_twice}"
        )


def configured(around: Surroundings, name: str, database: str, *, ask_after: str = "300ms") -> Path:
    """Write the configuration of a node; each has a directory of its own, and nothing else is different."""
    text = around.configure(ask_after=ask_after, database=database).read_text()
    place = around.place / name
    text = text.replace(f'"{around.place}/state"', f'"{place}"').replace("[relay]\n", '[relay]\ntimeout = "1s"\n')
    config = around.place / f"{name}.toml"
    config.write_text(text)
    return config


async def start(node: GatewayProcess) -> None:
    """Start a node, again and again while the database is away, as an init system does."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await node.start()
            except ChildProcessError:
                await asyncio.sleep(0.2)


class Senders:
    """Clients that send one fax after another, each to a number of its own, and wait for what they are told."""

    def __init__(self, nodes: list[GatewayProcess], mailbox: Mailbox, chance: random.Random) -> None:
        self.enough = False
        self.accepted: set[str] = set()
        self.told: Counter[tuple[str, str]] = Counter()
        """Confirmations by number and state."""
        self._nodes = nodes
        self._mailbox = mailbox
        self._chance = chance
        self._numbers = itertools.count()
        self._heard = asyncio.Condition()

    async def send(self) -> None:
        """Send until it is enough; the last fax too until it is accepted and confirmed."""
        while not self.enough:
            number = f"+1555{next(self._numbers):05d}67"
            mail = _mail(number)
            while number not in self.accepted:
                await self._offer(number, mail)
            with contextlib.suppress(TimeoutError):
                await self._hear(number)

    async def listen(self) -> None:
        """Read the confirmations."""
        for count in itertools.count(1):
            mail = message_from_bytes((await self._mailbox.wait_for(count))[count - 1].content)
            async with self._heard:
                self.told[str(mail["X-Fax-Number"]), str(mail["X-Fax-State"])] += 1
                self._heard.notify_all()

    async def _offer(self, number: str, mail: EmailMessage) -> None:
        if await asyncio.to_thread(self._accepts, self._chance.choice(self._nodes), number, mail):
            self.accepted.add(number)
        await asyncio.sleep(PAUSE)

    async def _hear(self, number: str) -> None:
        async with asyncio.timeout(LONGEST_WAIT), self._heard:
            await self._heard.wait_for(lambda: any(number == told for told, _ in self.told))

    def _accepts(self, node: GatewayProcess, number: str, mail: EmailMessage) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", node.port, timeout=PATIENCE) as client:
                client.send_message(mail, ALICE, [f"{number}@fax.local"])
        except (OSError, smtplib.SMTPException):
            return False
        return True


def _mail(number: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ALICE, f"{number}@fax.local", "A letter"
    mail["Message-ID"] = f"<{number}@example.org>"
    mail.add_attachment(samples.LETTER.read_bytes(), maintype="application", subtype="pdf", filename="letter.pdf")
    return mail


@dataclass
class Chaos:
    """What befalls the nodes and their database."""

    nodes: list[GatewayProcess]
    database: SharedDatabase
    chance: random.Random

    async def rage(self, troubles: Troubles) -> None:
        """Let it all happen, in any order."""
        kinds: list[Callable[[], Awaitable[None]]] = [
            *[self._kill] * troubles.kills,
            *[self._stop] * troubles.stops,
            *[self._restart] * troubles.restarts,
            *[self._cut] * troubles.cuts,
        ]
        self.chance.shuffle(kinds)
        for trouble in kinds:
            await asyncio.sleep(self.chance.uniform(0.2, 1.0))
            await trouble()

    async def _kill(self) -> None:
        node = self.chance.choice(self.nodes)
        await node.kill()
        await asyncio.sleep(self.chance.choice([0.0, 0.0, 1.0, QUARANTINE + 1]))
        await start(node)

    async def _stop(self) -> None:
        """Let a node sleep for longer than its lease, and mostly longer than its quarantine."""
        node = self.chance.choice(self.nodes)
        node.freeze()
        await asyncio.sleep(self.chance.uniform(QUARANTINE / 2, 2.5 * QUARANTINE))
        node.thaw()

    async def _restart(self) -> None:
        await self.database.restart()

    async def _cut(self) -> None:
        if self.chance.random() < 0.25:
            await self.database.terminate()
        else:
            self.database.cut_next_commit()


@asynccontextmanager
async def two_nodes(around: Surroundings, database: str) -> AsyncIterator[list[GatewayProcess]]:
    """Two running nodes; killed at the end."""
    async with AsyncExitStack() as stack:
        nodes = [GatewayProcess(configured(around, name, database)) for name in ("one", "two")]
        for node in nodes:
            await start(node)
            stack.push_async_callback(node.kill)
        yield nodes


async def live(place: Path, troubles: Troubles) -> Figures:
    """Let everything happen, and wait until it is over."""
    chance = random.Random(troubles.seed)
    async with shared_database(chance) as database, surroundings(place, visibility_lag=(0.0, 0.2)) as around:
        around.faults.add(Fault(kind="lost_answer", method="POST", path="*/outbox", count=None, probability=0.05))
        async with two_nodes(around, database.url) as nodes:
            senders = Senders(nodes, around.mailbox, chance)
            listening = asyncio.create_task(senders.listen())
            async with asyncio.TaskGroup() as group:
                for _ in range(CLIENTS):
                    group.create_task(senders.send())
                await Chaos(nodes, database, chance).rage(troubles)
                senders.enough = True
            listening.cancel()
        return _figures(around, senders, troubles)


def _figures(around: Surroundings, senders: Senders, troubles: Troubles) -> Figures:
    around.account.advance()
    arrived = Counter(job.to for job in around.account.jobs if job.status == "success")
    unheard = [number for number in senders.accepted if (number, "delivered") not in senders.told]
    untrue = [number for number, state in senders.told if state != "delivered"]
    return Figures(
        troubles=troubles,
        accepted=len(senders.accepted),
        lost=len(senders.accepted - set(arrived)),
        twice=sum(times > 1 for times in arrived.values()),
        unconfirmed=len({*unheard, *untrue}),
        confirmed_twice=sum(times > 1 for times in senders.told.values()),
    )


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in vars(Troubles()).items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    troubles = Troubles(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="faxgw") as place:
        figures = asyncio.run(live(Path(place), troubles))
    sys.stdout.write(f"{figures}\n")
    sys.exit(0 if figures.kept else 1)


if __name__ == "__main__":
    main()
