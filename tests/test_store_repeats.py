"""A mail that comes again is one fax, on both databases and whoever takes it; what is no repeat is sent."""

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from gateway.event import Accepted, AnyEvent, Cancelled, Claimed, Delivered, Refused, Undelivered
from gateway.fax import Fax, State, advance
from gateway.store import Store, Writer
from gateway.submission import NoticeKind
from tests.conftest import Play
from tests.values import NOW, a_fax, a_notice, a_submission

HOUR = 3600.0
CONTENT = "c" * 64
CLAIMED = Claimed(look_at=NOW + 120)
ACCEPTED = Accepted(remote_ids=("r1",), ask_at=NOW + 60)


async def mail(store: Store, id: str, *numbers: str, window: float = HOUR, **changed: Any) -> list[str]:
    """Accept a mail to these numbers; return the ids of the faxes that some of its own were folded into."""
    submission = a_submission(**{"id": id, "content": CONTENT} | changed)
    faxes = [a_fax(id=f"{id}.{number}", submission_id=id, number=number) for number in numbers or ("+15551234567",)]
    return [fax.id for fax in await store.accept(submission, faxes, [], window)]


async def happen(store: Store, fax: Fax, *events: AnyEvent) -> None:
    """Write these events, one after the other."""
    for one in events:
        after = advance(fax, one, NOW)
        assert await store.change(fax, after, one, NOW)
        fax = after


async def kept(store: Store) -> list[str]:
    """The ids of all faxes."""
    return sorted(fax.id for fax in await store.faxes(limit=1000))


FIRST = "s1.+15551234567"
SECOND = "s2.+15551234567"


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"message_id": "", "subject": "Re: Invoice 17", "size": 1, "sha256": "9" * 64, "client": "127.0.0.9"},
        {"received_at": NOW + HOUR},
        {"received_at": NOW - HOUR},
    ],
    ids=["same", "other headers", "within the hour", "clock went back"],
)
def test_repeat(again: dict[str, Any], play: Play) -> None:
    """Sender, number and documents are what counts; of a repeat nothing is written."""

    async def story(store: Store) -> object:
        await mail(store, "s1")
        return await mail(store, "s2", **again), await kept(store), await store.known(["s1", "s2"])

    assert ([FIRST], [FIRST], {"s1"}) == play(story)


@pytest.mark.parametrize(
    "other",
    [
        {"sender": "bob@example.org"},
        {"content": "d" * 64},
        {"confirm_to": "ward@example.org"},
        {"received_at": NOW + HOUR + 1},
        {"received_at": NOW - HOUR - 1},
        {"window": 0.0},
    ],
    ids=["sender", "documents", "who hears of it", "later", "clock went back far", "switched off"],
)
def test_no_repeat(other: dict[str, Any], play: Play) -> None:
    """Where anything differs that counts, it is another fax."""

    async def story(store: Store) -> object:
        await mail(store, "s1")
        return await mail(store, "s2", **other), await kept(store)

    assert ([], [FIRST, SECOND]) == play(story)


def test_held_back_and_sent_now_are_two(play: Play) -> None:
    """Who sends now what is held back until tomorrow wants it now; the same held back once more is a repeat."""

    async def story(store: Store) -> object:
        held = [a_fax(id=f"h{n}", submission_id=f"m{n}", queued_at=NOW + 24 * HOUR + n) for n in (1, 2)]
        first = a_submission(id="m1", content=CONTENT)
        await store.accept(first, held[:1], [], HOUR)
        folded = await store.accept(a_submission(id="m2", content=CONTENT), held[1:], [], HOUR)
        return await mail(store, "s1"), [fax.id for fax in folded], await kept(store)

    assert ([], ["h1"], ["h1", FIRST]) == play(story)


def test_mail_without_documents_is_never_a_repeat(play: Play) -> None:
    """Records from before there was a hash of content, and mail for the operator, have none; none equals none."""

    async def story(store: Store) -> object:
        await mail(store, "s1", content="")
        return await mail(store, "s2", content=""), await kept(store)

    assert ([], [FIRST, SECOND]) == play(story)


FAILED: list[AnyEvent] = [CLAIMED, ACCEPTED, Undelivered(status="failed_unallocated_number", reason="")]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([CLAIMED], [FIRST]),
        ([CLAIMED, ACCEPTED], [FIRST]),
        ([CLAIMED, ACCEPTED, Delivered()], [FIRST]),
        ([CLAIMED, Refused(reason="no")], [FIRST, SECOND]),
        (FAILED, [FIRST, SECOND]),
        ([Cancelled()], [FIRST, SECOND]),
    ],
    ids=["submitting", "submitted", "delivered", "refused", "undelivered", "cancelled"],
)
def test_what_failed_may_be_sent_again(events: list[AnyEvent], expected: list[str], play: Play) -> None:
    """Who sends in a new mail what failed or was cancelled wants a new fax; all else is on its way or there."""

    async def story(store: Store) -> object:
        await mail(store, "s1")
        await happen(store, a_fax(id=FIRST, number="+15551234567"), *events)
        await mail(store, "s2", message_id="<another@example.org>")
        return await kept(store)

    assert expected == play(story)


