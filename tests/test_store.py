"""The store keeps its promises on SQLite and on PostgreSQL alike: one suite, both databases."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.event import listen
from sqlalchemy.exc import IntegrityError

from gateway.event import Accepted, AnyEvent, Claimed, Delivered, Late
from gateway.fax import Fax, Recipient, State, advance
from gateway.store import Store, Writer, open_engine
from gateway.submission import NoticeKind
from tests.conftest import Play, empty_database
from tests.values import NOW, a_document, a_fax, a_notice, a_submission


async def happen(store: Store, fax: Fax, *events: AnyEvent) -> Fax:
    """Write these events, one after the other."""
    for event in events:
        after = advance(fax, event, NOW)
        assert await store.change(fax, after, event, NOW)
        fax = after
    return fax


CLAIMED = Claimed(look_at=NOW + 120)
ACCEPTED = Accepted(remote_ids=("r1", "r2"), ask_at=NOW + 60)


def test_accept_keeps_everything(play: Play) -> None:
    """What is accepted comes back equal to the last field."""
    written = (Recipient("004930123456@fax.local", "NEVER", "rfc822;a"), Recipient("+4930123456@fax.local"))
    other = a_fax(id="f2", number="+4930123456", written=written)

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax(), other], [a_notice(fax_id="f1")])
        return await store.submission("s1"), await store.fax("f2"), await store.due_notices(NOW)

    assert (a_submission(), other, [a_notice()]) == play(story)


def test_accept_is_all_or_nothing(play: Play) -> None:
    """When one fax cannot be written, nothing of the mail is."""

    async def story(store: Store) -> object:
        with pytest.raises(IntegrityError):
            await store.accept(a_submission(), [a_fax(), a_fax()])
        return await store.submission("s1"), await store.fax("f1")

    assert (None, None) == play(story)


def test_many_at_once_fail_alone(play: Play) -> None:
    """Of many mails that wait for one commit, a bad one takes nobody with it."""

    async def story(store: Store) -> object:
        mails = [a_submission(id=f"s{n}") for n in (*range(30), 7)]
        done = await asyncio.gather(*(store.accept(mail, []) for mail in mails), return_exceptions=True)
        return sum(one == [] for one in done), await store.known([f"s{n}" for n in range(30)])

    assert (30, {f"s{n}" for n in range(30)}) == play(story)


def test_many_at_once_share_commits(engine: Engine) -> None:
    """Mails that wait together cost far fewer commits than mails."""
    commits: list[object] = []
    listen(engine, "commit", commits.append)
    writer = Writer(engine)

    async def story() -> None:
        store = Store(writer)
        await asyncio.gather(*(store.accept(a_submission(id=f"s{n}"), []) for n in range(100)))

    asyncio.run(story())
    writer.close()

    assert len(commits) < 50


def test_done_though_the_caller_left(play: Play) -> None:
    """A commit that its caller no longer waits for still happens, once."""

    async def story(store: Store) -> object:
        leaving = asyncio.create_task(store.accept(a_submission(), [a_fax()]))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        return await store.fax("f1")

    assert a_fax() == play(story)


def test_second_change_loses(play: Play) -> None:
    """Two who act on the same version: the first is written, the second is told so and leaves no trace."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax()])
        fax = a_fax()
        first = await store.change(fax, advance(fax, CLAIMED, NOW), CLAIMED, NOW)
        late = Claimed(look_at=NOW + 999)
        second = await store.change(fax, advance(fax, late, NOW), late, NOW, a_notice())
        return first, second, await store.fax("f1"), await store.due_notices(NOW), len(await store.history("f1"))

    assert (True, False, advance(a_fax(), CLAIMED, NOW), [], 2) == play(story)


