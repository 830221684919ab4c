"""The ledger: an event is committed or lost, a final state owes a notice, the operator hears once a day."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.event import AnyEvent, Cancelled, Claimed, Delivered, GivenUp, Refused, Resent, Undelivered
from gateway.fax import ImpossibleError, State
from gateway.submission import Notice, NoticeKind
from tests.values import NOW, a_fax, a_submission
from tests.workshop import OPERATOR, workshop

DAY = 86400.0


def test_event_is_written_and_told(tmp_path: Path) -> None:
    """What happened is on record when the ledger returns, the worker is woken, and the log says it with its verb."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1")
            with capture_logs() as logs:
                after = await shop.ledger.happened(await shop.fax(), Claimed(look_at=NOW + 5))

            assert await shop.fax() == after
            assert after is not None
            assert (State.SUBMITTING, NOW + 5, 1) == (after.state, after.due_at, shop.kicks)
            assert ["fax.claimed"] == [entry["event"] for entry in logs]
            assert ["Queued", "Claimed"] == await shop.events()

    asyncio.run(story())


def test_overtaken(tmp_path: Path) -> None:
    """Whoever comes second writes nothing, owes nothing, wakes nobody, and is told so."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1")
            seen = await shop.fax()
            await shop.live(Cancelled())
            kicks = shop.kicks
            with capture_logs() as logs:
                lost = await shop.ledger.happened(seen, Refused(reason="too late"))

            assert (None, kicks) == (lost, shop.kicks)
            assert [{"event": "fax.overtaken", "fax": "fax1", "event_lost": "Refused", "log_level": "info"}] == logs
            assert ["Queued", "Cancelled"] == await shop.events()
            assert 1 == len(await shop.store.notices("fax1"))

    asyncio.run(story())


def test_impossible_event_changes_nothing(tmp_path: Path) -> None:
    """What cannot happen is an error, and is not written."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1")
            with pytest.raises(ImpossibleError):
                await shop.ledger.happened(await shop.fax(), Delivered())

            assert ["Queued"] == await shop.events()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("before", "event", "submission", "owed_to"),
    [
        (State.QUEUED, Claimed(look_at=NOW), {}, []),
        (State.SUBMITTED, Delivered(), {}, ["alice@example.org"]),
        (State.SUBMITTED, Delivered(), {"confirm_to": "office@example.org"}, ["office@example.org"]),
        (State.SUBMITTED, Delivered(), {"quiet": True}, []),
        (State.SUBMITTED, Undelivered(status="failed"), {"quiet": True}, ["alice@example.org"]),
        (State.SUBMITTED, Undelivered(status="failed"), {"sender": ""}, []),
        (State.QUEUED, Refused(reason="no"), {}, ["alice@example.org"]),
        (State.QUEUED, Cancelled(), {}, ["alice@example.org"]),
        (State.SUBMITTING, GivenUp(), {}, ["alice@example.org"]),
        (State.FAILED, Resent(retry_at=NOW), {}, []),
    ],
)
def test_notice_is_owed_with_the_end(
    before: State, event: AnyEvent, submission: dict[str, Any], owed_to: list[str], tmp_path: Path
) -> None:
    """With a final state, and only then, whoever is to hear is owed one notice, due now."""

    async def story() -> list[Notice]:
        async with workshop(tmp_path) as shop:
            fax = a_fax(id="fax1", submission_id="s1", state=before, version=6)
            await shop.store.accept(a_submission(**submission), [fax])
            await shop.ledger.happened(fax, event)
            return await shop.store.notices("fax1")

    usual: dict[str, Any] = {"kind": NoticeKind.OUTCOME, "fax_id": "fax1", "submission_id": "s1"}
    expected = [Notice(id="fax1.7", mail="fax1.7", recipient=to, created_at=NOW, due_at=NOW, **usual) for to in owed_to]

    assert expected == asyncio.run(story())


def test_each_end_is_told(tmp_path: Path) -> None:
    """A fax that is resent ends a second time, and that is another notice."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1")
            await shop.live(Refused(reason="no"), Resent(retry_at=NOW), Refused(reason="no again"))
            return [notice.id for notice in await shop.store.notices("fax1")]

    assert ["fax1.1", "fax1.3"] == asyncio.run(story())


def test_operator_hears_once_a_day_of_each_matter(tmp_path: Path) -> None:
    """However often something goes wrong, it is one mail a day; another matter is another mail."""

    async def story() -> list[tuple[str, str, str, str]]:
        async with workshop(tmp_path) as shop:
            for seconds in (0.0, 1.0, DAY, 1.0):
                shop.pass_by(seconds)
                await shop.ledger.tell_operator("token", "Faxes are waiting", "The token is wrong.\n")
            await shop.ledger.tell_operator("credit", "No credit", "Pay.\n")
            await shop.ledger.tell_operator("credit", "No credit", "Pay.\n")

            assert 3 == shop.kicks
            owed = await shop.store.due_notices(shop.clock())
            return [(notice.id, notice.recipient, notice.subject, notice.text) for notice in owed]

    assert [
        ("operator.token.20270115", OPERATOR, "Faxes are waiting", "The token is wrong.\n"),
        ("operator.token.20270116", OPERATOR, "Faxes are waiting", "The token is wrong.\n"),
        ("operator.credit.20270116", OPERATOR, "No credit", "Pay.\n"),
    ] == asyncio.run(story())
