"""The text of a confirmation: the verdict first, then the facts, one a line."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from gateway.fax import UNKNOWN, Fax, State
from gateway.notice.attempts import Attempt
from gateway.notice.plain import cut
from gateway.notice.verdict import Verdict, pages
from gateway.outcome import Ending, meaning
from gateway.submission import Document, LeftOut, Submission

WIDTH = 76
LABEL = 13
"""Columns before the facts."""

LONGEST_NAME = 100
MOST = 20
"""Lines for one kind of fact; the rest is counted."""

MINUTE = 60


def text(
    says: Verdict,
    fax: Fax,
    submission: Submission,
    tried: Sequence[Attempt],
    *,
    resent_at: float | None,
    own_name: str,
) -> str:
    """Write it. Lines are short, and plain ASCII unless a subject or a name is not."""
    about = f"Your fax to {international(fax.number)} {says.sentence}"
    first = [_filled(words) for words in (about, says.advice) if words]
    facts = "".join(_fact(label, values) for label, values in _facts(fax, submission, tried, resent_at))
    last = _filled(
        f"This mail was written by the fax gateway {own_name}. "
        "Answers to it reach the people who run it; please tell them the fax id."
    )
    return "\n".join([*first, facts, last])


def international(number: str) -> str:
    """Write a number as people do, such as "+1 555-123-4567"."""
    parsed = _parsed(number)
    return number if parsed is None else phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def time(at: float) -> str:
    """Write a time to the second, without its zone, which is always UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _facts(
    fax: Fax, submission: Submission, tried: Sequence[Attempt], resent_at: float | None
) -> Iterator[tuple[str, list[str]]]:
    yield "Number", [_number(fax.number)]
    yield "Sent to", [cut(fax.recipient, LONGEST_NAME)]
    yield "Pages", [_pages(fax, sum(document.pages for document in submission.documents))]
    yield "Documents", _bounded(map(_document, submission.documents))
    yield "Not faxed", _bounded(map(_left_out, submission.left_out))
    yield "Resent", [] if resent_at is None else [f"{time(resent_at)} UTC by the operator; this mail is about that"]
    yield "Attempts", _bounded(f"{number}. {_attempt(attempt)}" for number, attempt in enumerate(tried, 1))
    yield "On the line", [] if fax.duration is None else [_span(fax.duration)]
    yield "Cost", [] if fax.cost is None else [f"{fax.cost:g} (as FAX.PLUS counts it)"]
    subject = cut(submission.subject, LONGEST_NAME) or "without a subject"
    yield "Your mail", [f"{subject} ({time(submission.received_at)} UTC)"]
    yield "Fax id", [fax.id]


def _fact(label: str, values: Sequence[str]) -> str:
    """Label and values in two columns; nothing when there is no value."""
    if not values:
        return ""
    column = "\n".join(
        textwrap.fill(value, WIDTH - LABEL, subsequent_indent="  ", break_on_hyphens=False) for value in values
    )
    return f"{label + ':':{LABEL}}" + textwrap.indent(column, " " * LABEL).lstrip() + "\n"


def _filled(words: str) -> str:
    return textwrap.fill(words, WIDTH, break_on_hyphens=False) + "\n"


def _bounded(values: Iterable[str]) -> list[str]:
    """The first and the last of very many."""
    shown = list(values)
    if len(shown) <= MOST:
        return shown
    half = MOST // 2
    return [*shown[:half], f"({len(shown) - MOST} more)", *shown[-half:]]


def _number(number: str) -> str:
    parsed = _parsed(number)
    region = None if parsed is None else phonenumbers.region_code_for_number(parsed)
    return f"{international(number)} ({region})" if region and region.isalpha() else international(number)


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except NumberParseException:
        return None


def _pages(fax: Fax, total: int) -> str:
    if fax.state is State.DELIVERED and fax.pages is not None:
        return f"{fax.pages} of {total} sent"
    if fax.status == UNKNOWN:
        return f"{total}, any of which may have arrived"
    if fax.state is State.FAILED and fax.pages and meaning(fax.status).ending is Ending.PARTIAL:
        return f"{fax.pages} of {total} may have arrived"
    return f"{total} in your documents"


def _document(document: Document) -> str:
    return f"{cut(document.name, LONGEST_NAME) or 'unnamed'} ({document.kind.upper()}, {pages(document.pages)})"


def _left_out(part: LeftOut) -> str:
    return f"{cut(part.name, LONGEST_NAME) or 'unnamed'} ({cut(part.why, LONGEST_NAME)})"


def _attempt(attempt: Attempt) -> str:
    begun, ended = time(attempt.begun), time(attempt.ended)
    day = len("2027-01-15 ")
    until = "" if begun == ended else f" to {ended[day:] if begun[:day] == ended[:day] else ended}"
    times = f" ({attempt.times} times)" if attempt.times > 1 else ""
    return f"{begun}{until} UTC{times}: {attempt.words}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
