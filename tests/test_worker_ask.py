"""Asking: lost answers are looked for, never guessed; what FAX.PLUS says when asked decides, and nothing else does."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from gateway.event import Accepted, Claimed, StillSending
from gateway.fax import Fax, State
from gateway.faxplus import Hint
from gateway.outcome import MEANINGS, Ending
from tests.simulated import PLENTY
from tests.workshop import Answer, Workshop, answering, at_faxplus, called, workshop

QUARANTINE = 120.0
OUTBOX, SENT = "GET outbox", "GET faxes"
HOUR = 3600.0
DAY = 86400.0


async def look(shop: Workshop, after: float = QUARANTINE) -> Fax:
    """Let time pass, look, and say how the fax is now."""
    shop.pass_by(after)
    await shop.asker().ask_due()
    return await shop.fax()


# Looking for a fax whose answer was lost.


@pytest.mark.parametrize("fast", [0.0, HOUR])
def test_found_though_the_clock_was_set_right_since(fast: float, tmp_path: Path) -> None:
    """An hour fast, and then set right, it makes a claim look an hour younger; what was sent then is still found."""

    async def story() -> tuple[State, str]:
        async with workshop(tmp_path) as shop:
            shop.clock.set(fast)
            await shop.accept()
            shop.way.meddle = answering("POST outbox", httpx.ReadTimeout("lost"))
            await shop.submitter().submit_due()
            at_faxplus(shop, await shop.fax())
            shop.clock.set(-fast)
            shop.patience.steady_for(0.0)  # as the worker looks, each second
            fax = await look(shop, 2 * HOUR)
            return fax.state, fax.reason

    assert (State.SUBMITTED, "found at FAX.PLUS") == asyncio.run(story())


@pytest.mark.parametrize(("after", "where"), [(QUARANTINE, "outbox"), (PLENTY, "sent")])
def test_found_by_its_token(after: float, where: str, tmp_path: Path) -> None:
    """FAX.PLUS took it after all: it is adopted with its id, wherever it is by then."""

    async def story() -> tuple[State, str, tuple[str, ...]]:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await shop.accept()
            at_faxplus(shop, await shop.claimed())
            fax = await look(shop, after)

            assert (where == "sent") == (shop.account.outbox() == [])
            assert (shop.account.jobs[0].id,) == fax.remote_ids
            return fax.state, fax.reason, fax.remote_ids

    assert (State.SUBMITTED, "found at FAX.PLUS") == asyncio.run(story())[:2]


def test_not_looked_for_in_the_quarantine(tmp_path: Path) -> None:
    """FAX.PLUS may show a new fax late: nobody draws conclusions before that."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.claimed()
            await look(shop, QUARANTINE - 1)
            return shop.way.calls

    assert [] == asyncio.run(story())


@pytest.mark.parametrize("after", [QUARANTINE, PLENTY])
def test_found_by_number_and_time(after: float, tmp_path: Path) -> None:
    """The comment is missing, but only one fax fits number and time: it is ours."""

    async def story() -> tuple[State, str]:
        async with workshop(tmp_path, seconds_to_convert=1000.0) as shop:
            await shop.accept()
            at_faxplus(shop, await shop.claimed(), token="")
            fax = await look(shop, after)
            return fax.state, fax.reason

    assert (State.SUBMITTED, "found at FAX.PLUS by number and time") == asyncio.run(story())


async def two_that_fit(shop: Workshop) -> None:
    """Two records without a comment fit."""
    await shop.accept()
    fax = await shop.claimed()
    at_faxplus(shop, fax, token="")
    at_faxplus(shop, fax, token="")


async def another_of_ours(shop: Workshop) -> None:
    """One record fits, and it could be that of another fax to the same number."""
    await shop.accept("fax1", "fax2")
    await shop.live(Claimed(look_at=shop.clock() + DAY), id="fax2")
    at_faxplus(shop, await shop.claimed(), token="")


async def time_cannot_be_read(shop: Workshop) -> None:
    """One record fits, and nobody knows from when it is."""
    await shop.accept()
    await shop.claimed()
    record = {"id": "r1", "status": "success", "to": "+15551234567", "submit_time": "yesterday"}
    shop.way.meddle = answering(SENT, *[{"records": [record]}] * 20)


