"""Who may fax, and to where. Pure decisions, each with its explanation in words."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType

from gateway.config import NumberSettings, SenderSettings

IPAddress = IPv4Address | IPv6Address

NOWHERE = "001"
"""What phonenumbers calls numbers that belong to no country: satellites, worldwide premium and freephone services."""

_DEAR = {PhoneNumberType.PREMIUM_RATE: "premium-rate", PhoneNumberType.SHARED_COST: "shared-cost"}


@dataclass(frozen=True, slots=True)
class Decision:
    """Which sender rule lets a mail in, if one does, and why."""

    rule: SenderSettings | None
    words: str


def sender_rule(rules: Sequence[SenderSettings], client: IPAddress, user: str | None, mail_from: str) -> Decision:
    """Return the first rule that fits client or login, and the envelope sender. None fits: nobody faxes.

    Args:
        rules: in the order of the configuration.
        client: where the connection comes from.
        user: the login, once it is proven.
        mail_from: the envelope sender; empty for the null sender, which no rule lets in.
    """
    if not mail_from:
        return Decision(None, "mail without a sender is not faxed: nobody could be told how it went")
    near = [rule for rule in rules if _knows(rule, client, user)]
    for rule in near:
        if any(_matches(pattern, mail_from) for pattern in rule.from_):
            return Decision(rule, f'let in by the sender rule "{rule.name}"')
    who = f"{client}, logged in as {user}," if user else str(client)
    if near:
        return Decision(None, f"{who} may not fax as {mail_from}")
    return Decision(None, f"{who} is not listed among those who may fax")


def destination(number: str, settings: NumberSettings, own: Collection[str] = ()) -> str | None:
    """Return in words why this number may not be called, or None.

    Args:
        number: E.164, with its plus.
        settings: which countries and ranges may be called.
        own: our own numbers, which are never called.
    """
    if number in own:
        return "this is the gateway's own number"
    if any(number.startswith(f"+{_digits(prefix)}") for prefix in settings.deny):
        return "numbers that begin so are denied here"
    parsed = phonenumbers.parse(number)
    kind = _dear_kind(parsed)
    if kind is not None:
        return f"{kind} numbers are not called"
    return _abroad(_region(parsed), settings)


def _abroad(region: str, settings: NumberSettings) -> str | None:
    if region == NOWHERE:
        return "satellite and worldwide service numbers are not called"
    allowed = settings.allow or (settings.country,)
    return None if region in allowed else f"calls to {region} are not allowed here, only to {', '.join(allowed)}"


def _knows(rule: SenderSettings, client: IPAddress, user: str | None) -> bool:
    here = client.ipv4_mapped or client if isinstance(client, IPv6Address) else client
    return user in rule.users or any(here in network for network in rule.networks)


def _matches(pattern: str, address: str) -> bool:
    """`*` stands for anything; nothing else is special, and case does not count."""
    expression = ".*".join(re.escape(piece) for piece in re.split(r"\*+", pattern))
    return re.fullmatch(expression, address, re.IGNORECASE | re.DOTALL) is not None


def _region(number: PhoneNumber) -> str:
    """Its country; for a number that is not assigned, the main one of its calling code."""
    return phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )


def _dear_kind(number: PhoneNumber) -> str | None:
    """What its caller would pay extra for.

    A number that is not assigned is judged by its beginning: ranges change faster than anybody's tables.
    """
    kind = phonenumbers.number_type(number)
    if kind != PhoneNumberType.UNKNOWN:
        return _DEAR.get(kind)
    national = phonenumbers.national_significant_number(number)
    for region in phonenumbers.region_codes_for_country_code(number.country_code or 0):
        if _begins_like_premium(national, region):
            return _DEAR[PhoneNumberType.PREMIUM_RATE]
    return None


def _begins_like_premium(national: str, region: str) -> bool:
    home = PhoneMetadata.metadata_for_region(region)
    premium = home.premium_rate if home is not None else None
    if premium is None or not premium.national_number_pattern:
        return False
    beginnings = (national[:length].ljust(length, "0") for length in premium.possible_length or ())
    return any(re.fullmatch(premium.national_number_pattern, beginning) for beginning in beginnings)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
