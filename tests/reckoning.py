"""Holds what clients sent against what FAX.PLUS has and what the mailbox got: lost, twice, unconfirmed. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

from gateway.mailbox import Mail
from gateway.simulator.behaviour import UNPAID, ending
from gateway.simulator.job import Job

SUCCESS = "success"
ENDS = {"delivered", "failed", "cancelled"}


@dataclass
class Letter:
    """A mail of one client. Its numbers are nobody else's, so that a number tells which mail it is about."""

    id: str  #: its Message-ID
    numbers: tuple[str, ...]
    document: bytes
    may_fail: bool = False  #: FAX.PLUS was told to refuse a fax, or never to end it, and it may have been this one
    acknowledged: bool = False


class Told(NamedTuple):
    """One mail to the sender about how a fax ended."""

    message_id: str
    fax: str
    number: str
    state: str


def told(mails: Iterable[Mail]) -> list[Told]:
    """Read the final confirmations among these mails, of each fax that they tell of."""
    headers = [message_from_bytes(mail.content, policy=policy.default) for mail in mails]
    return [one for header in headers for one in _told(header) if one.state in ENDS]


def _told(header: EmailMessage) -> Iterator[Told]:
    names, id = ("id", "number", "state"), str(header["Message-ID"])
    results = [dict(fact.split("=", 1) for fact in one.split("; ")) for one in header.get_all("X-Fax-Result", [])]
    alone = {name: str(header[f"X-Fax-{name.capitalize()}"]) for name in names}
    for result in results or [alone]:
        yield Told(id, *(result[name] for name in names))


def course(number: str) -> list[str]:
    """How the diallings of this number end, one after the other, when nothing else goes wrong."""
    statuses = []
    for dialling in (1, 2, 3):
        end = ending(number, dialling)
        statuses.append(end.status)
        if not end.redialled and end != UNPAID:
            break
    return statuses


@dataclass
class Figures:
    """What came of it; each broken promise with the numbers that it was broken for."""

    accepted: int = 0  #: faxes of acknowledged mails
    confirmations: int = 0  #: different ones
    lost: list[str] = field(default_factory=list)  #: acknowledged, and not faxed as it is
    twice: list[str] = field(default_factory=list)  #: sent more than once, or dialled more often than its course wants
    unconfirmed: list[str] = field(default_factory=list)  #: acknowledged or faxed, and nobody was told
    untrue: list[str] = field(default_factory=list)  #: told something else than FAX.PLUS has
    told_apart: list[str] = field(default_factory=list)  #: one fax told by different mails, which nobody can recognise
    confirmed_twice: list[str] = field(default_factory=list)  #: the same mail more than once: the relay's word was lost
    often_cut: bool = False  #: so few faxes for so many ends that many a relay's word was lost

    def __str__(self) -> str:
        names = "lost", "twice", "unconfirmed", "confirmed_twice", "untrue", "told_apart"
        return " ".join([f"accepted={self.accepted}", *(f"{name}={len(getattr(self, name))}" for name in names)])

    @property
    def broken(self) -> dict[str, list[str]]:
        """Broken promises. The same confirmation twice is none, while it is rare: one in a hundred, plus one."""
        never = {name: getattr(self, name) for name in ("lost", "twice", "unconfirmed", "untrue", "told_apart")}
        if len(self.confirmed_twice) > self.confirmations / 100 + 1 and not self.often_cut:
            never["confirmed_twice"] = self.confirmed_twice
        return {name: whose for name, whose in never.items() if whose}


def reckon(letters: Sequence[Letter], jobs: Sequence[Job], confirmations: Sequence[Told]) -> Figures:
    """Draw the sum when everything has ended."""
    dialled: dict[str, list[Job]] = defaultdict(list)
    heard: dict[str, list[Told]] = defaultdict(list)
    for job in jobs:
        dialled[job.to].append(job)
    for one in confirmations:
        heard[one.number].append(one)
    figures = Figures(confirmations=len(set(confirmations)))
    for letter in letters:
        figures.accepted += len(letter.numbers) * letter.acknowledged
        for number in letter.numbers:
            for name in _broken(letter, number, dialled[number], heard[number]):
                getattr(figures, name).append(f"{number} of {letter.id}")
    return figures


def _broken(letter: Letter, number: str, jobs: Sequence[Job], mails: Sequence[Told]) -> list[str]:
    """What was broken for one number of a mail.

    A client that does not know whether its mail was taken sends it again. Has the first fax failed by then, the
    gateway takes that for another try: so there may be several faxes, but only one that arrives.
    """
    by_fax: dict[str, list[str]] = defaultdict(list)
    for job in jobs:
        by_fax[job.token.rpartition("-")[0]].append(job.status)
    ends = {fax: "delivered" if SUCCESS in statuses else "failed" for fax, statuses in by_fax.items()}
    verdicts = {
        "lost": letter.acknowledged and not _faxed(letter, number, jobs, mails),
        "twice": [job.status for job in jobs].count(SUCCESS) > 1 or _dialled_too_often(number, jobs),
        "unconfirmed": bool(by_fax.keys() - {one.fax for one in mails}) or (letter.acknowledged and not mails),
        "untrue": any(one.state != ends.get(one.fax, "failed") for one in mails),
        "told_apart": len({one.message_id for one in mails}) > len({one.fax for one in mails}),
        "confirmed_twice": len(mails) > len(set(mails)),
    }
    return [name for name, broken in verdicts.items() if broken]


def _dialled_too_often(number: str, jobs: Sequence[Job]) -> bool:
    diallings = Counter(job.token for job in jobs)
    faxes = Counter(job.token.rpartition("-")[0] for job in jobs)
    return max(diallings.values(), default=0) > 1 or max(faxes.values(), default=0) > len(course(number))


def _faxed(letter: Letter, number: str, jobs: Sequence[Job], mails: Sequence[Told]) -> bool:
    """Whether it was dialled to the end of its course, always with the document that was sent."""
    if any([document.content for document in job.documents] != [letter.document] for job in jobs):
        return False
    ended = course(number)[-1] in {job.status for job in jobs}
    return ended or (letter.may_fail and bool(mails))
