"""Numbers as people, devices and RFC 3192 write them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config import NumberSettings
from gateway.number import BadNumberError
from gateway.number import parse as parse_by

READ = """
US +15551234567               +15551234567
US +12025550123               +12025550123
US 12025550123                +12025550123
US 2025550123                 +12025550123
US 5551234567                 +15551234567
US 15551234567                +15551234567
US 1-202-555-0123             +12025550123
US 1.202.555.0123             +12025550123
US (202)~555-0123             +12025550123
US +1~(202)~555-0123          +12025550123
US 0012025550123              +12025550123
US 01112025550123             +12025550123
US 011442079460958            +442079460958
US 00442079460958             +442079460958
US 442079460958               +442079460958
US 493012345678               +493012345678
US FAX=+12025550123           +12025550123
US fax=+12025550123           +12025550123
US Fax=+1-202-555-0123        +12025550123
US FAX=+1.202.555-0123        +12025550123
US /FAX=+33-1-99005678/       +33199005678
US FAX=+12025550123/          +12025550123
US FAX=+12025550123/ATTN=Ann.Lee/ORG=Acme +12025550123
US +44~(0)20~7946~0958        +442079460958
DE 03012345678                +493012345678
DE 030~123456                 +4930123456
DE 4930123456                 +4930123456
DE 15551234567                +15551234567
DE 004930123456               +4930123456
DE 0012025550123              +12025550123
GB 02079460958                +442079460958
GB 442079460958               +442079460958
GB 15551234567                +15551234567
IT 0612345678                 +390612345678
IT 390612345678               +390612345678
IT 3331234567                 +393331234567
IT 0012025550123              +12025550123
IT +390612345678              +390612345678
ES 911234567                  +34911234567
ES 34911234567                +34911234567
ES 12025550123                +12025550123
CH 0442345678                 +41442345678
CH 41442345678                +41442345678
CH 0041442345678              +41442345678
FR 0123456789                 +33123456789
FR 33123456789                +33123456789
FR 0033123456789              +33123456789
BR 01123456789                +551123456789
BR 5511987654321              +5511987654321
BR 0015551234567              +15551234567
BR 001415551234567            +15551234567
AU 001112025550123            +12025550123
US /FAX=+12025550123          +12025550123
US /fax=+12025550123/name=Ann~Lee/ +12025550123
US Ann.Lee/fax=+12025550123   +12025550123
US NAME=Ann/FAX=+12025550123  +12025550123
US 2025550123/to=Ann/cp=off   +12025550123
US 2025550123/CP=No           +12025550123
US +12025550123/              +12025550123
US 2025550123^NOCOVER         +12025550123
US FAX=+12025550123^nocover   +12025550123
US IMCEAFAX-12025550123       +12025550123
US IMCEAFAX-+2B12025550123    +12025550123
US imceafax-+2b1+20+28202+29+20555-0123 +12025550123
US IMCEAFAX-Ann+20Lee+40+2B1+20+28202+29+20555+2D0123 +12025550123
US IMCEAFAX-FAX=+2B12025550123_ATTN=Ann+2ELee +12025550123
US [FAX:+12025550123]         +12025550123
US [fax:Ann~Lee@+1~(202)~555-0123] +12025550123
US [FAX:2025550123]           +12025550123
"""

REFUSED = """
US abc                        550 5.1.1
US postmistress               550 5.1.1
US ~                          550 5.1.1
US +                          550 5.1.1
US VOICE=+12025550123         550 5.1.1
US SMS=+12025550123           550 5.1.1
US tel:+12025550123           550 5.1.1
US 123                        553 5.1.3
US +123                       553 5.1.3
US 5551234                    553 5.1.3
US 1555123456                 553 5.1.3
US 12025550123456789012       553 5.1.3
US 120255501234               553 5.1.3
US +0012025550123             553 5.1.3
US FAX=+0012025550123         553 5.1.3
US FAX=02025550123            553 5.1.3
US FAX=12025550123            553 5.1.3
US FAX=                       553 5.1.3
US FAX=+                      553 5.1.3
US 2025550123x99              553 5.1.3
US 2025550123,,5              553 5.1.3
US 202555p0123                553 5.1.3
US 2025550123#                553 5.1.3
US +999123456789              553 5.1.3
US 00                         553 5.1.3
DE 0302                       553 5.1.3
DE +49301                     553 5.1.3
DE 30123456                   553 5.1.3
US FAX=+12025550123/T33S=1387 550 5.3.3
US fax=+12025550123/t33s=1    550 5.3.3
US 2025550123/T33S=1387       550 5.3.3
US 2025550123/cp=on           550 5.3.3
US 2025550123/cp              550 5.3.3
US FAX=+12025550123/Ann       550 5.3.3
US FAX=+12025550123/FAX=+12025550124 553 5.1.3
US 2025550123/FAX=+12025550124 553 5.1.3
US Ann/fax=2025550123         553 5.1.3
US to=Ann/cp=off              550 5.1.1
US /                          550 5.1.1
US //                         550 5.1.1
US /FAX=+12025550123//        550 5.3.3
US 2025550123^COVER           553 5.1.3
US Ann.Lee                    550 5.1.1
US FAX:+12025550123           550 5.1.1
US [TEL:+12025550123]         550 5.1.1
US [FAX:+12025550123          550 5.1.1
US [FAX:]                     550 5.1.1
US [FAX:Ann~Lee]              550 5.1.1
US IMCEAFAX-                  550 5.1.1
US IMCEAFAX-+12025550123      553 5.1.3
US IMCEAFAX-2025550123+       553 5.1.3
US IMCEAFAX-2025550123+0D+0A  553 5.1.3
US IMCEAFAX-Ann+40example.com 550 5.1.1
US IMCEASMTP-Ann+40example.com 550 5.1.1
US IMCEAFAX-IMCEAFAX-2025550123 550 5.1.1
US 2025550123%other.example   550 5.7.1
US 2025550123@other.example   550 5.7.1
US other.example!2025550123   550 5.7.1
US Ann%other.example          550 5.7.1
US Ann@other.example/fax=+12025550123 550 5.7.1
US 2025550123/to=Ann@other.example 550 5.7.1
US FAX=+12025550123/isub=98   550 5.3.3
US FAX=+12025550123/POSTD=1   550 5.3.3
US FAX=+12025550123/X         550 5.3.3
US FAX=+12025550123/T33S=     553 5.1.3
US FAX=+12025550123/T33S=1#3  553 5.1.3
US 911                        550 5.7.1
US 112                        550 5.7.1
US 411                        550 5.7.1
DE 112                        550 5.7.1
DE 110                        550 5.7.1
GB 999                        550 5.7.1
FR 112                        550 5.7.1
"""


def parse(local_part: str, country: str) -> str:
    """Read a number by the rules of a country."""
    return parse_by(local_part, NumberSettings(country=country))


def _table(text: str) -> list[tuple[str, str, str]]:
    """Country, local part and what is expected; ~ stands for a blank."""
    rows = [line.split(maxsplit=2) for line in text.strip().splitlines()]
    return [(country, local_part.replace("~", " "), expected) for country, local_part, expected in rows]


def refusal(local_part: str, country: str) -> BadNumberError:
    """Return the error that a local part ends in."""
    with pytest.raises(BadNumberError) as caught:
        parse(local_part, country)
    return caught.value


@pytest.mark.parametrize(("country", "local_part", "expected"), _table(READ))
def test_is_read(country: str, local_part: str, expected: str) -> None:
    """Every accepted spelling leads to the number that is meant."""

    assert expected == parse(local_part, country)


@pytest.mark.parametrize(("country", "local_part", "expected"), _table(REFUSED))
def test_is_refused(country: str, local_part: str, expected: str) -> None:
    """What cannot be called is refused with the code that tells why."""
    error = refusal(local_part, country)

    assert expected == f"{error.code} {error.enhanced}"


PBX = NumberSettings(
    country="US", outside_line=("9",), short={"11": "+12025550111", "411": "+12025550112", "9112": "+12025550113"}
)
GERMAN = NumberSettings(country="DE", trunk="0", international=("00", "010"), short={"7": "+4930123456"})
BERLIN = NumberSettings(country="DE", outside_line=("0",))


@pytest.mark.parametrize(
    ("local_part", "rules", "expected"),
    [
        ("11", PBX, "+12025550111"),
        ("1-1", PBX, "+12025550111"),
        ("411", PBX, "+12025550112"),
        ("911", PBX, "550 5.7.1"),
        ("9911", PBX, "550 5.7.1"),
        ("9411", PBX, "550 5.7.1"),
        ("9112", PBX, "550 5.7.1"),
        ("9", PBX, "553 5.1.3"),
        ("92025550123", PBX, "+12025550123"),
        ("912025550123", PBX, "+12025550123"),
        ("9 011 44 20 7946 0958", PBX, "+442079460958"),
        ("9195550123", PBX, "+19195550123"),
        ("99195550123", PBX, "+19195550123"),
        ("95550123", PBX, "553 5.1.3"),
        ("+11", PBX, "553 5.1.3"),
        ("FAX=11", PBX, "553 5.1.3"),
        ("7", GERMAN, "+4930123456"),
        ("030 123456", GERMAN, "+4930123456"),
        ("0012025550123", GERMAN, "+12025550123"),
        ("01012025550123", GERMAN, "+12025550123"),
        ("0 030 123456", BERLIN, "+4930123456"),
        ("00 49 30 123456", BERLIN, "553 5.1.3"),
        ("030 123456", BERLIN, "+4930123456"),
        ("2025550123", NumberSettings(country="US", trunk="1"), "+12025550123"),
        ("12025550123", NumberSettings(country="US", trunk="1"), "+12025550123"),
        ("0612345678", NumberSettings(country="FR", trunk="8"), "553 5.1.3"),
        ("8612345678", NumberSettings(country="FR", trunk="8"), "+33612345678"),
        ("0012025550123", NumberSettings(country="GB", international=("90",)), "553 5.1.3"),
        ("9012025550123", NumberSettings(country="GB", international=("90",)), "+12025550123"),
        ("2025550123", NumberSettings(country="XX", trunk="0"), "+2025550123"),
    ],
)
def test_dial_rules(local_part: str, rules: NumberSettings, expected: str) -> None:
    """Trunk, international prefixes, outside line and short codes are as the operator says; doubt is refused."""
    try:
        outcome = parse_by(local_part, rules)
    except BadNumberError as error:
        outcome = f"{error.code} {error.enhanced}"

    assert expected == outcome


def test_doubt_is_told() -> None:
    """Who wrote what might be two numbers reads which."""
    with pytest.raises(BadNumberError, match=r"this may be \+4930123456 or \+494930123456; write it as \+12025550123"):
        parse_by("004930123456", BERLIN)


FOREIGN_DIGITS = ["".join(chr(zero + int(digit)) for digit in "12025550123") for zero in (0x0660, 0x0966, 0xFF10)]


@pytest.mark.parametrize(
    "local_part", ["1" * 10_000, "\0", "+1202555\x000123", "+1202\r\n5550123", "a" * 65, "", *FOREIGN_DIGITS]
)
def test_hostile_input(local_part: str) -> None:
    """Controls and endless input are refused cleanly."""

    assert refusal(local_part, "US").code in {550, 553}


def test_refusal_names_the_forms() -> None:
    """Who got it wrong reads how to get it right."""
    words = refusal("abc", "DE").words

    assert (
        "not a fax number; write it as +12025550123, 0012025550123 or FAX=+12025550123, or as it is dialled inside DE"
        == words
    )


def test_ten_digits_in_north_america_are_never_read_as_foreign() -> None:
    """Ten digits that could be a German number stay at home: a fax must not go to a stranger."""

    assert "+14930123456" == parse("4930123456", "US")


def test_unknown_country_takes_international_numbers() -> None:
    """Without knowledge of the country, digits are international."""

    assert "+12025550123" == parse("12025550123", "XX")


@given(
    st.one_of(
        st.text(max_size=80),
        st.text(alphabet="+0123456789-. ()/FAXfax=T3S@_[]:^", max_size=40),
        st.text(alphabet="+0123456789ABCDE_-=", max_size=40).map(lambda text: f"IMCEAFAX-{text}"),
        st.text(alphabet="+0123456789 @-", max_size=30).map(lambda text: f"[FAX:{text}]"),
        st.text(alphabet="019", max_size=16),
    ),
    st.sampled_from(["US", "DE", "GB", "IT", "ES", "CH", "FR", "BR", "HU", "RU", "MX", "JP", "AU", "XX"]),
)
@settings(max_examples=400, deadline=None)
def test_anything(local_part: str, country: str) -> None:
    """Whatever is written, a well-formed number or the documented error comes out."""
    try:
        outcome = parse(local_part, country)
    except BadNumberError as error:
        outcome = f"{error.code} {error.enhanced}"

    assert re.fullmatch(r"\+[1-9][0-9]{4,14}|550 5\.1\.1|553 5\.1\.3|550 5\.7\.1|550 5\.3\.3", outcome, re.ASCII)
    if outcome.startswith("+"):
        assert outcome == parse(outcome, country)
