"""Checks off the event loop: some at a time, and each for a bounded time."""

import asyncio
import time
from ipaddress import ip_address

from gateway.config import DnsSettings
from gateway.origin import Verifier
from gateway.origin.verifier import AT_ONCE
from tests.name_server import SILENT, name_server, text
from tests.values import NOW

CLIENT = ip_address("192.0.2.1")
PATIENCE = 0.4


def ask(verifier: Verifier, times: int, domain: str = "example.org") -> list[str]:
    """Ask for many mails at the same time, each of a domain of its own."""

    async def story() -> list[str]:
        try:
            return list(await asyncio.gather(*(verifier.spf(CLIENT, f"a@n{n}.{domain}", "mail") for n in range(times))))
        finally:
            verifier.close()

    return asyncio.run(story())


def test_many_at_the_same_time() -> None:
    """All are answered, a few at a time."""
    zone = {(f"n{n}.example.org", "TXT"): [text("v=spf1 ip4:192.0.2.1 -all")] for n in range(50)}
    with name_server(zone) as server:
        verifier = Verifier(DnsSettings(nameservers=(server.address,)), lambda: NOW)

        assert ["pass"] * 50 == ask(verifier, 50)


def test_a_silent_server_holds_nobody_up() -> None:
    """Who finds no place in time is told to come again, like those who found one and no answer."""
    zone = {(f"n{n}.example.org", "TXT"): [SILENT] for n in range(50)}
    with name_server(zone) as server:
        settings = DnsSettings.model_validate({"nameservers": [server.address], "timeout": f"{PATIENCE}s"})
        verifier, begun = Verifier(settings, lambda: NOW), time.monotonic()

        assert ["temperror"] * 50 == ask(verifier, 50)
        assert len({name for name, _ in server.asked}) <= 3 * AT_ONCE
        assert time.monotonic() - begun < 10 * PATIENCE


def test_nothing_is_opened_before_the_first_question() -> None:
    """A gateway without such rules needs no name server, and one that stops lets go."""
    verifier = Verifier(DnsSettings(nameservers=("192.0.2.53",)), lambda: NOW)
    verifier.close()

    assert "_resolver" not in vars(verifier)