def test_history_tells_all(play: Play) -> None:
    """Every event leaves its row: what, when, where it led, and why."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax()])
        await happen(store, a_fax(), CLAIMED, ACCEPTED, Delivered(pages=2, reason="OK"))
        return [(change.event, change.state, change.reason) for change in await store.history("f1")]

    expected = [
        ("Queued", State.QUEUED, ""),
        ("Claimed", State.SUBMITTING, ""),
        ("Accepted", State.SUBMITTED, ""),
        ("Delivered", State.DELIVERED, "OK"),
    ]

    assert expected == play(story)


def test_final_state_and_notice_are_one(play: Play) -> None:
    """When the notice cannot be written, the final state is not either."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax()], [a_notice(fax_id=None)])
        fax = await happen(store, a_fax(), CLAIMED, ACCEPTED)
        event = Delivered()
        with pytest.raises(IntegrityError):
            await store.change(fax, advance(fax, event, NOW), event, NOW, a_notice())
        return await store.fax("f1")

    fax = advance(advance(a_fax(), CLAIMED, NOW), ACCEPTED, NOW)

    assert fax == play(story)


def test_due_by_state_and_time(play: Play) -> None:
    """Only what is due, only in the states asked for, the longest waiting first."""

    async def story(store: Store) -> object:
        faxes = [a_fax(id=f"f{n}", due_at=NOW - n) for n in range(3)]
        await store.accept(a_submission(), [*faxes, a_fax(id="later", due_at=NOW + 1)])
        await happen(store, faxes[0], CLAIMED)
        queued = await store.due([State.QUEUED], NOW)
        next_ones = [await store.next_due([State.QUEUED]), await store.next_due([State.SUBMITTED])]
        return [fax.id for fax in queued], next_ones

    assert (["f2", "f1"], [NOW - 2, None]) == play(story)


def test_one_line_one_fax(play: Play) -> None:
    """Faxes to one number have their turn one after the other; a fax that was claimed long ago holds nobody back."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax(), a_fax(id="f2"), a_fax(id="f3", number="+15559999999")])
        fax = advance(a_fax(), CLAIMED, NOW)
        await store.change(a_fax(), fax, CLAIMED, NOW)
        held = [fax.id for fax in await store.to_submit(NOW, hold=1800)]
        later = [fax.id for fax in await store.to_submit(NOW + 1801, hold=1800)]
        return held, later, await store.next_to_submit(NOW, hold=1800)

    assert (["f3"], ["f2", "f3"], NOW) == play(story)


def test_due_by_a_wrong_clock(play: Play) -> None:
    """What a clock that has been set back since put off for a year is due now."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax(due_at=NOW + 9_999_999)], [a_notice(due_at=NOW + 9_999_999)])
        faxes = [await store.due([State.QUEUED], NOW), await store.due([State.QUEUED], NOW, astray_after=NOW + 9999)]
        notices = [await store.due_notices(NOW), await store.due_notices(NOW, astray_after=NOW + 9999)]
        return [len(faxes[0]), len(faxes[1]), len(notices[0]), len(notices[1])]

    assert [0, 1, 0, 1] == play(story)


def test_held_back_is_not_astray(play: Play) -> None:
    """What its sender holds back for days is not due because of that; what a wrong clock accepted, is."""

    async def story(store: Store) -> object:
        day, ahead = NOW + 86_400, NOW + 365 * 86_400
        held = a_fax(id="held", number="+15550000001", due_at=day, queued_at=day)
        odd = a_fax(id="odd", number="+15550000002", created_at=ahead, queued_at=ahead + 60, due_at=ahead + 60)
        await store.accept(a_submission(), [held, odd], [])
        early = await store.to_submit(NOW, hold=1800, astray_after=NOW + 9999)
        early += await store.due([State.QUEUED], NOW, astray_after=NOW + 9999)
        then = await store.to_submit(day, hold=1800, astray_after=day + 9999)
        return [fax.id for fax in early], [fax.id for fax in then], await store.next_to_submit(NOW, hold=1800)

    assert (["odd", "odd"], ["held", "odd"], NOW + 86_400) == play(story)


