"""From the first octet to the greeting: who is it, is there a place, and does TLS come first."""

from dataclasses import dataclass

import structlog

from gateway.policy import IPAddress
from gateway.smtp.door import Door
from gateway.smtp.lobby import Guest
from gateway.smtp.proxy import HeaderError, read_header
from gateway.smtp.reply import Reply
from gateway.smtp.wire import Wire

HEADER_PATIENCE = 10.0
"""Seconds for a load balancer to say whose connection it is."""

NOT_FOR_YOU = Reply(554, "5.7.1", "this listener is for other addresses")
TOO_EARLY = Reply(554, "5.5.1", "you spoke before the greeting")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who came, and to which address of ours."""

    ip: IPAddress
    called: IPAddress | None


async def introduced(wire: Wire, door: Door) -> Visitor | None:
    """Find out who it is; None when a balancer does not say, or the client hung up before we looked."""
    ip, called = wire.ip(), wire.called()
    if ip is None or not door.passes_on(ip):
        return Visitor(ip, called) if ip is not None else None
    wire.be_patient(HEADER_PATIENCE, None)
    wire.listen()
    try:
        ends = await read_header(wire.reader)
    except HeaderError:
        log.warning("proxy.refused", listener=door.listener, balancer=str(ip))
        return None
    return Visitor(ends.client or ip, ends.called or called)


async def let_in(wire: Wire, guest: Guest, door: Door, ip: IPAddress) -> bool:
    """Answer whether there is a place, and whether it waits its turn; where TLS comes first, let it come up.

    Raises:
        aiosmtpd.smtp.TLSSetupException: it did not.
    """
    certificate = door.implicit
    if certificate is None:
        wire.listen()
    refusal = door.lobby.enter(guest, ip) if door.lets_in(ip) else NOT_FOR_YOU
    if refusal is not None:
        _tell(door, ip, refusal)
        if certificate is None:  # else the client would not understand
            await wire.say(refusal)
        return False
    if certificate is not None:
        await wire.protect(certificate.context(), await wire.pending())
    return await _waits(wire, door, ip)


async def _waits(wire: Wire, door: Door, ip: IPAddress) -> bool:
    """Answer whether the client lets us speak first (RFC 5321 section 3.1), where strangers have to show that."""
    seconds = 0.0 if door.lobby.lists(ip) else door.settings.greet_after
    if not seconds or not await wire.speaks_within(seconds):
        return True
    _tell(door, ip, TOO_EARLY)
    await wire.say(TOO_EARLY)
    return False


def _tell(door: Door, ip: IPAddress, refusal: Reply) -> None:
    if door.lobby.tells(ip):
        log.info("client.refused", listener=door.listener, client=str(ip), code=refusal.code, words=refusal.words)
