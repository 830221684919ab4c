"""A simulated FAX.PLUS account for tests, with a clock that is moved by hand."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import httpx

from gateway.simulator import Account, Faults, SimulatorSettings, app
from gateway.simulator.orders import HookOrder, Order
from tests.values import NOW

PDF = b"%PDF-1.4\n1 0 obj<</Type/Page>>endobj\n2 0 obj<</Type /Page>>endobj\n%%EOF\n"
"""Two pages, as far as the simulator can see."""
OURS = "+12025550100"
THEIRS = "+15551234567"
BUSY_TWICE = "+15552220201"
PLENTY = 3600.0
"""Seconds after which every ordinary fax is over."""


class Clock:
    """Tells the time that it was set to."""

    def __init__(self) -> None:
        self.at = NOW
        self._set_by = 0.0

    def __call__(self) -> float:
        """The time, in seconds since the epoch."""
        return self.at

    def set(self, seconds: float) -> None:
        """Set it by so many seconds, without any time passing."""
        self.at += seconds
        self._set_by += seconds

    def elsewhere(self) -> float:
        """The time as clocks have it that nobody has set."""
        return self.at - self._set_by


def an_account(*, seed: int = 1, **settings: Any) -> tuple[Account, Clock]:
    """An account with these settings, and its clock."""
    clock = Clock()
    return Account(SimulatorSettings(**settings), now=clock.elsewhere, chance=random.Random(seed)), clock


def an_order(account: Account, **changed: Any) -> Order:
    """An order for a two-page fax whose file has just been uploaded."""
    usual = {"from": OURS, "to": [THEIRS], "comment": {"text": "f1-1", "tags": ["f1-1"]}, "return_ids": True}
    files = {"files": [account.upload("a.pdf", "application/pdf", PDF)]} if "files" not in changed else {}
    return Order.model_validate(usual | files | changed, strict=False)


def sent(account: Account, to: str = THEIRS, **changed: Any) -> str:
    """Send a fax to one number; its session id."""
    return account.send(an_order(account, to=[to], **changed))[to]


def hooked(account: Account, **changed: Any) -> str:
    """Register a webhook for faxes that have been sent; its id."""
    usual = {"target": "http://127.0.0.1:9/hook", "event": "fax_sent"}
    return account.add_hook(HookOrder.model_validate(usual | changed, strict=False))


async def until(there: Callable[[], object]) -> None:
    """Wait for what a running server does in its own time.

    Raises:
        TimeoutError: it did not do it.
    """
    async with asyncio.timeout(10.0):
        while not there():  # noqa: ASYNC110  # what is waited for knows nothing of events
            await asyncio.sleep(0.005)


def client(account: Account, faults: Faults | None = None) -> httpx.AsyncClient:
    """A client that calls the simulator without a network."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app(account, faults)),
        base_url="https://restapi.fax.plus/v3",
        headers={"Authorization": "Bearer alohi_pat_test"},
    )


def a_post(account: Account, **changed: Any) -> dict[str, Any]:
    """The JSON of such an order."""
    order = an_order(account).model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {key: value for key, value in (order | changed).items() if value is not None}
