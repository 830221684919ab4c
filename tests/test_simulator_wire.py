"""Every fault over a real connection, as a client meets it, and the same without a network."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import pytest

from gateway.simulator import Account, Fault, Faults, running
from gateway.simulator.wire import CutError
from tests.simulated import a_post, an_account, client, until

T = TypeVar("T")
OUTBOX = "/accounts/self/outbox"
KINDS_THAT_WORK = ["lost_answer", "slow", "malformed", "wrong_types"]


@dataclass
class Desk:
    """A simulator, what goes wrong on it, and a client."""

    account: Account
    faults: Faults
    http: httpx.AsyncClient

    async def send(self) -> httpx.Response:
        """Send a fax."""
        return await self.http.post(OUTBOX, json=a_post(self.account))


@asynccontextmanager
async def a_desk(*, real: bool = True) -> AsyncIterator[Desk]:
    """A simulator on a socket, or without one."""
    (account, _), faults = an_account(), Faults()
    if not real:
        async with client(account, faults) as http:
            yield Desk(account, faults, http)
        return
    async with (
        running(account=account, faults=faults) as base_url,
        httpx.AsyncClient(
            base_url=base_url, headers={"Authorization": "Bearer t"}, trust_env=False, timeout=5.0
        ) as http,
    ):
        yield Desk(account, faults, http)


def at_desk(doing: Callable[[Desk], Awaitable[T]], *, real: bool = True) -> T:
    """Do something at a simulator."""

    async def run() -> T:
        async with a_desk(real=real) as desk:
            return await doing(desk)

    return asyncio.run(run())


async def meet(desk: Desk, fault: Fault) -> tuple[Any, int]:
    """Send a fax into a fault: the answer or the error, and how many faxes were accepted."""
    desk.faults.add(fault)
    met: Any
    try:
        met = await desk.send()
    except httpx.TransportError as error:
        met = error
    return met, len(desk.account.jobs)


def test_reset() -> None:
    """The client gets a connection reset, and nothing was done."""
    error, accepted = at_desk(lambda desk: meet(desk, Fault(kind="reset")))
    causes = []
    while error is not None:
        causes.append(type(error))
        error = error.__cause__ or error.__context__

    assert httpx.ReadError is causes[0] or httpx.WriteError is causes[0]
    assert ConnectionResetError in causes
    assert 0 == accepted


def test_lost_answer() -> None:
    """The fax is accepted, and the connection is closed without a word."""
    error, accepted = at_desk(lambda desk: meet(desk, Fault(kind="lost_answer")))

    assert (httpx.RemoteProtocolError, 1) == (type(error), accepted)


def test_answer_that_never_comes() -> None:
    """The fax is accepted, and a client that waits in vain runs into its own time limit."""

    async def doing(desk: Desk) -> tuple[Any, int]:
        desk.http.timeout = httpx.Timeout(5.0, read=0.2)
        return await meet(desk, Fault(kind="lost_answer", seconds=60.0))

    error, accepted = at_desk(doing)

    assert (httpx.ReadTimeout, 1) == (type(error), accepted)


@pytest.mark.parametrize("status", [401, 402, 403, 429, 500, 503])
@pytest.mark.parametrize(("work_done", "accepted"), [(False, 0), (True, 1)])
def test_status(status: int, work_done: bool, accepted: int) -> None:  # noqa: FBT001  # the case of a table
    """The ordered status comes with Retry-After, the work undone or done; the next request is served again."""

    async def doing(desk: Desk) -> tuple[Any, int, int]:
        fault = Fault(kind="status", status=status, retry_after="7", work_done=work_done)
        answer, accepted = await meet(desk, fault)
        return answer, accepted, (await desk.send()).status_code

    answer, done, afterwards = at_desk(doing, real=False)

    assert (status, "7", accepted, 201) == (answer.status_code, answer.headers["Retry-After"], done, afterwards)
    assert "simulated_fault" == answer.json()["error"]


def test_status_over_a_connection() -> None:
    """After a status without work the same connection serves on, although its body was never read."""

    async def doing(desk: Desk) -> list[int]:
        desk.faults.add(Fault(kind="status", status=503))
        return [(await desk.send()).status_code for _ in range(2)]

    assert [503, 201] == at_desk(doing)


def test_slow() -> None:
    """A slow answer is a good one; for a client that does not wait the fax is accepted all the same."""

    async def doing(desk: Desk) -> tuple[Any, int, Any]:
        answer, accepted = await meet(desk, Fault(kind="slow", seconds=0.2))
        desk.http.timeout = httpx.Timeout(5.0, read=0.1)
        error, _ = await meet(desk, Fault(kind="slow", seconds=0.3))
        await until(lambda: len(desk.account.jobs) == 2)
        return answer.status_code, accepted, error

    status, accepted, error = at_desk(doing)

    assert (201, 1, httpx.ReadTimeout) == (status, accepted, type(error))


def test_endless() -> None:
    """The answer goes on for as long as the client reads, and stops when it does not."""

    async def doing(desk: Desk) -> int:
        desk.faults.add(Fault(kind="endless"))
        read = 0
        async with desk.http.stream("GET", OUTBOX) as answer:
            async for chunk in answer.aiter_bytes():
                read += len(chunk)
                if read > 20_000_000:
                    break
        return read

    assert at_desk(doing) > 20_000_000


def test_malformed() -> None:
    """The fax is accepted, and the answer's JSON breaks off."""
    answer, accepted = at_desk(lambda desk: meet(desk, Fault(kind="malformed")))

    assert (201, 1) == (answer.status_code, accepted)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_wrong_types() -> None:
    """The answer is JSON of the same structure in which no value has its type."""

    async def doing(desk: Desk) -> tuple[Any, Any, Any]:
        sent, _ = await meet(desk, Fault(kind="wrong_types"))
        desk.faults.add(Fault(kind="wrong_types"))
        account = await desk.http.get("/accounts/self")
        desk.faults.add(Fault(kind="wrong_types"))
        numbers = await desk.http.get("/accounts/self/numbers")
        return sent.json(), account.json(), numbers.json()["numbers"]

    sent, account, numbers = at_desk(doing)

    assert {"ids": {"+15551234567": 17}} == sent
    assert [(17, [17])] == [(number["number"], number["assigned_to"]) for number in numbers]
    assert (17, "perhaps", []) == (account["uid"], account["account_data"]["save_history"], account["phone"])
    assert {"count": {"amount": "0"}, "delay": {"amount": "0"}} == account["settings"]["send_fax"]["retry"]


