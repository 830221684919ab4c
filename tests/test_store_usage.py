"""Quotas are kept in the accepting transaction, on both databases, however many come at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.policy import Limit, OverQuotaError, Unit
from gateway.policy.quotas import DAY, HOUR
from gateway.store import Store, Writer, open_engine
from tests.conftest import Play, empty_database
from tests.values import NOW, a_document, a_fax, a_submission

NUMBER, OTHER = "+15551234567", "+15551234568"


def limit(most: int, unit: Unit = Unit.FAXES, span: float = HOUR, **whose: str) -> Limit:
    """A limit for all, unless told whose."""
    return Limit(most=most, unit=unit, span=span, **whose)


async def mail(store: Store, id: str, *numbers: str, quotas: tuple[Limit, ...], **changed: Any) -> str:
    """Accept a mail of three pages; say what came of it."""
    documents = (a_document(pages=2), a_document(position=1, pages=1))
    submission = a_submission(**{"id": id, "documents": documents} | changed)
    faxes = [a_fax(id=f"{id}.{number}", submission_id=id, number=number) for number in numbers or (NUMBER,)]
    try:
        await store.accept(submission, faxes, [], 3600.0, quotas=quotas)
    except OverQuotaError as error:
        return error.words.rpartition(" in ")[0].rpartition(" ")[0].rpartition(" ")[2]
    return "accepted"


ROWS = [
    ((limit(2),), ["accepted", "accepted", "2"]),
    ((limit(8, Unit.PAGES),), ["accepted", "accepted", "8"]),
    ((limit(2, rule="office"),), ["accepted", "accepted", "2"]),
    ((limit(2, rule="another"),), ["accepted"] * 3),
    ((limit(1, number=NUMBER),), ["accepted", "1", "1"]),
    ((limit(1, number=OTHER),), ["accepted"] * 3),
    ((limit(100), limit(6, Unit.PAGES, DAY), limit(1, number=OTHER)), ["accepted", "accepted", "6"]),
    ((), ["accepted"] * 3),
]


@pytest.mark.parametrize(("quotas", "expected"), ROWS)
def test_three_mails(quotas: tuple[Limit, ...], expected: list[str], play: Play) -> None:
    """By rule, number and in all, in faxes and pages: what fits is accepted, and no more."""

    async def story(store: Store) -> object:
        said = [await mail(store, f"s{n}", quotas=quotas) for n in range(3)]

        assert said.count("accepted") == len(await store.faxes(limit=10))
        return said

    assert expected == play(story)


def test_a_cover_page_is_a_page(play: Play) -> None:
    """Three pages and a cover are four."""

    async def story(store: Store) -> object:
        return [await mail(store, f"s{n}", quotas=(limit(7, Unit.PAGES),), cover="Hello") for n in range(2)]

    assert ["accepted", "7"] == play(story)


def test_a_mail_to_many_is_taken_whole_or_not(play: Play) -> None:
    """What is over the quota takes nothing with it into the database."""

    async def story(store: Store) -> object:
        said = [await mail(store, f"s{n}", NUMBER, OTHER, quotas=(limit(3),)) for n in range(2)]
        return said, await store.known(["s0", "s1"])

    assert (["accepted", "3"], {"s0"}) == play(story)


@pytest.mark.parametrize(
    ("later", "span", "used"),
    [
        (0.0, HOUR, 1),
        (HOUR - 1, HOUR, 1),
        (HOUR + 1, HOUR, 0),
        (HOUR + 1, DAY, 1),
        (DAY + 1, DAY, 0),
        (-DAY * 365, DAY, 0),
    ],
)
def test_time_passes(later: float, span: float, used: int, play: Play) -> None:
    """The hour and the day end now; a clock that was set back does not lock anybody out for a year."""

    async def story(store: Store) -> object:
        await mail(store, "s0", quotas=(limit(5),))
        return await store.used([limit(5, span=span), limit(5, Unit.PAGES, span)], NOW + later)

    assert [used, 3 * used] == play(story)


def test_repeats_use_nothing_up(play: Play) -> None:
    """A mail that comes again is folded into the first one, though the quota is used up."""

    async def story(store: Store) -> object:
        return [await mail(store, f"s{n}", quotas=(limit(1),), content="c" * 64) for n in range(3)]

    assert ["accepted"] * 3 == play(story)


def test_what_is_forgotten_counts_no_more(play: Play) -> None:
    """Records of usage go with their faxes."""

    async def story(store: Store) -> object:
        await mail(store, "s0", quotas=(limit(5),))
        await store.unspooled(["s0"])
        await store.forget(NOW + 1)
        return await store.used([limit(5)], NOW)

    assert [0] == play(story)


def test_many_at_once_do_not_pass_together(play: Play) -> None:
    """Forty mails of one moment share commits, and exactly as many as fit are accepted."""

    async def story(store: Store) -> object:
        said = await asyncio.gather(*(mail(store, f"s{n}", quotas=(limit(7),)) for n in range(40)))
        return said.count("accepted"), await store.used([limit(7)], NOW)

    assert (7, [7]) == play(story)


def test_two_nodes(postgresql: str, tmp_path: Path) -> None:
    """Two nodes may each let in what fits at that instant, and no more than one transaction each comes on top."""
    database = empty_database(postgresql)
    writers = [Writer(open_engine(tmp_path, database)) for _ in range(2)]

    async def story() -> int:
        stores = [Store(writer) for writer in writers]
        said = [
            await asyncio.gather(*(mail(store, f"{turn}.{n}", quotas=(limit(7),)) for n, store in enumerate(stores)))
            for turn in range(10)
        ]
        return sum(turn.count("accepted") for turn in said)

    accepted = asyncio.run(story())
    for writer in writers:
        writer.close()

    assert accepted in {7, 8}
