"""A fax number, read from the local part of a mail address (RFC 3191, RFC 3192, and what people write).

Pure. A number is *possible* when its country has numbers of that length; whether anybody answers there is
FAX.PLUS's to say.
"""

import re
from typing import NoReturn

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, ValidationResult

LONGEST_LOCAL_PART = 64
"""Octets (RFC 5321 section 4.5.3.1.1)."""

MOST_DIGITS = 15
"""Of an international number, country code included (ITU-T E.164)."""

FORMS = "write it as +12025550123, 0012025550123 or FAX=+12025550123, or as it is dialled inside {country}"

_PLAIN = re.compile(r"\+?[0-9 ().-]*")
_BEGINS_LIKE_A_NUMBER = re.compile(r"[+( ]*[0-9]")
_GLOBAL = re.compile(r"\+[0-9 ().-]*")
_NORTH_AMERICA = 1
_SHORT_CODE = 6
_EMERGENCY = frozenset({"000", "110", "112", "118", "119", "911", "999"})
_COVER_WORDS = frozenset({"ATTN", "ORG", "OFNO", "OFNA", "STR", "ADDR", "ADDU", "ADDL", "POB", "ZIP", "CO"})
"""What RFC 2846 section 3 tells about the person at the far end; we print no cover page, so it changes nothing."""


class BadNumberError(Exception):
    """This local part is no number that we can call. Carries the SMTP reply."""

    def __init__(self, code: int, enhanced: str, words: str) -> None:
        super().__init__(f"{code} {enhanced} {words}")
        self.code = code
        self.enhanced = enhanced
        self.words = words


def parse(local_part: str, country: str) -> str:
    """Return the number as E.164, with its plus.

    Args:
        local_part: what stands before the @, without quotes.
        country: whose national numbers are meant when no country code is written; two capital letters.

    Raises:
        BadNumberError: it is not a number (550 5.1.1), is malformed or of impossible length (553 5.1.3), is a short or
            emergency code (550 5.7.1), or wants what FAX.PLUS cannot do, such as a sub-address (550 5.3.3).
    """
    if len(local_part) > LONGEST_LOCAL_PART:
        _malformed("the number is too long", country)
    text = local_part.strip().removeprefix("/").removesuffix("/")
    keyword, equals, value = text.partition("=")
    if equals:
        return _fax_address(keyword, value, country)
    if _PLAIN.fullmatch(text) is None or not re.search("[0-9]", text):
        _not_plain(text, country)
    digits = re.sub(r"[^0-9]", "", text)
    return _international(digits, country) if text.startswith("+") else _bare(digits, country)


def _fax_address(keyword: str, value: str, country: str) -> str:
    """RFC 3192: `FAX=` takes the global form only, and may carry qualifiers behind slashes."""
    if keyword.upper() != "FAX":
        _not_a_number(country)
    number, *qualifiers = value.split("/")
    if _GLOBAL.fullmatch(number) is None:
        _malformed("after FAX= the number must begin with + and its country code", country)
    for qualifier in qualifiers:
        _check_qualifier(qualifier, country)
    return _international(re.sub(r"[^0-9]", "", number), country)


def _check_qualifier(qualifier: str, country: str) -> None:
    name, _, value = qualifier.partition("=")
    if name.upper() == "T33S" and not re.fullmatch("[0-9]+", value):
        _malformed("a sub-address consists of digits", country)
    if name.upper() not in _COVER_WORDS:
        raise BadNumberError(
            550, "5.3.3", "sub-addresses and other qualifiers cannot be passed on to the far fax machine"
        )


def _bare(digits: str, country: str) -> str:
    """Digits without a plus: behind an international prefix, national, or international after all."""
    _check_emergency(digits, country)
    abroad = _behind_international_prefix(digits, country)
    if abroad is not None:
        return abroad
    here = PhoneMetadata.metadata_for_region(country)
    if here is None:
        return _international(digits, country)
    trunk = here.national_prefix
    if trunk is None or here.country_code == _NORTH_AMERICA or digits.startswith(trunk):
        national = _possible(digits, country, country)
        if national is not None:
            return national
    return _international(digits, country)


def _behind_international_prefix(digits: str, country: str) -> str | None:
    here = PhoneMetadata.metadata_for_region(country)
    own = here.international_prefix if here is not None else None
    for prefix in filter(None, (own, "00")):
        match = re.match(prefix, digits)
        number = _possible(f"+{digits[match.end() :]}", None, country) if match else None
        if number is not None:
            return number
    return None


def _international(digits: str, country: str) -> str:
    if digits.startswith("0"):
        _malformed("no country code begins with 0", country)
    number = _possible(f"+{digits}", None, country)
    if number is None:
        _malformed("no number has this country code and this length", country)
    return number


def _possible(text: str, region: str | None, country: str) -> str | None:
    """Return the number as E.164 if its country has numbers of that length."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        _malformed("the area code is missing", country)
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


def _check_emergency(digits: str, country: str) -> None:
    if len(digits) > _SHORT_CODE:
        return
    known = phonenumbers.is_emergency_number(digits, country) or digits in _EMERGENCY
    short = phonenumbers.PhoneNumber(
        country_code=phonenumbers.country_code_for_region(country), national_number=int(digits)
    )
    if known or phonenumbers.is_valid_short_number_for_region(short, country):
        raise BadNumberError(550, "5.7.1", "emergency and short codes are not faxed to")


def _not_plain(text: str, country: str) -> NoReturn:
    if _BEGINS_LIKE_A_NUMBER.match(text):
        _malformed("a number consists of digits; dots, dashes, blanks and parentheses may stand between them", country)
    _not_a_number(country)


def _not_a_number(country: str) -> NoReturn:
    raise BadNumberError(550, "5.1.1", f"not a fax number; {FORMS.format(country=country)}")


def _malformed(why: str, country: str) -> NoReturn:
    raise BadNumberError(553, "5.1.3", f"{why}; {FORMS.format(country=country)}")
