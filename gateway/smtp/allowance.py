"""What is left of the quotas, asked at RCPT. The accepting transaction decides at the dot, when the pages are known."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from gateway.config import Config
from gateway.policy import Limit, OverQuotaError, Quotas
from gateway.smtp.envelope import Envelope
from gateway.smtp.failure import failed
from gateway.smtp.reply import RefusedError, Reply

PATIENCE = 3.0
"""Seconds that the database may take to answer."""

Used = Callable[[Sequence[Limit], float], Awaitable[Sequence[int]]]
"""Tells how much of each limit is used at a time."""


class Allowance:
    """What those who may fax may still fax."""

    def __init__(self, config: Config, used: Used, now: Callable[[], float]) -> None:
        self._quotas = Quotas(config)
        self._used = used
        self._now = now

    async def check(self, envelope: Envelope | None) -> None:
        """Return if the number that RCPT has just added is within the quotas; else take it out again.

        Raises:
            RefusedError: it is too much, for a while (450) or for good (550), or nobody knows (451).
        """
        if envelope is None or len(envelope.written) == envelope.within_quotas:
            return
        number = next(reversed(envelope.written))
        try:
            await self._check(envelope, number)
        except RefusedError:
            envelope.remove(number)
            raise
        envelope.within_quotas = len(envelope.written)

    async def _check(self, envelope: Envelope, number: str) -> None:
        limits = self._quotas.limits(envelope.rule.name if envelope.rule else "", [number])
        if not limits:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                used = await self._used(limits, self._now())
        except Exception as error:  # noqa: BLE001  # whatever it was, the client keeps the mail and tries again
            raise RefusedError.of(failed("quotas.unknown", error)) from None
        try:
            for limit, amount in zip(limits, used, strict=True):
                before = 0 if limit.number is not None else len(envelope.written) - 1
                limit.check(amount + before, 1)
        except OverQuotaError as error:
            raise RefusedError.of(refusal(error)) from None


def refusal(error: OverQuotaError) -> Reply:
    """Say that it is too much."""
    return Reply(550, "5.7.1", error.words) if error.for_good else Reply(450, "4.7.1", error.words)
