"""Asks for proofs, off the event loop: some at a time, each for a bounded time."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

import dns.resolver
import structlog

from gateway.config import DnsSettings
from gateway.origin import names, signature, spf
from gateway.origin.letter import Letter
from gateway.origin.names import Names
from gateway.origin.signature import Signed
from gateway.policy import IPAddress

AT_ONCE = 8
"""Checks at the same time. Who finds no place in time is told to come again."""

NOBODY_SAYS = Signed("temperror", "the DNS does not answer")

Answer = TypeVar("Answer")

log = structlog.get_logger()


class Verifier:
    """Finds out whose mail it is. Opens nothing before the first question."""

    def __init__(self, settings: DnsSettings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self._places = asyncio.Semaphore(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, "origin")  # not those that write to the disk

    async def spf(self, client: IPAddress, sender: str, helo: str) -> spf.Result:
        """Return what SPF says of a client and the envelope sender, which has a domain."""
        return await self._asked(lambda names: spf.check(names, client, sender, helo), "temperror")

    async def signed(self, letter: Letter, domains: Sequence[str]) -> Signed:
        """Return what the signatures of a mail prove of these domains.

        Raises:
            OSError: the mail cannot be read.
        """
        return await self._asked(lambda names: signature.check(letter, domains, names, self._now()), NOBODY_SAYS)

    def close(self) -> None:
        """Let go. A check under way ends by itself, within its time."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _resolver(self) -> dns.resolver.Resolver:
        return names.resolver(self._settings)

    async def _asked(self, question: Callable[[Names], Answer], otherwise: Answer) -> Answer:
        try:
            async with asyncio.timeout(self._settings.timeout):
                await self._places.acquire()
        except TimeoutError:
            return otherwise
        answer = asyncio.get_running_loop().run_in_executor(self._threads, self._put, question, otherwise)
        answer.add_done_callback(lambda _: self._places.release())
        return await asyncio.shield(answer)

    def _put(self, question: Callable[[Names], Answer], otherwise: Answer) -> Answer:
        try:
            names = Names(self._resolver, self._settings.timeout)
        except dns.resolver.NoResolverConfiguration:
            log.warning("dns.unknown")  # `fax-gateway check` says so before, in words
            return otherwise
        return question(names)
