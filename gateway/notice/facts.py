"""What is known of a fax and of its mail, as labels and values, in the order in which people look for them."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.fax import UNKNOWN, State
from gateway.notice import wishes
from gateway.notice.attempts import Attempt
from gateway.notice.plain import country, cut, international, span
from gateway.notice.story import Story
from gateway.notice.times import between, moment
from gateway.notice.words import Words
from gateway.outcome import Ending, meaning
from gateway.submission import Document, LeftOut, Submission

LONGEST_NAME = 100
LONGEST_REPAIR = 300
MOST = 20
"""Values of one kind of fact; the rest is counted."""

UNNAMED = "unnamed"
"""What a part without a name is called on record."""

JOINED = re.compile("(?P<name>.+) and (?P<count>[0-9]+) others")
"""What documents that were joined are called on record."""


class Fact(NamedTuple):
    """One kind of fact."""

    label: str
    values: list[str]


def of_fax(story: Story, total: int, words: Words) -> list[Fact]:
    """Tell what is known of one fax to one number."""
    return _known(words, _of_fax(story, total, words))


def of_mail(submission: Submission, words: Words) -> list[Fact]:
    """Tell what is the same for all faxes of a mail."""
    return _known(words, _of_mail(submission, words))


def _known(words: Words, facts: Iterable[tuple[str, list[str]]]) -> list[Fact]:
    return [Fact(words(f"label.{label}"), values) for label, values in facts if values]


def _of_fax(story: Story, total: int, words: Words) -> Iterator[tuple[str, list[str]]]:
    fax = story.fax
    region = country(fax.number)
    yield "number", [f"{international(fax.number)} ({region})" if region else international(fax.number)]
    addresses = dict.fromkeys(cut(recipient.address, LONGEST_NAME) for recipient in wishes.listed(fax))
    yield "sent_to", _bounded(addresses, words)
    yield "pages", [_pages(story, total, words)]
    resent_at = story.resent_at
    yield "resent", [] if resent_at is None else [words("fact.resent", when=moment(resent_at, words))]
    tried = (f"{number}. {_attempt(attempt, words)}" for number, attempt in enumerate(story.tried, 1))
    yield "attempts", _bounded(tried, words)
    yield "duration", [] if fax.duration is None else [span(fax.duration)]
    yield "cost", [] if fax.cost is None else [words("fact.cost", cost=f"{fax.cost:g}")]
    yield "fax_id", [fax.id]
    yield "remote_id", [cut(remote_id, LONGEST_NAME) for remote_id in fax.remote_ids[-1:]]


def _of_mail(submission: Submission, words: Words) -> Iterator[tuple[str, list[str]]]:
    cover = [words("fact.cover")] if submission.cover else []
    documents = (*cover, *(_document(document, words) for document in submission.documents))
    left_out = (_left_out(part, words) for part in submission.left_out)
    yield "documents", _bounded(documents, words)
    yield "not_faxed", _bounded(left_out, words)
    yield "mail", [_mail(submission, words)]


def _mail(submission: Submission, words: Words) -> str:
    received = moment(submission.received_at, words)
    if submission.discreet:
        return received
    return f"{cut(submission.subject, LONGEST_NAME) or words('fact.no_subject')} ({received})"


def _bounded(values: Iterable[str], words: Words) -> list[str]:
    """The first and the last of very many."""
    shown = list(values)
    if len(shown) <= MOST:
        return shown
    half = MOST // 2
    return [*shown[:half], f"({words('count.more', count=len(shown) - MOST)})", *shown[-half:]]


def _pages(story: Story, total: int, words: Words) -> str:
    fax = story.fax
    if fax.state is State.DELIVERED and fax.pages is not None:
        return words("fact.sent", count=fax.pages, total=total)
    if fax.status == UNKNOWN:
        return words("fact.any_may_have_arrived", total=total)
    if fax.state is State.FAILED and fax.pages and meaning(fax.status).ending is Ending.PARTIAL:
        pages = "first_may_have_arrived" if fax.pages == 1 else "may_have_arrived"
        return words(f"fact.{pages}", count=fax.pages, total=total)
    return words("fact.in_documents", total=total)


def _document(document: Document, words: Words) -> str:
    joined = JOINED.fullmatch(document.name) if "documents were joined into one" in document.repair else None
    known = words("fact.joined", name=joined["name"], count=joined["count"]) if joined else document.name
    name = _name(known, words)
    whole = f"{name} ({document.kind.upper()}, {words.counted('page', document.pages)})"
    return words.about(whole, cut(words.said(document.repair), LONGEST_REPAIR)) if document.repair else whole


def _left_out(part: LeftOut, words: Words) -> str:
    return f"{_name(part.name, words)} ({cut(words.said(part.why), LONGEST_NAME)})"


def _name(name: str, words: Words) -> str:
    return words("fact.unnamed") if name in {"", UNNAMED} else cut(name, LONGEST_NAME)


def _attempt(attempt: Attempt, words: Words) -> str:
    when = between(attempt.begun, attempt.ended, words)
    times = f" ({words('count.times', count=attempt.times)})" if attempt.times > 1 else ""
    return words.about(f"{when}{times}", attempt.said(words))
