"""A mail in pieces through the whole way in, on a real store and spool: one fax when all are there, and none before."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from gateway.config import SenderSettings
from gateway.fax import Fax
from gateway.inspector import Finding, UnreadableError
from gateway.message import Piece, decoded
from gateway.smtp import address, fragments
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.examine import Inspect
from gateway.smtp.fragments import HELD, whole_of
from gateway.smtp.reply import Reply
from gateway.spool import DatabaseSpool
from gateway.store import Store, Writer, open_engine
from gateway.submission import Kind, Notice, Submission
from tests.conftest import empty_database
from tests.packing import split
from tests.smtp_house import LISTED, PDF, Desk, a_config, a_desk, a_mail, two_pages

NUMBER = "15551234567@fax.local"
MAIL = a_mail(("letter.pdf", PDF * 40))
FAILED = Reply(451, "4.3.0", "temporary failure, please try again later")


@dataclass
class House:
    """A way in that really keeps."""

    desk: Desk
    store: Store

    async def deliver(self, content: bytes, *recipients: str, sender: str = "alice@example.org") -> Reply:
        """Send a mail, each in a session of its own."""
        client = Client(ip=ip_address(LISTED), name="printer", extended=True)
        envelope = Envelope(client=client, sender=address.parse(f"<{sender}>".encode(), "5.1.7")[0])
        for recipient in recipients or (NUMBER,):
            self.desk.intake.recipient(envelope, address.parse(f"<{recipient}>".encode(), "5.1.3")[0])
        incoming = self.desk.intake.begin(envelope)
        incoming.reader.feed(content + b".\r\n")
        return await self.desk.intake.finish(incoming)

    async def faxed(self) -> list[tuple[str, list[bytes]]]:
        """The number of each fax, and its documents as they lie in the spool."""
        found = []
        for fax in await self.store.faxes(limit=99):
            submission = await self.store.submission(fax.submission_id)
            assert submission is not None
            path = self.desk.spool.path(submission.id)
            found.append((fax.number, [b"".join(decoded(path, document)) for document in submission.documents]))
        return found


@asynccontextmanager
async def house(place: Path, inspect: Inspect = two_pages, **settings: Any) -> AsyncIterator[House]:
    """Open a way in."""
    engine = open_engine(place, None)
    writer = Writer(engine)
    store = Store(writer)
    try:
        config = a_config(place, **settings)
        yield House(a_desk(config, inspect=inspect, accept=store.accept, shelf=store.shelf), store)
    finally:
        writer.close()
        engine.dispose()


def run(story: Callable[[House], Awaitable[None]], place: Path, inspect: Inspect = two_pages, **settings: Any) -> None:
    """Let a story happen in a new house."""

    async def told() -> None:
        async with house(place, inspect, **settings) as one:
            await story(one)

    asyncio.run(told())


WHOLE = [("+15551234567", [(PDF * 40).replace(b"\n", b"\r\n")])]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order(order: tuple[int, ...], tmp_path: Path) -> None:
    """Whichever piece comes last, the fax is that of the whole mail, and before it there is none."""
    pieces = split(MAIL, 3)

    async def story(house: House) -> None:
        for number in order[:-1]:
            reply = await house.deliver(pieces[number])

            assert reply.ok
            assert reply.words.endswith("is held until all are here")
            assert [] == await house.faxed()

        reply = await house.deliver(pieces[order[-1]])

        assert Reply(250, "2.0.0", "queued as id3") == reply
        assert WHOLE == await house.faxed()
        assert "Invoice 17" == getattr(await house.store.submission("id3"), "subject", None)
        assert [] == house.desk.drafts()

    run(story, tmp_path)


def test_pieces_at_once(tmp_path: Path) -> None:
    """Pieces that come in several sessions at the same moment make one fax."""

    async def story(house: House) -> None:
        replies = await asyncio.gather(*(house.deliver(piece) for piece in split(MAIL, 5)))

        assert {250} == {reply.code for reply in replies}
        assert WHOLE == await house.faxed()

    run(story, tmp_path)


def test_again(tmp_path: Path) -> None:
    """Pieces that come once more, since a 250 was lost, are not faxed again."""

    async def story(house: House) -> None:
        first, last = split(MAIL, 2)
        replies = [await house.deliver(piece) for piece in (first, first, last, last, first)]

        assert ["id1", "id1", "id3", "id3", "id3"] == [reply.words.split()[2].rstrip(";") for reply in replies]
        assert WHOLE == await house.faxed()
        assert {"id1", "id3"} == house.desk.spool.kept()

    run(story, tmp_path)


def test_whole_is_refused(tmp_path: Path) -> None:
    """A document that cannot be faxed refuses the last piece, with its name; nothing is faxed, the others stay."""

    async def picky(path: Path, kind: Kind, name: str) -> Finding:
        raise UnreadableError(f'"{name}" is cut off')

    async def story(house: House) -> None:
        first, last = split(MAIL, 2)
        await house.deliver(first)
        reply = await house.deliver(last)

        assert (554, "5.6.5", '"letter.pdf" is cut off') == (reply.code, reply.enhanced, reply.unlogged)
        assert ([], {"id1"}) == (await house.faxed(), house.desk.spool.kept())

    run(story, tmp_path, picky)


@pytest.mark.parametrize(
    ("sender", "recipients"),
    [("bob@example.org", (NUMBER,)), ("alice@example.org", (NUMBER, "12025550123@fax.local"))],
)
def test_pieces_of_others(sender: str, recipients: tuple[str, ...], tmp_path: Path) -> None:
    """Nobody completes the mail of somebody else, or sends it elsewhere."""

    async def story(house: House) -> None:
        first, last = split(MAIL, 2)
        await house.deliver(first)

        assert (await house.deliver(last, *recipients, sender=sender)).words.endswith("until all are here")
        assert [] == await house.faxed()

    run(story, tmp_path)


def test_numbers_that_do_not_agree(tmp_path: Path) -> None:
    """Pieces that contradict each other are refused; a total may not change, nor be less than a number."""

    async def story(house: House) -> None:
        pieces = split(MAIL, 3)
        await house.deliver(pieces[2])
        replies = [
            await house.deliver(pieces[0].replace(b"number=1", b"number=1; total=4")),
            await house.deliver(pieces[0].replace(b"number=1", b"number=5")),
        ]

        assert {"the pieces of this mail do not agree on how many there are"} == {reply.words for reply in replies}

    run(story, tmp_path)


def test_limits(tmp_path: Path) -> None:
    """The pieces together may not be larger than a mail, nor all that is held than a few."""
    piece = split(MAIL, 2)[0]

    async def story(house: House) -> None:
        first, last = split(MAIL + b"\r\n" * 4000, 2)
        await house.deliver(first)
        larger = await house.deliver(last)
        replies = [await house.deliver(piece.replace(b"1@device", b"%d@device" % n)) for n in range(60)]

        assert (552, "5.3.4") == (larger.code, larger.enhanced)
        assert {250, 452} == {reply.code for reply in replies}
        assert (await house.store.shelf.load("office"))[1] <= HELD * 4000

    run(story, tmp_path, limits={"message_size": "4 kB"})


def test_not_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces are counted too; the last piece of a mail is taken all the same, for it frees the others."""
    monkeypatch.setattr(fragments, "MOST", 2)
    pieces = split(MAIL, 3)

    async def story(house: House) -> list[int]:
        others = pieces[0].replace(b"1@device", b"2@device")
        return [(await house.deliver(piece)).code for piece in (pieces[0], pieces[1], others, pieces[2], others)]

    async def told() -> list[int]:
        async with house(tmp_path) as one:
            return await story(one)

    assert [250, 250, 452, 250, 250] == asyncio.run(told())