async def another_by_another_clock(shop: Workshop) -> None:
    """One record fits: that of another fax to the same number, claimed just before somebody set the clock."""
    await shop.accept("fax2", "fax1")
    at_faxplus(shop, await shop.claimed("fax2"), token="")
    shop.clock.set(-365 * DAY)
    await shop.faxplus.outbox()  # which tells how far the clocks are apart now
    await shop.claimed()


@pytest.mark.parametrize("situation", [two_that_fit, another_of_ours, another_by_another_clock, time_cannot_be_read])
def test_never_a_guess(situation: Any, tmp_path: Path) -> None:
    """When it cannot be told which it is, it is not adopted, not sent again, and given up as unknown after a day."""

    async def story() -> tuple[list[str], str, int]:
        async with workshop(tmp_path) as shop:
            await situation(shop)
            for _ in range(4):
                await look(shop)
            events = await shop.events()
            fax = await look(shop, DAY)

            assert "NotThere" not in await shop.events()
            assert State.FAILED == fax.state
            return events, fax.status, fax.looks

    assert (["Queued", "Claimed", *["NotSeen"] * 4], "unknown", 0) == asyncio.run(story())


@pytest.mark.parametrize(
    ("why", "token", "number"),
    [
        ("another fax's token", "other1-1", "+15551234567"),
        ("another dialling's token", "fax1-2", "+15551234567"),
        ("another number", "", "+15551234568"),
    ],
)
def test_what_is_not_ours_counts_as_absence(why: str, token: str, number: str, tmp_path: Path) -> None:
    """Records that cannot be ours do not stand in the way of knowing that ours is not there."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1", number=number)
            await shop.accept("fax9", submission_id="mail9")
            await shop.claimed("fax9")
            at_faxplus(shop, await shop.fax(), token=token)
            for _ in range(2):
                await look(shop)
            return await shop.events("fax9")

    assert ["Queued", "Claimed", "NotSeen", "NotThere"] == asyncio.run(story()), why


@pytest.mark.parametrize(("comments_are_kept", "last"), [(True, "NotThere"), (False, "NotSeen")])
def test_without_comment_at_another_time(
    comments_are_kept: bool,  # noqa: FBT001  # a column of the table
    last: str,
    tmp_path: Path,
) -> None:
    """A record to our number from another time is none of ours where comments are kept; else who knows about clocks."""

    async def story() -> list[str]:
        async with workshop(tmp_path, comment_kept=comments_are_kept) as shop:
            await shop.accept("fax1")
            await shop.accept("fax9", submission_id="mail9", number="+15551234568")
            at_faxplus(shop, await shop.fax("fax9"))
            await shop.claimed()
            shop.pass_by(200)
            at_faxplus(shop, await shop.fax(), token="")
            for _ in range(2):
                await look(shop)
            return await shop.events()

    assert ["Queued", "Claimed", "NotSeen", last] == asyncio.run(story())


def test_not_there_only_after_looking_twice(tmp_path: Path) -> None:
    """Not seen once is no proof; not seen twice, a minute apart, is: it is queued again, under its old token."""

    async def story() -> tuple[list[tuple[State, float | None]], str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.claimed()
            found = []
            for _ in range(2):
                fax = await look(shop)
                found.append((fax.state, fax.due_at and fax.due_at - shop.clock()))
            return found, fax.token

    assert ([(State.SUBMITTING, 60.0), (State.QUEUED, 0.0)], "fax1-1") == asyncio.run(story())


UNSEEN: list[tuple[str, int | Exception | dict[str, Any]]] = [
    (OUTBOX, 500),
    (SENT, 500),
    (SENT, 401),
    (OUTBOX, httpx.ConnectError("no way")),
    (SENT, httpx.ReadTimeout("silence")),
    (OUTBOX, {"records": [{"id": None}]}),
    (SENT, {"records": [{"no": "id"}]}),
    (SENT, {"nonsense": 1}),
]


@pytest.mark.parametrize(("call", "answer"), UNSEEN, ids=lambda one: repr(one)[:30])
def test_incomplete_look_proves_nothing(call: str, answer: int | Exception | dict[str, Any], tmp_path: Path) -> None:
    """A list that could not be read, or not wholly, is no evidence of absence."""

    async def story() -> tuple[list[str], int]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.claimed()
            shop.way.meddle = answering(call, *[answer] * 50)
            for _ in range(5):
                fax = await look(shop)
            return await shop.events(), fax.looks

    assert (["Queued", "Claimed", *["NotSeen"] * 5], 0) == asyncio.run(story())


def test_given_up_when_it_can_never_be_searched(tmp_path: Path) -> None:
    """After a day of this its sender is told the truth: nobody knows."""

    async def story() -> tuple[State, str, str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.claimed()
            shop.way.meddle = answering(OUTBOX, *[503] * 50)
            await look(shop)
            fax = await look(shop, DAY)
            return fax.state, fax.status, fax.reason

    assert (State.FAILED, "unknown", "FAX.PLUS never said whether it has it") == asyncio.run(story())


def test_outbox_first_then_sent(tmp_path: Path) -> None:
    """What moves from one to the other while we look is seen in one of them at least; one look serves all."""

    async def story() -> tuple[list[str], State]:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1", "fax2")
            await shop.claimed("fax2")
            at_faxplus(shop, await shop.claimed())

            async def ends_meanwhile(request: httpx.Request) -> Answer:
                if called(request) == SENT:
                    shop.pass_by(PLENTY)
                return None

            shop.way.meddle = ends_meanwhile
            shop.pass_by(QUARANTINE)
            await shop.asker().ask_due()
            return shop.way.calls[:2], (await shop.fax()).state

    assert ([OUTBOX, SENT], State.SUBMITTED) == asyncio.run(story())


# Asking about a fax that FAX.PLUS has.


async def asked(shop: Workshop, after: float = PLENTY, **changed: Any) -> Fax:
    """Submit a fax, let time pass, ask."""
    await shop.accept(**changed)
    await shop.submitted(at_faxplus(shop, await shop.fax()))
    return await look(shop, after)


@pytest.mark.parametrize(("after", "status"), [(2.0, "converting"), (20.0, "sending")])
def test_still_sending(after: float, status: str, tmp_path: Path) -> None:
    """Not over: asked again later, more rarely each time."""

    async def story() -> tuple[State, str, int, list[float]]:
        async with workshop(tmp_path) as shop:
            waits = []
            fax = await asked(shop, after)
            waits.append((fax.due_at or 0) - shop.clock())
            for _ in range(2):
                await shop.live(StillSending(ask_at=shop.clock(), status=fax.status))
            fax = await look(shop, 0)
            return fax.state, fax.status, fax.asks, [*waits, (fax.due_at or 0) - shop.clock()]

    assert (State.SUBMITTED, status, 4, [60.0, 120.0]) == asyncio.run(story())


ENDINGS = [(f"+15552220{code:03}", code) for code in (*range(24),)]


@pytest.mark.parametrize(("number", "code"), ENDINGS)
def test_every_ending(number: str, code: int, tmp_path: Path) -> None:
    """Each word of FAX.PLUS leads where it must: delivered, dialled again, held for credit, or failed."""

    async def story() -> tuple[str, State, str, str]:
        async with workshop(tmp_path) as shop:
            fax = await asked(shop, number=number)
            return shop.account.jobs[0].status, fax.state, (await shop.events())[-1], fax.status

    word, state, event, status = asyncio.run(story())
    ending = MEANINGS[word].ending if word in MEANINGS else Ending.PERMANENT
    expected = {
        Ending.DELIVERED: (State.DELIVERED, "Delivered"),
        Ending.REDIAL: (State.QUEUED, "Busy"),
        Ending.CREDIT: (State.QUEUED, "Unpaid"),
        Ending.PARTIAL: (State.FAILED, "Undelivered"),
        Ending.PERMANENT: (State.FAILED, "Undelivered"),
    }

    assert (*expected[ending], word) == (state, event, status)


def test_measures_are_kept(tmp_path: Path) -> None:
    """What FAX.PLUS counted goes into the record."""

    async def story() -> tuple[int | None, float | None, float | None]:
        async with workshop(tmp_path) as shop:
            fax = await asked(shop)
            return fax.pages, fax.duration, fax.cost

    assert (2, 100.0, 2.0) == asyncio.run(story())


def test_redials_are_used_up(tmp_path: Path) -> None:
    """Always busy: dialled as often as configured, each wait as configured, then it has failed."""

    async def story() -> tuple[list[float], State, str]:
        async with workshop(tmp_path, {"redial": {"after": ["120s", "600s"]}}) as shop:
            await shop.accept(number="+15552220001")
            waits: list[float] = []
            for _ in range(3):
                await shop.submitted(at_faxplus(shop, await shop.fax()))
                fax = await look(shop, PLENTY)
                waits.append((fax.due_at or shop.clock()) - shop.clock())
            return waits, fax.state, fax.status

    waits, state, status = asyncio.run(story())

    assert 120 <= waits[0] <= 132
    assert 600 <= waits[1] <= 660
    assert (0.0, State.FAILED, "failed_user_busy") == (waits[2], state, status)


def test_no_credit_burns_no_redial(tmp_path: Path) -> None:
    """Without credit faxes wait, sending rests, and the operator hears; the fax keeps all its redials."""

    async def story() -> tuple[State, int, int, bool, list[str]]:
        async with workshop(tmp_path) as shop:
            fax = await asked(shop, number="+15552220021")
            held = shop.gate.wait(shop.clock()) > 0
            return fax.state, fax.redials, fax.attempt, held, await shop.told_operator()

    told = ["Faxes are waiting: no credit at FAX.PLUS"]

    assert (State.QUEUED, 0, 2, True, told) == asyncio.run(story())


def test_success_counts_whatever_else_is_listed(tmp_path: Path) -> None:
    """Two records bear our token, one of them says success: it was delivered, and is never dialled again."""

    async def story() -> State:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted("r1")
            records = [
                {"id": "r1", "status": "success", "comment": "fax1-1", "to": "+15551234567"},
                {"id": "r2", "status": "failed_user_busy", "comment": "fax1-1", "to": "+15551234567"},
            ]
            shop.way.meddle = answering(SENT, {"records": records}, {"records": []})
            return (await look(shop, 1)).state

    assert State.DELIVERED == asyncio.run(story())


def test_outbox_knows_no_end(tmp_path: Path) -> None:
    """A final word in the outbox is not believed: only the list of sent faxes says how it ended."""

    async def story() -> State:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted("r1")
            record = {"id": "r1", "status": "success", "comment": {"text": "fax1-1"}, "to": ["+15551234567"]}
            shop.way.meddle = answering(OUTBOX, {"records": [record]})
            return (await look(shop, 1)).state

    assert State.SUBMITTED == asyncio.run(story())


def test_asked_by_its_ids_when_not_listed(tmp_path: Path) -> None:
    """Hours after its claim it is not in the listing any more: it is asked for by its ids."""

    async def story() -> tuple[State, list[str], str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted(at_faxplus(shop, await shop.fax()))
            fax = await look(shop, 4 * HOUR)
            return fax.state, shop.way.calls[2:], shop.account.jobs[0].id

    state, calls, id = asyncio.run(story())

    assert (State.DELIVERED, [f"GET faxes/{id}"]) == (state, calls)


def test_asked_by_its_ids_in_the_outbox(tmp_path: Path) -> None:
    """Neither listed nor sent: perhaps the outbox knows the id."""

    async def story() -> tuple[State, str, list[str]]:
        async with workshop(tmp_path, seconds_to_convert=1e6) as shop:
            await shop.accept()
            await shop.submitted(at_faxplus(shop, await shop.fax()))
            shop.way.meddle = answering(OUTBOX, {"records": []})
            fax = await look(shop, 10)
            return fax.state, fax.status, [call.partition("/")[0] for call in shop.way.calls]

    calls = [OUTBOX, SENT, SENT, OUTBOX]

    assert (State.SUBMITTED, "submitted", calls) == asyncio.run(story())


@pytest.mark.parametrize("ids", ["equal", "differ"])
@pytest.mark.parametrize("comment_kept", [True, False])
def test_ends_whatever_the_account_is_like(ids: str, comment_kept: bool, tmp_path: Path) -> None:  # noqa: FBT001  # crossed with the ids
    """Whether ids stay the same, and whether comments are kept: a delivered fax is found and told as delivered."""

    async def story() -> State:
        async with workshop(tmp_path, ids=ids, comment_kept=comment_kept) as shop:
            return (await asked(shop, 500.0)).state

    assert State.DELIVERED == asyncio.run(story())


def test_anothers_record_under_our_id(tmp_path: Path) -> None:
    """A record that bears another fax's token is not ours, even if FAX.PLUS shows it for our id."""

    async def story() -> State:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            id = at_faxplus(shop, await shop.fax(), token="other1-1")
            await shop.submitted(id)
            return (await look(shop, 4 * HOUR)).state

    assert State.SUBMITTED == asyncio.run(story())


