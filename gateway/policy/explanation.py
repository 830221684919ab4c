"""A decision in words: which rule decides and why the others did not, what becomes of the number, what is used up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.config import SenderSettings
from gateway.policy.quotas import Limit
from gateway.policy.rules import Decision, Proof
from gateway.policy.spending import Period

CONDITIONS = {
    Proof.CLIENT: "",
    Proof.SPF: ", since SPF shows whose mail it is, if From is of its domains too",
    Proof.SIGNATURE: ", if the mail is signed by one of its domains (DKIM)",
}
"""What besides must be so for the rule that decides."""


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a sender rule."""

    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class Use:
    """How much of what is limited is used."""

    words: str
    used: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What becomes of a mail's recipient, and why."""

    taken: bool
    answer: str  #: the SMTP reply
    rules: tuple[Step, ...]
    spf: str = ""  #: what SPF says of client and sender; empty: no rule asks for it
    number: str | None  #: E.164; None when it cannot be read
    country: str | None
    destination: str  #: whether it may be called
    quotas: tuple[Use, ...] = ()
    spending: tuple[Use, ...] = ()
    database: str = ""  #: why the two before are not known

    def lines(self) -> Iterator[str]:
        """Tell it line by line."""
        yield "Rules"
        yield from (f"  {place} {step.rule}: {step.words}" for place, step in enumerate(self.rules, start=1))
        yield from [f"SPF: {self.spf}"] if self.spf else []
        yield f"Number: {self.number or 'none'}{f' ({self.country})' if self.country else ''}, {self.destination}"
        for title, uses in (("Quotas", self.quotas), ("Spending", self.spending)):
            yield from [title] if uses else []
            yield from (f"  {use.words}: {use.used:g} of {use.most:g} used" for use in uses)
        yield from [f"Quotas and spending are not known: {self.database}"] if self.database else []
        yield f"Answer: {self.answer}"


def steps(rules: Sequence[SenderSettings], decision: Decision) -> tuple[Step, ...]:
    """Tell of every rule, in order, what became of it."""
    passed_over = {step.name: f"passed over, {step.words}" for step in decision.passed_over}
    decides = decision.rule.name if decision.rule is not None else None
    none_asked = "not asked" if decision.rule is not None else f"not asked, {decision.words}"
    words = passed_over | ({decides: f"decides{CONDITIONS[decision.proof]}"} if decides is not None else {})
    return tuple(Step(rule.name, words.get(rule.name, none_asked)) for rule in rules)


def quota_uses(limits: Sequence[Limit], used: Sequence[int]) -> tuple[Use, ...]:
    """Tell how much of each limit is used."""
    return tuple(Use(limit.words, amount, limit.most) for limit, amount in zip(limits, used, strict=True))


def spending_uses(periods: Sequence[Period], spent: dict[str, float]) -> tuple[Use, ...]:
    """Tell how much of each cap is spent or set aside."""
    return tuple(Use(period.name, spent[period.name], period.cap) for period in periods if period.cap is not None)
