"""Where faxes may go: countries, kinds of numbers that cost extra or invite fraud, numbers that are never called."""

import re
from collections.abc import Collection
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberType

from gateway.config import Config, NumberSettings, SenderSettings

NOWHERE = "001"
"""What phonenumbers calls numbers that belong to no country: satellites, worldwide premium and freephone services."""

KINDS = {
    PhoneNumberType.PREMIUM_RATE: "premium-rate",
    PhoneNumberType.SHARED_COST: "shared-cost",
    PhoneNumberType.UAN: "universal-access",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.VOICEMAIL: "voice-mail",
}
"""Kinds of numbers that cost their caller extra or are no fax machines, and their names in the configuration."""

RANGES = {
    "premium-rate": "premium_rate",
    "shared-cost": "shared_cost",
    "universal-access": "uan",
    "personal": "personal_number",
    "pager": "pager",
    "voice-mail": "voicemail",
}
"""The same, and where the metadata describe their ranges."""

LONGEST_SHORT_CODE = 6


class Destinations:
    """Decides where faxes may go."""

    def __init__(self, config: Config) -> None:
        self._numbers = config.numbers
        self._rules = {rule.name: rule for rule in config.sender}
        self._own = {config.faxplus.from_, *(rule.number for rule in config.sender if rule.number is not None)}

    def objection(self, number: str, rule: str) -> str | None:
        """Return in words why this number may not be called, or None.

        Args:
            number: E.164, with its plus.
            rule: the name of the sender rule that let the mail in. When it is gone, what holds for all decides.
        """
        return objection(number, self._numbers, self._own, self._rules.get(rule))


def objection(
    number: str, settings: NumberSettings, own: frozenset[str] | set[str], rule: SenderSettings | None = None
) -> str | None:
    """Return in words why this number may not be called, or None.

    Args:
        number: E.164, with its plus.
        settings: which countries, ranges and kinds may be called.
        own: our own numbers, which are never called.
        rule: may allow other destinations, and deny more.
    """
    denied = (*settings.deny, *(rule.deny if rule is not None else ()))
    allowed = (rule.allow if rule is not None else ()) or settings.allow or (settings.country,)
    if number in own:
        return "this is the gateway's own number"
    if number.startswith(denied):
        return "numbers that begin so are denied here"
    parsed = _parsed(number)
    if parsed is None:
        return "no country has numbers that begin so"
    return _uncalled(parsed, settings.expensive) or _abroad(number, parsed, allowed)


def _uncalled(number: PhoneNumber, expensive: Collection[str]) -> str | None:
    """Why a number is of a kind that is not called."""
    if _short(number):
        return "emergency and short codes are never called"
    kind = _kind(number)
    if kind is None or kind in expensive:
        return None
    return f"{'satellite and worldwide service' if kind == 'satellite' else kind} numbers are not called"


def _abroad(number: str, parsed: PhoneNumber, allowed: tuple[str, ...]) -> str | None:
    """Why a number is of a country that is not called. Satellites are of none: their kind alone decides."""
    beginnings = tuple(entry for entry in allowed if entry.startswith("+"))
    if _kind(parsed) == "satellite" or _countries(parsed) & set(allowed) or number.startswith(beginnings):
        return None
    return f"calls to {_country(parsed)} are not allowed here, only to {', '.join(allowed)}"


def region(number: str) -> str:
    """Return the country that a number belongs to; for one that is not assigned, the main one of its calling code.

    What belongs to none is of `NOWHERE`.
    """
    parsed = _parsed(number)
    return NOWHERE if parsed is None else _country(parsed)


def _parsed(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except NumberParseException:
        return None


def _country(number: PhoneNumber) -> str:
    main = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return phonenumbers.region_code_for_number(number) or main


def _countries(number: PhoneNumber) -> set[str]:
    """Where a number belongs; a free one, such as 1-800, belongs to each of the countries that share it."""
    if phonenumbers.number_type(number) == PhoneNumberType.TOLL_FREE:
        return {home for home in _homes(number) if phonenumbers.is_valid_number_for_region(number, home)}
    return {_country(number)}


def _short(number: PhoneNumber) -> bool:
    """Whether what follows the country code is a number that only works inside the country."""
    national = phonenumbers.national_significant_number(number)
    if len(national) > LONGEST_SHORT_CODE or phonenumbers.is_valid_number(number):
        return False
    return any(
        phonenumbers.is_emergency_number(national, home) or phonenumbers.is_valid_short_number_for_region(number, home)
        for home in _homes(number)
    )


def _kind(number: PhoneNumber) -> str | None:
    """Of which expensive kind a number is.

    One that is not assigned is judged by its beginning: ranges change faster than anybody's tables.
    """
    return _expensive(number) or ("satellite" if NOWHERE in _homes(number) else None)


def _expensive(number: PhoneNumber) -> str | None:
    assigned = phonenumbers.number_type(number)
    if assigned != PhoneNumberType.UNKNOWN:
        return KINDS.get(assigned)
    national = phonenumbers.national_significant_number(number)
    for kind, pattern, lengths in _ranges(number.country_code or 0):
        if any(pattern.fullmatch(national[:length].ljust(length, "0")) for length in lengths):
            return kind
    return None


def _homes(number: PhoneNumber) -> tuple[str, ...]:
    return phonenumbers.region_codes_for_country_code(number.country_code or 0)


@cache
def _ranges(code: int) -> tuple[tuple[str, re.Pattern[str], tuple[int, ...]], ...]:
    """The ranges of each expensive kind below a calling code, and how long their numbers are; each range once."""
    described = {
        (kind, found.national_number_pattern, tuple(length for length in found.possible_length or () if length > 0))
        for home in phonenumbers.region_codes_for_country_code(code)
        if (metadata := _metadata(home, code)) is not None
        for kind, name in RANGES.items()
        if (found := getattr(metadata, name)) is not None and found.national_number_pattern
    }
    return tuple((kind, re.compile(pattern), lengths) for kind, pattern, lengths in sorted(described))


def _metadata(home: str, code: int) -> PhoneMetadata | None:
    if home == NOWHERE:
        return PhoneMetadata.metadata_for_nongeo_region(code)
    return PhoneMetadata.metadata_for_region(home)
