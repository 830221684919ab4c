"""Webhooks: who wants to be called, and which calls are due; late, lost, doubled or overtaken as the settings say."""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from gateway.simulator import shapes
from gateway.simulator.job import Attempt, Job
from gateway.simulator.orders import HookOrder
from gateway.simulator.refusal import RefusedError
from gateway.simulator.settings import SimulatorSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One registration."""

    id: str
    target: str
    event: str
    numbers: tuple[str, ...] | None

    def wants(self, job: Job) -> bool:
        """Whether it is to be called when this fax has been sent, or has failed."""
        return self.event == "fax_sent" and (self.numbers is None or job.src in self.numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One POST to make."""

    due_at: float
    target: str
    body: shapes.Json


class Webhooks:
    """All registrations, and the calls that wait to be made."""

    def __init__(self, settings: Callable[[], SimulatorSettings], chance: random.Random) -> None:
        self._settings = settings
        self._chance = chance
        self._hooks: dict[str, Hook] = {}
        self._waiting: list[tuple[float, int, Call]] = []
        self._order = count()

    def add(self, hook_id: str, order: HookOrder) -> None:
        """Register; nothing keeps anybody from registering the same twice."""
        self._hooks[hook_id] = Hook(id=hook_id, target=order.target, event=order.event, numbers=order.numbers)

    def registered(self, event: str) -> list[Hook]:
        """Everybody who wants to hear of this event."""
        return [hook for hook in self._hooks.values() if hook.event == event]

    def remove(self, hook_id: str) -> None:
        """Take a registration back.

        Raises:
            RefusedError: there is no such registration.
        """
        if self._hooks.pop(hook_id, None) is None:
            raise RefusedError("not_found", "No such webhook")

    def announce(self, job: Job, attempt: Attempt, at: float) -> None:
        """Plan the calls about an attempt that has ended."""
        settings = self._settings()
        if attempt.status != "success" and not settings.webhook_on_failure:
            return
        for hook in self._hooks.values():
            if hook.wants(job):
                body = shapes.event(job, attempt, at, hook.target, settings)
                for due_at in self._times(at, settings):
                    call = Call(due_at=due_at, target=hook.target, body=body)
                    heapq.heappush(self._waiting, (due_at, next(self._order), call))

    def _times(self, at: float, settings: SimulatorSettings) -> Iterator[float]:
        """When an event is told: never, once or twice."""
        if self._chance.random() < settings.webhook_loss:
            return
        held_back = settings.webhook_overtaken_by if self._chance.random() < settings.webhook_reorder else 0.0
        yield at + held_back + self._chance.uniform(*settings.webhook_delay)
        if self._chance.random() < settings.webhook_duplicates:
            yield at + held_back + self._chance.uniform(*settings.webhook_delay)

    def due(self, now: float) -> list[Call]:
        """Take the calls that are due, the earliest first."""
        calls = []
        while self._waiting and self._waiting[0][0] <= now:
            calls.append(heapq.heappop(self._waiting)[2])
        return calls