def test_header_of_a_piece_is_too_long(tmp_path: Path) -> None:
    """What is refused while pieces are joined is refused in words; nothing is kept of the last one."""
    first, last = split(b"X: y\r\n" * 1001 + MAIL, 2)

    async def story(house: House) -> None:
        await house.deliver(first)
        reply = await house.deliver(last)

        assert (554, "5.6.0") == (reply.code, reply.enhanced)
        assert "header of this mail is too long" in reply.unlogged
        assert {"id1"} == house.desk.spool.kept()

    run(story, tmp_path)


def test_piece_that_is_lost(tmp_path: Path) -> None:
    """When a held piece cannot be read, the last one is not acknowledged and nothing is faxed."""

    async def story(house: House) -> None:
        first, last = split(MAIL, 2)
        await house.deliver(first)
        house.desk.spool.remove("id1")

        assert FAILED == await house.deliver(last)
        assert [] == await house.faxed()

    run(story, tmp_path)


def test_piece_for_the_operator_too(tmp_path: Path) -> None:
    """A piece that also goes to postmaster is passed on as it is, and held."""

    async def story(house: House) -> None:
        first, last = split(MAIL, 2)
        for piece in (first, last):
            await house.deliver(piece, NUMBER, "postmaster@fax.local")

        assert 2 == len(await house.store.due_notices(1e12))
        assert WHOLE == await house.faxed()

    run(story, tmp_path)


def test_rules_are_apart() -> None:
    """What tells that pieces belong together names the rule that let them in."""
    envelope = Envelope(client=Client(ip=ip_address(LISTED)), sender=address.NOBODY)
    rules = [SenderSettings.model_validate({"name": name, "users": ["x"]}) for name in ("a", "b")]
    wholes = set()
    for rule in rules:
        envelope.rule = rule
        wholes.add(whole_of(envelope, Piece("id", 1, 2)))

    assert 2 == len(wholes)


def test_pieces_on_two_nodes(postgresql: str, tmp_path: Path) -> None:
    """Where several machines share a database, each may get a piece; who gets the last one joins them."""
    database = empty_database(postgresql)
    places = [tmp_path / "a", tmp_path / "b"]
    for place in places:
        place.mkdir()

    async def story() -> None:
        async with AsyncExitStack() as nodes:
            one, other = [await nodes.enter_async_context(node(place, database)) for place in places]
            first, last = split(MAIL, 2)
            held = await one.deliver(first)
            burnt = await other.deliver(b"Subject: no document, and an id that is used up\r\n\r\n")
            joined = await other.deliver(last)
            async with other.desk.spool.opened("id2") as path:
                submission = await one.store.submission("id2")
                assert submission is not None
                documents = [b"".join(decoded(path, document)) for document in submission.documents]

            assert [250, 554, 250] == [reply.code for reply in (held, burnt, joined)]
            assert WHOLE[0][1] == documents
            assert [] == [file for place in places for file in place.rglob("*.eml")]

    asyncio.run(story())


@asynccontextmanager
async def node(place: Path, database: str) -> AsyncIterator[House]:
    """One of several machines."""
    engine = open_engine(place, database)
    writer = Writer(engine)
    store = Store(writer)
    spool = DatabaseSpool(place / "spool", store.piece)

    async def accept(
        submission: Submission, faxes: Sequence[Fax], notices: Sequence[Notice], window: float
    ) -> Sequence[Fax]:
        try:
            return await store.accept(submission, faxes, notices, window, mail=spool.path(submission.id))
        finally:
            spool.remove(submission.id)

    try:
        yield House(a_desk(a_config(place), spool=spool, accept=accept, shelf=store.shelf), store)
    finally:
        writer.close()
        engine.dispose()
