"""Whether a mail comes from the domain that lets it in: by SPF at RCPT, by its signatures and its From at the dot.

A mail without a rule that names its sender's domain costs nothing here, and no DNS is asked for it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from gateway import policy
from gateway.config import SenderSettings
from gateway.message import RefusedError as UnreadableError
from gateway.origin import Verifier
from gateway.origin.letter import Letter, domain, open_letter
from gateway.policy import Proof
from gateway.smtp.bucket import Buckets
from gateway.smtp.envelope import Envelope
from gateway.smtp.incoming import Incoming
from gateway.smtp.reply import RefusedError

DAY = 86400.0
MOST_A_DAY = 5
"""Times that one signed mail is let in for one recipient: a signature holds for ever, whoever has the mail has it, and
each envelope sender of the domain would make another fax of it."""

log = structlog.get_logger()


class Vouching:
    """Looks for the proof that a rule with domains needs."""

    def __init__(
        self, rules: Sequence[SenderSettings], origin: Verifier, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rules = rules
        self._seen = Buckets(MOST_A_DAY, DAY, clock)
        self._origin = origin

    async def ask(self, envelope: Envelope | None) -> None:
        """Ask once what SPF says, if which rule decides may depend on it."""
        if envelope is None or envelope.spf:
            return
        client, sender = envelope.client, envelope.sender
        if policy.sender_rule(self._rules, client.ip, client.user, sender.written).asks_spf:
            envelope.spf = await self._origin.spf(client.ip, f"{sender.local}@{sender.domain}", client.name)
            log.info("spf.asked", client=client.who, domain=sender.domain.lower(), result=envelope.spf)

    async def check(self, incoming: Incoming) -> None:
        """Return if the whole mail shows what its rule needs.

        Raises:
            RefusedError: it does not (550), or nobody can say at the moment (451).
            OSError: it cannot be read.
        """
        envelope = incoming.envelope
        if envelope.rule is None or envelope.proof is Proof.CLIENT:
            return
        letter = await asyncio.to_thread(_opened, incoming)
        _check_author(letter, envelope.rule, envelope.proof)
        proof = f"SPF of {domain(envelope.sender.written)}"
        if envelope.proof is Proof.SIGNATURE:
            proof = await self._signed(letter, envelope, envelope.rule)
        log.info("origin.shown", id=incoming.draft.id, client=envelope.client.who, rule=envelope.rule.name, by=proof)

    async def _signed(self, letter: Letter, envelope: Envelope, rule: SenderSettings) -> str:
        signed = await self._origin.signed(letter, rule.domains)
        if signed.result == "pass":
            _check_recipients(letter, envelope)
            self._count(signed.mark, envelope)
            return signed.words
        mail = f"that this mail is from {domain(envelope.sender.written)}"
        if "temperror" in {signed.result, envelope.spf}:
            raise RefusedError(451, "4.7.1", f"the DNS does not show at the moment {mail}; please try again later")
        spf = f"SPF says {envelope.spf} of {envelope.client.ip}"
        raise RefusedError(550, "5.7.1", f"nothing shows {mail}: {spf}, and {signed.words}")

    def _count(self, mark: str, envelope: Envelope) -> None:
        seen = [(mark, recipient) for recipient in (*envelope.written, *envelope.in_subject)]
        if any(map(self._seen.full, seen)):
            raise RefusedError(450, "4.7.1", "this signed mail has come too often today; please try again later")
        for one in seen:
            self._seen.add(one)


def _opened(incoming: Incoming) -> Letter:
    """Open it as its sender sent it, without our own trace header."""
    try:
        return open_letter(incoming.draft.path, incoming.start, incoming.start + incoming.draft.size)
    except UnreadableError as error:
        raise RefusedError(error.code, error.enhanced, error.words) from None


def _check_recipients(letter: Letter, envelope: Envelope) -> None:
    """A signature does not bind the envelope: its mail is for those whom it names, and cannot be sent on to others."""
    in_subject = [[address] for address in envelope.in_subject]
    if not all(any(map(letter.names, spellings)) for spellings in [*envelope.written.values(), *in_subject]):
        words = "a signed mail is faxed to the numbers in its To and Cc alone, and not all of these are there"
        raise RefusedError(550, "5.7.1", words)


def _check_author(letter: Letter, rule: SenderSettings, proof: Proof) -> None:
    """From must be of the same domains. Where a signature alone shows whose mail it is, `from` binds it too."""
    author = letter.author()
    if domain(author) not in rule.domains:
        wanted = " or ".join(rule.domains)
        raise RefusedError(
            550,
            "5.7.1",
            f'the mail must have one From, with one address of {wanted}, for the sender rule "{rule.name}"',
        )
    if proof is Proof.SIGNATURE and policy.foreign(rule, author):
        raise RefusedError(550, "5.7.1", f'the sender rule "{rule.name}" does not let the address in From fax')
