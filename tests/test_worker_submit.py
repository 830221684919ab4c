"""Submitting: on record first, posted once; every answer leads where it must, and what is in doubt is not repeated."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from gateway.event import AnyEvent, Busy, Cancelled, Deferred
from gateway.fax import Fax, State
from gateway.store import Store
from tests.simulated import PDF
from tests.workshop import Answer, Workshop, answering, called, workshop

UPLOAD, POST = "POST files", "POST outbox"
QUARANTINE = 120.0
FENCE = QUARANTINE / 4
LOST = "the document is no longer readable here: "


def test_on_record_before_the_request_leaves(tmp_path: Path) -> None:
    """When the POST leaves, the claim is committed, with a time to look for it; the answer's ids are kept."""

    async def story() -> Fax:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            at_post: list[Fax] = []

            async def look(request: httpx.Request) -> Answer:
                if called(request) == POST:
                    at_post.append(await shop.fax())
                return None

            shop.way.meddle = look
            await shop.submitter().submit_due()

            assert [UPLOAD, POST] == shop.way.calls
            assert [State.SUBMITTING] == [fax.state for fax in at_post]
            assert [shop.clock() + QUARANTINE] == [fax.due_at for fax in at_post]
            assert ["fax1-1"] == [job.token for job in shop.account.jobs]
            assert (shop.account.jobs[0].id,) == (await shop.fax()).remote_ids
            return await shop.fax()

    assert State.SUBMITTED == asyncio.run(story()).state


