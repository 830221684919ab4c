"""From what is dialled to the number that is meant (E.164), by the dial rules of the configuration.

Digits may be a short code, a national number, an international one behind its prefix, either behind an outside line,
or an international number with nothing before it. Which of them must be beyond doubt: a fax must not go to a stranger.
"""

import re
from collections.abc import Iterator, Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, ValidationResult

from gateway.config import NumberSettings
from gateway.number.refusal import BadNumberError, malformed, not_called

MOST_DIGITS = 15
"""Of an international number, country code included (ITU-T E.164)."""

_NORTH_AMERICA = 1
_SHORT_CODE = 6
_EMERGENCY = frozenset({"000", "110", "112", "118", "119", "911", "999"})


def dialled(digits: str, rules: NumberSettings) -> str:
    """Return the number as E.164, with its plus.

    Raises:
        BadNumberError: it is none, is called never, or might be two.
    """
    candidates = [digits, *_behind_outside_line(digits, rules)]
    if any(_emergency(candidate, rules.country) for candidate in candidates):
        not_called()
    if digits in rules.short:
        return rules.short[digits]
    if any(_public_short_code(candidate, rules.country) for candidate in candidates):
        not_called()
    found = _readings(candidates, rules)
    if len(found) > 1:
        malformed(f"this may be {' or '.join(found)}", rules.country)
    return found[0] if found else world(digits, rules)


def world(digits: str, rules: NumberSettings) -> str:
    """Return a number that begins with its country code as E.164, with its plus.

    Raises:
        BadNumberError: there is no such number.
    """
    if digits.startswith("0"):
        malformed("no country code begins with 0", rules.country)
    number = _possible(f"+{digits}", None, rules.country)
    if number is None:
        malformed("no number has this country code and this length", rules.country)
    return number


def _behind_outside_line(digits: str, rules: NumberSettings) -> Iterator[str]:
    for line in rules.outside_line:
        if digits.startswith(line) and digits != line:
            yield digits.removeprefix(line)


def _readings(candidates: Sequence[str], rules: NumberSettings) -> list[str]:
    """Every number that these may be, each once. When there is none, what is wrong with the first is said."""
    found: dict[str, None] = {}
    wrong: BadNumberError | None = None
    for candidate in candidates:
        try:
            number = _abroad(candidate, rules) or _national(candidate, rules)
        except BadNumberError as error:
            wrong = wrong or error
        else:
            found |= {number: None} if number else {}
    if wrong is not None and not found:
        raise wrong
    return list(found)


def _abroad(digits: str, rules: NumberSettings) -> str | None:
    here = PhoneMetadata.metadata_for_region(rules.country)
    usual = [here.international_prefix if here is not None else None, "00"]
    for prefix in filter(None, rules.international or usual):
        match = re.match(prefix, digits)
        number = _possible(f"+{digits[match.end() :]}", None, rules.country) if match else None
        if number is not None:
            return number
    return None


def _national(digits: str, rules: NumberSettings) -> str | None:
    here = PhoneMetadata.metadata_for_region(rules.country)
    if here is None:
        return None
    trunk = rules.trunk or here.national_prefix
    if trunk is not None and here.country_code != _NORTH_AMERICA and not digits.startswith(trunk):
        return None
    if rules.trunk is not None:
        return _possible(f"+{here.country_code}{digits.removeprefix(rules.trunk)}", None, rules.country)
    number = _possible(digits, rules.country, rules.country)
    return number if number is not None and number.startswith(f"+{here.country_code}") else None


def _possible(text: str, region: str | None, country: str) -> str | None:
    """Return the number as E.164 if its country has numbers of that length."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        malformed("the area code is missing", country)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    fits = reason == ValidationResult.IS_POSSIBLE and len(e164) <= MOST_DIGITS + 1
    return e164 if fits and not _begins_wrongly(number) else None


def _begins_wrongly(number: phonenumbers.PhoneNumber) -> bool:
    """A trunk prefix was left in it: numbers of that country never begin so."""
    national = phonenumbers.national_significant_number(number)
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    home = PhoneMetadata.metadata_for_region(region)
    if number.country_code == _NORTH_AMERICA:
        return national[0] in "01"
    return home is not None and home.national_prefix == "0" and national.startswith("0")


def _emergency(digits: str, country: str) -> bool:
    return len(digits) <= _SHORT_CODE and (phonenumbers.is_emergency_number(digits, country) or digits in _EMERGENCY)


def _public_short_code(digits: str, country: str) -> bool:
    code = phonenumbers.country_code_for_region(country)
    short = phonenumbers.PhoneNumber(country_code=code, national_number=int(digits))
    return len(digits) <= _SHORT_CODE and phonenumbers.is_valid_short_number_for_region(short, country)
