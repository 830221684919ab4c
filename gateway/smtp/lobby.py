"""All sessions of the house: how many there may be, and of whom, and how they end together."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from ipaddress import IPv4Network, ip_network
from typing import Any, Protocol

from gateway.config import LimitSettings, Network
from gateway.policy import IPAddress
from gateway.smtp.bucket import Buckets
from gateway.smtp.reply import Reply

STOPPING = Reply(421, "4.3.2", "the gateway is stopping, please try again later")
FULL = Reply(421, "4.3.2", "too many sessions at the moment, please try again later")
TOO_MANY_OF_YOURS = Reply(421, "4.7.0", "too many sessions from your address, please try again later")
TOO_MANY_NEAR_YOU = Reply(421, "4.7.0", "too many sessions from your network, please try again later")
TOO_OFTEN = Reply(421, "4.7.0", "too many connections from your address, please wait a minute")

RESERVE = 10
"""One place of so many is kept for listed addresses."""

CROWDED = 0.8
"""From this share of all places on, strangers are given less time."""

MINUTE = 60.0
IPV4_NETWORK = 24
IPV6_NETWORK = 64
"""Lengths of the prefixes within which addresses are taken for neighbours."""


class Guest(Protocol):
    """What the lobby knows of a session."""

    def close_soon(self) -> None:
        """Say goodbye, at once or when the mail under way is answered."""

    def abort(self) -> None:
        """Hang up."""


def neighbourhood(ip: IPAddress) -> Network:
    """Return the network in which one person could have many addresses."""
    return ip_network((ip, IPV4_NETWORK if ip.version == 4 else IPV6_NETWORK), strict=False)  # noqa: PLR2004  # IPv4


def household(ip: IPAddress) -> Network:
    """Return what counts as one client: an address of IPv4, and of IPv6 what one connection to the net is given."""
    return IPv4Network(ip) if ip.version == 4 else neighbourhood(ip)  # noqa: PLR2004  # IPv4


class Lobby:
    """Counts sessions and ends them. Who has arrived is known; who was let in is counted."""

    def __init__(self, limits: LimitSettings, listed: Iterable[Network], clock: Callable[[], float]) -> None:
        """Open it.

        Args:
            limits: how many there may be.
            listed: networks that the operator named. They are bound by few limits, and some places are theirs alone.
            clock: seconds, from any beginning; never set.
        """
        self._limits = limits
        self._listed = tuple(listed)
        self._recent = Buckets(limits.connections, MINUTE, clock)
        self._told = Buckets(1, MINUTE, clock)
        self._arrived: set[Guest] = set()
        self._let_in: dict[Guest, IPAddress] = {}
        self._addresses = Counter[IPAddress]()
        self._networks = Counter[Network]()
        self._empty = asyncio.Event()
        self._empty.set()
        self._closed = False

    @property
    def crowded(self) -> bool:
        """So many are here that strangers should be quick."""
        return len(self._let_in) >= CROWDED * self._limits.sessions

    def lists(self, ip: IPAddress) -> bool:
        """Whether the operator named this address, alone or with its network."""
        return any(ip in network for network in self._listed)

    def arrive(self, guest: Guest) -> None:
        """Know a session from its first moment, so that none is forgotten when all are ended."""
        self._arrived.add(guest)
        self._empty.clear()

    def enter(self, guest: Guest, ip: IPAddress) -> Reply | None:
        """Let a session in, or return the reply that sends it away."""
        if self._closed:
            return STOPPING
        refusal = self._no_place(ip) if self.lists(ip) else self._no_place_for_stranger(ip)
        if refusal is None:
            self._let_in[guest] = ip
            self._addresses[ip] += 1
            self._networks[neighbourhood(ip)] += 1
        return refusal

    def tells(self, ip: IPAddress) -> bool:
        """Whether it should be put on record that a client was sent away: not more than once a minute for each."""
        known = self._told.full(household(ip))
        if not known:
            self._told.add(household(ip))
        return not known

    def leave(self, guest: Guest) -> None:
        """Forget a session that has ended."""
        ip = self._let_in.pop(guest, None)
        if ip is not None:
            _take_off(self._addresses, ip)
            _take_off(self._networks, neighbourhood(ip))
        self._arrived.discard(guest)
        if not self._arrived:
            self._empty.set()

    async def close(self, patience: float) -> None:
        """End all sessions; a mail that is under way has `patience` seconds to come to its end."""
        self._closed = True
        for guest in list(self._arrived):
            guest.close_soon()
        try:
            async with asyncio.timeout(patience):
                await self._empty.wait()
        except TimeoutError:
            for guest in list(self._arrived):
                guest.abort()
            await self._empty.wait()

    def _no_place(self, ip: IPAddress) -> Reply | None:
        if len(self._let_in) >= self._limits.sessions:
            return FULL
        return TOO_MANY_OF_YOURS if self._addresses[ip] >= max(1, self._limits.sessions // 2) else None

    def _no_place_for_stranger(self, ip: IPAddress) -> Reply | None:
        if self._recent.full(household(ip)):
            return TOO_OFTEN
        self._recent.add(household(ip))
        if len(self._let_in) >= self._limits.sessions - self._limits.sessions // RESERVE:
            return FULL
        if self._addresses[ip] >= self._limits.sessions_per_address:
            return TOO_MANY_OF_YOURS
        crowd = self._networks[neighbourhood(ip)]
        return TOO_MANY_NEAR_YOU if crowd >= self._limits.sessions_per_network else self._no_place(ip)


def _take_off(counts: Counter[Any], key: Hashable) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
