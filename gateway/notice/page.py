"""What the templates show: the outcome in one line, what to do, and the facts; of one fax, or of several together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.notice import facts
from gateway.notice.facts import Fact
from gateway.notice.plain import international
from gateway.notice.story import Story
from gateway.notice.verdict import Verdict
from gateway.notice.words import Words
from gateway.submission import Submission

TONES = {
    "delivered": "good",
    "fewer": "doubt",
    "partial": "doubt",
    "unknown": "doubt",
    "late": "wait",
    "accepted": "wait",
    "cancelled": "still",
}
"""How each headline looks; the others look bad."""

GRAVEST = ("bad", "doubt", "wait", "still", "good")
"""Which tone a page has that tells of several faxes, and in which order they come."""

TALLIES = {"delivered": "delivered", "fewer": "delivered", "unknown": "unknown", "cancelled": "cancelled"}
"""As what each headline counts; the others count as failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fax among several."""

    tone: str
    headline: str
    number: str
    sentence: str
    advice: str
    facts: list[Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that a template may show; all of it is text."""

    language: str
    tone: str  #: "good", "bad", "doubt", "wait" or "still"
    headline: str  #: the outcome in a few words
    about: str  #: the number, or nothing when there are several
    sentence: str  #: says it all
    advice: str  #: what to do now
    entries: list[Entry]  #: one for each fax when there are several
    facts: list[Fact]
    closing: str
    colon: str = ":"  #: as the language sets it behind a label
    picture: str = ""  #: Content-ID of a picture of the first page, shown as "cid:..."; empty: there is none
    picture_is: str = ""  #: what it shows, for those who do not see it


@dataclass(frozen=True, slots=True)
class Told:
    """A story, and what is said of it."""

    story: Story
    says: Verdict


def page(
    submission: Submission, told: Sequence[Told], words: Words, *, own_name: str, others: int = 0, picture: str = ""
) -> Page:
    """Lay out what is told.

    Args:
        submission: the mail that all these faxes come from.
        told: the faxes, one or several.
        words: in which language.
        own_name: what the gateway calls itself.
        others: faxes of the same mail that are not told of, as they have not ended.
        picture: Content-ID of a picture of the first page, if there is one.
    """
    if len(told) == 1:
        shown = _of_one(submission, told[0], words, own_name, others)
    else:
        shown = _of_several(submission, told, words, own_name, others)
    return replace(shown, colon=words("fact.colon"), picture=picture, picture_is=words("fact.picture"))


def in_order(told: Sequence[Told]) -> list[Told]:
    """Put first what the sender must act on."""
    return sorted(told, key=lambda one: (GRAVEST.index(_tone(one.says)), one.story.fax.number, one.story.fax.id))


def _of_one(submission: Submission, one: Told, words: Words, own_name: str, others: int) -> Page:
    total = submission.pages
    number, *known = facts.of_fax(one.story, total, words)
    ids = [fact for fact in known if fact.label in {words("label.fax_id"), words("label.remote_id")}]
    return Page(
        language=words.language,
        tone=_tone(one.says),
        headline=one.says.headline,
        about=international(one.story.fax.number),
        sentence=one.says.sentence,
        advice=f"{one.says.advice} {_others(others, words)}".strip(),
        entries=[],
        facts=[number, *(fact for fact in known if fact not in ids), *facts.of_mail(submission, words), *ids],
        closing=words("fact.closing", gateway=own_name),
    )


def _of_several(submission: Submission, told: Sequence[Told], words: Words, own_name: str, others: int) -> Page:
    total = submission.pages
    entries = [_entry(one, total, words) for one in told]
    headline, sentence = _together(told, total, words)
    same = {one.says.advice for one in told}
    common = same.pop() if len(same) == 1 else ""
    return Page(
        language=words.language,
        tone=min((entry.tone for entry in entries), key=GRAVEST.index),
        headline=headline,
        about="",
        sentence=sentence,
        advice=f"{common} {_others(others, words)}".strip(),
        entries=entries,
        facts=facts.of_mail(submission, words),
        closing=words("fact.closing", gateway=own_name),
    )


def _entry(one: Told, total: int, words: Words) -> Entry:
    return Entry(
        tone=_tone(one.says),
        headline=one.says.headline,
        number=international(one.story.fax.number),
        sentence=one.says.sentence,
        advice=one.says.advice,
        facts=facts.of_fax(one.story, total, words)[1:],
    )


def _together(told: Sequence[Told], total: int, words: Words) -> tuple[str, str]:
    """Headline and sentence for several faxes."""
    kinds, count = {one.says.kind for one in told}, len(told)
    if kinds == {"late"}:
        return words("headline.several_late", count=count), words("sentence.several_late", count=count)
    if kinds == {"accepted"}:
        pages = words.counted("page", total)
        sentence = words("sentence.several_accepted", count=count, pages=pages)
        return words("headline.several_accepted", count=count), sentence
    tally = _tally(told, words)
    headline = "all_delivered" if kinds == {"delivered"} else "several"
    fill = {"count": count, "tally": tally}
    return words(f"headline.{headline}", **fill), words("sentence.several", **fill)


def _tally(told: Sequence[Told], words: Words) -> str:
    counted = Counter(TALLIES.get(one.says.kind, "failed") for one in told)
    kinds = ("failed", "unknown", "cancelled", "delivered")
    return ", ".join(words(f"tally.{kind}", count=counted[kind]) for kind in kinds if counted[kind])


def _others(count: int, words: Words) -> str:
    return words("advice.others", count=count) if count else ""


def _tone(says: Verdict) -> str:
    return TONES.get(says.kind, "bad")
