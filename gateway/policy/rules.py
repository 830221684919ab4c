"""Who may fax: the first sender rule that fits decides, and each decision says why, and why the others did not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from gateway.config import SenderSettings

IPAddress = IPv4Address | IPv6Address

ROBOTS = frozenset({"mailer-daemon", "double-bounce", "listserv", "majordomo"})
"""Local parts of programs that send bounces and list mail under a name of their own (RFC 3834 section 2)."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A rule that did not fit, and why not."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Which sender rule lets a mail in, if one does, and why; and the rules before it that did not fit."""

    rule: SenderSettings | None
    words: str
    passed_over: tuple[PassedOver, ...] = ()


def sender_rule(rules: Sequence[SenderSettings], client: IPAddress, user: str | None, mail_from: str) -> Decision:
    """Return the first rule that fits client or login, and the envelope sender. None fits: nobody faxes.

    A login that some rule names owns the addresses of that rule and no others: where it comes from counts no more.

    Args:
        rules: in the order of the configuration.
        client: where the connection comes from.
        user: the login, once it is proven.
        mail_from: the envelope sender; empty for the null sender, which no rule lets in.
    """
    if not mail_from:
        return Decision(None, "mail without a sender is not faxed: nobody could be told how it went")
    if _robot(mail_from):
        return Decision(None, "bounces and list mail are not faxed")
    login = user if any(user in rule.users for rule in rules) else None
    passed_over: list[PassedOver] = []
    for rule in rules:
        objection = _stranger(rule, client, login) or _foreign(rule, mail_from)
        if objection is None:
            return Decision(rule, f'let in by the sender rule "{rule.name}"', tuple(passed_over))
        passed_over.append(PassedOver(rule.name, objection))
    near = any(_stranger(rule, client, login) is None for rule in rules)
    who = f"{client}, logged in as {user}," if user else str(client)
    words = f"{who} may not fax as {mail_from}" if near else f"{who} is not listed among those who may fax"
    return Decision(None, words, tuple(passed_over))


def _robot(mail_from: str) -> bool:
    local = mail_from.lower().rpartition("@")[0] or mail_from.lower()
    return local in ROBOTS or local.startswith("owner-")


def _stranger(rule: SenderSettings, client: IPAddress, login: str | None) -> str | None:
    """Why a rule does not know who is on the line, or None when it does."""
    if login is not None:
        return None if login in rule.users else f"it does not name the login {login}"
    here = client.ipv4_mapped or client if isinstance(client, IPv6Address) else client
    if any(here in network for network in rule.networks):
        return None
    return f"{here} is not in its networks" if rule.networks else "it is for logins only"


def _foreign(rule: SenderSettings, mail_from: str) -> str | None:
    """Why a rule does not let its people use this address, or None when it does."""
    if any(_matches(pattern, mail_from) for pattern in rule.from_):
        return None
    return f"nobody may fax as {mail_from} by it"


def _matches(pattern: str, address: str) -> bool:
    """`*` stands for anything; nothing else is special, and case does not count."""
    expression = ".*".join(re.escape(piece) for piece in re.split(r"\*+", pattern))
    return re.fullmatch(expression, address, re.IGNORECASE | re.DOTALL) is not None
