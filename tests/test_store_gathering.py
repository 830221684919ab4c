"""Notices about the faxes of one mail: who waits for whom, and which mail tells which; on both databases."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from gateway.event import Late, Refused
from gateway.fax import advance
from gateway.store import Store, Writer
from gateway.submission import Notice, NoticeKind
from tests.values import NOW, a_fax, a_notice, a_submission

WAIT = 1800.0
Story = Callable[[Store, Store], Awaitable[object]]
Play = Callable[[Story], object]


@pytest.fixture
def play(engine: Engine) -> Iterator[Play]:
    """Runs a story on two nodes' stores over one database, each with its own writer."""
    writers = [Writer(engine), Writer(engine)]

    async def told(story: Story) -> object:
        one, other = (Store(writer, lease=60.0) for writer in writers)
        return await story(one, other)

    yield lambda story: asyncio.run(told(story))
    for writer in writers:
        writer.close()


async def accept(store: Store, count: int) -> None:
    """Take on a mail to so many numbers."""
    faxes = [a_fax(id=f"f{n}", number=f"+1202555012{n}") for n in range(count)]
    await store.accept(a_submission(), faxes)


async def end(store: Store, id: str, *, at: float = NOW, owed: bool = True) -> None:
    """Let a fax end; its notice may wait for the others."""
    fax = await store.fax(id)
    assert fax is not None
    event = Refused(reason="no")
    after = advance(fax, event, at)
    notice = a_notice(id=f"{id}.{after.version}", fax_id=id, created_at=at, due_at=at) if owed else None
    assert await store.change(fax, after, event, at, notice, gather_for=WAIT)


async def waits(store: Store) -> dict[str, float | None]:
    """Until when each notice waits, by its fax."""
    found = [one for id in ("f0", "f1", "f2") for one in await store.notices(id)]
    return {one.id: None if one.due_at is None else one.due_at - NOW for one in found}


def ids(notices: Sequence[Notice]) -> list[str]:
    """Their ids."""
    return [notice.id for notice in notices]


def test_alone_it_waits_for_nobody(play: Play) -> None:
    """The only fax of its mail."""

    async def story(store: Store, _other: Store) -> object:
        await accept(store, 1)
        await end(store, "f0")
        return await waits(store)

    assert {"f0.1": 0.0} == play(story)


def test_the_first_waits_until_the_last_has_ended(play: Play) -> None:
    """Then all are due at once, and one mail tells them."""

    async def story(store: Store, _other: Store) -> object:
        await accept(store, 3)
        await end(store, "f0")
        await end(store, "f1", at=NOW + 10)
        before = await waits(store)
        await end(store, "f2", at=NOW + 20)
        (leader, *_) = due = await store.due_notices(NOW + 20)
        told = await store.gather(leader, 50)
        return before, await waits(store), ids(due), ids(told), ids(await store.due_notices(NOW + 20))

    together = {"f0.1": 20.0, "f1.1": 20.0, "f2.1": 20.0}
    everybody = ["f0.1", "f1.1", "f2.1"]

    assert ({"f0.1": WAIT, "f1.1": WAIT + 10}, together, everybody, everybody, ["f0.1"]) == play(story)


def test_a_last_one_that_nobody_hears_of_lets_the_others_go(play: Play) -> None:
    """NOTIFY=NEVER, or a machine's success."""

    async def story(store: Store, _other: Store) -> object:
        await accept(store, 2)
        await end(store, "f0")
        await end(store, "f1", at=NOW + 5, owed=False)
        return await waits(store)

    assert {"f0.1": 5.0} == play(story)


def test_when_the_first_has_waited_long_enough_the_others_go_with_it(play: Play) -> None:
    """One that ends later gets a mail of its own: what is settled stays."""

    async def story(store: Store, _other: Store) -> object:
        await accept(store, 3)
        await end(store, "f0")
        await end(store, "f1", at=NOW + 60)
        (leader,) = await store.due_notices(NOW + WAIT)
        first = ids(await store.gather(leader, 50))
        await end(store, "f2", at=NOW + WAIT + 1)
        again = ids(await store.gather((await store.due_notices(NOW + WAIT))[0], 50))
        last = (await store.notices("f2"))[0]
        return first, again, ids(await store.gather(last, 50))

    assert (["f0.1", "f1.1"], ["f0.1", "f1.1"], ["f2.1"]) == play(story)


def test_a_follower_does_not_lead(play: Play) -> None:
    """Whoever took a notice that another mail tells by now has nothing to do."""

    async def story(store: Store, other: Store) -> object:
        await accept(store, 2)
        await end(store, "f0")
        await end(store, "f1")
        first, second = await store.due_notices(NOW)
        return ids(await store.gather(first, 50)), ids(await other.gather(second, 50))

    assert (["f0.1", "f1.1"], []) == play(story)


