"""Waiting hints: bounded, each once, one after the other, whatever happens to the one before."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from gateway.web import hints
from gateway.web.hints import Counts, Hints


class Named(NamedTuple):
    """A hint."""

    ids: tuple[str, ...]


A, B, C = (Named((name,)) for name in "abc")


def drained(given: list[Named], hurry: Callable[[Named], Awaitable[None]], count: int) -> Counts:
    """What came of these hints, once the last of so many has been handed on, whatever the outcome."""

    async def run() -> Counts:
        begun: list[Named] = []
        over = asyncio.Event()

        async def counted(hint: Named) -> None:
            begun.append(hint)
            if len(begun) == count:
                over.set()
            await hurry(hint)

        waiting = Hints(counted)
        for hint in given:
            waiting.add(hint)
        await drained_until(over, waiting)
        return waiting.counts

    return asyncio.run(run())


async def drained_until(over: asyncio.Event, waiting: Hints[Named]) -> None:
    """Hand hints on until it is over."""
    draining = asyncio.create_task(waiting.drain())
    await over.wait()
    draining.cancel()
    with suppress(asyncio.CancelledError):
        await draining


def test_in_order_and_once() -> None:
    """The oldest first; a repeat of what waits already is not handed on again."""
    seen: list[Named] = []

    async def hurry(hint: Named) -> None:
        seen.append(hint)

    assert Counts(hurried=3, repeated=2) == drained([B, A, B, C, A], hurry, 3)
    assert [B, A, C] == seen


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the room hints are dropped and counted, and one line of log says so."""
    monkeypatch.setattr(hints, "ROOM", 2)

    async def hurry(hint: Named) -> None:
        pass

    with capture_logs() as logs:
        counts = drained([A, B, C, Named(("d",))], hurry, 2)

    assert Counts(hurried=2, dropped=2) == counts
    assert [{"event": "webhook.overflow", "log_level": "warning", "waiting": 2}] == logs


@pytest.mark.parametrize("ids", [(), ("x" * 501,), ("x" * 300, "y" * 300)])
def test_what_no_fax_is_called_is_dropped(ids: tuple[str, ...]) -> None:
    """No id, or ids longer than FAX.PLUS's: not worth the memory."""

    async def hurry(hint: Named) -> None:
        pass

    assert Counts(hurried=1, dropped=1) == drained([Named(ids), A], hurry, 1)


def test_a_failure_does_not_stop_the_next() -> None:
    """Each hint has its turn; the log names the kind of error and nothing of the hint."""
    seen: list[Named] = []

    async def hurry(hint: Named) -> None:
        seen.append(hint)
        if hint is A:
            raise OSError("a secret")

    with capture_logs() as logs:
        counts = drained([A, B], hurry, 2)

    assert Counts(hurried=1, failed=1) == counts
    assert [A, B] == seen
    assert [{"event": "webhook.not_hurried", "log_level": "warning", "error": "OSError"}] == logs


def test_a_stuck_one_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hurrying has its time."""
    monkeypatch.setattr(hints, "PATIENCE", 0.05)
    monkeypatch.setattr(hints, "AT_ONCE", 1)

    async def hurry(hint: Named) -> None:
        if hint is A:
            await asyncio.Event().wait()

    assert Counts(hurried=1, failed=1) == drained([A, B], hurry, 2)


def test_named_again_while_it_is_hurried() -> None:
    """A hint that comes while its fax is being looked at makes us look once more: something may have changed since."""
    seen: list[Named] = []

    async def run() -> list[Named]:
        over = asyncio.Event()

        async def hurry(hint: Named) -> None:
            seen.append(hint)
            if len(seen) == 1:
                waiting.add(hint)
            else:
                over.set()

        waiting = Hints(hurry)
        waiting.add(A)
        await drained_until(over, waiting)
        return seen

    assert [A, A] == asyncio.run(run())
