"""Does what is due: submits faxes, asks about them, sends notices, clears up. Crash recovery is the same loop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog

from gateway.config import Config
from gateway.fax import State
from gateway.faxplus import FaxPlus, Hint
from gateway.mailer import Mailer
from gateway.schedule import Schedule
from gateway.spool import Spool
from gateway.store import Store
from gateway.worker.ask import Asker
from gateway.worker.clear import Clearer
from gateway.worker.frontpage import Draw, FrontPages
from gateway.worker.gate import Gate
from gateway.worker.hand import Hand
from gateway.worker.late import LateTeller
from gateway.worker.ledger import Ledger
from gateway.worker.notify import Notifier
from gateway.worker.patience import Patience
from gateway.worker.purse import Purse
from gateway.worker.scribe import Scribe
from gateway.worker.stranded import StrandedTeller
from gateway.worker.submit import BUSY_FOR, Submitter
from gateway.worker.uploads import Uploads

log = structlog.get_logger()

LONGEST = 5.0
"""Seconds after which a loop asks the store again unasked: the operator's commands write to it from outside."""
SHORTEST = 0.02
"""Seconds that a loop rests at least, so that work which stays due cannot spin."""
CLEAR_EVERY = 600.0
REST = 1 / 60
"""Share of the first wait between questions that passes between two looks, however many webhooks call."""
LONGEST_REST = 1.0
"""Seconds of that at most."""
ANSWERS = 4
"""Times the relay's longest wait for one answer that handing it a whole mail may take."""


class Worker:
    """The loops over what is due. `step` does one round of all; tests call it, `run` runs them side by side."""

    def __init__(
        self,
        config: Config,
        *,
        store: Store,
        spool: Spool,
        faxplus: FaxPlus,
        mailer: Mailer,
        now: Callable[[], float],
        monotonic: Callable[[], float],
        draw: Draw | None = None,
    ) -> None:
        """Wire the loops; with `draw` confirmations show the first page."""
        self._store = store
        self._now = now
        self._wakes: list[asyncio.Event] = []
        self._stopping = asyncio.Event()
        self._rest = min(LONGEST_REST, REST * config.schedule.ask_after[0])
        self._gate = Gate(config.schedule.pause)
        shared = self._shared(config, monotonic)
        hand, at_once = Hand(config.state / "in-hand"), config.faxplus.at_once
        purse = Purse(config, store=store, ledger=shared["ledger"], now=now)
        line: dict[str, Any] = {"gate": self._gate, "hand": hand, "purse": purse, "at_once": at_once}
        uploads = Uploads(store=store, spool=spool, faxplus=faxplus, now=now)
        self._submitter = Submitter(uploads=uploads, faxplus=faxplus, **line, **shared)
        self._asker = Asker(faxplus=faxplus, gate=self._gate, **shared)
        self._late = LateTeller(**shared)
        scribe = Scribe(
            config,
            store=store,
            spool=spool,
            schedule=shared["schedule"],
            faxplus=faxplus,
            front_pages=None if draw is None else FrontPages(spool, draw),
        )
        self._notifier = _notifier(config, mailer=mailer, scribe=scribe, **shared)
        waits = {"patience": shared["patience"], "now": now}
        self._stranded = StrandedTeller(store=store, wait=config.keep.pieces, kick=self.kick, **waits)
        self._clearer = Clearer(store=store, spool=spool, keep=config.keep, patience=shared["patience"], now=now)

    def _shared(self, config: Config, monotonic: Callable[[], float]) -> dict[str, Any]:
        """What the loops have in common."""
        return {
            "store": self._store,
            "ledger": Ledger(
                store=self._store,
                operator=config.operator,
                kick=self.kick,
                now=self._now,
                confirmations=config.confirmations,
            ),
            "schedule": Schedule(config.schedule, config.redial.after),
            "patience": Patience(config.schedule.give_up, now=self._now, monotonic=monotonic),
            "now": self._now,
        }

    def kick(self) -> None:
        """Something may be due: look now."""
        for wake in self._wakes:
            wake.set()

    async def hurry(self, hint: Hint) -> None:
        """FAX.PLUS called about a fax: look at it now."""
        await self._asker.hurry(hint)
        self.kick()

    async def step(self) -> None:
        """Do everything that is due now, once."""
        await self._submitter.submit_due()
        await self._asker.ask_due()
        await self._late.tell_due()
        await self._stranded.tell_due()
        await self._notifier.notify_due()
        await self._clearer.clear_due()

    async def recover(self) -> None:
        """Clear away what was never acknowledged. Once, before the doors open."""
        await self._clearer.clear_orphans()

    async def run(self) -> None:
        """Do what is due whenever it is due, until `stop`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forever(self._submitter.submit_due, self._next_submit))
            group.create_task(self._forever(self._asker.ask_due, self._next_ask, rest=self._rest))
            group.create_task(self._forever(self._notifier.notify_due, self._store.next_notice_due))
            group.create_task(self._forever(self._late.tell_due, self._next_late, rest=LONGEST_REST))
            group.create_task(self._forever(self._stranded.tell_due, self._next_clear, rest=LONGEST_REST))
            group.create_task(self._forever(self._clearer.clear_due, self._next_clear, rest=LONGEST_REST))

    def stop(self) -> None:
        """End `run` when the rounds under way have ended."""
        self._stopping.set()
        self.kick()

    async def _forever(
        self, turn: Callable[[], Awaitable[None]], next_due: Callable[[], Awaitable[float | None]], rest: float = 0.0
    ) -> None:
        """Take turns; between two of them passes the `rest` at least, whatever wakes us."""
        wake = asyncio.Event()
        self._wakes.append(wake)
        while not self._stopping.is_set():
            wake.clear()
            wait = LONGEST
            try:
                await turn()
                due_at = await next_due()
                wait = LONGEST if due_at is None else min(max(due_at - self._now(), SHORTEST), LONGEST)
            except Exception:
                log.exception("worker.stumbled")
            await _happens(self._stopping, rest)
            await _happens(wake, wait - rest)

    async def _next_submit(self) -> float | None:
        now = self._now()
        due_at = await self._store.next_to_submit(now, hold=BUSY_FOR)
        return None if due_at is None else max(due_at, now + self._gate.wait(now))

    async def _next_ask(self) -> float | None:
        return await self._store.next_due({State.SUBMITTING, State.SUBMITTED})

    async def _next_late(self) -> float | None:
        return None

    async def _next_clear(self) -> float | None:
        return self._now() + CLEAR_EVERY


def _notifier(config: Config, **means: Any) -> Notifier:
    """A mail is leased for as long as handing it to every relay may take."""
    relay = config.relay
    lease = ANSWERS * relay.timeout * len(relay.servers)
    return Notifier(per_hour=config.confirmations.per_hour, lease=lease, **means)


async def _happens(event: asyncio.Event, wait: float) -> None:
    """Return when it happens, at the latest after so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, wait)):
            await event.wait()
