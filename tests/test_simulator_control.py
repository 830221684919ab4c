"""The simulator is steered and looked at from outside, as other processes do it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from gateway.simulator import Account, Faults
from tests.simulated import PDF, THEIRS, Clock, an_account, client, sent
from tests.values import NOW

CONTROL = "https://restapi.fax.plus/_simulator"


def steer(
    doing: Callable[[httpx.AsyncClient], Awaitable[Any]], account: Account | None = None, faults: Faults | None = None
) -> Any:
    """Do something with a client that has no token."""

    async def run() -> Any:
        async with client(account or an_account()[0], faults) as http:
            del http.headers["Authorization"]
            return await doing(http)

    return asyncio.run(run())


def ended(account: Account, clock: Clock) -> str:
    """Send a fax and let it end; its id."""
    fax_id = sent(account)
    clock.at += 105.0
    return fax_id


def test_jobs() -> None:
    """Every fax is told with its ids, token, number, files, times and ending, up to this moment."""
    account, clock = an_account(ids="differ")
    fax_id = ended(account, clock)
    answer = steer(lambda http: http.get(f"{CONTROL}/jobs"), account)
    (job,) = answer.json()["jobs"]

    assert account.jobs[0].snapshot() == job
    assert (fax_id, "f1-1", THEIRS, NOW, NOW + 105.0, "success", True) == tuple(
        job[key] for key in ("id", "token", "to", "created_at", "ended_at", "status", "over")
    )
    assert [account.jobs[0].attempts[0].fax_id] == job["fax_ids"]


def test_files() -> None:
    """The octets of an upload come back by its path; an unknown path is not found."""
    account, _ = an_account()
    path = account.upload("a.pdf", "application/pdf", PDF)
    answer = steer(lambda http: http.get(f"{CONTROL}/files{path}"), account)
    unknown = steer(lambda http: http.get(f"{CONTROL}/files/storage/unknown.pdf"), account)

    assert (PDF, "application/pdf", 404) == (answer.content, answer.headers["Content-Type"], unknown.status_code)


def test_settings() -> None:
    """A POST changes what it names and leaves the rest; a GET shows the outcome."""
    account, _ = an_account(speed=3.0)
    steer(lambda http: http.post(f"{CONTROL}/settings", json={"token": "t", "visibility_lag": [1, 2]}), account)
    shown = steer(lambda http: http.get(f"{CONTROL}/settings"), account).json()

    assert (3.0, "t", (1.0, 2.0)) == (account.settings.speed, account.settings.token, account.settings.visibility_lag)
    assert account.settings.model_dump(mode="json") == shown


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("settings", {"spede": 1}, "spede"),
        ("settings", {"speed": 0}, "speed"),
        ("faults", {"kind": "meteor"}, "kind"),
        ("faults", [{"kind": "reset", "count": 0}], "count"),
    ],
)
def test_nonsense_is_refused(path: str, body: Any, named: str) -> None:
    """What does not exist or is out of range is refused by name, and changes nothing."""
    account, _ = an_account()
    before, faults = account.settings, Faults()
    answer = steer(lambda http: http.post(f"{CONTROL}/{path}", json=body), account, faults)

    assert 400 == answer.status_code
    assert named in answer.json()["description"]
    assert (before, []) == (account.settings, faults.ordered)


def test_faults() -> None:
    """Faults are ordered one or many at a time, befall requests, are shown, and cleared."""

    async def doing(http: httpx.AsyncClient) -> list[Any]:
        await http.post(f"{CONTROL}/faults", json={"kind": "status", "status": 402})
        await http.post(f"{CONTROL}/faults", json=[{"kind": "slow"}, {"kind": "reset", "path": "*/hooks"}])
        befallen = await http.get("/shop/balance")
        shown = await http.get(f"{CONTROL}/faults")
        cleared = await http.delete(f"{CONTROL}/faults")
        kinds = [fault["kind"] for fault in shown.json()["faults"]]
        return [befallen.status_code, kinds, cleared.json()["faults"]]

    assert [402, ["slow", "reset"], []] == steer(doing)