def test_nothing_learnt(tmp_path: Path) -> None:
    """FAX.PLUS is down: nothing changes but the time of the next question; its last word stays."""

    async def story() -> tuple[State, str, list[str]]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted("r1")
            await shop.live(StillSending(ask_at=shop.clock(), status="sending"))

            async def down(_request: httpx.Request) -> Answer:
                raise httpx.ConnectError("no way")

            shop.way.meddle = down
            fax = await look(shop, 1)

            assert fax.due_at is not None
            assert fax.due_at > shop.clock()
            return fax.state, fax.status, (await shop.events())[-1:]

    assert (State.SUBMITTED, "sending", ["StillSending"]) == asyncio.run(story())


@pytest.mark.parametrize("number", ["+15552220090", "+15552220091", "+15551234567"])
def test_given_up_when_it_never_ends(number: str, tmp_path: Path) -> None:
    """For ever sending, for ever in progress, or gone without a trace: after a day the outcome is unknown."""

    async def story() -> tuple[State, str, str]:
        async with workshop(tmp_path) as shop:
            await shop.accept(number=number)
            await shop.submitted(*([] if number.endswith("67") else [at_faxplus(shop, await shop.fax())]))
            await look(shop, 60)
            fax = await look(shop, DAY)
            return fax.state, fax.status, fax.reason

    assert (State.FAILED, "unknown", "FAX.PLUS never said how it ended") == asyncio.run(story())


