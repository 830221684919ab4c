"""RCPT: may this sender fax to this number? Decided while the sender is on the line, with the reason in words."""

from gateway import number, policy
from gateway.config import Config, SenderSettings
from gateway.number import BadNumberError
from gateway.smtp.address import Address
from gateway.smtp.envelope import Envelope
from gateway.smtp.reply import RefusedError, Reply

TAKEN = Reply(250, "2.1.5", "recipient OK")
OPERATORS = frozenset({"postmaster", "abuse"})
"""Local parts that reach the operator, whoever writes (RFC 5321 section 4.5.1, RFC 2142)."""


class Recipients:
    """Decides about recipients, one after the other."""

    def __init__(self, config: Config) -> None:
        self._domains = frozenset(config.domains)
        self._senders = config.sender
        self._numbers = config.numbers
        self._own = frozenset({config.faxplus.from_})
        self._most = config.limits.recipients

    def add(self, envelope: Envelope, recipient: Address) -> Reply:
        """Take a recipient into the envelope.

        Raises:
            RefusedError: it cannot be one. The envelope is as before.
        """
        if envelope.accepted >= self._most:
            raise RefusedError(452, "4.5.3", f"too many recipients; at most {self._most} in one mail")
        if self._is_operator(recipient):
            envelope.for_operator = True
        else:
            rule = self._rule(envelope, recipient)
            called = self._number(recipient)
            envelope.rule = rule
            envelope.numbers.setdefault(called, recipient.written)
        envelope.accepted += 1
        return TAKEN

    def _is_operator(self, recipient: Address) -> bool:
        local = recipient.local.lower()
        bare = not recipient.domain and local == "postmaster"
        return bare or (local in OPERATORS and recipient.domain.lower() in self._domains)

    def _rule(self, envelope: Envelope, recipient: Address) -> SenderSettings:
        """What lets this sender fax."""
        if not recipient.domain:
            raise RefusedError(553, "5.1.3", "write the recipient as <number@domain>")
        if recipient.domain.lower() not in self._domains:
            raise RefusedError(550, "5.7.1", "relaying denied: mail for this domain is not taken here")
        sender, client = envelope.sender, envelope.client
        decision = policy.sender_rule(self._senders, client.ip, client.user, sender.written)
        if decision.rule is None and sender.written and client.login_helps:
            raise RefusedError(
                530, "5.7.0", f"log in first{'' if client.tls else ', after STARTTLS'}: {decision.words}"
            )
        if decision.rule is None:
            raise RefusedError(550, "5.7.1", decision.words)
        if not sender.domain and decision.rule.confirm_to is None:
            raise RefusedError(550, "5.1.7", "the sender address needs a domain: no confirmation could reach it")
        return decision.rule

    def _number(self, recipient: Address) -> str:
        try:
            called = number.parse(recipient.local, self._numbers.country)
        except BadNumberError as error:
            raise RefusedError(error.code, error.enhanced, error.words) from None
        objection = policy.destination(called, self._numbers, self._own)
        if objection is not None:
            raise RefusedError(550, "5.7.1", objection)
        return called
