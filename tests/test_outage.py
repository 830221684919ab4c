"""Hours without FAX.PLUS, in virtual time: it is asked now and then, senders hear once, and all goes out afterwards."""

import asyncio
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

from gateway.mailbox import Mailbox
from gateway.worker import Worker
from tests.outlasting import unique
from tests.test_worker import HOUR, factory
from tests.workshop import Answer, Meddle, Workshop, not_meddling

FAXES = 30
NUMBERS = [unique(serial, "000") for serial in range(FAXES)]
STEP = 60.0
"""Seconds between two looks at what is due."""
OUTAGE = 6 * HOUR
A_SHARE = 4 * OUTAGE / 600.0
"""Calls that an outage may cost, whatever waits: a few for every ten minutes, the gate's longest rest."""
AFTERWARDS = 2 * HOUR


async def unreachable(request: httpx.Request) -> Answer:
    """Nobody is there."""
    raise httpx.ConnectError("no way there", request=request)


def storm(status: int) -> Meddle:
    """Every request is answered with an error."""

    async def answer(_request: httpx.Request) -> Answer:
        return httpx.Response(status, text="<html>not now</html>")

    return answer


async def garbled(_request: httpx.Request) -> Answer:
    """Something answers that is not FAX.PLUS."""
    return httpx.Response(200, text="<html>Welcome to the airport</html>")


async def live_for(seconds: float, shop: Workshop, worker: Worker, over: Callable[[], bool] = lambda: False) -> None:
    """Let time pass, step by step."""
    end = shop.clock() + seconds
    while shop.clock() < end and not over():
        await worker.step()
        shop.pass_by(STEP)


@pytest.mark.process
@pytest.mark.parametrize(
    "outage", [unreachable, storm(503), storm(429), garbled], ids=["gone", "503", "429", "garbled"]
)
def test_six_hours(outage: Meddle, tmp_path: Path) -> None:
    """Every fax is delivered after it, each sender heard of the delay once and of the outcome once, nothing twice."""

    async def story() -> None:
        async with factory(tmp_path, gather="each") as (shop, worker, mailbox):
            await shop.accept(*(f"fax{number}" for number in range(FAXES)), numbers=NUMBERS)
            shop.way.meddle = outage
            await live_for(OUTAGE, shop, worker)

            assert {"queued": FAXES} == heard(mailbox)
            assert 0 < len(shop.way.calls) < A_SHARE
            shop.way.meddle = not_meddling
            everything = len(mailbox.mails) + FAXES
            await live_for(AFTERWARDS, shop, worker, over=lambda: len(mailbox.mails) >= everything)
            shop.account.advance()

            assert ["success"] * FAXES == [job.status for job in shop.account.jobs]
            assert {"queued": FAXES, "delivered": FAXES} == heard(mailbox)

    asyncio.run(story())


def heard(mailbox: Mailbox) -> Counter[str]:
    """What senders were told, by the state of their faxes."""
    states = (message_from_bytes(mail.content)["X-Fax-State"] for mail in mailbox.mails)
    return Counter(str(state) for state in states if state is not None)