def test_late_by_the_sender(play: Play) -> None:
    """Where the sender said from when on a fax is late, or not wanted, that counts; after a resending, as for all."""

    async def story(store: Store) -> object:
        until = NOW + 500
        faxes = [
            a_fax(id="told", by_at=until, by_mode="N"),
            a_fax(id="given up", by_at=until, by_mode="R"),
            a_fax(id="resent", by_at=until, by_mode="N", queued_at=until + 1),
            a_fax(id="sent again", by_at=until, by_mode="R", queued_at=until + 1),
        ]
        await store.accept(a_submission(), [replace(fax, number=f"+1555000000{n}") for n, fax in enumerate(faxes)], [])
        found = [await store.late(NOW + 1, NOW, promised_by=NOW), await store.late(NOW, NOW, promised_by=until)]
        found.append(await store.late(until + 2, NOW, promised_by=NOW))
        return [sorted(fax.id for fax in late) for late in found]

    assert [["given up"], ["given up", "told"], ["given up", "resent", "sent again"]] == play(story)


def test_late_only_at_rest(play: Play) -> None:
    """Late are those that were queued before then, have not ended, were not told of, and have no POST under way."""

    async def story(store: Store) -> object:
        faxes = [a_fax(id=f"f{n}", number=f"+1555000000{n}") for n in range(4)]
        await store.accept(a_submission(), [*faxes, a_fax(id="young", queued_at=NOW + 100)])
        await happen(store, faxes[1], CLAIMED)
        await happen(store, faxes[2], CLAIMED, ACCEPTED, Delivered())
        await happen(store, faxes[3], Late())
        return [[fax.id for fax in await store.late(NOW + 1, claimed_before)] for claimed_before in (NOW, NOW + 1)]

    assert [["f0"], ["f0", "f1"]] == play(story)


def test_hurry(play: Play) -> None:
    """An id that FAX.PLUS once gave makes its fax due now; unknown ids change nothing; a lost answer keeps its rest."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax(), a_fax(id="f2"), a_fax(id="f3")])
        await happen(store, a_fax(), CLAIMED, ACCEPTED)
        await happen(store, a_fax(id="f2"), CLAIMED)
        known = [await store.hurry(["r2"], NOW), await store.hurry(["nobody's"], NOW)]
        return known, [fax.id for fax in await store.due([State.SUBMITTED, State.SUBMITTING], NOW)]

    assert ([1, 0], ["f1"]) == play(story)


def test_strangers(play: Play) -> None:
    """Ids that FAX.PLUS gave any fax of ours are no strangers."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax()])
        await happen(store, a_fax(), CLAIMED, ACCEPTED)
        return await store.strangers(["r1", "r9"])

    assert {"r9"} == play(story)


def test_uploaded(play: Play) -> None:
    """FAX.PLUS's name for an upload is remembered with its document, and can be forgotten."""

    async def story(store: Store) -> object:
        documents = (a_document(), a_document(position=1, name="scan.tif"))
        await store.accept(a_submission(documents=documents), [])
        await store.uploaded("s1", 1, "/storage/x.tif", NOW)
        found = await store.submission("s1")
        await store.uploaded("s1", 1, None, NOW)
        again = await store.submission("s1")
        assert found is not None
        assert again is not None
        return [one.documents[1].remote_path for one in (found, again)], found.documents[0].remote_path

    assert (["/storage/x.tif", None], None) == play(story)


def test_owe_once(play: Play) -> None:
    """A notice of the same id is owed once, however often it is asked for."""

    async def story(store: Store) -> object:
        notice = a_notice(id="token.2027", kind=NoticeKind.OPERATOR, fax_id=None, submission_id=None, subject="Token")
        return await store.owe(notice), await store.owe(notice), await store.due_notices(NOW) == [notice]

    assert (True, False, True) == play(story)


