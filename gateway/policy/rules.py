"""Who may fax: the first sender rule that fits decides, and each decision says why, and why the others did not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from gateway.config import SenderSettings

IPAddress = IPv4Address | IPv6Address

ROBOTS = frozenset({"mailer-daemon", "double-bounce", "listserv", "majordomo"})
"""Local parts of programs that send bounces and list mail under a name of their own (RFC 3834 section 2)."""


class Proof(Enum):
    """By what a rule knows whose mail it is."""

    CLIENT = "address or login"
    SPF = "SPF"
    SIGNATURE = "DKIM"  #: that is still to come: only the whole mail shows it


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A rule that did not fit, and why not."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Which sender rule lets a mail in, if one does, and why; and the others that were asked and did not fit."""

    rule: SenderSettings | None
    words: str
    passed_over: tuple[PassedOver, ...] = ()
    proof: Proof = Proof.CLIENT
    asks_spf: bool = False  #: it may be another one once SPF was asked


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who wants to fax."""

    client: IPAddress
    login: str | None  #: one that some rule names
    mail_from: str
    spf: str

    @property
    def here(self) -> IPAddress:
        return self.client.ipv4_mapped or self.client if isinstance(self.client, IPv6Address) else self.client

    @property
    def domain(self) -> str:
        return self.mail_from.rpartition("@")[2].lower() if "@" in self.mail_from else ""


def sender_rule(
    rules: Sequence[SenderSettings], client: IPAddress, user: str | None, mail_from: str, spf: str = ""
) -> Decision:
    """Return the first rule that fits client or login or domain, and the envelope sender. None fits: nobody faxes.

    A login that some rule names owns the addresses of that rule and no others: where it comes from counts no more. A
    rule that only a signature can make fit is chosen when no other fits; then the signature must be there.

    Args:
        rules: in the order of the configuration.
        client: where the connection comes from.
        user: the login, once it is proven.
        mail_from: the envelope sender; empty for the null sender, which no rule lets in.
        spf: what SPF says of the two, such as "pass"; empty: it was not asked.
    """
    if not mail_from:
        return Decision(None, "mail without a sender is not faxed: nobody could be told how it went")
    if _robot(mail_from):
        return Decision(None, "bounces and list mail are not faxed")
    login = user if any(user in rule.users for rule in rules) else None
    asker = _Asker(client, login, mail_from, spf)
    decision = _first_that_fits(rules, asker)
    if decision.rule is None:
        return replace(decision, words=_not_listed(rules, asker, user))
    return decision


def _first_that_fits(rules: Sequence[SenderSettings], asker: _Asker) -> Decision:
    """The decision; without words if nobody is let in."""
    passed_over: list[PassedOver] = []
    awaited: SenderSettings | None = None
    for rule in rules:
        objection = _stranger(rule, asker) or foreign(rule, asker.mail_from)
        if objection is None:
            proof = Proof.CLIENT if _knows(rule, asker) else Proof.SPF
            return _let_in(rule, passed_over, proof, asks_spf=awaited is not None and not asker.spf)
        if awaited is None and _claims(rule, asker) and not foreign(rule, asker.mail_from):
            awaited = rule
        passed_over.append(PassedOver(rule.name, objection))
    if awaited is not None:
        return _let_in(awaited, passed_over, Proof.SIGNATURE, asks_spf=not asker.spf)
    return Decision(None, "", tuple(passed_over))


def _not_listed(rules: Sequence[SenderSettings], asker: _Asker, user: str | None) -> str:
    """Why nobody lets them in: some rule knows them, but not by this address; or none does."""
    who = f"{asker.client}, logged in as {user}," if user else str(asker.client)
    if any(_knows(rule, asker) or _claims(rule, asker) for rule in rules):
        return f"{who} may not fax as {asker.mail_from}"
    return f"{who} is not listed among those who may fax"


def foreign(rule: SenderSettings, address: str) -> str | None:
    """Return why a rule does not let its people use this address, or None when it does."""
    if any(_matches(pattern, address) for pattern in rule.from_):
        return None
    return f"nobody may fax as {address} by it"


def _let_in(rule: SenderSettings, passed_over: Sequence[PassedOver], proof: Proof, *, asks_spf: bool) -> Decision:
    others = tuple(one for one in passed_over if one.name != rule.name)
    return Decision(rule, f'let in by the sender rule "{rule.name}"', others, proof, asks_spf)


def _robot(mail_from: str) -> bool:
    local = mail_from.lower().rpartition("@")[0] or mail_from.lower()
    return local in ROBOTS or local.startswith("owner-")


def _knows(rule: SenderSettings, asker: _Asker) -> bool:
    """Whether a rule names the login, or without one the address of who is on the line."""
    if asker.login is not None:
        return asker.login in rule.users
    return any(asker.here in network for network in rule.networks)


def _claims(rule: SenderSettings, asker: _Asker) -> bool:
    """Whether a rule names the domain that the sender claims to be of."""
    return asker.login is None and asker.domain in rule.domains


def _stranger(rule: SenderSettings, asker: _Asker) -> str | None:
    """Why a rule does not know who is on the line, or None when it does."""
    if _knows(rule, asker) or (_claims(rule, asker) and asker.spf == "pass"):
        return None
    if asker.login is not None:
        return f"it does not name the login {asker.login}"
    if _claims(rule, asker):
        return f"SPF does not show that {asker.here} sends mail of {asker.domain} ({asker.spf or 'not asked'})"
    lacks = [f"{asker.here} is not in its networks"] if rule.networks else []
    lacks += [f"{asker.domain or 'no domain'} is not in its domains"] if rule.domains else []
    return ", and ".join(lacks) or "it is for logins only"


def _matches(pattern: str, address: str) -> bool:
    """`*` stands for anything; nothing else is special, and case does not count."""
    expression = ".*".join(re.escape(piece) for piece in re.split(r"\*+", pattern))
    return re.fullmatch(expression, address, re.IGNORECASE | re.DOTALL) is not None
