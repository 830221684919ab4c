"""The DNS, as it is asked for one mail: for so many seconds in all, whoever wrote what is found there."""

import time
from collections.abc import Sequence
from typing import Any, Literal

import dns.exception
import dns.nameserver
import dns.resolver

from gateway.config import DnsSettings

Kind = Literal["A", "AAAA", "MX", "PTR", "TXT"]

PORT = 53
CACHED = 1000
"""Answers that are remembered, for as long as they say themselves."""

LONGEST_TEXT = 4096
"""Octets of a TXT record. Longer ones are passed over: they hold neither SPF (RFC 7208 section 3.4) nor a key."""


class NoAnswerError(Exception):
    """The DNS does not answer, or not in time. It may later."""


def resolver(settings: DnsSettings) -> dns.resolver.Resolver:
    """Return what asks the DNS.

    Raises:
        dns.resolver.NoResolverConfiguration: neither the settings nor this machine name a server to ask.
    """
    made = dns.resolver.Resolver(configure=not settings.nameservers)
    if settings.nameservers:
        made.nameservers = [_nameserver(text) for text in settings.nameservers]
    made.cache = dns.resolver.LRUCache(CACHED)
    return made


def _nameserver(text: str) -> dns.nameserver.Nameserver:
    bare = text.count(":") != 1 and not text.startswith("[")
    address, port = (text, PORT) if bare else text.rsplit(":", 1)
    return dns.nameserver.Do53Nameserver(address.strip("[]"), int(port))


class Names:
    """Answers questions for one mail."""

    def __init__(self, resolver: dns.resolver.Resolver, patience: float) -> None:
        """Begin now.

        Args:
            resolver: whom to ask.
            patience: seconds that all answers may take together.
        """
        self._resolver = resolver
        self._until = time.monotonic() + patience

    def ask(self, name: str, kind: Kind) -> Sequence[Any]:
        """Return the records that a name has of a kind; none also for what is no name. Blocks.

        Raises:
            NoAnswerError: nobody says.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise NoAnswerError
        try:
            return list(self._resolver.resolve(name, kind, lifetime=left, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.Timeout, dns.resolver.NoNameservers, OSError):
            raise NoAnswerError from None
        except (dns.exception.DNSException, UnicodeError):
            return ()

    def texts(self, name: str) -> list[bytes]:
        """Return the texts of a name, each whole.

        Raises:
            NoAnswerError: nobody says.
        """
        texts = [b"".join(text.strings) for text in self.ask(name, "TXT")]
        return [text for text in texts if len(text) <= LONGEST_TEXT]