def test_what_is_not_due_stays(tmp_path: Path) -> None:
    """Nothing happens before its time."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.live(Deferred(retry_at=shop.clock() + 10))
            await shop.submitter().submit_due()
            return shop.way.calls

    assert [] == asyncio.run(story())


REFUSED = (State.FAILED, "Refused", False)
DEFERRED = (State.QUEUED, "Deferred", False)
HELD = (State.QUEUED, "Deferred", True)
"""The state, the event that led to it, and whether sending rests until the operator has acted."""
IN_DOUBT = (State.SUBMITTING, "Claimed", False)

AT_UPLOAD: list[tuple[int | Exception | dict[str, Any], tuple[State, str, bool]]] = [
    (400, REFUSED),
    (401, HELD),
    (402, HELD),
    (403, HELD),
    (404, HELD),
    (409, DEFERRED),
    (413, REFUSED),
    (415, REFUSED),
    (429, DEFERRED),
    (500, DEFERRED),
    (503, DEFERRED),
    (302, HELD),
    ({"no": "path"}, DEFERRED),
    (httpx.ConnectError("no way"), DEFERRED),
    (httpx.ReadTimeout("silence"), DEFERRED),
    (httpx.WriteError("broken"), DEFERRED),
]
AT_POST: list[tuple[int | Exception | dict[str, Any], tuple[State, str, bool]]] = [
    (400, REFUSED),
    (401, HELD),
    (402, HELD),
    (403, HELD),
    (404, HELD),
    (413, REFUSED),
    (429, DEFERRED),
    (409, IN_DOUBT),
    (408, IN_DOUBT),
    (302, IN_DOUBT),
    (500, IN_DOUBT),
    (503, IN_DOUBT),
    (499, IN_DOUBT),
    ({"error": "who knows"}, IN_DOUBT),
    (httpx.ReadTimeout("silence"), IN_DOUBT),
    (httpx.WriteTimeout("silence"), IN_DOUBT),
    (httpx.ReadError("broken"), IN_DOUBT),
    (httpx.RemoteProtocolError("babble"), IN_DOUBT),
    (httpx.ConnectError("no way"), DEFERRED),
    (httpx.ConnectTimeout("no way"), DEFERRED),
    (httpx.PoolTimeout("no way"), DEFERRED),
    ({}, (State.SUBMITTED, "Accepted", False)),
    ({"ids": {"+15551234567": "r1"}}, (State.SUBMITTED, "Accepted", False)),
]


async def one_try(shop: Workshop) -> tuple[State, str, bool]:
    """Submit once; where it led."""
    await shop.accept()
    await shop.submitter().submit_due()
    held = shop.gate.wait(shop.clock()) > 0

    assert held == bool(await shop.told_operator())
    return (await shop.fax()).state, (await shop.events())[-1], held


@pytest.mark.parametrize(("answer", "led_to"), AT_UPLOAD, ids=lambda one: repr(one)[:30])
def test_every_answer_to_an_upload(
    answer: int | Exception | dict[str, Any], led_to: tuple[State, str, bool], tmp_path: Path
) -> None:
    """An upload may be repeated: only a clear refusal ends the fax, and nothing was sent in any case."""

    async def story() -> tuple[State, str, bool]:
        async with workshop(tmp_path) as shop:
            shop.way.meddle = answering(UPLOAD, answer)
            led = await one_try(shop)

            assert [UPLOAD] == shop.way.calls
            return led

    assert led_to == asyncio.run(story())


@pytest.mark.parametrize(("answer", "led_to"), AT_POST, ids=lambda one: repr(one)[:30])
def test_every_answer_to_a_post(
    answer: int | Exception | dict[str, Any], led_to: tuple[State, str, bool], tmp_path: Path
) -> None:
    """Only what surely was not taken is tried again; what is in doubt rests until it is looked for."""

    async def story() -> tuple[State, str, bool]:
        async with workshop(tmp_path) as shop:
            shop.way.meddle = answering(POST, answer)
            led = await one_try(shop)
            await shop.submitter().submit_due()

            assert [UPLOAD, POST] == shop.way.calls
            return led

    assert led_to == asyncio.run(story())


def test_retry_after_is_honoured(tmp_path: Path) -> None:
    """When FAX.PLUS says for how long it wants rest, it gets it."""

    async def story() -> float:
        async with workshop(tmp_path) as shop:

            async def slow_down(request: httpx.Request) -> Answer:
                return httpx.Response(429, headers={"Retry-After": "600"}) if called(request) == POST else None

            shop.way.meddle = slow_down
            await one_try(shop)
            return ((await shop.fax()).due_at or 0) - shop.clock()

    assert 600 <= asyncio.run(story()) <= 660


def test_words_for_the_operator(tmp_path: Path) -> None:
    """The operator's mail says what FAX.PLUS wants and that no fax is lost."""

    async def story() -> tuple[str, str, str]:
        async with workshop(tmp_path) as shop:
            shop.way.meddle = answering(POST, 402)
            await one_try(shop)
            (notice,) = await shop.store.due_notices(shop.clock())
            return notice.id, notice.subject, notice.text

    id, subject, text = asyncio.run(story())

    assert "operator.faxplus-402.20270115" == id
    assert subject.startswith("Faxes are waiting")
    assert "FAX.PLUS wants credit (402)." in text
    assert "No fax is lost" in text