def test_end_after_the_time_still_counts(tmp_path: Path) -> None:
    """We were away for two days: what FAX.PLUS then knows is told, not that nobody knows."""

    async def story() -> State:
        async with workshop(tmp_path) as shop:
            return (await asked(shop, 2 * DAY)).state

    assert State.DELIVERED == asyncio.run(story())


@pytest.mark.parametrize(
    ("seconds", "event", "state"), [(0.0, "StillSending", "submitted"), (DAY, "GivenUp", "failed")]
)
def test_error_of_our_own(seconds: float, event: str, state: str, tmp_path: Path) -> None:
    """An exception over one fax keeps nobody else waiting, and does not go on for ever."""

    async def story() -> tuple[str, str, State]:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1", "fax2")
            await shop.submitted("gone", id="fax1")
            shop.pass_by(seconds)
            await shop.submitted(at_faxplus(shop, await shop.fax("fax2")), id="fax2")

            async def stumble(request: httpx.Request) -> Answer:
                if "gone" in called(request):
                    raise RuntimeError("nobody thought of this")
                return None

            shop.way.meddle = stumble
            with capture_logs() as logs:
                fax = await look(shop, 500)

            assert ["fax1"] == [entry["fax"] for entry in logs if entry["event"] == "fax.stumbled"]
            return (await shop.events())[-1], fax.state, (await shop.fax("fax2")).state

    assert (event, state, State.DELIVERED) == asyncio.run(story())