def test_tried(play: Play) -> None:
    """How a notice fared at the relay is kept; what was sent is never due again."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax()], [a_notice()])
        await store.tried(replace(a_notice(), attempts=1, due_at=NOW + 30, last_error="451 later"))
        waits = await store.next_notice_due()
        await store.tried(replace(a_notice(), attempts=2, due_at=None, sent_at=NOW + 30))
        kept = await store.notices("f1")
        return waits, await store.due_notices(NOW + 9999), kept[0].sent_at, kept[0].attempts

    assert (NOW + 30, [], NOW + 30, 2) == play(story)


def test_spool_is_emptied_after_the_end(play: Play) -> None:
    """A mail leaves the spool when all its faxes have ended and no notice needs it any more, not before."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax(), a_fax(id="f2")])
        await store.accept(a_submission(id="s2"), [], [a_notice(id="n2", fax_id=None, submission_id="s2")])
        await happen(store, a_fax(), CLAIMED, ACCEPTED, Delivered())
        before = await store.spooled(NOW + 1)
        await happen(store, a_fax(id="f2"), CLAIMED, ACCEPTED, Delivered())
        after = await store.spooled(NOW + 1)
        await store.unspooled(after)
        return before, after, await store.spooled(NOW + 1), await store.forget(NOW + 1), await store.known(["s1", "s2"])

    assert ([], ["s1"], [], 1, {"s2"}) == play(story)


def test_counts_and_newest_first(play: Play) -> None:
    """The operator's overview: newest first, and how many there are in each state."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax(id=f"f{n}", created_at=NOW + n) for n in range(3)])
        await happen(store, a_fax(id="f1", created_at=NOW + 1), CLAIMED)
        counts = await store.counts()
        newest = await store.faxes(limit=2)
        return [fax.id for fax in newest], counts[State.QUEUED], counts[State.SUBMITTING], counts[State.DELIVERED]

    assert (["f2", "f1"], 2, 1, 0) == play(story)


def test_waiting(play: Play) -> None:
    """What waits to be sent is counted, what FAX.PLUS has is not, and no more than asked for."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax(id=f"f{n}") for n in range(5)])
        await happen(store, a_fax(id="f0"), CLAIMED)
        await happen(store, a_fax(id="f1"), CLAIMED, ACCEPTED)
        await happen(store, a_fax(id="f2"), CLAIMED, ACCEPTED, Delivered())
        return await store.waiting(10), await store.waiting(2)

    assert (3, 2) == play(story)


def test_worker_queries_use_indexes(engine: Engine) -> None:
    """Every question that the worker asks all the time is answered by an index, however many faxes have ended."""
    if engine.dialect.name != "sqlite":  # a planner with an empty table rightly prefers to read it whole
        return
    with engine.connect() as connection:
        plans = [
            connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
            for query in (
                "SELECT * FROM faxes WHERE state IN ('queued') AND due_at <= 1 ORDER BY due_at, id LIMIT 200",
                "SELECT 1 FROM faxes WHERE number = '+1' AND state IN ('submitting', 'submitted') AND claimed_at > 1",
                "SELECT min(due_at) FROM faxes WHERE state IN ('submitting', 'submitted')",
                "SELECT * FROM notices WHERE due_at <= 1 ORDER BY due_at, id LIMIT 50",
                "SELECT fax_id FROM remote_ids WHERE remote_id IN ('a')",
                "SELECT id FROM faxes WHERE state IN ('queued', 'submitting') LIMIT 10",
                "SELECT id FROM submissions WHERE content = 'a' AND received_at BETWEEN 1 AND 2",
            )
        ]

    assert all("SEARCH" in str(plan[0]) for plan in plans)


LEASE = 60.0


@pytest.fixture
def nodes(engine: Engine) -> Iterator[tuple[Store, Store]]:
    """The stores of two nodes that share a database."""
    writers = [Writer(engine) for _ in range(2)]
    yield Store(writers[0], lease=LEASE), Store(writers[1], lease=LEASE)
    for writer in writers:
        writer.close()


Ask = Callable[[Store, float, int], Awaitable[list[Fax]]]


async def ask_for_due(store: Store, now: float, limit: int) -> list[Fax]:
    """Ask for what is to be looked at."""
    return await store.due([State.QUEUED], now, limit=limit)


async def ask_for_what_to_submit(store: Store, now: float, limit: int) -> list[Fax]:
    """Ask for what is to be sent."""
    return await store.to_submit(now, hold=0, limit=limit)


