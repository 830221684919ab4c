"""Pieces of split mails on both databases: held, joined in one commit, never in two, never lost without a word."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from gateway.event import Refused
from gateway.fax import advance
from gateway.store import FragmentAgainError, FragmentsChangedError, Store, Writer
from gateway.store.fragments import is_complete
from gateway.submission import Fragment, NoticeKind, Submission
from tests.conftest import Play
from tests.values import NOW, a_fax, a_notice, a_submission

DAY = 86400.0
WHOLE = {"w": "a" * 64, "other": "b" * 64}


def a_piece(number: int, total: int = 0, *, whole: str = "w", **changed: Any) -> Submission:
    """A piece that is held."""
    fragment = Fragment(whole=WHOLE[whole], number=number, total=total)
    usual = {
        "id": f"{whole}{number}",
        "sha256": f"{whole}{number}",
        "documents": (),
        "left_out": (),
        "fragment": fragment,
    }
    return a_submission(**usual | changed)


def the_whole(number: int, *joins: str, id: str = "all") -> Submission:
    """The mail of the last piece, joined with these."""
    fragment = Fragment(whole=WHOLE["w"], number=number, total=len(joins) + 1, joined=id, joins=joins)
    return a_submission(id=id, sha256=f"w{number}", fragment=fragment)


async def ids(store: Store, whole: str = "w") -> list[str]:
    """What waits for others."""
    return [piece.id for piece in await store.shelf.of(WHOLE[whole])]


def test_held_and_joined(play: Play) -> None:
    """Pieces wait as they came; with the whole, its fax is written and they wait no longer."""

    async def story(store: Store) -> None:
        await store.accept(a_piece(2), [])
        await store.accept(a_piece(1, received_at=NOW + 1), [])
        await store.accept(a_piece(1, whole="other"), [])

        assert [a_piece(2), a_piece(1, received_at=NOW + 1)] == await store.shelf.of(WHOLE["w"])
        assert (3, 6000) == await store.shelf.load("office")
        assert (0, 0) == await store.shelf.load("staff")

        await store.accept(the_whole(3, "w1", "w2"), [a_fax(submission_id="all")])

        assert ([], ["other1"]) == (await ids(store), await ids(store, "other"))
        assert ((1, 2000), "f1") == (await store.shelf.load("office"), (await store.faxes(limit=9))[0].id)

    play(story)


def test_again(play: Play) -> None:
    """The same piece once more is told what it is held as, and the last one what it became."""

    async def story(store: Store) -> list[str]:
        found = []
        await store.accept(a_piece(1), [])
        with pytest.raises(FragmentAgainError) as held:
            await store.accept(a_piece(1, id="again"), [])
        await store.accept(the_whole(2, "w1"), [a_fax(submission_id="all")])
        for number in (1, 2):
            with pytest.raises(FragmentAgainError) as joined:
                await store.accept(a_piece(number, 2, id="again"), [])
            found.append(joined.value.id)
        return [held.value.id, *found]

    assert ["w1", "all", "all"] == play(story)


def test_same_number_with_other_content(play: Play) -> None:
    """A device that uses an id again has sent a new mail: its piece is held, not swallowed."""

    async def story(store: Store) -> list[str]:
        await store.accept(a_piece(1), [])
        await store.accept(the_whole(2, "w1"), [a_fax(submission_id="all")])
        await store.accept(a_piece(1, 2, id="new", sha256="new"), [])
        return await ids(store)

    assert ["new"] == play(story)


def test_again_when_it_is_wanted_again(play: Play) -> None:
    """Of a mail that failed, or was given up, the pieces are taken anew; nobody is told 250 for nothing."""

    async def story(store: Store) -> list[str]:
        await store.accept(a_piece(1), [])
        await store.accept(the_whole(2, "w1"), [fax := a_fax(submission_id="all")])
        failed = advance(fax, Refused(reason="no"), NOW)
        await store.change(fax, failed, Refused(reason="no"), NOW)
        await store.accept(a_piece(1, id="anew"), [])
        await store.shelf.give_up(["anew"], a_notice(id="n", fax_id=None, submission_id=None))
        await store.accept(a_piece(1, id="once-more"), [])
        return await ids(store)

    assert ["once-more"] == play(story)


def test_whole_that_is_a_repeat(play: Play) -> None:
    """When the whole turns out to be a mail that is here, its pieces are of that one, also when they come again."""

    async def story(store: Store) -> list[str]:
        await store.accept(replace(a_submission(id="first"), content="c" * 64), [a_fax(submission_id="first")], [], DAY)
        await store.accept(a_piece(1), [])
        repeat = replace(the_whole(2, "w1"), content="c" * 64)
        folded = await store.accept(repeat, [a_fax(id="f2", submission_id="all")], [], DAY)
        with pytest.raises(FragmentAgainError) as again:
            await store.accept(a_piece(2, 2, id="again"), [])
        return [*(fax.id for fax in folded), *await ids(store), again.value.id]

    assert ["f1", "first"] == play(story)


def test_would_be_the_last(play: Play) -> None:
    """A piece that completes the mail is not held: who brought it did not know of the others, and must look again."""

    async def story(store: Store) -> list[str]:
        await store.accept(a_piece(2, 2), [])
        with pytest.raises(FragmentsChangedError):
            await store.accept(a_piece(1), [])
        return await ids(store)

    assert ["w2"] == play(story)


def test_joined_by_somebody_else(play: Play) -> None:
    """Pieces become part of one fax: who comes second writes nothing."""

    async def story(store: Store) -> list[str]:
        await store.accept(a_piece(1), [])
        await store.accept(the_whole(2, "w1"), [a_fax(submission_id="all")])
        second = the_whole(3, "w1", id="second")
        with pytest.raises(FragmentsChangedError):
            await store.accept(second, [a_fax(id="f2", submission_id="second")])
        return [fax.id for fax in await store.faxes(limit=9)]

    assert ["f1"] == play(story)


def test_two_nodes_at_once(engine: Engine) -> None:
    """Of two nodes that would both hold what together is all, one is told to look again."""
    writers = [Writer(engine), Writer(engine)]

    async def story() -> list[object]:
        one, other = map(Store, writers)
        both = one.accept(a_piece(1, 2), []), other.accept(a_piece(2, 2), [])
        return list(await asyncio.gather(*both, return_exceptions=True))

    try:
        answers = asyncio.run(story())
    finally:
        for writer in writers:
            writer.close()

    assert {list, FragmentsChangedError} == {type(answer) for answer in answers}


def test_stays_in_the_spool(play: Play) -> None:
    """What is held is not cleared away, however old; what was joined or given up is."""

    async def story(store: Store) -> list[list[str]]:
        for number in (1, 2):
            await store.accept(a_piece(number), [])
        before = await store.spooled(NOW + 9 * DAY)
        await store.shelf.give_up(["w1"], a_notice(id="n", fax_id=None, submission_id=None, due_at=None))
        return [before, await store.spooled(NOW + 9 * DAY)]

    assert [[], ["w1"]] == play(story)


def test_stranded(play: Play) -> None:
    """A mail is stranded when no piece has come for long; the notice and the end of waiting are one commit."""

    async def story(store: Store) -> None:
        await store.accept(a_piece(1), [])
        await store.accept(a_piece(3, received_at=NOW + 100), [])
        await store.accept(a_piece(1, whole="other"), [])
        notice = a_notice(id="n1", kind=NoticeKind.PIECES, fax_id=None, submission_id=None)

        assert ["other1"] == [piece.id for piece in await store.shelf.stranded(NOW + 50)]
        assert ["w1", "w3", "other1"] == [piece.id for piece in await store.shelf.stranded(NOW + 101)]

        await store.shelf.give_up(["w1", "w3"], notice)

        assert ["other1"] == [piece.id for piece in await store.shelf.stranded(NOW + 101)]
        assert [notice] == await store.due_notices(NOW)

    play(story)


@pytest.mark.parametrize(
    ("numbers", "total", "expected"),
    [([1, 2], 2, True), ([2], 2, False), ([1, 1], 2, False), ([1, 2], 0, False), ([], 0, False), ([3, 1, 2], 3, True)],
)
def test_complete(numbers: list[int], total: int, *, expected: bool) -> None:
    """All numbers up to the total, which one of them must have told."""

    assert expected is is_complete(numbers, total)