def test_how_it_went_is_written_to_all_that_it_tells(play: Play) -> None:
    """Put off together, sent together; one that was overtaken meanwhile stays as it is."""

    async def story(store: Store, _other: Store) -> object:
        await accept(store, 3)
        for id in ("f0", "f1", "f2"):
            await end(store, id)
        (leader, second, _) = await store.gather((await store.due_notices(NOW))[0], 50)
        await store.tried(replace(leader, attempts=1, due_at=NOW + 30, last_error="451"))
        put_off = await waits(store)
        await store.tried(replace(second, due_at=None, last_error="overtaken"))
        await store.tried(replace(leader, attempts=2, due_at=None, sent_at=NOW + 30))
        sent = {one.id: one.sent_at for id in ("f0", "f1", "f2") for one in await store.notices(id)}
        return put_off, sent, await store.next_notice_due()

    put_off = {"f0.1": 30.0, "f1.1": 30.0, "f2.1": 30.0}

    assert (put_off, {"f0.1": NOW + 30, "f1.1": None, "f2.1": NOW + 30}, None) == play(story)


def test_late_and_outcome_are_told_apart(play: Play) -> None:
    """A mail says that faxes are late, or how they ended."""

    async def story(store: Store, _other: Store) -> object:
        await accept(store, 2)
        for id in ("f0", "f1"):
            fax = await store.fax(id)
            assert fax is not None
            late = a_notice(id=f"{id}.late", kind=NoticeKind.LATE, fax_id=id)
            await store.change(fax, advance(fax, Late(), NOW), Late(), NOW, late, gather_for=60.0)
        await end(store, "f0", at=NOW + 60)
        (leader, _) = await store.due_notices(NOW + 60)
        return ids(await store.gather(leader, 50)), (await waits(store))["f0.2"]

    assert (["f0.late", "f1.late"], WAIT + 60) == play(story)


def test_a_mail_tells_only_so_many(play: Play) -> None:
    """The others are told in the next."""

    async def story(store: Store, _other: Store) -> object:
        await accept(store, 3)
        for id in ("f0", "f1", "f2"):
            await end(store, id)
        first, *_ = await store.due_notices(NOW)
        one = ids(await store.gather(first, 2))
        return one, ids(await store.gather((await store.due_notices(NOW))[1], 2))

    assert (["f0.1", "f1.1"], ["f2.1"]) == play(story)


def test_two_nodes_that_end_the_last_two_at_once(play: Play) -> None:
    """One of them sees that it was the last: nobody waits for a fax that has ended."""

    async def story(store: Store, other: Store) -> object:
        await accept(store, 3)
        await end(store, "f0", owed=False)
        await asyncio.gather(end(store, "f1"), end(other, "f2"))
        return await waits(store)

    assert {"f1.1": 0.0, "f2.1": 0.0} == play(story)


def test_two_nodes_that_gather_at_once(play: Play) -> None:
    """Each notice is told in one mail, whoever was first."""

    async def story(store: Store, other: Store) -> object:
        await accept(store, 3)
        for id in ("f0", "f1", "f2"):
            await end(store, id)
        first, second, _ = await store.due_notices(NOW)
        told = await asyncio.gather(store.gather(first, 50), other.gather(second, 50))
        return sorted(map(len, told))

    assert [0, 3] == play(story)


def test_an_earlier_life_waits_for_nobody(play: Play) -> None:
    """A fax that was sent once more ends when all others have."""

    async def story(store: Store, _other: Store) -> object:
        await accept(store, 2)
        await end(store, "f0")
        await end(store, "f1")
        leader, *_ = await store.due_notices(NOW)
        await store.gather(leader, 50)
        await store.tried(replace(leader, due_at=None, sent_at=NOW))
        fax = await store.fax("f0")
        assert fax is not None
        again = replace(fax, state=a_fax().state, version=2, due_at=NOW, ended_at=None)
        assert await store.change(fax, again, Late(), NOW)
        await end(store, "f0", at=NOW + 50)
        return ids(await store.due_notices(NOW + 50))

    assert ["f0.3"] == play(story)


def test_how_many_mails_somebody_had(play: Play) -> None:
    """The n-th newest, if there were so many; what was told along with another counts once."""

    async def story(store: Store, _other: Store) -> object:
        for minute in range(3):
            sent = {"sent_at": NOW + 60 * minute, "due_at": None, "fax_id": None, "submission_id": None}
            await store.owe(a_notice(id=f"n{minute}", **sent))
            await store.owe(a_notice(id=f"m{minute}", mail=f"n{minute}", **sent))
        return [await store.sent_to("alice@example.org", NOW, nth) for nth in (1, 3, 4)], await store.sent_to(
            "bob@example.org", NOW, 1
        )

    assert ([NOW + 120, NOW, None], None) == play(story)
