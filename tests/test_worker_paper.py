"""FAX.PLUS's own reports: attached where there are any, and never a reason for a mail to stay."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.fax import Fax, State
from gateway.faxplus import FaxPlusError, Verdict
from gateway.notice import Story
from gateway.worker import paper
from gateway.worker.paper import with_reports
from tests.values import a_fax
from tests.workshop import Workshop, at_faxplus, workshop

DELIVERED = {"state": State.DELIVERED, "status": "success", "due_at": None, "ended_at": 0.0}
Meddling = Callable[[str], Awaitable[bytes]]


def reported(place: Path, fax: Callable[[Workshop], Fax], meddle: Meddling | None = None) -> bytes | None:
    """What is attached for a fax."""

    async def story() -> bytes | None:
        async with workshop(place) as shop:
            told = [Story(fax=fax(shop), changes=())]
            if meddle is not None:
                shop.faxplus.report = meddle  # type: ignore[method-assign, assignment]  # FAX.PLUS as it may be
            (found,) = await with_reports(told, shop.faxplus)
            return found.record

    return asyncio.run(story())


def a_sent_fax(shop: Workshop) -> Fax:
    """One that FAX.PLUS knows."""
    session = at_faxplus(shop, a_fax())
    shop.pass_by(3600)
    shop.account.advance()
    return a_fax(**DELIVERED, remote_ids=("old", session))


def test_the_report_of_a_fax(tmp_path: Path) -> None:
    """As FAX.PLUS gives it, by its newest id."""

    assert (reported(tmp_path, a_sent_fax) or b"").startswith(b"%PDF")


@pytest.mark.parametrize(
    "fax",
    [
        a_fax(state=State.FAILED, status="", ended_at=0.0),
        a_fax(state=State.FAILED, status="unknown", ended_at=0.0, remote_ids=("r1",)),
        a_fax(state=State.CANCELLED, status="", ended_at=0.0, remote_ids=("r1",)),
        a_fax(**DELIVERED),
        a_fax(**DELIVERED, remote_ids=("nobody knows it",)),
    ],
    ids=["never sent", "unknown", "cancelled", "no id", "gone"],
)
def test_without_a_report(fax: Fax, tmp_path: Path) -> None:
    """What was not sent, or what FAX.PLUS does not know any more, has none."""

    assert None is reported(tmp_path, lambda _: fax)


async def refuses(_: str) -> bytes:
    """FAX.PLUS is away."""
    raise FaxPlusError(Verdict.TEMPORARY, "away")


async def never_answers(_: str) -> bytes:
    """FAX.PLUS says nothing."""
    await asyncio.Event().wait()
    return b""


async def floods(_: str) -> bytes:
    """FAX.PLUS gives something huge."""
    return b"x" * (paper.LARGEST + 1)


@pytest.mark.parametrize("meddle", [refuses, never_answers, floods])
def test_the_mail_goes_without(meddle: Meddling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever FAX.PLUS does, it only costs a moment."""
    monkeypatch.setattr(paper, "WITHIN", 0.05)

    assert None is reported(tmp_path, a_sent_fax, meddle)
