"""Pictures of first pages for confirmations: from the spool, never of a discreet mail, never a reason to stumble."""

import asyncio
from pathlib import Path

import pytest

from gateway.spool import Spool
from gateway.submission import Kind, Submission
from gateway.worker.frontpage import LARGEST, REMEMBERED, FrontPages
from tests.values import a_document, a_submission

MAIL = b"Subject: x\r\n\r\nJVBERi0xLjQ=\r\n"
LETTER = a_document(offset=14, length=14, size=8)


class Draughtsman:
    """Who draws; remembers what of."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, Kind]] = []

    async def draw(self, path: Path, kind: Kind) -> bytes | None:
        """Draw."""
        self.seen.append((await asyncio.to_thread(path.read_bytes), kind))
        return b"picture"


def pictures(
    place: Path, *submissions: Submission, mail: bytes = MAIL
) -> tuple[list[bytes | None], Draughtsman, Spool]:
    """What is drawn of these mails."""
    spool, someone = Spool(place), Draughtsman()

    async def act() -> list[bytes | None]:
        pages = FrontPages(spool, someone.draw)
        return [await pages.of(submission) for submission in submissions]

    if mail:
        draft = spool.draft("s1")
        draft.write(mail)
        spool.keep(draft)
    return asyncio.run(act()), someone, spool


def test_drawn_once(tmp_path: Path) -> None:
    """What is faxed is what is drawn; a mail that is offered again is the same, and nothing is left lying."""
    submission = a_submission(documents=(LETTER, a_document(position=1)))
    drawn, someone, spool = pictures(tmp_path, submission, submission)

    assert [b"picture", b"picture"] == drawn
    assert [(b"%PDF-1.4", Kind.PDF)] == someone.seen
    assert 0 == spool.clear_drafts()


@pytest.mark.parametrize(
    "changed",
    [{"discreet": True}, {"documents": ()}, {"documents": (a_document(size=LARGEST + 1),)}],
    ids=["discreet", "no document", "very large"],
)
def test_not_drawn(changed: dict[str, object], tmp_path: Path) -> None:
    """What must not be seen is not even unpacked."""
    drawn, someone, _ = pictures(tmp_path, a_submission(**{"documents": (LETTER,), **changed}))

    assert ([None], []) == (drawn, someone.seen)


@pytest.mark.parametrize("mail", [b"", b"Subject: x\r\n"], ids=["gone", "cut off"])
def test_a_mail_that_cannot_be_read(mail: bytes, tmp_path: Path) -> None:
    """Its time is over, or its disk is broken: the confirmation goes without."""
    drawn, _, spool = pictures(tmp_path, a_submission(documents=(LETTER,)), mail=mail)

    assert [None] == drawn
    assert 0 == spool.clear_drafts()


def test_few_are_remembered(tmp_path: Path) -> None:
    """Memory is bounded."""
    many = [a_submission(id=f"s{number}", documents=(LETTER,)) for number in range(REMEMBERED + 5)]
    drawn, someone, _ = pictures(tmp_path, *many[1:], many[1])

    assert len(many) == len(drawn)
    assert 2 == len(someone.seen)