@pytest.mark.parametrize(("kind", "accepted"), [("reset", 0), ("lost_answer", 1)])
def test_cut_without_a_network(kind: str, accepted: int) -> None:
    """Through ASGITransport a cut connection is a read error of httpx, so that clients meet what they know."""
    error, done = at_desk(lambda desk: meet(desk, Fault.model_validate({"kind": kind})), real=False)

    assert isinstance(error, httpx.ReadError)
    assert (CutError, accepted) == (type(error), done)


@pytest.mark.parametrize("kind", ["slow", "endless", "malformed", "wrong_types"])
def test_other_faults_without_a_network(kind: str) -> None:
    """The other faults end without a network too; an endless answer is 16 MiB there."""
    answer, accepted = at_desk(lambda desk: meet(desk, Fault.model_validate({"kind": kind})), real=False)

    assert (int(kind in KINDS_THAT_WORK), kind == "endless") == (accepted, len(answer.content) > 16_000_000)


def test_control_is_spared() -> None:
    """However much goes wrong, the simulator can still be steered."""

    async def doing(desk: Desk) -> int:
        desk.faults.add(Fault(kind="reset", count=None))
        return (await desk.http.delete(str(desk.http.base_url.copy_with(path="/_simulator/faults")))).status_code

    assert 200 == at_desk(doing)


def test_stops_in_the_middle_of_faults() -> None:
    """A simulator with answers that never come still stops at once, and cuts off who is waiting."""

    async def run() -> tuple[float, list[Any]]:
        (account, _), faults = an_account(), Faults(Fault(kind="lost_answer", count=None, seconds=60.0))
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(headers={"Authorization": "Bearer t"}, trust_env=False, timeout=30.0) as http:
            async with running(account=account, faults=faults) as base_url:
                waiting = [asyncio.create_task(http.post(base_url + OUTBOX, json=a_post(account))) for _ in range(3)]
                await until(lambda: len(account.jobs) == 3)
                began = loop.time()
            return loop.time() - began, await asyncio.gather(*waiting, return_exceptions=True)

    seconds, answers = asyncio.run(run())

    assert 5.0 > seconds
    assert [True] * 3 == [isinstance(answer, httpx.TransportError) for answer in answers]
