"""What each value alone does not show: settings that cannot be true together, or that would do harm."""

import ipaddress
from collections.abc import Iterator, Sequence
from itertools import combinations
from urllib.parse import SplitResult, urlsplit

from gateway.config import Config, ListenerSettings
from gateway.configfile import dialling
from gateway.configfile.problem import Way

WILDCARDS = {"0.0.0.0": 4, "[::]": 6}  # noqa: S104  # read here, not bound to
"""Hosts that stand for every address of an IP version."""


def contradictions(config: Config) -> Iterator[tuple[Way, str]]:
    """Find them: the way to each, and what to do about it."""
    yield from _names(config)
    yield from _domains(config.domains)
    yield from dialling.contradictions(config)
    yield from _addresses(config)
    yield from _logins(config)
    yield from _circles(config)
    yield from _urls(config)
    yield from _database(config.database)
    yield from _times(config)


def _domains(domains: Sequence[str]) -> Iterator[tuple[Way, str]]:
    if domains[0].startswith("["):
        yield ("domains", 0), "name a domain first: we introduce ourselves and write mail by it; addresses may follow"


def _names(config: Config) -> Iterator[tuple[Way, str]]:
    for kind, named in (("listener", config.listener), ("sender", config.sender)):
        names = [entry.name for entry in named]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield (kind, index, "name"), f'{kind} {names.index(name) + 1} is called "{name}" too; give each its own'
    destinations = [price.to for price in config.spend.price]
    for index, to in enumerate(destinations):
        if to in destinations[:index]:
            yield ("spend", "price", index, "to"), f"there is a price for {to} already; leave one of the two out"


def _addresses(config: Config) -> Iterator[tuple[Way, str]]:
    taken: list[tuple[str, str, Way]] = [
        (f"listener {index + 1}", listener.address, ("listener", index, "address"))
        for index, listener in enumerate(config.listener)
    ]
    taken.append(("webhook.listen", config.webhook.listen, ("webhook", "listen")))
    for (first, address, _), (_, other, way) in combinations(taken, 2):
        if _clash(address, other):
            yield way, f"{first} listens on {address} already; give each an address or a port of its own"


def _clash(address: str, other: str) -> bool:
    (host, port), (other_host, other_port) = (text.lower().rsplit(":", 1) for text in (address, other))
    if int(port) != int(other_port) or int(port) == 0:
        return False
    return host == other_host or _covers(host, other_host) or _covers(other_host, host)


def _covers(wildcard: str, host: str) -> bool:
    return wildcard in WILDCARDS and WILDCARDS[wildcard] == _version(host)


def _version(host: str) -> int | None:
    try:
        return ipaddress.ip_address(host.strip("[]")).version
    except ValueError:
        return None


def _logins(config: Config) -> Iterator[tuple[Way, str]]:
    for index, sender in enumerate(config.sender):
        if sender.users and config.users_file is None:
            words = "users need a users_file at the top of the file; `fax-gateway user add` writes it"
            yield ("sender", index, "users"), words
    words = "without tls nobody logs in, and no sender has networks or domains: nobody could fax; set tls, or give some"
    for index, listener in enumerate(config.listener):
        if _unreachable(listener, config):
            yield ("listener", index, "tls"), words


def _circles(config: Config) -> Iterator[tuple[Way, str]]:
    """Mail of ours must not come back to us."""
    written: list[tuple[Way, str | None]] = [(("operator",), config.operator)]
    written += [(("sender", index, "confirm_to"), sender.confirm_to) for index, sender in enumerate(config.sender)]
    for index, sender in enumerate(config.sender):
        for place, domain in enumerate(sender.domains):
            if domain in config.domains:
                yield ("sender", index, "domains", place), "mail to this domain becomes a fax; name a domain of senders"
    for way, mailbox in written:
        if mailbox is not None and mailbox.rpartition("@")[2].lower() in config.domains:
            yield way, "mail to this domain becomes a fax, and would come back here; name a mailbox elsewhere"


def _unreachable(listener: ListenerSettings, config: Config) -> bool:
    no_login = listener.tls == "off" and not listener.open_login
    return no_login and bool(config.sender) and not any(sender.networks or sender.domains for sender in config.sender)


def _urls(config: Config) -> Iterator[tuple[Way, str]]:
    urls: dict[Way, str | None] = {
        ("faxplus", "base_url"): config.faxplus.base_url,
        ("faxplus", "oauth", "token_url"): config.faxplus.oauth.token_url if config.faxplus.oauth else None,
        ("webhook", "public_url"): config.webhook.public_url,
    }
    for way, url in urls.items():
        if url is not None and (words := _unfit(url)):
            yield way, words


def _unfit(url: str) -> str | None:
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return 'write an address on the web, such as "https://fax.example.org"'
    if parts.username is not None:
        return "leave name and password out of this address"
    if parts.query or parts.fragment:
        return "leave out what follows ? or #"
    if parts.scheme == "http" and not _loopback(parts.hostname):
        return "this must begin with https://: what passes here is secret; plain http:// is for this machine alone"
    return None


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _database(url: str | None) -> Iterator[tuple[Way, str]]:
    parts = _split(url) if url is not None else None
    if url is not None and (parts is None or parts.scheme != "postgresql"):
        words = 'write "postgresql://user@host/name"; for SQLite leave this key out: its file lies in `state`'
        yield ("database",), words
    elif parts is not None and (parts.password or "password=" in parts.query):
        words = "secrets do not stand in this file: leave the password out, and add ?passfile= with the path of a"
        yield ("database",), f"{words} PostgreSQL password file"


def _times(config: Config) -> Iterator[tuple[Way, str]]:
    """A submission begins within the first quarter of its quarantine (`Schedule.may_post`) and must be over with it."""
    quarantine, longest = config.schedule.quarantine, config.faxplus.request_timeout
    if longest > quarantine * 3 / 4:
        words = "this is too short: a request still on its way could be taken for lost, and its fax be sent twice"
        enough = f"with faxplus.request_timeout at {longest:g} s it takes at least {longest * 4 / 3:g} s"
        yield ("schedule", "quarantine"), f"{words}; {enough}"