def test_overtaken_answers_are_dropped(tmp_path: Path) -> None:
    """Somebody else wrote while we asked: theirs stands, ours is asked for again."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted(at_faxplus(shop, await shop.fax()))

            async def write(request: httpx.Request) -> Answer:
                if called(request) == SENT and "Delivered" not in await shop.events():
                    await shop.live(StillSending(ask_at=shop.clock()))
                return None

            shop.way.meddle = write
            await look(shop, PLENTY)
            return await shop.events()

    assert ["Queued", "Claimed", "Accepted", "StillSending"] == asyncio.run(story())[:4]


# Webhooks.


def test_hint_hurries_the_fax_it_names(tmp_path: Path) -> None:
    """A webhook makes us ask now; what it claims itself is not believed."""

    async def story() -> tuple[float | None, list[str]]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitted("r1")
            await shop.live(StillSending(ask_at=shop.clock() + HOUR))
            await shop.asker().hurry(Hint(ids=("x", "r1"), status="success", to="15551234567"))
            fax = await shop.fax()
            return (fax.due_at or 0) - shop.clock(), (await shop.events())[-1:]

    assert (0.0, ["StillSending"]) == asyncio.run(story())


def test_adopted_by_another_fax_before(tmp_path: Path) -> None:
    """A record that is known for one of our faxes is not taken for another, though number and time fit."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1", "fax2")
            id = at_faxplus(shop, await shop.fax("fax2"), token="")
            await shop.live(Claimed(look_at=shop.clock()), Accepted(remote_ids=(id,), ask_at=shop.clock()), id="fax2")
            shop.pass_by(500)
            await shop.asker().ask_due()
            shop.pass_by(-400)
            await shop.claimed()
            shop.pass_by(400)
            for _ in range(2):
                await look(shop)
            return await shop.events()

    assert ["Queued", "Claimed", "NotSeen", "NotThere"] == asyncio.run(story())
