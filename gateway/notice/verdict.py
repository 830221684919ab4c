"""How a fax ended, in words that claim no more than is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.fax import UNKNOWN, Change, Fax, State
from gateway.notice.attempts import Attempt, latest_life
from gateway.notice.plain import cut, international
from gateway.notice.story import Story
from gateway.notice.times import moment
from gateway.notice.words import Words
from gateway.outcome import MEANINGS, Ending, meaning

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the sender is told first."""

    kind: str  #: which headline it is, such as "delivered" or "late"
    headline: str  #: begins the subject
    sentence: str  #: says it all
    advice: str = ""  #: what to do now


def verdict(story: Story, total: int, words: Words) -> Verdict:
    """Judge a fax that has ended. It is called delivered only in the state that FAX.PLUS's own `success` leads to.

    Args:
        story: the fax, and what happened to it.
        total: pages of all its documents.
        words: in which language.
    """
    return _Judge(story, total, words).verdict()


def not_yet(fax: Fax, until: float, words: Words) -> Verdict:
    """Say of a fax that has not ended where it is, and what happens next."""
    sentence = words(f"sentence.late_{fax.state}", number=international(fax.number))
    return Verdict("late", words("headline.late"), sentence, words("advice.late", when=moment(until, words)))


def accepted(fax: Fax, total: int, words: Words) -> Verdict:
    """Say of a fax that it was taken on."""
    sentence = words("sentence.accepted", number=international(fax.number), pages=words.counted("page", total))
    return Verdict("accepted", words("headline.accepted"), sentence, words("advice.accepted"))


def _in_doubt(changes: Sequence[Change]) -> bool:
    """Something of it may have arrived by then."""
    return any(meaning(change.status).ending is Ending.PARTIAL for change in changes)


class _Judge:
    """Who judges one fax, in one language."""

    def __init__(self, story: Story, total: int, words: Words) -> None:
        self._fax = story.fax
        self._changes = story.changes
        self._tried: list[Attempt] = story.tried
        self._total = total
        self._words = words

    def verdict(self) -> Verdict:
        """Judge."""
        if self._fax.state is State.DELIVERED:
            return self._delivered()
        says = self._not_delivered()
        earlier = self._changes[: len(self._changes) - len(latest_life(self._changes))]
        if not _in_doubt(earlier):
            return says
        return replace(says, advice=f"{says.advice} {self._words('advice.earlier')}".strip())

    def _says(self, kind: str, sentence: str, advice: str = "", **fill: object) -> Verdict:
        number = international(self._fax.number)
        words = self._words(f"sentence.{sentence}", number=number, **fill)
        return Verdict(kind, self._words(f"headline.{kind}"), words, advice)

    def _pages(self, count: int) -> str:
        return self._words.counted("page", count)

    def _delivered(self) -> Verdict:
        counted, total = self._fax.pages, self._total
        if counted is None or counted == total:
            return self._says("delivered", "delivered", pages=self._pages(total))
        advice = self._words("advice.counted", counted=self._pages(counted), total=total)
        if counted > total:
            return self._says("delivered", "delivered_uncounted", advice)
        return self._says("fewer", "delivered_uncounted", f"{advice} {self._words('advice.fewer')}")

    def _not_delivered(self) -> Verdict:
        last = self._changes[-1].event if self._changes else ""
        if self._fax.state is State.CANCELLED:
            return self._says("cancelled", "cancelled")
        if self._fax.status == UNKNOWN:
            return self._unknown()
        if last == "Refused":
            return self._refused()
        if last == "GivenUp":
            return self._given_up()
        return self._undelivered()

    def _undelivered(self) -> Verdict:
        if meaning(self._fax.status).ending is not Ending.PARTIAL:
            return self._failed()
        return self._partial() if self._fax.status in MEANINGS else self._unknown()

    def _refused(self) -> Verdict:
        reason = self._words.said(cut(self._fax.reason, LONGEST_REASON)).rstrip(".") or self._words("status.no_reason")
        return self._says("refused", "refused", self._words("advice.refused"), why=reason)

    def _given_up(self) -> Verdict:
        """Its time ended while it waited for its next attempt: no attempt is in doubt."""
        if not any(change.event == "Accepted" for change in self._changes) and not _in_doubt(self._changes):
            return self._says("not_sent", "not_sent", self._words("advice.nothing_sent"))
        means = meaning(self._fax.status)
        redial = means.ending is Ending.REDIAL
        advice = self._words.advice(means.advice) if redial else self._words("advice.ask_operator")
        dialled = [attempt for attempt in self._tried if attempt.dialled]
        if not dialled:
            return self._says("failed", "given_up", advice)
        return self._says("failed", "given_up_after", advice, why=dialled[-1].said(self._words))

    def _partial(self) -> Verdict:
        why, advice = self._why()
        if not self._fax.pages:
            return self._says("partial", "failed", advice, why=why)
        of_all = {"counted": self._fax.pages, "pages": self._pages(self._total)}
        return self._says("partial", "counted", advice, why=why, **of_all)

    def _failed(self) -> Verdict:
        why, advice = self._why()
        dialled = sum(attempt.dialled for attempt in self._tried)
        if dialled <= 1:
            return self._says("failed", "failed", advice, why=why)
        return self._says("failed", "failed_after", advice, why=why, attempts=self._words.counted("attempt", dialled))

    def _unknown(self) -> Verdict:
        why, advice = self._why()
        return self._says("unknown", "unknown", advice, why=why)

    def _why(self) -> tuple[str, str]:
        status = self._fax.status
        return self._words.status(status), self._words.advice(meaning(status).advice)