@pytest.mark.parametrize(
    ("passed", "posted"),
    [(0.0, True), (FENCE, True), (FENCE + 1, False), (3600.0, False), (-1.0, False)],
)
def test_fence(passed: float, posted: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a column of the table
    """A process that slept between claim and POST, or whose clock was set, does not post: others may be looking."""

    async def story() -> tuple[bool, State]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            shop.on_kick = lambda: shop.pass_by(passed)  # right after the claim was written
            await shop.submitter().submit_due()
            shop.on_kick = lambda: None
            return POST in shop.way.calls, (await shop.fax()).state

    assert (posted, State.SUBMITTED if posted else State.SUBMITTING) == asyncio.run(story())


def test_claim_that_somebody_else_went_on_with(tmp_path: Path) -> None:
    """Another node went on with the fax while we slept, and the clock does not show it: no POST leaves."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()

            def go_on() -> None:  # right after the claim was written
                with closing(sqlite3.connect(tmp_path / "fax-gateway.sqlite3", isolation_level=None)) as elsewhere:
                    elsewhere.execute("UPDATE faxes SET version = version + 1")

            shop.on_kick = go_on
            await shop.submitter().submit_due()
            return shop.way.calls

    assert [UPLOAD] == asyncio.run(story())


def test_after_the_fence_it_is_looked_for_and_sent_once(tmp_path: Path) -> None:
    """What the fence held back is found to be missing at FAX.PLUS, and then sent."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            shop.on_kick = lambda: shop.pass_by(FENCE + 1)
            await shop.submitter().submit_due()
            shop.on_kick = lambda: None
            for _ in range(3):
                shop.pass_by(QUARANTINE)
                await shop.asker().ask_due()
                await shop.submitter().submit_due()

            assert 1 == len(shop.account.jobs)
            return await shop.events()

    assert ["Queued", "Claimed", "NotSeen", "NotThere", "Claimed", "Accepted"] == asyncio.run(story())[:6]


@pytest.mark.parametrize("at_once", [1, 4])
def test_uploaded_once_for_all_numbers(at_once: int, tmp_path: Path) -> None:
    """Two faxes of one mail share its upload, whoever comes first."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept("fax1", "fax2", numbers=("+15551234567", "+15551234568"))
            await shop.submitter(at_once).submit_due()

            assert [PDF] == [upload.content for upload in shop.account.uploads.values()]
            assert 1 == len({job.files for job in shop.account.jobs})
            return sorted(shop.way.calls)

    assert [UPLOAD, POST, POST] == asyncio.run(story())


def test_upload_is_used_again(tmp_path: Path) -> None:
    """A retry does not upload anew; after an hour, though, nobody counts on the old upload."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            shop.way.meddle = answering(POST, 429, 429)
            await shop.submitter().submit_due()
            shop.pass_by(60)
            await shop.submitter().submit_due()
            shop.pass_by(3600)
            await shop.submitter().submit_due()
            return shop.way.calls

    assert [UPLOAD, POST, POST, UPLOAD, POST] == asyncio.run(story())


def test_expired_upload_is_made_again(tmp_path: Path) -> None:
    """FAX.PLUS has forgotten an upload from an earlier try: it is uploaded once more, and the fax goes out."""

    async def story() -> tuple[list[str], list[str]]:
        async with workshop(tmp_path, upload_lifetime=30.0) as shop:
            await shop.accept()
            shop.way.meddle = answering(POST, 429)
            await shop.submitter().submit_due()
            shop.pass_by(60)
            for _ in range(2):
                await shop.submitter().submit_due()
            return shop.way.calls, await shop.events()

    calls, events = asyncio.run(story())

    assert [UPLOAD, POST, POST, UPLOAD, POST] == calls
    assert ["Queued", "Claimed", "Deferred", "Claimed", "Deferred", "Claimed", "Accepted"] == events


NO_FILE = {"error": "file_not_found", "description": "/storage/transient-1.pdf was not found or has expired"}


@pytest.mark.parametrize("status", [400, 404, 410, 422])
@pytest.mark.parametrize(("times", "state"), [(1, State.SUBMITTED), (2, State.FAILED)])
def test_upload_vanishes_at_once(status: int, times: int, state: State, tmp_path: Path) -> None:
    """FAX.PLUS says that it has no such file, just after it took it: it gets it once more, a little later."""
    left = [httpx.Response(status, json=NO_FILE) for _ in range(times)]

    async def gone(request: httpx.Request) -> Answer:
        return left.pop() if called(request) == POST and left else None

    async def story() -> tuple[list[str], list[State]]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            shop.way.meddle = gone
            states = []
            for seconds in (0.0, 1.0, 60.0):
                shop.pass_by(seconds)
                await shop.submitter().submit_due()
                states.append((await shop.fax()).state)
            return shop.way.calls, states

    assert ([UPLOAD, POST, UPLOAD, POST], [State.QUEUED, State.QUEUED, state]) == asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "state"),
    [(400, State.FAILED), (404, State.QUEUED), (410, State.QUEUED), (422, State.FAILED)],
)
def test_uploaded_anew_once_only(status: int, state: State, tmp_path: Path) -> None:
    """If FAX.PLUS refuses with fresh uploads too, they were not the reason; then the answer means what it means."""

    async def story() -> tuple[list[str], State]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            shop.way.meddle = answering(POST, 429, status, status)
            await shop.submitter().submit_due()
            shop.pass_by(60)
            for _ in range(3):
                await shop.submitter().submit_due()
            return shop.way.calls, (await shop.fax()).state

    assert ([UPLOAD, POST, POST, UPLOAD, POST], state) == asyncio.run(story())


