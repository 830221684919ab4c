"""Sample pages, on which the operator's templates and words are tried before any mail needs them."""

from collections.abc import Iterator

from gateway.event import Accepted, Claimed, Delivered, Undelivered
from gateway.fax import Change, Fax, advance
from gateway.notice.library import Library
from gateway.notice.page import Page, Told, page
from gateway.notice.story import Story
from gateway.notice.verdict import verdict
from gateway.submission import Document, Kind, LeftOut, Submission

DOCUMENT = Document(
    position=0, name="letter.pdf", kind=Kind.PDF, pages=2, offset=0, length=0, encoding="identity", size=0, sha256=""
)
MAIL = Submission(
    id="sample",
    sender="alice@example.org",
    confirm_to=None,
    rule="",
    client="",
    message_id="",
    references="",
    subject="Sample",
    quiet=False,
    received_at=0.0,
    size=0,
    sha256="",
    left_out=(LeftOut("logo.png", "a picture"),),
    documents=(DOCUMENT,),
)


def prove(library: Library) -> None:
    """Put samples through the templates, in every language.

    Raises:
        LibraryError: the operator's cannot write them.
    """
    for language in library.languages:
        for sample in _pages(library, language):
            library.prove(sample)


def _pages(library: Library, language: str) -> Iterator[Page]:
    words = library.words(language)
    delivered = Delivered(pages=2, duration=60.0, cost=2.0)
    stories = [_story("+12025550123", delivered), _story("+12025550124", Undelivered(status="failed_user_busy"))]
    told = [Told(story, verdict(story, DOCUMENT.pages, words)) for story in stories]
    for several in (told[:1], told[1:], told):
        yield page(MAIL, several, words, own_name="fax.example.org", others=1, picture="page@fax.example.org")


def _story(number: str, end: Delivered | Undelivered) -> Story:
    """A fax that was sent, and ended so."""
    fax = Fax(
        id="sample",
        submission_id="sample",
        number=number,
        recipient=f"{number}@fax.example.org",
        due_at=0.0,
        created_at=0.0,
        queued_at=0.0,
    )
    changes = []
    for event in (Claimed(look_at=0.0), Accepted(remote_ids=("sample",), ask_at=0.0), end):
        fax = advance(fax, event, 0.0)
        facts = {"event": type(event).__name__, "status": fax.status, "reason": fax.reason}
        changes.append(Change(at=0.0, state=fax.state, attempt=fax.attempt, **facts))
    return Story(fax=fax, changes=changes)