@pytest.mark.parametrize("events", [[CLAIMED, Refused(reason="no")], FAILED, [Cancelled()]])
def test_the_same_mail_is_a_repeat_whatever_became_of_it(events: list[AnyEvent], play: Play) -> None:
    """A client that lost our 250 sends the mail again after its fax has failed: it fails, and is told, once."""

    async def story(store: Store) -> object:
        await mail(store, "s1")
        await happen(store, a_fax(id=FIRST, number="+15551234567"), *events)
        return await mail(store, "s2"), await kept(store)

    assert ([FIRST], [FIRST]) == play(story)


@pytest.mark.parametrize(("sha256", "expected"), [("a" * 64, [FIRST]), ("b" * 64, [FIRST, SECOND])])
def test_the_same_mail_without_message_id(sha256: str, expected: list[str], play: Play) -> None:
    """Where a device gives none, only the same octets are the same mail."""

    async def story(store: Store) -> object:
        await mail(store, "s1", message_id="", sha256="a" * 64)
        await happen(store, a_fax(id=FIRST, number="+15551234567"), *FAILED)
        await mail(store, "s2", message_id="", sha256=sha256)
        return await kept(store)

    assert expected == play(story)


def test_other_recipients_are_no_repeat(play: Play) -> None:
    """A job that a device divides among several mails reaches all its recipients, each once."""

    async def story(store: Store) -> object:
        await mail(store, "s1", "+1", "+2")
        folded = await mail(store, "s2", "+2", "+3")
        everything = await mail(store, "s3", "+3", "+1")
        return folded, everything, await kept(store), await store.known(["s1", "s2", "s3"])

    expected = ["s1.+2"], ["s1.+1", "s2.+3"], ["s1.+1", "s1.+2", "s2.+3"], {"s1", "s2"}

    assert expected == play(story)


def test_what_is_owed_besides_is_kept(play: Play) -> None:
    """A repeat that is also passed on to the operator is passed on, and not faxed."""

    async def story(store: Store) -> object:
        await mail(store, "s1")
        notice = a_notice(kind=NoticeKind.FORWARD, fax_id=None, submission_id="s2")
        again = a_submission(id="s2", content=CONTENT)
        await store.accept(again, [a_fax(id="f2", submission_id="s2")], [notice], HOUR)
        return await kept(store), await store.known(["s2"]), await store.due_notices(NOW)

    notice = a_notice(kind=NoticeKind.FORWARD, fax_id=None, submission_id="s2")

    assert ([FIRST], {"s2"}, [notice]) == play(story)


def test_same_moment(play: Play) -> None:
    """Of many repeats that share one commit, one is taken."""

    async def story(store: Store) -> object:
        await asyncio.gather(*(mail(store, f"s{n}") for n in range(30)))
        return len(await kept(store))

    assert 1 == play(story)


def test_same_moment_on_two_nodes(engine: Engine) -> None:
    """Two nodes take the same forty mails at the same time, in opposite order: forty faxes, and nobody fails."""
    other = create_engine(engine.url) if engine.dialect.name == "postgresql" else engine
    writers = [Writer(engine), Writer(other)]

    async def story() -> list[str]:
        one, two = (Store(writer) for writer in writers)
        contents = [f"{n:064x}"[::-1] for n in range(40)]
        mails = [
            mail(store, f"{node}{n}", content=content)
            for n, pair in enumerate(zip(contents, contents[::-1], strict=True))
            for node, store, content in zip("ab", (one, two), pair, strict=True)
        ]
        await asyncio.gather(*mails)
        return await kept(one)

    faxes = asyncio.run(story())
    for writer in writers:
        writer.close()

    assert 40 == len(faxes)


def test_waits_for_the_other_node(engine: Engine) -> None:
    """While another node commits the same documents we wait for what comes of it, and do not hold up other mail."""
    if engine.dialect.name != "postgresql":  # SQLite has one writer
        return
    writer = Writer(engine)
    tried = threading.Semaphore(0)
    event.listen(engine, "before_cursor_execute", lambda *seen: tried.release() if "pg_try" in seen[2] else None)

    async def story() -> object:
        store = Store(writer)
        with engine.begin() as elsewhere:
            key = int.from_bytes(bytes.fromhex(CONTENT[:16]), signed=True)
            elsewhere.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
            waiting = asyncio.create_task(mail(store, "s1"))
            await mail(store, "s2", content="d" * 64)
            for _ in range(4):  # three of them are tries of the one that waits, at least
                await asyncio.to_thread(tried.acquire)
            before = waiting.done()
        return before, await waiting, len(await kept(store)), (await store.counts())[State.QUEUED]

    assert (False, [], 2, 2) == asyncio.run(story())
    writer.close()