@pytest.mark.parametrize(
    ("spooled", "reason"),
    [
        (None, f"{LOST}its mail is gone"),
        (PDF[:-1], f"{LOST}its mail is shorter than it was"),
        (b"", f"{LOST}its mail is shorter than it was"),
        (PDF.replace(b"Page", b"Gape"), f'{LOST}"letter.pdf" differs from what was accepted'),
    ],
)
def test_document_is_not_what_was_accepted(spooled: bytes | None, reason: str, tmp_path: Path) -> None:
    """What can no longer be read as it was accepted is never faxed, and its sender hears why."""

    async def story() -> tuple[State, str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            path = shop.spool.path("mail1")
            path.unlink()
            if spooled is not None:
                path.write_bytes(spooled)
            await shop.submitter().submit_due()

            assert POST not in shop.way.calls
            return (await shop.fax()).state, (await shop.fax()).reason

    assert (State.FAILED, reason) == asyncio.run(story())


def test_broken_disk_is_no_refusal(tmp_path: Path) -> None:
    """A mail that cannot be read now may be readable later."""

    async def story() -> tuple[State, str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            path = shop.spool.path("mail1")
            path.unlink()
            (tmp_path / "loop").symlink_to(tmp_path / "loop")
            path.symlink_to(tmp_path / "loop")
            await shop.submitter().submit_due()
            return (await shop.fax()).state, (await shop.fax()).reason

    assert (State.QUEUED, "an error of our own; see the log") == asyncio.run(story())


@pytest.mark.parametrize(("call", "last", "posts"), [(UPLOAD, "Deferred", 0), (POST, "Claimed", 1)])
def test_error_of_our_own(call: str, last: str, posts: int, tmp_path: Path) -> None:
    """An exception nobody thought of leaves the fax where it cannot be sent twice, and says so in the log."""

    async def story() -> tuple[str, int]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            shop.way.meddle = answering(call, RuntimeError("nobody thought of this"))
            with capture_logs() as logs:
                for _ in range(3):
                    await shop.submitter().submit_due()

            assert 1 == [entry["event"] for entry in logs].count("fax.stumbled")
            return (await shop.events())[-1], shop.way.calls.count(POST)

    assert (last, posts) == asyncio.run(story())


def test_acceptance_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAX.PLUS took it and our disk is full: it is looked for, found, and was sent once."""
    change = Store.change

    async def full(self: Store, before: Fax, after: Fax, event: AnyEvent, now: float, *more: Any) -> bool:
        if after.state is State.SUBMITTED:
            raise OSError(28, "No space left on device")
        return await change(self, before, after, event, now, *more)

    async def story() -> tuple[list[str], int]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            with monkeypatch.context() as patch:
                patch.setattr(Store, "change", full)
                await shop.submitter().submit_due()
            await shop.submitter().submit_due()
            shop.pass_by(QUARANTINE)
            await shop.asker().ask_due()
            return await shop.events(), len(shop.account.jobs)

    assert (["Queued", "Claimed", "Accepted"], 1) == asyncio.run(story())


def test_cancelled_while_it_is_uploaded(tmp_path: Path) -> None:
    """The operator was faster: nothing is sent."""

    async def story() -> tuple[list[str], State]:
        async with workshop(tmp_path) as shop:
            await shop.accept()

            async def cancel(request: httpx.Request) -> Answer:
                await shop.live(Cancelled())
                return None

            shop.way.meddle = cancel
            await shop.submitter().submit_due()
            return shop.way.calls, (await shop.fax()).state

    assert ([UPLOAD], State.CANCELLED) == asyncio.run(story())


def test_given_up_in_the_queue(tmp_path: Path) -> None:
    """After a day nobody waits for it any more: it was never sent, and that is known."""

    async def story() -> tuple[State, str, str, list[str]]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.live(Deferred(reason="FAX.PLUS asks us to slow down (429)", retry_at=shop.clock()))
            shop.pass_by(86400.0)
            await shop.submitter().submit_due()
            fax = await shop.fax()
            return fax.state, fax.status, fax.reason, shop.way.calls

    reason = "not sent in time: FAX.PLUS asks us to slow down (429)"

    assert (State.FAILED, "", reason, []) == asyncio.run(story())


def test_held_back_for_days(tmp_path: Path) -> None:
    """What its sender holds back rests until then, however far away that is, and leaves then."""

    async def story() -> tuple[list[str], State]:
        async with workshop(tmp_path) as shop:
            release = shop.clock() + 5 * 86_400
            await shop.accept(queued_at=release, due_at=release)
            await shop.submitter().submit_due()
            shop.pass_by(5 * 86_400 - 1)
            await shop.submitter().submit_due()
            early = list(shop.way.calls)
            shop.pass_by(1)
            await shop.submitter().submit_due()
            return early, (await shop.fax()).state

    assert ([], State.SUBMITTED) == asyncio.run(story())


OVER = "not sent in the time that its sender gave: never taken"


@pytest.mark.parametrize(
    ("mode", "over", "expected"),
    [
        ("R", True, (State.FAILED, OVER, 0)),
        ("R", False, (State.SUBMITTED, "", 1)),
        ("N", True, (State.SUBMITTED, "", 1)),
    ],
)
def test_not_after_the_time_that_its_sender_gave(
    mode: str, expected: tuple[State, str, int], tmp_path: Path, *, over: bool
) -> None:
    """What waits then is given up and its sender told why; before, or when they only want to know, it is sent."""

    async def story() -> tuple[State, str, int]:
        async with workshop(tmp_path) as shop:
            shop.pass_by(1000)
            await shop.accept(by_at=shop.clock() + (0 if over else 1), by_mode=mode, queued_at=shop.clock() - 500)
            await shop.submitter().submit_due()
            fax = await shop.fax()
            return fax.state, fax.reason, shop.way.calls.count(POST)

    assert expected == asyncio.run(story())


def test_a_clock_just_set_gives_nothing_up_and_sends_nothing_late(tmp_path: Path) -> None:
    """Until the clock is believed, what seems to be over for its sender rests."""

    async def story() -> tuple[State, list[str], list[str]]:
        async with workshop(tmp_path) as shop:
            await shop.accept(by_at=shop.clock(), by_mode="R", queued_at=shop.clock() - 500)
            await shop.submitter().submit_due()
            return (await shop.fax()).state, await shop.events(), shop.way.calls

    assert (State.QUEUED, ["Queued", "Deferred"], []) == asyncio.run(story())


def test_over_while_it_is_uploaded(tmp_path: Path) -> None:
    """When the time of its sender runs out over a slow upload, no POST leaves."""

    async def story() -> tuple[State, list[str]]:
        async with workshop(tmp_path) as shop:
            await shop.accept(by_at=shop.clock() + 10, by_mode="R")

            async def slowly(request: httpx.Request) -> httpx.Response | None:
                shop.pass_by(10)
                return None

            shop.way.meddle = slowly
            await shop.submitter().submit_due()
            return (await shop.fax()).state, await shop.events()

    assert (State.QUEUED, ["Queued"]) == asyncio.run(story())


def test_next_dialling_has_its_own_token(tmp_path: Path) -> None:
    """A busy number is dialled again under a token of its own."""

    async def story() -> list[str]:
        async with workshop(tmp_path) as shop:
            await shop.accept()
            await shop.submitter().submit_due()
            await shop.live(Busy(status="failed_user_busy", redial_at=shop.clock()))
            await shop.submitter().submit_due()
            return [job.token for job in shop.account.jobs]

    assert ["fax1-1", "fax1-2"] == asyncio.run(story())


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_few_at_a_time(at_once: int, tmp_path: Path) -> None:
    """FAX.PLUS never gets more requests at once than the configuration says."""

    async def story() -> tuple[int, int]:
        async with workshop(tmp_path) as shop:
            for number in range(8):
                await shop.accept(f"fax{number}", submission_id=f"mail{number}", number=f"+1555123456{number}")
            together = asyncio.Barrier(at_once)

            async def meet(request: httpx.Request) -> Answer:
                if called(request) == POST:
                    await together.wait()
                return None

            shop.way.meddle = meet
            async with asyncio.timeout(20):
                await shop.submitter(at_once).submit_due()
            return shop.way.most, len(shop.account.jobs)

    assert (at_once, 8) == asyncio.run(story())


def test_gate_holds_the_others_back(tmp_path: Path) -> None:
    """When the token is wrong, one fax finds out; after the pause one tries again, and then all go out."""

    async def story() -> list[int]:
        async with workshop(tmp_path) as shop:
            for number in range(5):
                await shop.accept(f"fax{number}", submission_id=f"mail{number}", number=f"+1555123456{number}")
            shop.way.meddle = answering(POST, 401, 401)
            submitter, posts = shop.submitter(at_once=1), []
            for seconds in (0.0, 1.0, shop.config.schedule.pause, shop.config.schedule.pause, 0.0, 600.0):
                shop.pass_by(seconds)
                await submitter.submit_due()
                posts.append(shop.way.calls.count(POST))

            assert 1 == len(await shop.told_operator())
            assert {State.SUBMITTED} == {fax.state for fax in await shop.store.faxes(limit=10)}
            return posts

    assert [1, 1, 2, 3, 7, 7] == asyncio.run(story())


def test_one_destination_does_not_hold_the_others_back(tmp_path: Path) -> None:
    """A destination for which FAX.PLUS wants more than we may give (403) keeps its own fax waiting, and no other's."""
    barred = "+15551234567"

    async def story() -> list[float]:
        async with workshop(tmp_path) as shop:

            async def bar(request: httpx.Request) -> Answer:
                return httpx.Response(403) if barred.encode() in request.content and called(request) == POST else None

            shop.way.meddle = bar
            submitter, waits = shop.submitter(), []
            for number in range(3):
                for id, to in ((f"bad{number}", barred), (f"good{number}", f"+1555123400{number}")):
                    await shop.accept(id, submission_id=f"mail of {id}", number=to)
                    for _ in range(2):
                        shop.pass_by(600.0)
                        await submitter.submit_due()
                waits.append(shop.gate.wait(shop.clock()))

            assert [State.SUBMITTED] * 3 == [(await shop.fax(f"good{number}")).state for number in range(3)]
            return waits

    assert [0.0, 0.0, 0.0] == asyncio.run(story())


@pytest.mark.parametrize("cover", ["Hello", ""])
def test_cover_page(cover: str, tmp_path: Path) -> None:
    """The text of the mail goes on the page before the documents, with who sent it; without text there is none."""

    async def story() -> None:
        async with workshop(tmp_path) as shop:
            await shop.accept(cover=cover)
            await shop.submitter().submit_due()
            [job] = shop.account.jobs
            page = job.order.cover_page

            assert (cover or None) == (page and page.message)
            assert page is None or ("+15551234567", "alice@example.org", "Invoice 17") == (
                page.name_to,
                page.name_from,
                page.subject,
            )

    asyncio.run(story())
