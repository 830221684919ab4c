"""Who is on the line, and what one mail's envelope says so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

from gateway.config import SenderSettings
from gateway.policy import IPAddress, Proof
from gateway.smtp.address import Address
from gateway.smtp.parameters import NO_WISHES, MailWishes, RcptWishes, united


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The other side of a session, as far as it is known."""

    ip: IPAddress
    called: IPAddress | None = None  #: the address of ours that it connected to
    name: str = ""  #: what it said in HELO or EHLO; empty before
    extended: bool = False  #: it said EHLO
    tls: str = ""  #: such as "TLSv1.3"; empty without
    user: str | None = None  #: its login, once proven
    login_helps: bool = False  #: it has not logged in, and could on this listener

    @property
    def who(self) -> str:
        """For the record: the address, and the login if there is one."""
        return f"{self.ip} as {self.user}" if self.user else str(self.ip)


@dataclass(slots=True, kw_only=True)
class Envelope:
    """One mail from MAIL to the dot."""

    client: Client
    sender: Address
    wishes: MailWishes = field(default_factory=MailWishes)
    rule: SenderSettings | None = None  #: what lets it fax, once a number was accepted
    proof: Proof = Proof.CLIENT  #: by what that rule knows the sender
    spf: str = ""  #: what SPF says of client and sender; empty: it was not asked
    written: dict[str, dict[str, RcptWishes]] = field(default_factory=dict)
    """By the number, E.164: how the sender wrote it, each with what RCPT asked for there."""
    in_subject: dict[str, RcptWishes] = field(default_factory=dict)
    """How the sender wrote recipients whose number stands in the Subject, each with what RCPT asked for there."""
    for_operator: bool = False  #: postmaster or abuse is among the recipients
    within_quotas: int = 0  #: numbers of which that is known
    accepted: int = 0  #: RCPT commands that got their 250

    @property
    def from_stranger(self) -> bool:
        """Nobody has shown yet that they may fax: there is no rule, or it waits for a signature."""
        return self.rule is None or self.proof is Proof.SIGNATURE

    def add(self, number: str, written: str, wishes: RcptWishes) -> None:
        """Take a number, E.164, once, however often and in whatever spelling it is given."""
        spellings = self.written.setdefault(number, {})
        known = spellings.get(written)
        spellings[written] = wishes if known is None else united(known, wishes)

    def add_unnumbered(self, written: str, wishes: RcptWishes) -> None:
        """Take a recipient whose number stands in the Subject."""
        known = self.in_subject.get(written)
        self.in_subject[written] = wishes if known is None else united(known, wishes)

    def remove(self, number: str) -> None:
        """Take the number that was added last out again."""
        del self.written[number]
        self.accepted -= 1

    def asked_of(self, number: str) -> RcptWishes:
        """Return what was asked for at RCPT of a number, in all its spellings together."""
        spellings = self.written.get(number)
        return reduce(united, spellings.values()) if spellings else NO_WISHES

    @property
    def faxed(self) -> bool:
        """Whether it is for a fax machine at all."""
        return bool(self.written or self.in_subject)

    @property
    def numbers(self) -> Mapping[str, str]:
        """The numbers, E.164, and how the sender first wrote each."""
        return {number: next(iter(spellings)) for number, spellings in self.written.items()}