@pytest.mark.parametrize("ask", [ask_for_due, ask_for_what_to_submit])
def test_each_is_given_to_one_node(ask: Ask, nodes: tuple[Store, Store]) -> None:
    """What one node was given the other does not see, until nothing has come of it for a while."""
    one, other = nodes

    async def story() -> list[list[str]]:
        await one.accept(a_submission(), [a_fax(id=f"f{n}", number=f"+1555000000{n}") for n in range(3)])
        asked = [await ask(one, NOW, 2), await ask(other, NOW, 9), await ask(one, NOW, 9)]
        asked.append(await ask(other, NOW + LEASE, 9))
        return [[fax.id for fax in faxes] for faxes in asked]

    assert [["f0", "f1"], ["f2"], [], ["f0", "f1", "f2"]] == asyncio.run(story())


def test_lease_is_no_change(nodes: tuple[Store, Store]) -> None:
    """A node is given the fax as it is, and whoever changes it first is first all the same."""
    one, other = nodes

    async def story() -> tuple[list[Fax], bool]:
        await one.accept(a_submission(), [a_fax()])
        given = await one.due([State.QUEUED], NOW)
        return given, await other.change(a_fax(), advance(a_fax(), CLAIMED, NOW), CLAIMED, NOW)

    assert ([a_fax()], True) == asyncio.run(story())


def test_nobody_waits_for_a_row_in_other_hands(postgresql: str, tmp_path: Path) -> None:
    """While a sleeping node holds the lock of a fax, the others are given the rest at once."""
    engine = open_engine(tmp_path, empty_database(postgresql))
    writer = Writer(engine)
    store = Store(writer, lease=LEASE)

    async def story() -> list[str]:
        await store.accept(a_submission(), [a_fax(), a_fax(id="f2", number="+15550000002")])
        with engine.begin() as connection:
            connection.execute(text("SELECT 1 FROM faxes WHERE id = 'f1' FOR UPDATE"))
            return [fax.id for fax in await store.due([State.QUEUED], NOW)]

    given = asyncio.run(story())
    writer.close()

    assert ["f2"] == given


def test_one_node_takes_a_notice(nodes: tuple[Store, Store]) -> None:
    """A notice is one node's until its lease is over; then another may have it."""

    async def story() -> list[bool]:
        await nodes[0].accept(a_submission(), [a_fax()], [a_notice()])
        (notice,) = await nodes[0].due_notices(NOW)
        taken = [await store.take_notice(notice, NOW + LEASE) for store in nodes]
        (notice,) = await nodes[1].due_notices(NOW + LEASE)
        return [*taken, await nodes[1].take_notice(notice, NOW + 2 * LEASE)]

    assert [True, False, True] == asyncio.run(story())


def test_alone_a_notice_is_not_leased(play: Play) -> None:
    """Where there is no other node, a notice stays due until it was offered."""

    async def story(store: Store) -> object:
        await store.accept(a_submission(), [a_fax()], [a_notice()])
        return await store.take_notice(a_notice(), NOW + LEASE), await store.due_notices(NOW) == [a_notice()]

    assert (True, True) == play(story)


def test_sent_stays_sent(nodes: tuple[Store, Store]) -> None:
    """A node that slept while it offered a notice does not call it unsent when another has sent it since."""

    async def story() -> list[float | None]:
        await nodes[0].accept(a_submission(), [a_fax()], [a_notice()])
        await nodes[1].tried(replace(a_notice(), attempts=1, due_at=None, sent_at=NOW + 9))
        await nodes[0].tried(replace(a_notice(), attempts=1, due_at=NOW + 30, last_error="it took too long"))
        (notice,) = await nodes[0].notices("f1")
        return [notice.due_at, notice.sent_at]

    assert [None, NOW + 9] == asyncio.run(story())


def test_clock(engine: Engine, play: Play) -> None:
    """PostgreSQL tells its own time; SQLite has none."""

    async def story(store: Store) -> object:
        theirs = await store.clock()
        return None if theirs is None else abs(theirs - time.time()) < 60

    assert (True if engine.dialect.name == "postgresql" else None) is play(story)
