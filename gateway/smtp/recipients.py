"""RCPT: may this sender fax to this number? Decided while the sender is on the line, with the reason in words."""

from gateway import number, policy
from gateway.config import Config, SenderSettings
from gateway.number import BadNumberError
from gateway.policy import Proof
from gateway.smtp.address import Address, literal
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.parameters import NO_WISHES, RcptWishes
from gateway.smtp.reply import RefusedError, Reply

NO_NUMBER = "the Subject of mail to this address must be a fax number and nothing else"
TAKEN = Reply(250, "2.1.5", "recipient OK")
OPERATORS = frozenset({"postmaster", "abuse"})
"""Local parts that reach the operator, whoever writes (RFC 5321 section 4.5.1, RFC 2142)."""


class Recipients:
    """Decides about recipients, one after the other."""

    def __init__(self, config: Config) -> None:
        self._domains = frozenset(config.domains)
        self._addresses = frozenset(map(literal, config.domains)) - {None}
        self._senders = config.sender
        self._numbers = config.numbers
        self._destinations = policy.Destinations(config)
        self._most = config.limits.recipients

    def add(self, envelope: Envelope, recipient: Address, wishes: RcptWishes = NO_WISHES) -> Reply:
        """Take a recipient into the envelope.

        Raises:
            RefusedError: it cannot be one. The envelope is as before.
        """
        if envelope.accepted >= self._most:
            raise RefusedError(452, "4.5.3", f"too many recipients; at most {self._most} in one mail")
        if self._is_operator(recipient, envelope.client):
            envelope.for_operator = True
        else:
            self._add(envelope, recipient, wishes)
        envelope.accepted += 1
        return TAKEN

    def add_from_subject(self, envelope: Envelope, subject: str) -> None:
        """Give the recipients that have none the number that is the Subject, as it is decided for others at RCPT.

        Raises:
            RefusedError: the Subject is no number, or one that may not be called.
        """
        if not envelope.in_subject:
            return
        try:
            called = number.parse(subject.strip(), self._numbers)
        except BadNumberError as error:
            raise RefusedError(554, error.enhanced, f"{NO_NUMBER}: {error.words}") from None
        self._check_destination(called, envelope.rule)
        for written, wishes in envelope.in_subject.items():
            envelope.add(called, written, wishes)

    def from_subject(self, recipient: Address) -> bool:
        """Whether the number of this recipient stands in the Subject."""
        name = self._numbers.from_subject
        return name is not None and recipient.local.lower() == name.lower()

    def _add(self, envelope: Envelope, recipient: Address, wishes: RcptWishes) -> None:
        rule, proof = self._rule(envelope, recipient)
        if self.from_subject(recipient):
            envelope.add_unnumbered(recipient.written, wishes)
        else:
            called = self.number(recipient)
            self._check_destination(called, rule)
            envelope.add(called, recipient.written, wishes)
        envelope.rule, envelope.proof = rule, proof

    def _check_destination(self, called: str, rule: SenderSettings | None) -> None:
        objection = self._destinations.objection(called, rule.name if rule else "")
        if objection is not None:
            raise RefusedError(550, "5.7.1", objection)

    def _is_operator(self, recipient: Address, client: Client) -> bool:
        local = recipient.local.lower()
        bare = not recipient.domain and local == "postmaster"
        return bare or (local in OPERATORS and self._is_ours(recipient.domain, client))

    def _is_ours(self, domain: str, client: Client) -> bool:
        """A domain of ours, or one of our addresses (RFC 5321 section 4.1.3): listed, or the one that was called."""
        if domain.lower() in self._domains:
            return True
        address = literal(domain)
        return address is not None and (address == client.called or address in self._addresses)

    def _rule(self, envelope: Envelope, recipient: Address) -> tuple[SenderSettings, Proof]:
        """What lets this sender fax, and by what it knows them."""
        if not recipient.domain:
            raise RefusedError(553, "5.1.3", "write the recipient as <number@domain>")
        if not self._is_ours(recipient.domain, envelope.client):
            raise RefusedError(550, "5.7.1", "relaying denied: mail for this domain is not taken here")
        sender, client = envelope.sender, envelope.client
        decision = policy.sender_rule(self._senders, client.ip, client.user, sender.written, envelope.spf)
        if decision.rule is None and sender.written and client.login_helps:
            raise RefusedError(
                530, "5.7.0", f"log in first{'' if client.tls else ', after STARTTLS'}: {decision.words}"
            )
        if decision.rule is None:
            raise RefusedError(550, "5.7.1", decision.words)
        if not sender.domain and decision.rule.confirm_to is None:
            raise RefusedError(550, "5.1.7", "the sender address needs a domain: no confirmation could reach it")
        return decision.rule, decision.proof

    def number(self, recipient: Address) -> str:
        """Return the number that an address stands for, E.164.

        Raises:
            RefusedError: it stands for none.
        """
        try:
            return number.parse(recipient.local, self._numbers)
        except BadNumberError as error:
            raise RefusedError(error.code, error.enhanced, error.words) from None
