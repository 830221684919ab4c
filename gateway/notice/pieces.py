"""What senders are told of a mail that a device split by size, when its other pieces stayed away."""

from collections.abc import Iterator, Sequence

from gateway.notice import facts
from gateway.notice.facts import Fact
from gateway.notice.page import Page
from gateway.notice.words import Words
from gateway.submission import Fragment, Submission


def page_of(mail: Submission, pieces: Sequence[Fragment], words: Words, *, own_name: str) -> Page:
    """Lay out which pieces came, which did not, and what helps.

    Args:
        mail: the piece that came first.
        pieces: all that came.
        words: in which language.
        own_name: what the gateway calls itself.
    """
    there = {piece.number for piece in pieces}
    total = max(piece.total for piece in pieces)
    sentence = "pieces" if total else "pieces_of_some"
    return Page(
        language=words.language,
        tone="bad",
        headline=words("headline.pieces"),
        about="",
        sentence=words(f"sentence.{sentence}", count=len(there), total=total),
        advice=words("advice.pieces"),
        entries=[],
        facts=[
            *_missing(set(range(1, total + 1)) - there, words),
            *facts.of_mail(mail, words),
            Fact(words("label.mail_id"), [mail.id]),
        ],
        closing=words("fact.closing", gateway=own_name),
        colon=words("fact.colon"),
    )


def _missing(numbers: set[int], words: Words) -> Iterator[Fact]:
    if numbers:
        yield Fact(words("label.missing"), [", ".join(map(str, sorted(numbers)))])
